"""What the live feed carries of chats."""

from __future__ import annotations

from typing import Any

from db_manager import Row
from features.changes.frames import touched
from features.chats import list_queries
from features.chats.presenting import chat_json
from web.viewing import View


def chats_in(view: View, changes: list[Row]) -> list[dict[str, Any]]:
    """The rows of the list that these changes touched."""
    ids = touched(changes, "conversation_id")
    return [chat_json(row) for row in list_queries.chats_by_id(view, ids)] if ids else []


def counts_in(view: View, changes: list[Row]) -> dict[str, int]:
    return dict(list_queries.counts(view))
