"""SQL of what a chat shows: pages of messages with what hangs on them, the gallery, the figures of the details panel."""

from __future__ import annotations

from typing import Any

from core import phone
from db_manager import Connection, Row
from features.contacts.queries import SHOWN_NAME


def conversation_by_phone(connection: Connection, digits: str) -> int | None:
    for spelling in phone.spellings(digits):
        row = connection.execute(
            """
            SELECT conversations.id FROM contact_aliases
            JOIN conversations ON conversations.contact_id = contact_aliases.contact_id
            WHERE contact_aliases.kind = 'phone' AND contact_aliases.value = :phone
            ORDER BY contact_aliases.retired_at IS NULL DESC, contact_aliases.retired_at DESC,
                     conversations.last_message_at DESC
            LIMIT 1
            """,
            {"phone": spelling},
        ).fetchone()
        if row:
            return int(row[0])
    return None

def has_conversation(connection: Connection, conversation_id: int) -> bool:
    row = connection.execute(
        "SELECT 1 FROM conversations WHERE id = :id AND merged_into IS NULL", {"id": conversation_id}
    ).fetchone()
    return row is not None


_MESSAGE = f"""
    SELECT m.*, users.name AS user_name, {SHOWN_NAME} AS writer_name, contacts.phone AS writer_phone
    FROM messages AS m
    LEFT JOIN users ON users.id = m.user_id
    LEFT JOIN contacts ON contacts.id = m.contact_id
"""


def newest_messages(connection: Connection, conversation_id: int, limit: int) -> list[Row]:
    """Newest first."""
    return connection.execute(
        f"{_MESSAGE} WHERE m.conversation_id = :id ORDER BY m.timestamp DESC, m.id DESC LIMIT :limit",
        {"id": conversation_id, "limit": limit},
    ).fetchall()


def messages_before(
    connection: Connection, conversation_id: int, timestamp: int, message_id: int, limit: int
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
    connection: Connection, conversation_id: int, timestamp: int, message_id: int, limit: int
) -> list[Row]:
    """Oldest first."""
    return connection.execute(
        f"""
        {_MESSAGE} WHERE m.conversation_id = :id AND (m.timestamp, m.id) > (:timestamp, :message_id)
        ORDER BY m.timestamp, m.id LIMIT :limit
        """,
        {"id": conversation_id, "timestamp": timestamp, "message_id": message_id, "limit": limit},
    ).fetchall()


def message(connection: Connection, message_id: int) -> Row | None:
    return connection.execute(f"{_MESSAGE} WHERE m.id = :id", {"id": message_id}).fetchone()


def first_unread(connection: Connection, conversation_id: int) -> int | None:
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
        SELECT m.id, m.wamid, m.conversation_id, m.direction, m.type, m.text, m.payload, users.name AS user_name,
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
        SELECT reactions.target_wamid, reactions.sender, reactions.emoji, {SHOWN_NAME} AS name, contacts.phone
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


def message_counts(connection: Connection, conversation_id: int) -> Row:
    row = connection.execute(
        """
        SELECT COALESCE(sum(direction = 'in' AND type <> 'system'), 0) AS received,
               COALESCE(sum(direction = 'out'), 0) AS sent,
               min(timestamp) AS first_at, max(timestamp) AS last_at
        FROM messages WHERE conversation_id = :id
        """,
        {"id": conversation_id},
    ).fetchone()
    assert row is not None
    return row

# The conditions of the three partial indexes, word for word: SQLite must see that they are the same.
GALLERY = {
    "media": "m.deleted_at IS NULL AND m.type IN ('image', 'video')",
    "documents": "m.deleted_at IS NULL AND m.type = 'document'",
    "links": """m.deleted_at IS NULL
        AND (instr(lower(m.text), 'http://') > 0 OR instr(lower(m.text), 'https://') > 0)""",
}


def gallery_before(
    connection: Connection, conversation_id: int, kind: str, before: tuple[int, int] | None, limit: int
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
    connection: Connection, conversation_id: int, kind: str, after: tuple[int, int], limit: int
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
