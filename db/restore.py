"""A backup put in the place of the database."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from pathlib import Path

from core.errors import SetupError
from db import marker
from db.check import check
from db.connection import Connection, connect, connect_read_only, sqlite3
from db.lock import hold_data_folder
from db.migrations import pending_migrations
from db.opening import APPLICATION_ID, application_id
from system import clock, files


def restore(path: Path, source: Path) -> Path | None:
    """Put a backup in the place of the database; the server must be stopped. Returns where the old file was kept.

    Open browsers hold sequence numbers of the old file. The restored one starts above all of them with an empty log of
    changes, so every browser is told to reload. Raises SetupError; the database is then untouched.
    """
    with hold_data_folder(path.parent, wait_s=0):
        if not source.is_file():
            raise SetupError(f"There is no backup at {source}.")
        if problems := check(source):
            raise SetupError(f"{source.name} is not a sound database: {problems[0]}")
        temporary = path.with_name(f".{path.name}.restoring")
        temporary.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, temporary)
        with contextlib.closing(connect(temporary, "delete")) as connection:
            if application_id(connection) != APPLICATION_ID:
                raise SetupError(f"{source.name} is not a backup of this program.")
            pending_migrations(connection)
            _begin_changes_at(connection, max(_highest_change(connection), _highest_change_in(path)) + 1000)
        kept = _set_aside(path)
        os.replace(temporary, path)
        files.sync_folder(path.parent)
        marker.remove(path)
        return kept


def _begin_changes_at(connection: Connection, seq: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("DELETE FROM changes")
    connection.execute("DELETE FROM sqlite_sequence WHERE name = 'changes'")
    connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('changes', :seq)", {"seq": seq})
    connection.execute("COMMIT")


def _highest_change(connection: Connection) -> int:
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'changes'").fetchone()
    return int(row["seq"]) if row else 0


def _highest_change_in(path: Path) -> int:
    """Of the file about to be replaced; unreadable ones get a leap that no shop reaches in years."""
    if not path.exists() or path.stat().st_size == 0:
        return 1_000_000
    try:
        with contextlib.closing(connect_read_only(path)) as connection:
            return _highest_change(connection)
    except sqlite3.Error:
        return 1_000_000_000


def _set_aside(path: Path) -> Path | None:
    """Keep the replaced file with its WAL: a restore by mistake must be undoable."""
    kept = None
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(clock.now()))
    for suffix in ("", "-wal", "-shm"):
        old = path.with_name(path.name + suffix)
        if old.exists():
            aside = path.with_name(f"{path.name}.replaced-{stamp}{suffix}")
            os.replace(old, aside)
            kept = kept or aside
    return kept
