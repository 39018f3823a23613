"""The full look at a file: its time grows with its size, so it is the night's, a command's and a backup's."""

from __future__ import annotations

import contextlib
from pathlib import Path

from db.connection import connect_read_only, sqlite3


def check(path: Path) -> list[str]:
    """The full integrity and foreign key check; an empty list is good. quick_check overlooks missing index rows."""
    try:
        with contextlib.closing(connect_read_only(path)) as connection:
            found = [row["integrity_check"] for row in connection.execute("PRAGMA integrity_check")]
            problems = [problem for problem in found if problem != "ok"]
            problems += [f"foreign key: {dict(row)}" for row in connection.execute("PRAGMA foreign_key_check")]
    except sqlite3.Error as error:
        return [str(error)]
    return problems
