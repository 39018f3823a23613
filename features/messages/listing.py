"""Pages of messages by key: the cost of a page does not depend on how many there are before it."""

from __future__ import annotations

from typing import Any

from core.errors import Invalid
from core.paging import decode_cursor
from db_manager import Row
from features.messages import page_queries, presenting, queries
from web.viewing import SeenChat, View

Json = dict[str, Any]


def messages_page(
    view: View,
    conversation_id: SeenChat,
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
        page, has_older, has_newer = _around(view, _anchor(view, conversation_id, around), limit)
    elif after:
        anchor = _anchor(view, conversation_id, after)
        rows = page_queries.messages_after(view.connection, conversation_id, anchor["timestamp"], anchor["id"], limit + 1)
        page, has_older, has_newer = rows[:limit], True, len(rows) > limit
    else:
        page, has_older, has_newer = _older(view, conversation_id, before, limit)
    return {
        "messages": presenting.messages_json(view.connection, page),
        "next_cursor": str(page[0]["id"]) if page and has_older else None,
        "prev_cursor": str(page[-1]["id"]) if page and has_newer else None,
        "first_unread_id": page_queries.first_unread(view.connection, conversation_id),
    }


def gallery_page(
    view: View, conversation_id: SeenChat, kind: str, *, cursor: str | None, after: str | None, limit: int
) -> Json:
    """`{"messages", "next_cursor" (older), "prev_cursor" (newer)}`, newest first. A cursor is any message id of the chat."""
    if cursor and after:
        raise Invalid("Only one of cursor and after.", code="invalid_cursor")
    if after:
        key = _key(view, conversation_id, after)
        newer = page_queries.gallery_after(view.connection, conversation_id, kind, key, limit + 1)
        page, has_older, has_newer = newer[:limit][::-1], True, len(newer) > limit
    else:
        before = _key(view, conversation_id, cursor) if cursor else None
        older = page_queries.gallery_before(view.connection, conversation_id, kind, before, limit + 1)
        page, has_older, has_newer = older[:limit], len(older) > limit, bool(cursor)
    return {
        "messages": presenting.messages_json(view.connection, page),
        "next_cursor": str(page[-1]["id"]) if page and has_older else None,
        "prev_cursor": str(page[0]["id"]) if page and has_newer else None,
    }


def _key(view: View, conversation_id: SeenChat, raw: str) -> tuple[int, int]:
    anchor = _anchor(view, conversation_id, raw)
    return anchor["timestamp"], anchor["id"]


def _older(
    view: View, conversation_id: SeenChat, before: str | None, limit: int
) -> tuple[list[Row], bool, bool]:
    if before:
        anchor = _anchor(view, conversation_id, before)
        rows = page_queries.messages_before(
            view.connection, conversation_id, anchor["timestamp"], anchor["id"], limit + 1
        )
    else:
        rows = page_queries.newest_messages(view.connection, conversation_id, limit + 1)
    return rows[:limit][::-1], len(rows) > limit, bool(before)


def _around(view: View, anchor: Row, limit: int) -> tuple[list[Row], bool, bool]:
    before, after = limit // 2, limit - limit // 2 - 1
    key = (SeenChat(anchor["conversation_id"]), anchor["timestamp"], anchor["id"])
    older = page_queries.messages_before(view.connection, *key, before + 1)
    newer = page_queries.messages_after(view.connection, *key, after + 1)
    itself = page_queries.message(view, anchor["id"])
    middle = [itself] if itself else []
    return older[:before][::-1] + middle + newer[:after], len(older) > before, len(newer) > after


def _anchor(view: View, conversation_id: SeenChat, raw: str) -> Row:
    (message_id,) = decode_cursor(raw, 1)
    row = queries.get_message(view.connection, message_id)
    if row is None or row["conversation_id"] != conversation_id:
        raise Invalid("There is no such message in this conversation.", code="invalid_cursor")
    return row
