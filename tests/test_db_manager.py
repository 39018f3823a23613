"""HOW we talk to SQLite: group commit, savepoints, storage errors. (tests/db has the rest.)"""

from __future__ import annotations

import contextlib
import functools
import logging
import threading

import pytest

import db_manager
from core.errors import StorageError
from db import writer
from db_manager import Connection, Database, Transaction, sqlite3
from tests.db.parts import count, insert_change


def test_this_sqlite_is_free_of_the_wal_reset_bug() -> None:
    assert db_manager.wal_is_safe(), sqlite3.sqlite_version


@pytest.mark.parametrize(
    ("version", "safe"),
    [((3, 40, 1), False), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 53, 4), True), ((3, 50, 7), True),
     ((3, 50, 6), False), ((3, 44, 6), True), ((3, 44, 5), False), ((3, 45, 0), False)],
)  # fmt: skip
def test_versions_with_the_wal_reset_bug_are_known(version: tuple[int, ...], safe: bool) -> None:
    assert db_manager.wal_is_safe(version) is safe


def test_pragmas_of_writer_and_readers(empty_database: Database) -> None:
    names = ("synchronous", "journal_mode", "foreign_keys", "trusted_schema")
    writer = empty_database.write(lambda tx: [tx.execute(f"PRAGMA {name}").fetchone()[0] for name in names])
    assert writer == [2, "wal", 1, 0]
    with empty_database.read() as connection, pytest.raises(sqlite3.OperationalError):
        connection.execute("DELETE FROM changes")


def test_statements_that_take_turns_are_parsed_once(empty_database: Database) -> None:
    """SQLite asks its authorizer once for each parsing."""
    turn = [f"SELECT seq, {number} FROM changes" for number in range(7)]
    parsed: list[str] = []

    def note(*_: object) -> int:
        parsed.append("one")
        return sqlite3.SQLITE_OK

    def say(tx: Transaction) -> tuple[int, int]:
        for number in range(500):  # as many as the whole product has, and more
            tx.execute(f"SELECT {number} FROM changes")
        tx.connection.set_authorizer(note)
        counts = []
        for _ in range(3):
            for sql in turn:
                tx.execute(sql)
            counts.append(len(parsed))
        return counts[0], counts[2]

    first, all_three = empty_database.write(say)
    assert first > 0 and all_three == first


def test_a_write_function_that_raises_undoes_itself_alone(empty_database: Database) -> None:
    release = threading.Event()
    results: list[object] = []

    def good() -> None:
        results.append(empty_database.write(insert_change))

    def bad() -> None:
        def fn(tx: Transaction) -> None:
            insert_change(tx)
            raise ValueError("mine")

        with pytest.raises(ValueError, match="mine"):
            empty_database.write(fn)
        results.append("raised")

    def hold(tx: Transaction) -> None:
        release.wait(5)

    threads = [threading.Thread(target=target) for target in (lambda: empty_database.write(hold), good, bad, good)]
    for thread in threads:
        thread.start()
    release.set()
    for thread in threads:
        thread.join(5)
    assert count(empty_database) == 2
    assert results.count("raised") == 1


def test_callers_that_wait_share_one_commit(empty_database: Database) -> None:
    commits: list[str] = []
    empty_database.write(lambda tx: tx.connection.set_trace_callback(commits.append))
    started, release = threading.Event(), threading.Event()

    def hold(tx: Transaction) -> None:
        started.set()
        release.wait(5)

    holder = threading.Thread(target=lambda: empty_database.write(hold))
    holder.start()
    started.wait(5)
    writers = [threading.Thread(target=lambda: empty_database.write(insert_change)) for _ in range(20)]
    for thread in writers:
        thread.start()
    while empty_database.waiting_writes() < 20:
        pass
    commits.clear()
    release.set()
    for thread in [holder, *writers]:
        thread.join(5)
    assert count(empty_database) == 20
    assert sum(sql.startswith("COMMIT") for sql in commits) == 2  # the holder's, and one for all twenty


def test_a_failing_commit_fails_every_caller_of_its_group(empty_database: Database) -> None:
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = 13

    def disk_full(tx: Transaction) -> None:
        insert_change(tx)
        raise full

    with pytest.raises(StorageError):
        empty_database.write(disk_full)
    assert count(empty_database) == 0
    assert empty_database.last_storage_error is not None
    empty_database.write(insert_change)  # the same connection works again
    assert empty_database.last_storage_error is None


def test_a_storage_error_is_never_taken_for_an_error_of_the_data(empty_database: Database) -> None:
    full = sqlite3.OperationalError("disk I/O error")
    full.sqlite_errorcode = 10

    def failing() -> None:
        raise full

    def fn(tx: Transaction) -> None:
        insert_change(tx)
        tx.attempt(failing)

    with pytest.raises(StorageError):
        empty_database.write(fn)
    assert count(empty_database) == 0


def test_an_attempt_that_fails_leaves_its_neighbours(empty_database: Database) -> None:
    def fn(tx: Transaction) -> Exception | None:
        tx.attempt(lambda: insert_change(tx))
        error = tx.attempt(lambda: tx.execute("INSERT INTO changes (kind, origin, at) VALUES ('x', NULL, 1)"))
        tx.attempt(lambda: insert_change(tx))
        return error

    assert isinstance(empty_database.write(fn), sqlite3.IntegrityError)
    assert count(empty_database) == 2


def test_signals_are_set_only_after_the_commit(empty_database: Database) -> None:
    def fails(tx: Transaction) -> None:
        tx.wake("outbox")
        raise ValueError

    with contextlib.suppress(ValueError):
        empty_database.write(fails)
    assert empty_database.signal("outbox").wait(0) is False
    empty_database.write(lambda tx: tx.wake("outbox"))
    assert empty_database.signal("outbox").wait(1) is True


def test_nested_writes_are_refused(empty_database: Database) -> None:
    with pytest.raises(RuntimeError, match="inside a write function"):
        empty_database.write(lambda tx: empty_database.write(insert_change))


def test_a_closed_database_says_so(empty_database: Database) -> None:
    empty_database.write(insert_change)
    empty_database.close()
    with pytest.raises(StorageError):
        empty_database.write(insert_change)
    with pytest.raises(StorageError), empty_database.read():
        pass


def test_what_a_write_function_needs_is_passed_on(empty_database: Database) -> None:
    def add(tx: Transaction, kind: str, *, times: int) -> int:
        for _ in range(times):
            insert(tx, kind)
        return times

    def insert(connection: Connection, kind: str) -> None:
        """As a function of `queries.py`: it runs on a reader's connection and in a transaction."""
        connection.execute("INSERT INTO changes (kind, origin, at) VALUES (:kind, 'live', 1)", {"kind": kind})

    assert empty_database.write(add, "two", times=2) == 2
    empty_database.write_later(insert, "later")
    empty_database.write(insert, "one")
    with empty_database.read() as connection:
        kinds = [row["kind"] for row in connection.execute("SELECT kind FROM changes ORDER BY seq")]
    assert kinds == ["two", "two", "later", "one"]


def test_a_slow_write_function_is_named_in_the_log(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(writer, "SLOW_WRITE_S", -1)
    with caplog.at_level(logging.WARNING):
        empty_database.write(insert_change)
        empty_database.write(functools.partial(insert_change))
    assert [record.__dict__["function"] for record in caplog.records] == ["insert_change"] * 2
