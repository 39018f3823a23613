"""Which files are refused at the start, by a look that does not grow with the file, and what is found out later."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

import db_manager
from core.errors import SetupError, StorageError
from db_manager import Database, sqlite3
from features.backups import actions as backups
from tests.db.parts import made


def test_an_emptied_file_is_not_replaced(tmp_path: Path) -> None:
    path = made(tmp_path)
    path.write_bytes(b"")
    with pytest.raises(SetupError, match="empty"):
        Database(path).open()
    assert path.read_bytes() == b""


def test_a_vanished_file_is_not_replaced(tmp_path: Path) -> None:
    path = made(tmp_path)
    path.unlink()
    with pytest.raises(SetupError, match="missing"):
        Database(path).open()
    assert not path.exists()


@pytest.mark.parametrize("damage", ["header", "schema", "first pages", "truncated"])
def test_a_damaged_file_is_refused_and_left_alone(tmp_path: Path, damage: str) -> None:
    path = made(tmp_path)
    data = bytearray(path.read_bytes())
    if damage == "header":
        data[:100] = b"\xee" * 100
    elif damage == "schema":
        data[100:4096] = b"\xee" * 3996
    elif damage == "first pages":
        data[4096:12288] = b"\xee" * 8192
    else:
        data = data[: len(data) // 2 + 7]
    path.write_bytes(data)
    with pytest.raises(SetupError):
        Database(path).open()
    assert path.read_bytes() == bytes(data)


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO schema_migrations VALUES ('9999_future', 1)")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(SetupError, match="newer version"):
        Database(path).open()
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "chat_history.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (id INTEGER)")
    with pytest.raises(SetupError, match="another program"):
        Database(path).open()


def test_another_installation_is_not_taken_over_silently(tmp_path: Path) -> None:
    here, there = made(tmp_path / "a"), made(tmp_path / "b")
    here.write_bytes(there.read_bytes())
    with pytest.raises(SetupError, match="another installation"):
        Database(here).open()


# ---------------------------------------------------------------- a file too large to be looked at while people wait


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A thousand deliveries of 8 KB: the rows of `webhook_deliveries` lie on pages of their own."""
    path = made(tmp_path)
    with contextlib.closing(Database(path).open()) as database:
        database.write(
            lambda tx: tx.execute(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
                " INSERT INTO webhook_deliveries (id, digest, body, received_at, state)"
                " SELECT i, randomblob(32), zeroblob(8192), 0, 'applied' FROM n"
            )
        )
    return path


@contextlib.contextmanager
def pages_read(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements that a start runs."""
    from db import database

    said: list[str] = []
    connect = database.connect

    def listening(path: Path, journal_mode: str, *, query_only: bool = False) -> sqlite3.Connection:
        connection = connect(path, journal_mode, query_only=query_only)
        connection.set_trace_callback(said.append)
        return connection

    monkeypatch.setattr(database, "connect", listening)
    yield said
    monkeypatch.undo()


def test_a_start_does_not_look_at_the_whole_file(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pages_read(monkeypatch) as said:
        Database(large).open().close()
    assert said and not [sql for sql in said if "_check" in sql]
    db_manager.note_damage(large, "somebody met damage")
    with pages_read(monkeypatch) as said:
        Database(large).open().close()
    assert [sql for sql in said if "integrity_check" in sql]


def harm(path: Path) -> None:
    """In the last pages that hold rows: nothing that is read at the start."""
    data = bytearray(path.read_bytes())
    with contextlib.closing(sqlite3.connect(path)) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'webhook_deliveries'").fetchone()[0]
    leaves = [
        start for start in range(page * 4096, len(data), 4096) if data[start] == 0x0D and data[start + 3 : start + 5] != b"\0\0"
    ]
    data[leaves[-1] : leaves[-1] + 4096] = b"\xee" * 4096
    path.write_bytes(data)


def test_damage_that_a_start_cannot_see_is_met_by_the_first_read_and_refused_by_the_next_start(large: Path) -> None:
    harm(large)
    with contextlib.closing(Database(large).open()) as database:
        with pytest.raises(StorageError), database.read() as connection:
            connection.execute("SELECT sum(length(body)), max(error) FROM webhook_deliveries").fetchone()
    with pytest.raises(SetupError, match="is damaged"):
        Database(large).open()


def test_damage_is_found_at_night_and_refused_by_the_next_start(large: Path, caplog: pytest.LogCaptureFixture) -> None:
    harm(large)
    with contextlib.closing(Database(large).open()) as database, caplog.at_level(logging.CRITICAL):
        assert backups.check_nightly(database)
    assert "damaged" in caplog.text
    before = large.read_bytes()
    with pytest.raises(SetupError, match="is damaged"):
        Database(large).open()
    assert large.read_bytes() == before


def test_a_note_of_damage_is_forgotten_once_the_file_is_sound(large: Path) -> None:
    marker = large.with_name("installation.json")
    before = json.loads(marker.read_text())
    db_manager.note_damage(large, "a disk that was away for a moment")
    assert json.loads(marker.read_text()) != before
    Database(large).open().close()
    assert json.loads(marker.read_text()) == before


def test_a_restore_ends_the_refusal(large: Path, tmp_path: Path) -> None:
    db_manager.backup(large, tmp_path / "copy.db")
    harm(large)
    db_manager.note_damage(large, "met")
    db_manager.restore(large, tmp_path / "copy.db")
    Database(large).open().close()
    assert db_manager.check(large) == []
