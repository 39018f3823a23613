"""What the clock calls."""

from __future__ import annotations

from features.changes import actions, queries
from web.services import Services


def refresh_feed(parts: Services) -> None:
    """A command beside the server (users create) has committed: its changes must reach the browsers too."""
    with parts.db.read() as connection:
        newest, oldest = queries.bounds(connection)
    parts.feed.oldest = oldest
    parts.feed.announce(newest)


def prune(parts: Services) -> None:
    actions.prune(parts.db, parts.feed)
