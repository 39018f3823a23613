"""A copy of the live database."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from core.errors import StorageError
from db.check import check
from db.connection import connect_read_only, sqlite3
from system import files


def backup(path: Path, target: Path) -> None:
    """An online copy of a live database: complete, checked, and in its place only when it is both.

    Raises StorageError; `target` is then untouched.
    """
    temporary = target.with_name(f".{target.name}.partial")
    try:
        temporary.unlink(missing_ok=True)
        with contextlib.closing(connect_read_only(path)) as source:
            with contextlib.closing(sqlite3.connect(temporary)) as copy:
                source.backup(copy)  # one step, one snapshot: in WAL mode the writer goes on meanwhile
                copy.execute("PRAGMA journal_mode=delete")  # one file, nothing beside it
        temporary.chmod(0o600)  # it holds customers' messages
        if problems := check(temporary):
            raise StorageError("The backup is not sound: {problem}", problem=problems[0])
        descriptor = os.open(temporary, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, target)
        files.sync_folder(target.parent)
    except (sqlite3.Error, OSError) as error:
        raise StorageError("The backup could not be made: {problem}", problem=str(error)) from error
    finally:
        temporary.unlink(missing_ok=True)
