"""The write-ahead log stays small: our readers leave no snapshot behind, and a stranger's is told and outlived."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path
from typing import Any

import pytest

from benchmarks.traffic import Shop
from db import database, readers
from db_manager import Database, sqlite3
from features.webhooks.actions import deliver


def wal(db: Database) -> Path:
    return db.path.with_name("chat_history.db-wal")


def is_free(db: Database) -> bool:
    """True when a checkpoint finds nobody who reads in the log."""
    with contextlib.closing(sqlite3.connect(db.path, isolation_level=None, timeout=0)) as connection:
        return tuple(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()) == (0, 0, 0)


def test_no_reader_of_ours_holds_a_snapshot_after_its_request(empty_database: Database) -> None:
    """Not even when a cursor half-way through its rows is kept, or the request fails."""
    db, kept = empty_database, list[Any]()
    rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i, name FROM n, schema_migrations"
    for number in range(readers.READERS + 2):
        db.write(lambda tx: tx.execute("INSERT INTO changes (kind, origin, at) VALUES ('x', 'live', 1)"))
        with contextlib.suppress(ZeroDivisionError), db.read() as connection:
            kept.append(connection.execute(rows))
            kept[-1].fetchone()
            assert not is_free(db)  # in the request it does
            1 / (number % 2)
        assert is_free(db)


def test_the_log_outgrows_its_limit_only_while_a_stranger_reads(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    db, shop = empty_database, Shop("wal")
    limit = 1024 * 1024
    monkeypatch.setattr(database, "LARGEST_WAL", limit)
    with contextlib.closing(sqlite3.connect(db.path, isolation_level=None)) as stranger:
        stranger.execute("BEGIN")
        stranger.execute("SELECT count(*) FROM messages").fetchall()
        for number in range(2000):
            deliver(db, shop.next_message()[1])
            if number == 1000:
                with caplog.at_level(logging.WARNING):
                    db.tend_wal()
        assert "old snapshot" in caplog.text
        grown = wal(db).stat().st_size
        assert grown > 10 * limit
        assert stranger.execute("SELECT count(*) FROM messages").fetchone()[0] == 0  # its snapshot, undisturbed
    caplog.clear()
    db.tend_wal()
    assert wal(db).stat().st_size == 0 and caplog.text == ""
    with db.read() as connection:
        assert connection.execute("SELECT count(*) FROM messages").fetchone()[0] == 2000
