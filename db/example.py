"""`chat_history.db.example`: the schema of the migrations and nothing else."""

from __future__ import annotations

import contextlib
from pathlib import Path

from db.connection import connect, connect_read_only
from db.migrations import migrate

EXAMPLE = Path(__file__).parent.parent / "chat_history.db.example"


def make_example(target: Path = EXAMPLE) -> None:
    """The same bytes whenever it is made of the same migrations by the same SQLite."""
    target.unlink(missing_ok=True)
    with contextlib.closing(connect(target, "delete")) as connection:
        migrate(connection)
        connection.execute("UPDATE schema_migrations SET applied_at = 0")
        connection.execute("VACUUM")


def schema_of(path: Path) -> list[tuple[str, str]]:
    """(name, SQL) of every table and index, sorted: to compare two files."""
    with contextlib.closing(connect_read_only(path)) as connection:
        rows = connection.execute("SELECT name, coalesce(sql, '') AS sql FROM sqlite_schema ORDER BY name").fetchall()
    return [(row["name"], row["sql"]) for row in rows]
