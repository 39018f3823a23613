"""What the live feed carries of messages."""

from __future__ import annotations

from typing import Any

from db_manager import Row
from features.changes.frames import touched
from features.messages import page_queries
from features.messages.presenting import messages_json
from web.viewing import View

_FOR_SOME = ("drive_url", "public_url")  # links that only some of the staff may see


def messages_in(view: View, changes: list[Row]) -> list[dict[str, Any]]:
    """The messages that these changes touched, as all who may see them see them."""
    ids = touched(changes, "message_id")
    if not ids:
        return []
    messages = messages_json(view.connection, page_queries.messages_by_id(view, ids), links=False)
    for message in messages:
        for name in _FOR_SOME if message["media"] else ():
            del message["media"][name]
    return messages
