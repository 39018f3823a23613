"""What the live feed carries, pushed or polled: the changes, and what they touched as it is now.

Made once a commit and shared by all who see every chat and stand at the same place of the log, so nothing in it depends on
who they are (links into Google Drive, for instance, come with a GET only). Who sees only some chats gets frames of those. A
GET repairs; it is not how a page stays current.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from db_manager import Row
from features.changes import queries
from web.services import Services
from web.viewing import View, Viewer

Json = dict[str, Any]
# Adds one part to a frame ("chats", "messages", ...) from the changes in it.
Part = Callable[[View, list[Row]], Any]

MOST_CHANGES = 500
MOST_ROWS = 100  # of a kind in one frame; what a page misses of a larger burst it fetches when it shows it


def frame_since(parts: Services, carried: Mapping[str, Part], viewer: Viewer, since: int) -> Json:
    """`{"seq", "changes", "more"?, "reset"?}` and every part of `carried`. `reset`: the log does not reach back to `since`."""
    feed = parts.feed
    newest = feed.newest
    if since > newest or since < feed.oldest:
        return {"seq": newest, "changes": [], "reset": True}
    with parts.db.read() as connection:
        # Not what is committed but not announced yet: a browser ahead of `feed.newest` would be told to reload.
        changes = queries.between(connection, since, newest, MOST_CHANGES)
        is_full = len(changes) == MOST_CHANGES
        seq = changes[-1]["seq"] if is_full else newest
        view = View(connection, viewer)
        if not viewer.sees_everything:
            changes = _seen(view, changes)
        frame: Json = {"seq": seq, "changes": [dict(row) for row in changes]}
        for name, part in carried.items() if changes else ():
            frame[name] = part(view, changes)
    if is_full and seq < newest:
        frame["more"] = True
    return frame


def _seen(view: View, changes: list[Row]) -> list[Row]:
    """Without what happened in chats that are not for this person."""
    chats = queries.seen_chats(view, [row["conversation_id"] for row in changes if row["conversation_id"] is not None])
    return [row for row in changes if row["conversation_id"] is None or row["conversation_id"] in chats]


def touched(changes: Iterable[Row], column: str) -> list[int]:
    """The ids that stand in a column of the changes, once each; of a burst the newest MOST_ROWS."""
    ids = list(dict.fromkeys(row[column] for row in reversed(list(changes)) if row[column] is not None))
    return ids[:MOST_ROWS]
