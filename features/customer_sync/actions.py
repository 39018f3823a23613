"""Bringing the mirror in line with the Customer List, in steps that may be repeated and interrupted."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from core import clock
from core.errors import Conflict, NotFound
from db_manager import Transaction
from features.accounts import audit
from features.changes.actions import record
from features.contacts import actions as contacts
from features.customer_sync import queries
from features.customer_sync.plan import Customer, Plan, RowWarning, make_plan
from sheet_manager import Mapping, Source, SourceError, Table, map_headers, source_from
from web.services import Services
from web.strings import t

log = logging.getLogger("inbox.customers")

ROWS_A_WRITE = 500  # the writer serves webhooks between two batches
MOST_WARNINGS = 200
RUNS_KEPT = 200

_one_at_a_time = threading.Lock()


@dataclass
class Batch:
    """At most ROWS_A_WRITE rows, all of one commit."""

    adds: list[Customer] = field(default_factory=list)
    changes: list[Customer] = field(default_factory=list)
    moves: list[Customer] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)
    removals: list[str] = field(default_factory=list)


def is_due(parts: Services) -> bool:
    """Cheap: False while the list looks as it did when the mirror last took it in."""
    source = source_from(parts.config)
    if source is None:
        return False
    try:
        fingerprint = _fingerprint(source, parts)
    except SourceError:
        return True  # the run says what is wrong
    with parts.db.read() as connection:
        return queries.seen(connection) != fingerprint


def sync(parts: Services, *, confirm: int | None = None, user_id: int | None = None) -> int | None:
    """Read the list and apply what changed. Returns the run's id, None when there was nothing to do.

    A list that lacks too many rows is held: nothing is applied until `user_id` confirms that run with `confirm`.
    An interrupted run of the same list goes on where it was. What cannot be read makes a failed run, never an exception.
    Raises Conflict (no list is configured, a run is under way, the held run is not the present list) and NotFound.
    """
    source = source_from(parts.config)
    if source is None:
        raise Conflict(t("No Customer List is set up (CUSTOMERS_CSV)."), code="no_customer_list")
    if not _one_at_a_time.acquire(blocking=False):
        raise Conflict(t("The Customer List is being read right now."), code="sync_running")
    try:
        return _sync(parts, source, confirm, user_id)
    finally:
        _one_at_a_time.release()


def _sync(parts: Services, source: Source, confirm: int | None, user_id: int | None) -> int | None:
    try:
        fingerprint = _fingerprint(source, parts)
        table = source.read()
        mapping = map_headers(table.headers)
    except SourceError as error:
        reason = t(error.text, **error.values)
        return parts.db.write(lambda tx: _note_unreadable(tx, source.name, reason))
    digest = _digest(table, parts)
    if confirm is None:
        run_id = parts.db.write(lambda tx: _begin(tx, source.name, digest, len(table.rows), fingerprint))
    else:
        run_id = parts.db.write(lambda tx: _reopen_held(tx, confirm, digest, user_id))
    if run_id is not None:
        _apply(parts, run_id, table, mapping, fingerprint, confirmed=confirm is not None)
    return run_id


def _apply(
    parts: Services, run_id: int, table: Table, mapping: Mapping, fingerprint: str, *, confirmed: bool
) -> None:
    with parts.db.read() as connection:
        mirror = queries.mirror(connection, run_id)
    plan = make_plan(table, mapping, mirror, parts.config.default_country or None, confirmed=confirmed)
    warnings = _first_warnings(plan.warnings)
    if plan.drops_too_much and not confirmed:
        words = t("{absent} of {active} customers are not in the list any more.", absent=plan.absent, active=plan.active)
        log.warning("customer list held", extra={"absent": plan.absent, "active": plan.active})
        parts.db.write(lambda tx: _end(tx, run_id, "held", warnings, fingerprint, error=words))
        return
    for batch in batches(plan, ROWS_A_WRITE):
        _write(parts, run_id, batch)
    parts.db.write(lambda tx: _end(tx, run_id, "done", warnings, fingerprint))
    log.info("customer list applied", extra={"run": run_id, "added": len(plan.adds), "removed": len(plan.removals)})


def _write(parts: Services, run_id: int, batch: Batch) -> None:
    parts.db.write(lambda tx: apply_batch(tx, run_id, batch))


def batches(plan: Plan, size: int) -> Iterator[Batch]:
    """The plan's steps, newcomers first and removals last, at most `size` in each."""
    steps = [(kind, one) for kind in Batch.__dataclass_fields__ for one in getattr(plan, kind)]
    for start in range(0, len(steps), size):
        batch = Batch()
        for kind, one in steps[start : start + size]:
            getattr(batch, kind).append(one)
        yield batch


def apply_batch(tx: Transaction, run_id: int, batch: Batch) -> None:
    """One commit: rows, the names of the chats, the counts of the run. A second time it changes no row."""
    now = clock.now()
    queries.put(tx.connection, [*batch.adds, *batch.changes, *batch.moves], run_id, now)
    queries.count_misses(tx.connection, batch.misses, run_id)
    queries.remove(tx.connection, batch.removals, run_id, now)
    counts = {"added": len(batch.adds), "changed": len(batch.changes), "removed": len(batch.removals)}
    if any(counts.values()):
        names: dict[str, str | None] = {one.phone: one.name or None for one in [*batch.adds, *batch.changes]}
        contacts.set_sheet_names(tx, names | dict.fromkeys(batch.removals))
        queries.add_counts(tx.connection, run_id, **counts)
        record(tx, "customers.updated", "sync")


def _begin(tx: Transaction, source: str, digest: str, rows: int, fingerprint: str) -> int | None:
    last = queries.newest_run_with_rows(tx.connection)
    if last and last["state"] == "running":
        if last["digest"] == digest:
            return int(last["id"])
        queries.end_run(tx.connection, last["id"], "failed", clock.now(), error=t("Interrupted; a newer list was read."))
    elif last and last["digest"] == digest and last["state"] in ("done", "held"):
        if last["state"] == "held" or not queries.anybody_missed(tx.connection):
            queries.keep_seen(tx.connection, fingerprint, clock.now())
            return None
    return queries.insert_run(tx.connection, source, digest, rows, clock.now())


def _reopen_held(tx: Transaction, run_id: int, digest: str, user_id: int | None) -> int:
    run = queries.get_run(tx.connection, run_id)
    if run is None:
        raise NotFound(t("There is no such run."))
    if run["state"] != "held":
        raise Conflict(t("This run is not waiting for anybody."), code="not_held")
    newest = queries.newest_run_with_rows(tx.connection)
    if run["digest"] != digest or newest is None or newest["id"] != run_id:
        words = t("The Customer List has changed since this run. Read it again and look at the new figures.")
        raise Conflict(words, code="list_changed")
    queries.reopen_run(tx.connection, run_id)
    queries.keep_seen(tx.connection, None, clock.now())  # interrupted, it must be due again
    audit.note(tx, user_id, "customer_removals_confirmed", run_id=run_id)
    return run_id


def _end(
    tx: Transaction, run_id: int, state: str, warnings: list[Any], fingerprint: str, *, error: str | None = None
) -> None:
    now = clock.now()
    queries.end_run(tx.connection, run_id, state, now, error=error, warnings=warnings)
    must_look_again = state == "done" and queries.anybody_missed(tx.connection)
    queries.keep_seen(tx.connection, None if must_look_again else fingerprint, now)
    queries.forget_old_runs(tx.connection, RUNS_KEPT)


def _note_unreadable(tx: Transaction, source: str, reason: str) -> int:
    """One row for one trouble, however many minutes it lasts."""
    now = clock.now()
    last = queries.newest_run(tx.connection)
    if last and (last["state"], last["source"], last["error"]) == ("failed", source, reason):
        run_id = int(last["id"])
    else:
        run_id = queries.insert_run(tx.connection, source, "", 0, now)
        log.warning("customer list not read", extra={"reason": reason})
    queries.end_run(tx.connection, run_id, "failed", now, error=reason)
    queries.keep_seen(tx.connection, None, now)
    return run_id


def _fingerprint(source: Source, parts: Services) -> str:
    return f"{source.fingerprint()} {parts.config.default_country}"


def _digest(table: Table, parts: Services) -> str:
    """Another default country reads the same list differently."""
    return hashlib.sha256(f"{table.digest} {parts.config.default_country}".encode()).hexdigest()


def _first_warnings(warnings: list[RowWarning]) -> list[dict[str, Any]]:
    shown = [{"row": one.row, "reason": one.reason} for one in warnings[:MOST_WARNINGS]]
    if more := len(warnings) - len(shown):
        shown.append({"row": warnings[MOST_WARNINGS].row, "reason": t("and {count} more like these", count=more)})
    return shown
