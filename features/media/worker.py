"""Fetches customers' files: threads that wait for work, claim a row, fetch, and commit what came of it."""

from __future__ import annotations

import logging

from core.reason import Reason
from db_manager import Row, Transaction
from features.media import queries
from features.media.actions import announce, note_stored
from features.media.fetching import DELAYS_S, Fetched, GivenUp, Later, Outcome, fetch
from runtime.modes import NOT_LOCKED
from runtime.worker import Worker
from system import clock
from web.services import Services

log = logging.getLogger("inbox.media")

LONGEST_HOLD_S = 60
STALE_S = 15 * 60  # longer than any download may take: whoever claimed it is gone


class MediaWorker(Worker):
    """A row is in one of the threads' hands from its claim to its commit; a restart takes up what was left."""

    name = "media"
    threads = 2  # one large video does not hold up the photos
    modes = NOT_LOCKED

    def __init__(self, parts: Services) -> None:
        super().__init__(parts)
        self._held_until = 0  # unix s: no room on the disk, a dead token, or Meta asked for a pause

    def prepare(self) -> None:
        """Claims and half-written files of the last run are cleared away."""
        self._parts.clients.store.sweep()
        self._parts.db.write_later(_take_up)  # on a locked disk they wait until they are stale

    def work_next(self) -> bool:
        """Take one due file through to its commit; False when there is nothing to do now."""
        now = clock.now()
        if self._is_held(now):
            return False
        with self._parts.db.read() as connection:  # an idle look costs no write
            due = queries.next_due(connection, now - STALE_S)
        if due is None or due > now:
            return False
        row = self._parts.db.write(queries.claim, clock.now(), clock.now() - STALE_S)
        if row is None:
            return False
        outcome = self._try(row)
        if isinstance(outcome, Later) and outcome.for_all:
            self._held_until = clock.now() + min(outcome.delay_s, LONGEST_HOLD_S)
        self.persist(conclude, row, outcome)  # the bytes are safe already
        return True

    def _is_held(self, now: int) -> bool:
        return 0 < self._held_until - now <= LONGEST_HOLD_S  # longer: the clock has been set back

    def idle_s(self) -> float:
        if self._is_held(clock.now()):
            return self.longest_wait_s
        with self._parts.db.read() as connection:
            return self.until(queries.next_due(connection, clock.now() - STALE_S))

    def _try(self, row: Row) -> Outcome:
        try:
            return fetch(self._parts.clients.whatsapp, self._parts.clients.store, row)
        except Exception:
            log.exception("a file could not be fetched", extra={"media": row["id"]})
            return Later(DELAYS_S[-1], Reason("media.our_fault"))


def _take_up(tx: Transaction) -> None:
    """What the last run left. The clock may have been set meanwhile."""
    queries.release_claims(tx.connection)
    queries.hurry(tx.connection, clock.now())
    tx.wake("media")  # a thread may have looked before


def conclude(tx: Transaction, row: Row, outcome: Outcome) -> None:
    """Write down what came of a claimed `row`; browsers hear of it when anything that they show has changed."""
    connection, claimed_at = tx.connection, row["claimed_at"]
    if isinstance(outcome, Fetched):
        changed = queries.set_stored(connection, row["id"], outcome.file.columns())
        if changed:
            note_stored(tx, row["id"])
    elif isinstance(outcome, Later) and not _is_over(row, outcome):
        kept = queries.postpone(
            connection,
            row["id"],
            claimed_at=claimed_at,
            attempts=row["attempts"] - (not outcome.counts),
            next_attempt_at=clock.now() + outcome.delay_s,
            reason=outcome.reason.stored(),
        )
        changed = kept and outcome.reason.stored() != row["last_error"]
    else:
        state = outcome.state if isinstance(outcome, GivenUp) else "expired"
        changed = queries.give_up(connection, row["id"], claimed_at=claimed_at, state=state, reason=outcome.reason.stored())
    if changed:
        announce(tx, row["id"])


def _is_over(row: Row, outcome: Later) -> bool:
    """Meta's 7 days. At least one try is always made, even after them: they are Meta's promise, not its limit."""
    return outcome.counts and row["expires_at"] is not None and clock.now() >= row["expires_at"]
