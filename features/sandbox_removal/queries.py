"""SQL that finds what belongs to one number: chats, messages, and people who are known by nothing else."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from db_manager import Connection, Row


def some_messages(connection: Connection, number_id: int, most: int) -> list[Row]:
    return connection.execute(
        """
        SELECT messages.id, messages.contact_id FROM messages
        JOIN conversations ON conversations.id = messages.conversation_id
        WHERE conversations.number_id = :number_id LIMIT :most
        """,
        {"number_id": number_id, "most": most},
    ).fetchall()


def some_conversations(connection: Connection, number_id: int, most: int) -> list[Row]:
    """Traces of merged ones, too."""
    return connection.execute(
        "SELECT id, contact_id FROM conversations WHERE number_id = :number_id LIMIT :most",
        {"number_id": number_id, "most": most},
    ).fetchall()


def lonely_contacts(connection: Connection, ids: Iterable[int]) -> list[int]:
    """Those of `ids` who have no chat left and are not in the Customer List, with the traces of contacts merged into them."""
    rows = connection.execute(
        """
        SELECT id FROM contacts WHERE (id IN (SELECT value FROM json_each(:ids))
                                       OR merged_into IN (SELECT value FROM json_each(:ids)))
          AND NOT EXISTS (SELECT 1 FROM conversations WHERE conversations.contact_id IN (contacts.id, contacts.merged_into))
          AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.contact_id IN (contacts.id, contacts.merged_into))
          AND NOT EXISTS (
              SELECT 1 FROM contact_aliases AS alias JOIN customers ON customers.phone = alias.value
              WHERE alias.kind = 'phone' AND alias.contact_id IN (contacts.id, contacts.merged_into))
        """,
        {"ids": orjson.dumps(list(ids)).decode()},
    ).fetchall()
    return [int(row[0]) for row in rows]
