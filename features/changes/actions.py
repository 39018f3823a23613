"""Recording what happened, in the transaction in which it happened."""

from __future__ import annotations

from typing import Literal

from db_manager import Database, Transaction
from features.changes import queries
from system import clock
from web.live import LiveFeed

Origin = Literal["live", "echo", "history", "user", "sync"]
KEPT_S = 30 * 24 * 3600


def record(
    tx: Transaction,
    kind: str,
    origin: Origin,
    *,
    conversation_id: int | None = None,
    message_id: int | None = None,
    contact_id: int | None = None,
    subject_id: int | None = None,
    user_id: int | None = None,
) -> int:
    """Append one change, naming what it touches; browsers are told after the commit. Returns its seq.

    `subject_id`: a row of the kind's own table (a note, a tag, a task), where that is none of the other three.
    `origin`: live, echo, history, user, sync. It keeps imports from triggering unread counts, sounds or automation.
    """
    seq = queries.insert(
        tx.connection,
        kind=kind,
        conversation_id=conversation_id,
        message_id=message_id,
        contact_id=contact_id,
        subject_id=subject_id,
        origin=origin,
        user_id=user_id,
        at=clock.now(),
    )
    tx.note_change(seq)
    return seq


def prune(db: Database, feed: LiveFeed) -> None:
    """Forget what is older than 30 days; a browser that slept longer is told to reload."""
    while db.write(queries.delete_older_than, clock.now() - KEPT_S, 500) == 500:
        pass
    with db.read() as connection:
        feed.oldest = queries.bounds(connection)[1]
