"""Reading the list into the mirror: runs, names of chats, held lists, interruptions."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import Conflict, NotFound
from core.reason import from_plain, read
from db_manager import Row, Transaction
from features.customer_list import actions, queries
from features.customer_list.jobs import sync_customers
from system import clock
from tests.features.customer_list.parts import open_parts, shown, write_list
from tests.features.naming import chat_with, shown_name
from web.services import Services

MEI, RAJ = "85251234567", "85251234568"


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Services]:
    opened = open_parts(tmp_path)
    yield opened
    opened.db.close()


def run_of(parts: Services, run_id: int | None) -> Row:
    assert run_id is not None
    with parts.db.read() as connection:
        row = queries.get_run(connection, run_id)
    assert row is not None
    return row


def all_runs(parts: Services) -> list[Row]:
    with parts.db.read() as connection:
        return queries.runs(connection, None, 100)


def counts(row: Row) -> tuple[int, int, int]:
    return row["added"], row["changed"], row["removed"]


def test_the_list_names_chats_that_exist_and_those_that_come_later(parts: Services) -> None:
    mei = chat_with(parts, MEI, "~mei~")
    write_list(parts, "51234567,Chan Mei,VIP", "51234568,Raj Patel,")
    run = run_of(parts, actions.sync(parts))
    assert (run["state"], run["rows_read"], counts(run)) == ("done", 2, (2, 0, 0))
    assert shown_name(parts, mei) == "Chan Mei"
    assert shown_name(parts, chat_with(parts, RAJ, "raj99")) == "Raj Patel"


def test_a_changed_and_a_blank_name_reach_the_chat(parts: Services) -> None:
    mei = chat_with(parts, MEI, "~mei~")
    write_list(parts, "51234567,Chan Mei,")
    actions.sync(parts)
    write_list(parts, "51234567,Chan Mei Ling,")
    assert counts(run_of(parts, actions.sync(parts))) == (0, 1, 0)
    assert shown_name(parts, mei) == "Chan Mei Ling"
    write_list(parts, "51234567,,no name any more")
    actions.sync(parts)
    assert shown_name(parts, mei) == "~mei~"


def test_browsers_are_told_once_a_batch_and_only_of_what_they_can_see(parts: Services, monkeypatch: Any) -> None:
    monkeypatch.setattr(actions, "ROWS_A_WRITE", 2)
    write_list(parts, "51230001,A,", "51230002,B,", "51230003,C,")
    actions.sync(parts)
    assert parts.feed.newest == 2
    write_list(parts, "51230009,Z,", "51230001,A,", "51230002,B,", "51230003,C,")
    actions.sync(parts)
    assert parts.feed.newest == 3  # three rows only moved
    with parts.db.read() as connection:
        kinds = {tuple(row.values()) for row in connection.execute("SELECT kind, origin FROM changes")}
    assert kinds == {("customers.updated", "sync")}


def test_an_unchanged_list_is_neither_read_nor_applied_again(parts: Services) -> None:
    write_list(parts, "51234567,Mei,")
    sync_customers(parts)
    assert not actions.is_due(parts)
    assert actions.sync(parts) is None
    os.utime(parts.config.customers_csv)
    assert actions.is_due(parts)
    sync_customers(parts)
    assert not actions.is_due(parts)
    assert len(all_runs(parts)) == 1


def test_a_customer_goes_after_two_reads_without_him_though_the_file_stays_the_same(parts: Services) -> None:
    raj = chat_with(parts, RAJ, "raj99")
    write_list(parts, "51234567,Mei,", "51234568,Raj,")
    sync_customers(parts)
    write_list(parts, "51234567,Mei,")
    sync_customers(parts)
    assert RAJ in shown(parts)
    assert shown_name(parts, raj) == "Raj"
    assert actions.is_due(parts)
    sync_customers(parts)
    assert shown(parts) == {MEI: "Mei"}
    assert shown_name(parts, raj) == "raj99"
    assert not actions.is_due(parts)
    assert [counts(run) for run in all_runs(parts)] == [(0, 0, 1), (0, 0, 0), (2, 0, 0)]
    write_list(parts, "51234567,Mei,", "51234568,Raj,")
    sync_customers(parts)
    assert shown_name(parts, raj) == "Raj"


def test_a_list_cut_in_half_is_held_until_a_person_confirms(parts: Services) -> None:
    rows = [f"5123{n:04d},Customer {n}," for n in range(40)]
    write_list(parts, *rows)
    actions.sync(parts)
    write_list(parts, *rows[:20], "59990000,Newcomer,")
    run = run_of(parts, actions.sync(parts))
    assert (run["state"], counts(run)) == ("held", (0, 0, 0))
    assert "20 of 40" in str(read(run["error"]))
    assert len(shown(parts)) == 40
    assert not actions.is_due(parts)
    assert actions.sync(parts) is None
    user_id = parts.db.write(owner)
    confirmed = run_of(parts, actions.sync(parts, confirm=run["id"], user_id=user_id))
    assert (confirmed["id"], confirmed["state"], counts(confirmed)) == (run["id"], "done", (1, 0, 20))
    assert len(shown(parts)) == 21
    with pytest.raises(Conflict, match="not waiting"):
        actions.sync(parts, confirm=run["id"], user_id=user_id)
    with parts.db.read() as connection:
        audited = connection.execute("SELECT user_id, action FROM audit_log").fetchall()
    assert [tuple(row.values()) for row in audited] == [(user_id, "customer_removals_confirmed")]


def owner(tx: Transaction) -> int:
    return int(
        tx.execute(
            "INSERT INTO users (email, name, role, created_at) VALUES ('ona@example.com', 'Ona', 'owner', 0)"
        ).lastrowid
        or 0
    )


def test_only_the_present_list_can_be_confirmed(parts: Services) -> None:
    rows = [f"5123{n:04d},Customer {n}," for n in range(40)]
    write_list(parts, *rows)
    actions.sync(parts)
    write_list(parts, *rows[:20])
    held = actions.sync(parts)
    write_list(parts, *rows[:10])
    with pytest.raises(Conflict, match="has changed"):
        actions.sync(parts, confirm=held)
    with pytest.raises(NotFound):
        actions.sync(parts, confirm=9999)
    write_list(parts, *rows)
    assert run_of(parts, actions.sync(parts))["state"] == "done"
    assert len(shown(parts)) == 40


def test_a_list_without_rows_is_held(parts: Services) -> None:
    write_list(parts, "51234567,Mei,")
    actions.sync(parts)
    write_list(parts)
    assert run_of(parts, actions.sync(parts))["state"] == "held"
    assert shown(parts) == {MEI: "Mei"}


def test_an_unreadable_list_is_one_failed_run_however_long_it_lasts_and_costs_nobody(parts: Services) -> None:
    write_list(parts, "51234567,Mei,")
    sync_customers(parts)
    Path(parts.config.customers_csv).rename(parts.config.customers_csv + ".away")
    for _ in range(3):
        sync_customers(parts)
    newest, first = all_runs(parts)
    assert (newest["state"], first["state"]) == ("failed", "done")
    assert "no file" in str(read(newest["error"]))
    write_list(parts, "51234567,Mei,", header="Fone,Nom,Note")
    sync_customers(parts)
    assert "phone numbers" in str(read(all_runs(parts)[0]["error"]))
    assert shown(parts) == {MEI: "Mei"}
    Path(parts.config.customers_csv + ".away").rename(parts.config.customers_csv)
    sync_customers(parts)
    assert not actions.is_due(parts)


def test_warnings_are_kept_with_the_run_and_capped(parts: Services) -> None:
    write_list(parts, *["8.5E+10,Tom,"] * 300, "51234567,Mei,")
    warnings = json.loads(run_of(parts, actions.sync(parts))["warnings"])
    assert len(warnings) == actions.MOST_WARNINGS + 1
    assert warnings[0] == {"row": 2, "reason": {"code": "list.shortened", "values": {"cell": "8.5E+10"}}}
    assert str(from_plain(warnings[-1]["reason"])) == "and 100 more like these"


def test_two_runs_at_once_are_refused(parts: Services, monkeypatch: Any) -> None:
    write_list(parts, "51234567,Mei,")
    problems: list[Exception] = []

    def press_again(source: Any, chosen: Any, services: Services) -> str:
        try:
            actions.sync(services)
        except Conflict as error:
            problems.append(error)
        return "fingerprint"

    monkeypatch.setattr(actions, "_fingerprint", press_again)
    actions.sync(parts)
    assert len(problems) == 1


def test_a_batch_applied_twice_changes_nothing_more(parts: Services) -> None:
    write_list(parts, "51234567,Mei,", "51234568,Raj,", "51230001,Tom,", "51230002,Zoe,")
    actions.sync(parts)
    batch = actions.Batch(
        changes=[actions.Customer(MEI, "Mei Ling", "{}", 2)], misses=[RAJ], removals=["85251230001"]
    )
    run_id = parts.db.write(lambda tx: queries.insert_run(tx.connection, "customers.csv", "d", 3, clock.now()))
    mirrors = []
    for _ in range(2):
        parts.db.write(lambda tx: actions.apply_batch(tx, run_id, batch, queries.values(batch.changes, run_id)))
        with parts.db.read() as connection:
            mirrors.append(queries.mirror(connection, 0))
    assert mirrors[0] == mirrors[1]
    assert mirrors[1][RAJ].missed == 1


class Stopped(Exception):
    """As if the process had ended here."""


@pytest.mark.parametrize("after", range(6))
def test_a_run_stopped_between_two_batches_ends_in_the_same_mirror(
    parts: Services, tmp_path: Path, monkeypatch: Any, after: int
) -> None:
    monkeypatch.setattr(actions, "ROWS_A_WRITE", 10)
    write_list(parts, *(f"5123{n:04d},Customer {n}," for n in range(40)))
    actions.sync(parts)
    rows = [f"5123{n:04d},Customer {n} {'new' if n % 2 else ''}," for n in range(3, 40)]
    write_list(parts, *rows, *(f"5999{n:04d},Newcomer {n}," for n in range(15)))
    apply_batch, calls = actions.apply_batch, []

    def stopping(tx: Transaction, run_id: int, batch: actions.Batch, rows: Any) -> None:
        calls.append(run_id)
        if len(calls) > after:
            raise Stopped
        apply_batch(tx, run_id, batch, rows)

    monkeypatch.setattr(actions, "apply_batch", stopping)
    with pytest.raises(Stopped):
        actions.sync(parts)
    monkeypatch.setattr(actions, "apply_batch", apply_batch)
    assert all_runs(parts)[0]["state"] == "running"
    assert actions.is_due(parts)
    run = run_of(parts, actions.sync(parts))
    assert (run["id"], run["state"], counts(run)) == (calls[0], "done", (15, 19, 0))
    assert len(shown(parts)) == 55  # three are missing for the first time
    actions.sync(parts)
    assert len(shown(parts)) == 52
    assert shown(parts)["85251230005"] == "Customer 5 new"


def test_a_confirmed_run_that_is_interrupted_asks_again(parts: Services, monkeypatch: Any) -> None:
    def stopping(*_: Any) -> None:
        raise Stopped

    rows = [f"5123{n:04d},Customer {n}," for n in range(40)]
    write_list(parts, *rows)
    actions.sync(parts)
    write_list(parts, *rows[:20])
    held = actions.sync(parts)
    with monkeypatch.context() as patch:
        patch.setattr(actions, "apply_batch", stopping)
        with pytest.raises(Stopped):
            actions.sync(parts, confirm=held)
    assert actions.is_due(parts)
    sync_customers(parts)
    assert run_of(parts, held)["state"] == "held"
    assert len(shown(parts)) == 40


def test_an_interrupted_run_gives_way_to_a_newer_list(parts: Services, monkeypatch: Any) -> None:
    def stopping(*_: Any) -> None:
        raise Stopped

    write_list(parts, "51234567,Mei,")
    with monkeypatch.context() as patch:
        patch.setattr(actions, "apply_batch", stopping)
        with pytest.raises(Stopped):
            actions.sync(parts)
    write_list(parts, "51234568,Raj,")
    actions.sync(parts)
    assert [run["state"] for run in all_runs(parts)] == ["done", "failed"]
    assert shown(parts) == {RAJ: "Raj"}


KILLED = """
import os, signal, sys
from pathlib import Path
from features.customer_list import actions
from tests.features.customer_list.parts import open_parts

parts, calls, apply_batch = open_parts(Path(sys.argv[1])), [], actions.apply_batch

def dying(tx, run_id, batch, rows):
    calls.append(1)
    apply_batch(tx, run_id, batch, rows)
    if len(calls) == 3:
        os.kill(os.getpid(), signal.SIGKILL)

actions.apply_batch = dying
actions.sync(parts)
"""


def test_a_process_killed_inside_a_batch_loses_nothing(tmp_path: Path) -> None:
    parts = open_parts(tmp_path)
    write_list(parts, *(f"5{n:07d},Customer {n}," for n in range(2000)))
    parts.db.close()
    root = Path(actions.__file__).parents[2]
    process = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=root, timeout=60)
    assert process.returncode == -signal.SIGKILL
    parts = open_parts(tmp_path)
    try:
        assert len(shown(parts)) == 2 * actions.ROWS_A_WRITE
        run = run_of(parts, actions.sync(parts))
        assert (run["state"], counts(run)) == ("done", (2000, 0, 0))
        assert shown(parts) == {f"8525{n:07d}": f"Customer {n}" for n in range(2000)}
    finally:
        parts.db.close()


def test_old_runs_are_forgotten(parts: Services, monkeypatch: Any) -> None:
    monkeypatch.setattr(actions, "RUNS_KEPT", 3)
    for n in range(6):
        write_list(parts, f"51234567,Mei {n},")
        actions.sync(parts)
    assert len(all_runs(parts)) == 3
    assert shown(parts) == {MEI: "Mei 5"}
