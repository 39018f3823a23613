"""SQL of what the inbox shows: the chat list, pages of messages, the details panel. Joins live with the screen that asks."""

from __future__ import annotations

from typing import Any

from core import phone
from db_manager import Connection, Row
from features.contacts.queries import SHOWN_NAME

_CHAT = f"""
    SELECT conversations.id, conversations.contact_id, conversations.group_id, conversations.subject,
           conversations.unread_count, conversations.waiting_since, conversations.last_inbound_at,
           conversations.archived_at, conversations.last_message_at, conversations.last_arrival_id,
           contacts.phone, contacts.username, contacts.sheet_name, contacts.typed_name, contacts.google_name,
           contacts.profile_name,
           {SHOWN_NAME} AS shown_name,
           assignee.id AS assignee_id, assignee.name AS assignee_name,
           m.id AS message_id, m.text, m.type, m.direction, m.status, m.timestamp, m.deleted_at,
           m.user_id AS sender_id, sender.name AS sender_name, m.contact_id AS writer_id,
           (SELECT COALESCE(sheet_name, typed_name, google_name, profile_name, '@' || username, '+' || phone)
              FROM contacts AS writer WHERE writer.id = m.contact_id) AS writer_name,
           media.mime_type, media.filename, media.voice, media.duration_ms, media.id AS media_id
    FROM conversations
    LEFT JOIN contacts ON contacts.id = conversations.contact_id
    LEFT JOIN users AS assignee ON assignee.id = conversations.assignee_id
    LEFT JOIN messages AS m ON m.id = conversations.last_message_id
    LEFT JOIN users AS sender ON sender.id = m.user_id
    LEFT JOIN media ON media.message_id = m.id
"""

# A chat that was opened to look at a customer who never wrote is nobody's business until something is written.
_BEGUN = "(conversations.last_message_id IS NOT NULL OR conversations.group_id IS NOT NULL)"

# From an allow-list: a filter's name never reaches the SQL.
FILTERS = {
    "all": f"conversations.archived_at IS NULL AND {_BEGUN}",
    "unread": "conversations.archived_at IS NULL AND conversations.unread_count > 0",
    "waiting": "conversations.archived_at IS NULL AND conversations.waiting_since IS NOT NULL",
    "mine": "conversations.archived_at IS NULL AND conversations.assignee_id = :user_id",
    "unassigned": f"conversations.archived_at IS NULL AND conversations.assignee_id IS NULL AND {_BEGUN}",
    "groups": "conversations.archived_at IS NULL AND conversations.group_id IS NOT NULL",
    "archived": "conversations.archived_at IS NOT NULL",
}

_BEFORE = """(conversations.last_message_at, conversations.last_arrival_id, conversations.id)
             < (:before_at, :before_arrival, :before_id)"""
_MATCHES = """(instr(contacts.search_text, :q) > 0
             OR (:digits <> '' AND contacts.search_text LIKE '%' || :digits || '%')
             OR instr(lower(COALESCE(conversations.subject, '')), :q) > 0)"""


def chats(
    connection: Connection,
    *,
    chosen: str,
    user_id: int,
    q: str,
    digits: str,
    before: tuple[int, int, int] | None,
    limit: int,
) -> list[Row]:
    """Newest first. `q` folded, `digits` the digits in it when it looks like a phone number, else ''."""
    conditions = [FILTERS[chosen]]
    if before:
        conditions.append(_BEFORE)
    if q:
        conditions.append(_MATCHES)
    at, arrival, row_id = before or (0, 0, 0)
    return connection.execute(
        f"""
        {_CHAT}
        WHERE {" AND ".join(conditions)}
        ORDER BY conversations.last_message_at DESC, conversations.last_arrival_id DESC, conversations.id DESC
        LIMIT :limit
        """,
        {
            "user_id": user_id,
            "q": q,
            "digits": digits,
            "before_at": at,
            "before_arrival": arrival,
            "before_id": row_id,
            "limit": limit,
        },
    ).fetchall()


def chat(connection: Connection, conversation_id: int) -> Row | None:
    return connection.execute(f"{_CHAT} WHERE conversations.id = :id", {"id": conversation_id}).fetchone()


def counts(connection: Connection) -> Row:
    """How many chats stand behind each chip; the two small ones come from partial indexes."""
    row = connection.execute(
        f"""
        SELECT (SELECT count(*) FROM conversations WHERE archived_at IS NULL AND {_BEGUN}) AS "all",
               (SELECT count(*) FROM conversations WHERE unread_count > 0 AND archived_at IS NULL) AS unread,
               (SELECT count(*) FROM conversations WHERE waiting_since IS NOT NULL AND archived_at IS NULL) AS waiting
        """
    ).fetchone()
    assert row is not None
    return row


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


# ---------------------------------------------------------------- messages

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
        SELECT m.id, m.wamid, m.conversation_id, m.direction, m.type, m.text, users.name AS user_name,
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
        SELECT original_wamid, text, timestamp, kind FROM message_revisions
        WHERE original_wamid IN ({marks}) AND kind <> 'revoke' ORDER BY timestamp, wamid
        """,
        values,
    ).fetchall()


def _list(items: list[Any]) -> tuple[str, dict[str, Any]]:
    """Named places for an IN list: pages hold at most 100 messages."""
    values = {f"v{index}": item for index, item in enumerate(items)}
    return ", ".join(f":{name}" for name in values), values


# ---------------------------------------------------------------- the details panel


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


def last_delivery_at(connection: Connection) -> int | None:
    """When the last webhook came: the first thing to look at when nothing appears."""
    row = connection.execute("SELECT received_at FROM webhook_deliveries ORDER BY id DESC LIMIT 1").fetchone()
    return int(row[0]) if row else None
