"""Pages by key: the cost of a page does not depend on how many there are before it."""

from __future__ import annotations

from typing import Any

from core import phone, text
from core.errors import Invalid
from core.paging import decode_cursor, encode_cursor
from db_manager import Connection, Row
from features.conversations import inbox_queries, presenting, queries

Json = dict[str, Any]
_LONGEST_QUERY = 200


def chats_page(connection: Connection, chosen: str, user_id: int, q: str, cursor: str | None, limit: int) -> Json:
    """`{"chats", "next_cursor"}`, newest first."""
    before = decode_cursor(cursor, 3) if cursor else None
    folded = text.fold(text.storable(q[:_LONGEST_QUERY]).strip())
    rows = inbox_queries.chats(
        connection,
        chosen=chosen,
        user_id=user_id,
        q=folded,
        digits=phone.digits_in_search(folded),
        before=(before[0], before[1], before[2]) if before else None,
        limit=limit + 1,
    )
    page = rows[:limit]
    return {
        "chats": [presenting.chat_json(row) for row in page],
        "next_cursor": _chat_cursor(page[-1]) if len(rows) > limit else None,
    }


def messages_page(
    connection: Connection,
    conversation_id: int,
    *,
    before: str | None,
    after: str | None,
    around: str | None,
    limit: int,
) -> Json:
    """`{"messages", "next_cursor" (older), "prev_cursor" (newer), "first_unread_id"}`, oldest first.

    A cursor is a message id.
    """
    if sum(bool(key) for key in (before, after, around)) > 1:
        raise Invalid("Only one of before, after and around.", code="invalid_cursor")
    if around:
        page, has_older, has_newer = _around(connection, _anchor(connection, conversation_id, around), limit)
    elif after:
        anchor = _anchor(connection, conversation_id, after)
        rows = inbox_queries.messages_after(connection, conversation_id, anchor["timestamp"], anchor["id"], limit + 1)
        page, has_older, has_newer = rows[:limit], True, len(rows) > limit
    else:
        page, has_older, has_newer = _older(connection, conversation_id, before, limit)
    return {
        "messages": presenting.messages_json(connection, page),
        "next_cursor": str(page[0]["id"]) if page and has_older else None,
        "prev_cursor": str(page[-1]["id"]) if page and has_newer else None,
        "first_unread_id": inbox_queries.first_unread(connection, conversation_id),
    }


def gallery_page(
    connection: Connection, conversation_id: int, kind: str, *, cursor: str | None, after: str | None, limit: int
) -> Json:
    """`{"messages", "next_cursor" (older), "prev_cursor" (newer)}`, newest first. A cursor is any message id of the chat."""
    if cursor and after:
        raise Invalid("Only one of cursor and after.", code="invalid_cursor")
    if after:
        key = _key(connection, conversation_id, after)
        newer = inbox_queries.gallery_after(connection, conversation_id, kind, key, limit + 1)
        page, has_older, has_newer = newer[:limit][::-1], True, len(newer) > limit
    else:
        before = _key(connection, conversation_id, cursor) if cursor else None
        older = inbox_queries.gallery_before(connection, conversation_id, kind, before, limit + 1)
        page, has_older, has_newer = older[:limit], len(older) > limit, bool(cursor)
    return {
        "messages": presenting.messages_json(connection, page),
        "next_cursor": str(page[-1]["id"]) if page and has_older else None,
        "prev_cursor": str(page[0]["id"]) if page and has_newer else None,
    }


def _key(connection: Connection, conversation_id: int, raw: str) -> tuple[int, int]:
    anchor = _anchor(connection, conversation_id, raw)
    return anchor["timestamp"], anchor["id"]


def _older(
    connection: Connection, conversation_id: int, before: str | None, limit: int
) -> tuple[list[Row], bool, bool]:
    if before:
        anchor = _anchor(connection, conversation_id, before)
        rows = inbox_queries.messages_before(
            connection, conversation_id, anchor["timestamp"], anchor["id"], limit + 1
        )
    else:
        rows = inbox_queries.newest_messages(connection, conversation_id, limit + 1)
    return rows[:limit][::-1], len(rows) > limit, bool(before)


def _around(connection: Connection, anchor: Row, limit: int) -> tuple[list[Row], bool, bool]:
    before, after = limit // 2, limit - limit // 2 - 1
    key = (anchor["conversation_id"], anchor["timestamp"], anchor["id"])
    older = inbox_queries.messages_before(connection, *key, before + 1)
    newer = inbox_queries.messages_after(connection, *key, after + 1)
    itself = inbox_queries.message(connection, anchor["id"])
    middle = [itself] if itself else []
    return older[:before][::-1] + middle + newer[:after], len(older) > before, len(newer) > after


def _anchor(connection: Connection, conversation_id: int, raw: str) -> Row:
    (message_id,) = decode_cursor(raw, 1)
    row = queries.get_message(connection, message_id)
    if row is None or row["conversation_id"] != conversation_id:
        raise Invalid("There is no such message in this conversation.", code="invalid_cursor")
    return row


def _chat_cursor(row: Row) -> str:
    return encode_cursor(row["last_message_at"], row["last_arrival_id"], row["id"])
