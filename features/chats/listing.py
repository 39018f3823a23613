"""The chat list by key: the cost of a page does not depend on how many there are before it."""

from __future__ import annotations

from typing import Any

from core import phone, text
from core.paging import decode_cursor, encode_cursor
from db_manager import Row
from features.chats import list_queries, presenting
from web.viewing import View

Json = dict[str, Any]
_LONGEST_QUERY = 200


def chats_page(view: View, chosen: str, q: str, cursor: str | None, limit: int) -> Json:
    """`{"chats", "next_cursor"}`, newest first."""
    before = decode_cursor(cursor, 3) if cursor else None
    folded = text.fold(text.storable(q[:_LONGEST_QUERY]).strip())
    rows = list_queries.chats(
        view,
        chosen=chosen,
        user_id=view.viewer.id,
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


def _chat_cursor(row: Row) -> str:
    return encode_cursor(row["last_message_at"], row["last_arrival_id"], row["id"])
