"""Rows that wait: who gets which, and when."""

from __future__ import annotations

import pytest

from db.row_queue import RowQueue
from db_manager import Connection, Database

QUEUE = RowQueue("jobs", key="id", waiting="state = 'open'", order="id DESC", claiming="claimed_at = :now, tries = tries + 1")


@pytest.fixture
def db(empty_database: Database) -> Database:
    empty_database.write(prepare)
    return empty_database


def prepare(connection: Connection) -> None:
    connection.execute(
        "CREATE TABLE jobs (id INTEGER PRIMARY KEY, state TEXT DEFAULT 'open', next_attempt_at INTEGER, claimed_at INTEGER,"
        " tries INTEGER DEFAULT 0)"
    )
    for due in (10, 20, 30):
        connection.execute("INSERT INTO jobs (next_attempt_at) VALUES (:due)", {"due": due})


def next_due(db: Database, stale_before: int = 0) -> int | None:
    with db.read() as connection:
        return QUEUE.next_due(connection, stale_before)


def test_what_is_due_is_claimed_once_in_the_order_of_the_queue(db: Database) -> None:
    assert next_due(db) == 10
    claimed = [db.write(QUEUE.claim, 25) for _ in range(3)]
    assert [row and (row["id"], row["tries"]) for row in claimed] == [(2, 1), (1, 1), None]
    assert next_due(db) == 30
    assert db.write(QUEUE.claim, 30) is not None
    assert next_due(db) is None


def test_a_stale_claim_counts_as_none(db: Database) -> None:
    first = db.write(QUEUE.claim, 10)
    assert first is not None
    assert db.write(QUEUE.claim, 15, stale_before=10) is None
    assert next_due(db, stale_before=11) == 10
    again = db.write(QUEUE.claim, 15, stale_before=11)
    assert again is not None and (again["id"], again["tries"]) == (first["id"], 2)


def test_a_start_releases_claims_of_what_still_waits(db: Database) -> None:
    for _ in range(3):
        db.write(QUEUE.claim, 30)
    db.write(lambda tx: tx.execute("UPDATE jobs SET state = 'done' WHERE id = 1"))
    db.write(QUEUE.release_claims)
    assert next_due(db) == 20
    with db.read() as connection:
        claims = [row["claimed_at"] for row in connection.execute("SELECT claimed_at FROM jobs ORDER BY id")]
    assert claims == [30, None, None]


def test_hurry_makes_what_waits_due_now_and_leaves_the_rest(db: Database) -> None:
    db.write(lambda tx: tx.execute("UPDATE jobs SET state = 'done' WHERE id = 3"))
    db.write(QUEUE.hurry, 15)
    with db.read() as connection:
        due = [row["next_attempt_at"] for row in connection.execute("SELECT next_attempt_at FROM jobs ORDER BY id")]
    assert due == [10, 15, 30]
