"""SQL of the chat list and its chips. Joins live with the screen that asks."""

from __future__ import annotations

import orjson

from db_manager import Connection, Row
from features.contacts.queries import SHOWN_NAME
from web.viewing import SEEN, SeenChat, View

_CHAT = f"""
    SELECT conversations.id, conversations.contact_id, conversations.group_id, conversations.subject,
           conversations.unread_count, conversations.waiting_since, conversations.last_inbound_at,
           conversations.archived_at, conversations.last_message_at, conversations.last_arrival_id,
           contacts.phone, contacts.username, contacts.sheet_name, contacts.typed_name, contacts.google_name,
           contacts.profile_name,
           {SHOWN_NAME} AS shown_name,
           assignee.id AS assignee_id, assignee.name AS assignee_name,
           m.id AS message_id, m.text, m.type, m.payload, m.direction, m.status, m.timestamp, m.deleted_at,
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
    view: View,
    *,
    chosen: str,
    user_id: int,
    q: str,
    digits: str,
    before: tuple[int, int, int] | None,
    limit: int,
) -> list[Row]:
    """Newest first. `q` folded, `digits` the digits in it when it looks like a phone number, else ''."""
    conditions = [FILTERS[chosen], SEEN]
    if before:
        conditions.append(_BEFORE)
    if q:
        conditions.append(_MATCHES)
    at, arrival, row_id = before or (0, 0, 0)
    return view.execute(
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


def chats_by_id(view: View, ids: list[int]) -> list[Row]:
    return view.execute(
        f"""
        {_CHAT} WHERE conversations.id IN (SELECT value FROM json_each(:ids)) AND conversations.merged_into IS NULL AND {SEEN}
        """,
        {"ids": orjson.dumps(ids).decode()},
    ).fetchall()


def chat(view: View, conversation_id: int) -> Row | None:
    return view.execute(
        f"{_CHAT} WHERE conversations.id = :id AND conversations.merged_into IS NULL AND {SEEN}", {"id": conversation_id}
    ).fetchone()


def counts(view: View) -> Row:
    """How many chats stand behind each chip: sums by number and assignee that triggers keep (migrations/0011_live.sql)."""
    row = view.execute(
        f"""
        SELECT COALESCE(sum(listed), 0) AS "all", COALESCE(sum(unread), 0) AS unread, COALESCE(sum(waiting), 0) AS waiting
        FROM (SELECT number_id, nullif(assignee_id, 0) AS assignee_id, listed, unread, waiting
              FROM chat_counts) AS conversations WHERE {SEEN}
        """,
        {},
    ).fetchone()
    assert row is not None
    return row


def figures(connection: Connection, conversation_id: SeenChat) -> Row:
    """{received, sent, first_at, last_at} of a chat's messages; the times are None while nothing has been written."""
    row = connection.execute(
        """
        SELECT received_count AS received, sent_count AS sent, first_message_at AS first_at,
               iif(last_message_id IS NULL, NULL, last_message_at) AS last_at
        FROM conversations WHERE id = :id
        """,
        {"id": conversation_id},
    ).fetchone()
    assert row is not None
    return row
