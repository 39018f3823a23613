"""SQL of what a chat shows: pages of messages with what hangs on them, the gallery, the figures of the details panel."""

from __future__ import annotations

from typing import Any

import orjson

from core import phone
from db_manager import Connection, Row
from features.contacts.queries import SHOWN_NAME
from web.viewing import SEEN, SeenChat, View


def chat_by_phone(view: View, digits: str) -> SeenChat | None:
    for spelling in phone.spellings(digits):
        row = view.execute(
            f"""
            SELECT conversations.id FROM contact_aliases
            JOIN conversations ON conversations.contact_id = contact_aliases.contact_id
            WHERE contact_aliases.kind = 'phone' AND contact_aliases.value = :phone AND {SEEN}
            ORDER BY contact_aliases.retired_at IS NULL DESC, contact_aliases.retired_at DESC,
                     conversations.last_message_at DESC
            LIMIT 1
            """,
            {"phone": spelling},
        ).fetchone()
        if row:
            return SeenChat(row["id"])
    return None

def chat(view: View, conversation_id: int) -> SeenChat | None:
    """None when there is no such chat, or not for this person."""
    row = view.execute(
        f"SELECT id FROM conversations WHERE id = :id AND merged_into IS NULL AND {SEEN}", {"id": conversation_id}
    ).fetchone()
    return SeenChat(row["id"]) if row else None


_MESSAGE = f"""
    SELECT m.*, users.name AS user_name, {SHOWN_NAME} AS writer_name, contacts.phone AS writer_phone
    FROM messages AS m
    LEFT JOIN users ON users.id = m.user_id
    LEFT JOIN contacts ON contacts.id = m.contact_id
"""


def newest_messages(connection: Connection, conversation_id: SeenChat, limit: int) -> list[Row]:
    """Newest first."""
    return connection.execute(
        f"{_MESSAGE} WHERE m.conversation_id = :id ORDER BY m.timestamp DESC, m.id DESC LIMIT :limit",
        {"id": conversation_id, "limit": limit},
    ).fetchall()


def messages_before(
    connection: Connection, conversation_id: SeenChat, timestamp: int, message_id: int, limit: int
) -> list[Row]:
    """Newest first."""
    return connection.execute(
        f"""
        {_MESSAGE} WHERE m.conversation_id = :id AND (m.timestamp, m.id) < (:timestamp, :message_id)
        ORDER BY m.timestamp DESC, m.id DESC LIMIT :limit
        """,
        {"id": conversation_id, "timestamp": timestamp, "message_id": message_id, "limit": limit},
    ).fetchall()


def messages_after(
    connection: Connection, conversation_id: SeenChat, timestamp: int, message_id: int, limit: int
) -> list[Row]:
    """Oldest first."""
    return connection.execute(
        f"""
        {_MESSAGE} WHERE m.conversation_id = :id AND (m.timestamp, m.id) > (:timestamp, :message_id)
        ORDER BY m.timestamp, m.id LIMIT :limit
        """,
        {"id": conversation_id, "timestamp": timestamp, "message_id": message_id, "limit": limit},
    ).fetchall()


def message(view: View, message_id: int) -> Row | None:
    return view.execute(
        f"{_MESSAGE} JOIN conversations ON conversations.id = m.conversation_id WHERE m.id = :id AND {SEEN}",
        {"id": message_id},
    ).fetchone()


def messages_by_id(view: View, ids: list[int]) -> list[Row]:
    """Oldest first."""
    return view.execute(
        f"""
        {_MESSAGE} JOIN conversations ON conversations.id = m.conversation_id
        WHERE m.id IN (SELECT value FROM json_each(:ids)) AND {SEEN} ORDER BY m.timestamp, m.id
        """,
        {"ids": orjson.dumps(ids).decode()},
    ).fetchall()


def first_unread(connection: Connection, conversation_id: SeenChat) -> int | None:
    row = connection.execute(
        """
        SELECT id FROM messages WHERE conversation_id = :id AND is_unread = 1 ORDER BY timestamp, id LIMIT 1
        """,
        {"id": conversation_id},
    ).fetchone()
    return int(row[0]) if row else None


def media_of_messages(connection: Connection, message_ids: list[int]) -> list[Row]:
    marks, values = _list(message_ids)
    return connection.execute(
        f"""
        SELECT media.*, archive.state AS archive_state, archive.drive_url, archive.public_url, archive.pruned_at
        FROM media LEFT JOIN media_archive AS archive ON archive.sha256 = media.sha256
        WHERE message_id IN ({marks}) ORDER BY media.id
        """,
        values,
    ).fetchall()


def quoted(connection: Connection, wamids: list[str]) -> list[Row]:
    """What the quotes point to, with the writer's name and the kind of file."""
    marks, values = _list(wamids)
    return connection.execute(
        f"""
        SELECT m.id, m.wamid, m.conversation_id, m.direction, m.type, m.text, m.payload, m.contact_id, users.name AS user_name,
               {SHOWN_NAME} AS writer_name,
               (SELECT mime_type FROM media WHERE media.message_id = m.id LIMIT 1) AS media_type
        FROM messages AS m
        LEFT JOIN users ON users.id = m.user_id
        LEFT JOIN contacts ON contacts.id = m.contact_id
        WHERE m.wamid IN ({marks})
        """,
        values,
    ).fetchall()


def reactions(connection: Connection, wamids: list[str]) -> list[Row]:
    """Every event, oldest first: the last one of a sender counts."""
    marks, values = _list(wamids)
    return connection.execute(
        f"""
        SELECT reactions.target_wamid, reactions.sender, reactions.emoji, {SHOWN_NAME} AS name, contacts.phone,
               contacts.id AS contact_id
        FROM reactions LEFT JOIN contacts ON contacts.id = CAST(substr(reactions.sender, 9) AS INTEGER)
        WHERE reactions.target_wamid IN ({marks})
        ORDER BY reactions.timestamp, reactions.arrival
        """,
        values,
    ).fetchall()


def revisions(connection: Connection, wamids: list[str]) -> list[Row]:
    marks, values = _list(wamids)
    return connection.execute(
        f"""
        SELECT original_wamid, text, payload, timestamp, kind FROM message_revisions
        WHERE original_wamid IN ({marks}) AND kind <> 'revoke' ORDER BY timestamp, wamid
        """,
        values,
    ).fetchall()


def _list(items: list[Any]) -> tuple[str, dict[str, Any]]:
    """Named places for an IN list: pages hold at most 100 messages."""
    values = {f"v{index}": item for index, item in enumerate(items)}
    return ", ".join(f":{name}" for name in values), values


# The conditions of the three partial indexes, word for word: SQLite must see that they are the same.
GALLERY = {
    "media": "m.deleted_at IS NULL AND m.type IN ('image', 'video')",
    "documents": "m.deleted_at IS NULL AND m.type = 'document'",
    "links": """m.deleted_at IS NULL
        AND (instr(lower(m.text), 'http://') > 0 OR instr(lower(m.text), 'https://') > 0)""",
}


def gallery_before(
    connection: Connection, conversation_id: SeenChat, kind: str, before: tuple[int, int] | None, limit: int
) -> list[Row]:
    """Messages of a `kind` of GALLERY older than (timestamp, id), newest first."""
    older = "AND (m.timestamp, m.id) < (:timestamp, :message_id)" if before else ""
    timestamp, message_id = before or (0, 0)
    return connection.execute(
        f"""
        {_MESSAGE} WHERE m.conversation_id = :id AND {GALLERY[kind]} {older}
        ORDER BY m.timestamp DESC, m.id DESC LIMIT :limit
        """,
        {"id": conversation_id, "timestamp": timestamp, "message_id": message_id, "limit": limit},
    ).fetchall()


def gallery_after(
    connection: Connection, conversation_id: SeenChat, kind: str, after: tuple[int, int], limit: int
) -> list[Row]:
    """Newer than (timestamp, id), oldest first."""
    timestamp, message_id = after
    return connection.execute(
        f"""
        {_MESSAGE} WHERE m.conversation_id = :id AND {GALLERY[kind]}
          AND (m.timestamp, m.id) > (:timestamp, :message_id)
        ORDER BY m.timestamp, m.id LIMIT :limit
        """,
        {"id": conversation_id, "timestamp": timestamp, "message_id": message_id, "limit": limit},
    ).fetchall()
