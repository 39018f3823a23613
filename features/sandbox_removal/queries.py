"""SQL that removes the chats of one number, rows a time. Its test tells when a new table must be added here."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from db_manager import Connection, Row

# `WHERE ... IN (SELECT value FROM json_each(:ids))`: a list of ids as one parameter.


def number_id(connection: Connection, phone_number_id: str) -> int | None:
    row = connection.execute(
        "SELECT id FROM numbers WHERE phone_number_id = :phone_number_id", {"phone_number_id": phone_number_id}
    ).fetchone()
    return int(row[0]) if row else None


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
    return connection.execute(
        "SELECT id, contact_id FROM conversations WHERE number_id = :number_id LIMIT :most",
        {"number_id": number_id, "most": most},
    ).fetchall()


def delete_messages(connection: Connection, ids: Iterable[int]) -> None:
    """With everything that hangs on them, the waiting rows of the outbox first."""
    these = _list(ids)
    connection.execute("DELETE FROM outbox WHERE message_id IN (SELECT value FROM json_each(:ids))", these)
    connection.execute("DELETE FROM send_attempts WHERE message_id IN (SELECT value FROM json_each(:ids))", these)
    # Else an invented picture would wait for the owner's Google Drive.
    connection.execute(
        """
        DELETE FROM media_archive WHERE sha256 IN (
            SELECT sha256 FROM media WHERE message_id IN (SELECT value FROM json_each(:ids)))
          AND NOT EXISTS (
            SELECT 1 FROM media WHERE media.sha256 = media_archive.sha256
              AND media.message_id NOT IN (SELECT value FROM json_each(:ids)))
        """,
        these,
    )
    connection.execute("DELETE FROM media WHERE message_id IN (SELECT value FROM json_each(:ids))", these)
    connection.execute(
        """
        DELETE FROM reactions WHERE target_wamid IN (
            SELECT wamid FROM messages WHERE id IN (SELECT value FROM json_each(:ids)))
        """,
        these,
    )
    connection.execute(
        """
        DELETE FROM message_revisions WHERE original_wamid IN (
            SELECT wamid FROM messages WHERE id IN (SELECT value FROM json_each(:ids)))
        """,
        these,
    )
    connection.execute("DELETE FROM messages WHERE id IN (SELECT value FROM json_each(:ids))", these)


def delete_conversations(connection: Connection, ids: Iterable[int]) -> None:
    connection.execute("DELETE FROM conversations WHERE id IN (SELECT value FROM json_each(:ids))", _list(ids))


def delete_lonely_contacts(connection: Connection, ids: Iterable[int]) -> None:
    """Those of `ids` who have no chat left and are not in the Customer List, with the traces of contacts merged into them."""
    connection.execute(
        """
        DELETE FROM contacts WHERE (id IN (SELECT value FROM json_each(:ids))
                                    OR merged_into IN (SELECT value FROM json_each(:ids)))
          AND NOT EXISTS (SELECT 1 FROM conversations WHERE conversations.contact_id IN (contacts.id, contacts.merged_into))
          AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.contact_id IN (contacts.id, contacts.merged_into))
          AND NOT EXISTS (
              SELECT 1 FROM contact_aliases AS alias JOIN customers ON customers.phone = alias.value
              WHERE alias.kind = 'phone' AND alias.contact_id IN (contacts.id, contacts.merged_into))
        """,
        _list(ids),
    )


def delete_deliveries(connection: Connection, phone_number_id: str, most: int) -> int:
    """The raw bodies that name the number."""
    return connection.execute(
        """
        DELETE FROM webhook_deliveries WHERE id IN (
            SELECT id FROM webhook_deliveries WHERE instr(body, CAST(:phone_number_id AS BLOB)) > 0 LIMIT :most)
        """,
        {"phone_number_id": phone_number_id, "most": most},
    ).rowcount


def delete_templates(connection: Connection, waba_id: str) -> None:
    connection.execute("DELETE FROM templates WHERE waba_id = :waba_id", {"waba_id": waba_id})


def delete_demo_sign_ins(connection: Connection) -> None:
    connection.execute("DELETE FROM sessions WHERE user_id IN (SELECT id FROM users WHERE is_demo = 1)")
    connection.execute("DELETE FROM api_tokens WHERE user_id IN (SELECT id FROM users WHERE is_demo = 1)")


def delete_number(connection: Connection, number_id: int) -> None:
    connection.execute("DELETE FROM numbers WHERE id = :id", {"id": number_id})


def _list(ids: Iterable[int]) -> dict[str, str]:
    return {"ids": orjson.dumps(list(ids)).decode()}
