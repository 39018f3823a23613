"""Bringing the mirror in line with the Customer List, in steps that may be repeated and interrupted."""

from __future__ import annotations

import gc
import hashlib
import logging
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from core.errors import Conflict, NotFound
from core.headings import Mapping, map_headers
from core.reason import Reason, define, plain
from core.tables import SourceError, Table
from db_manager import Connection, Row, Transaction
from features.accounts import audit
from features.changes.actions import record
from features.contacts import actions as contacts
from features.customer_list import chosen as chosen_list
from features.customer_list import queries
from features.customer_list.chosen import Chosen
from features.customer_list.plan import Customer, Plan, RowWarning, make_plan
from features.settings import country
from features.settings.queries import get_setting, put_setting
from sheet_manager import SheetSource, Source
from system import clock
from web.services import Services

log = logging.getLogger("inbox.customers")

# The writer serves webhooks between two batches. A row costs 15 microseconds, one whose customer has a chat twenty times that:
# 500 of those held the writer for 190 ms (benchmarks/customer_list.py).
ROWS_A_WRITE = 100
MOST_WARNINGS = 200
RUNS_KEPT = 200
LONGEST_PAUSE_S = 600  # between tries of the clock while Google cannot be read
PATIENCE_S = 120  # of one run of the clock; a person who presses the button waits PATIENCE_OF_A_PERSON_S
PATIENCE_OF_A_PERSON_S = 8

# Setting: the fingerprint of the list that the mirror shows, None when it must be read.
_SEEN = "customers.seen"

_one_at_a_time = threading.Lock()

define(
    {
        "list.many_gone": "{absent} of {active} customers are not in the list any more.",
        "list.interrupted": "Interrupted; a newer list was read.",
        "list.more": "and {count} more like these",
    }
)


@dataclass
class Batch:
    """At most ROWS_A_WRITE rows, all of one commit."""

    adds: list[Customer] = field(default_factory=list)
    changes: list[Customer] = field(default_factory=list)
    moves: list[Customer] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)
    removals: list[str] = field(default_factory=list)


def is_due(parts: Services) -> bool:
    """Cheap: False while a file looks as it did when the mirror last took it in, and while Google is left alone."""
    with parts.db.read() as connection:
        chosen = chosen_list.read(connection, parts.config)
        newest, seen = queries.newest_run(connection), get_setting(connection, _SEEN)
    if not chosen.kind:
        return False
    if chosen.kind == "sheet":
        return not (newest and newest["state"] == "failed" and (newest["retry_at"] or 0) > clock.now())
    try:
        fingerprint = _fingerprint(chosen_list.open_source(parts, chosen, patience=0), chosen, parts)
    except SourceError:
        return True  # the run says what is wrong
    return seen != fingerprint


def sync(
    parts: Services, *, confirm: int | None = None, user_id: int | None = None, patience: float = PATIENCE_S
) -> int | None:
    """Read the list and apply what changed. Returns the run's id, None when there was nothing to do.

    A list that lacks too many rows is held: nothing is applied until `user_id` confirms that run with `confirm`.
    An interrupted run of the same list goes on where it was. What cannot be read makes a failed run, never an exception.
    Raises Conflict (no list is configured, a run is under way, the held run is not the present list) and NotFound.
    """
    with parts.db.read() as connection:
        chosen = chosen_list.read(connection, parts.config)
    if not chosen.kind:
        raise Conflict("No Customer List is set up. Choose one under Settings.", code="no_customer_list")
    if not _one_at_a_time.acquire(blocking=False):
        raise Conflict("The Customer List is being read right now.", code="sync_running")
    try:
        return _sync(parts, chosen, confirm, user_id, patience)
    finally:
        _one_at_a_time.release()


def sync_soon(parts: Services) -> None:
    """After another list was chosen: at once, unless a run is under way; the clock comes every minute anyway."""
    with suppress(Conflict):
        sync(parts, patience=PATIENCE_OF_A_PERSON_S)


@dataclass(frozen=True)
class Reading:
    """The list as it is now. `fingerprint` None: only reading tells whether it changed."""

    table: Table
    mapping: Mapping
    digest: str
    fingerprint: str | None


def read_list(parts: Services, chosen: Chosen, patience: float) -> Reading:
    """Raises SourceError."""
    source = chosen_list.open_source(parts, chosen, patience=patience)
    fingerprint = _fingerprint(source, chosen, parts)
    table = source.read()
    if isinstance(source, SheetSource) and source.place != chosen.place:
        found = source.place
        parts.db.write(chosen_list.keep_place, chosen.wanted, found)
    return Reading(table, map_headers(table.headers, chosen.headings), _digest(table, chosen, parts), fingerprint)


def _sync(parts: Services, chosen: Chosen, confirm: int | None, user_id: int | None, patience: float) -> int | None:
    try:
        reading = read_list(parts, chosen, patience)
    except SourceError as error:
        return parts.db.write(_note_unreadable, chosen.title, error.reason, error.wait)
    if confirm is None:
        if _is_known(parts, reading):
            return None
        run_id = parts.db.write(_begin, chosen.title, reading)
    else:
        run_id = parts.db.write(_reopen_held, confirm, reading.digest, user_id)
    if run_id is not None:
        _apply(parts, run_id, reading, confirmed=confirm is not None)
    return run_id


def _is_known(parts: Services, reading: Reading) -> bool:
    """A sheet is read every minute and mostly says nothing new: then nothing is written either."""
    with parts.db.read() as connection:
        return _says_nothing_new(connection, reading.digest) and get_setting(connection, _SEEN) == reading.fingerprint


def _says_nothing_new(connection: Connection, digest: str) -> bool:
    last = queries.newest_run_with_rows(connection)
    if last is None or last["digest"] != digest:
        return False
    if last["state"] == "held" and last["dismissed_at"]:
        return True
    newest = queries.newest_run(connection)
    if newest is None or newest["id"] != last["id"]:
        return False  # it could not be read meanwhile: a new line in the log says that it can again
    return last["state"] == "held" or (last["state"] == "done" and not queries.anybody_missed(connection))


def plan_of(parts: Services, run_id: int, reading: Reading, *, confirmed: bool = False) -> Plan:
    with parts.db.read() as connection:
        mirror = queries.mirror(connection, run_id)
    return make_plan(reading.table, reading.mapping, mirror, country.in_force(parts), confirmed=confirmed)


def _apply(parts: Services, run_id: int, reading: Reading, *, confirmed: bool) -> None:
    plan = plan_of(parts, run_id, reading, confirmed=confirmed)
    warnings = _first_warnings(plan.warnings)
    if plan.drops_too_much and not confirmed:
        why = Reason("list.many_gone", absent=plan.absent, active=plan.active)
        log.warning("customer list held", extra={"absent": plan.absent, "active": plan.active})
        parts.db.write(_end, run_id, "held", warnings, reading.fingerprint, why=why)
        return
    for batch in batches(plan, ROWS_A_WRITE):
        _write(parts, run_id, batch)
    parts.db.write(_end, run_id, "done", warnings, reading.fingerprint)
    log.info("customer list applied", extra={"run": run_id, "added": len(plan.adds), "removed": len(plan.removals)})


def _write(parts: Services, run_id: int, batch: Batch) -> None:
    rows = queries.values([*batch.adds, *batch.changes, *batch.moves], run_id)
    # Else Python may look through the whole list for garbage in the middle of the write (measured: 300 ms of the writer).
    gc.collect(1)
    parts.db.write(apply_batch, run_id, batch, rows)


def batches(plan: Plan, size: int) -> Iterator[Batch]:
    """The plan's steps, newcomers first and removals last, at most `size` in each."""
    steps = [(kind, one) for kind in Batch.__dataclass_fields__ for one in getattr(plan, kind)]
    for start in range(0, len(steps), size):
        batch = Batch()
        for kind, one in steps[start : start + size]:
            getattr(batch, kind).append(one)
        yield batch


def apply_batch(tx: Transaction, run_id: int, batch: Batch, rows: list[dict[str, Any]]) -> None:
    """One commit: rows, the names of the chats, the counts of the run. A second time it changes no row."""
    now = clock.now()
    queries.put(tx.connection, rows, now)
    queries.count_misses(tx.connection, batch.misses, run_id)
    queries.remove(tx.connection, batch.removals, run_id, now)
    counts = {"added": len(batch.adds), "changed": len(batch.changes), "removed": len(batch.removals)}
    if any(counts.values()):
        contacts.refresh_holders(tx, [*(one.phone for one in [*batch.adds, *batch.changes]), *batch.removals])
        queries.add_counts(tx.connection, run_id, **counts)
        record(tx, "customers.updated", "sync")


def _begin(tx: Transaction, source: str, reading: Reading) -> int | None:
    last = queries.newest_run_with_rows(tx.connection)
    if last and last["state"] == "running":
        if last["digest"] == reading.digest:
            return int(last["id"])
        why = Reason("list.interrupted")
        queries.end_run(tx.connection, last["id"], "failed", clock.now(), error=why.stored())
    elif _says_nothing_new(tx.connection, reading.digest):
        put_setting(tx.connection, _SEEN, reading.fingerprint, clock.now())
        return None
    return queries.insert_run(tx.connection, source, reading.digest, len(reading.table.rows), clock.now())


def dismiss(parts: Services, run_id: int, user_id: int) -> None:
    """Keep the customers that a held run would remove, until the list changes or somebody accepts the run after all.

    Raises NotFound, Conflict.
    """

    def keep(tx: Transaction) -> None:
        _held(tx.connection, run_id)
        queries.dismiss_run(tx.connection, run_id, clock.now())
        audit.note(tx, user_id, "customer_removals_refused", run_id=run_id)

    parts.db.write(keep)


def _held(connection: Connection, run_id: int) -> Row:
    run = queries.get_run(connection, run_id)
    if run is None:
        raise NotFound("There is no such run.")
    if run["state"] != "held":
        raise Conflict("This run is not waiting for anybody.", code="not_held")
    return run


def _reopen_held(tx: Transaction, run_id: int, digest: str, user_id: int | None) -> int:
    refuse_changed(tx.connection, run_id, digest)
    queries.reopen_run(tx.connection, run_id)
    put_setting(tx.connection, _SEEN, None, clock.now())  # interrupted, it must be due again
    audit.note(tx, user_id, "customer_removals_confirmed", run_id=run_id)
    return run_id


def refuse_changed(connection: Connection, run_id: int, digest: str) -> None:
    """Only the newest held run of the list as it is now can be looked at and decided. Raises NotFound, Conflict."""
    run = _held(connection, run_id)
    newest = queries.newest_run_with_rows(connection)
    if run["digest"] != digest or newest is None or newest["id"] != run_id:
        raise Conflict(
            "The Customer List has changed since this run. Read it again and look at the new figures.", code="list_changed"
        )


def _end(
    tx: Transaction, run_id: int, state: str, warnings: list[Any], fingerprint: str | None, *, why: Reason | None = None
) -> None:
    now = clock.now()
    queries.end_run(tx.connection, run_id, state, now, error=why.stored() if why else None, warnings=warnings)
    must_look_again = state == "done" and queries.anybody_missed(tx.connection)
    put_setting(tx.connection, _SEEN, None if must_look_again else fingerprint, now)
    queries.forget_old_runs(tx.connection, RUNS_KEPT)


def _note_unreadable(tx: Transaction, source: str, reason: Reason, wait: float) -> int:
    """One row for one trouble, however many minutes it lasts; the pauses of the clock grow meanwhile."""
    now = clock.now()
    last = queries.newest_run(tx.connection)
    if last and (last["state"], last["source"], last["error"]) == ("failed", source, reason.stored()):
        run_id, tries = int(last["id"]), last["tries"] + 1
    else:
        run_id, tries = queries.insert_run(tx.connection, source, "", 0, now), 1
        log.warning("customer list not read", extra={"reason": str(reason)})
    queries.end_run(tx.connection, run_id, "failed", now, error=reason.stored())
    pause = max(wait, min(30 * 2 ** min(tries, 10), LONGEST_PAUSE_S))
    queries.set_retry(tx.connection, run_id, tries, now + int(pause))
    put_setting(tx.connection, _SEEN, None, now)
    return run_id


def _fingerprint(source: Source, chosen: Chosen, parts: Services) -> str | None:
    of_the_file = source.fingerprint()
    return of_the_file and f"{of_the_file} {_reading_rules(chosen, parts)}"


def _digest(table: Table, chosen: Chosen, parts: Services) -> str:
    return hashlib.sha256(f"{table.digest} {_reading_rules(chosen, parts)}".encode()).hexdigest()


def _reading_rules(chosen: Chosen, parts: Services) -> str:
    """Another country, another column chosen: the same list says something else."""
    return f"{country.in_force(parts) or ''} {chosen.headings}"


def _first_warnings(warnings: list[RowWarning]) -> list[dict[str, Any]]:
    shown = [{"row": one.row, "reason": plain(one.reason)} for one in warnings[:MOST_WARNINGS]]
    if more := len(warnings) - len(shown):
        shown.append({"row": warnings[MOST_WARNINGS].row, "reason": plain(Reason("list.more", count=more))})
    return shown
