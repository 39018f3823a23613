"""Backup, restore, and the lock that keeps a second server away."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

import pytest

import db_manager
from core.errors import SetupError
from db_manager import Database, sqlite3
from features.changes.queries import bounds
from tests.db.parts import count, insert_change, made


def test_a_backup_under_writes_holds_everything_acknowledged_before_it(empty_database: Database, tmp_path: Path) -> None:
    stop = threading.Event()

    def keep_writing() -> None:
        while not stop.is_set():
            empty_database.write(insert_change)

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        for number in range(5):
            before = count(empty_database)
            target = tmp_path / f"copy{number}.db"
            db_manager.backup(empty_database.path, target)
            with contextlib.closing(sqlite3.connect(target)) as copy:
                assert copy.execute("SELECT count(*) FROM changes").fetchone()[0] >= before
            assert db_manager.check(target) == []
    finally:
        stop.set()
        writer.join(5)


def test_after_a_restore_every_open_browser_is_told_to_reload(tmp_path: Path) -> None:
    path = made(tmp_path)
    db_manager.backup(path, tmp_path / "copy.db")
    database = Database(path).open()
    for _ in range(50):
        database.write(insert_change)
    with database.read() as connection:
        newest_seen = bounds(connection)[0]
    database.close()
    kept = db_manager.restore(path, tmp_path / "copy.db")
    assert kept is not None and kept.exists()
    database = Database(path).open()
    with database.read() as connection:
        newest, oldest = bounds(connection)
    assert oldest > newest_seen
    database.write(insert_change)
    with database.read() as connection:
        assert bounds(connection)[0] > newest
    database.close()


def test_restore_refuses_while_a_server_holds_the_folder(tmp_path: Path) -> None:
    path = made(tmp_path)
    db_manager.backup(path, tmp_path / "copy.db")
    with db_manager.hold_data_folder(tmp_path), pytest.raises(SetupError, match="Another server"):
        db_manager.restore(path, tmp_path / "copy.db")


def test_restore_refuses_what_is_not_a_sound_backup(tmp_path: Path) -> None:
    path = made(tmp_path)
    before = path.read_bytes()
    (tmp_path / "junk.db").write_bytes(b"junk" * 1000)
    with pytest.raises(SetupError):
        db_manager.restore(path, tmp_path / "junk.db")
    assert path.read_bytes() == before


def test_a_second_server_is_refused_after_waiting(tmp_path: Path) -> None:
    with db_manager.hold_data_folder(tmp_path), pytest.raises(SetupError, match="Another server"):
        with db_manager.hold_data_folder(tmp_path, wait_s=0.2):
            pass
