"""The schema's way forward: numbered files of SQL, each applied once, with its record, in one transaction.

By SQLite's own recipe (https://sqlite.org/lang_altertable.html#otheralter), so a file may rebuild a table that others refer to.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from core.errors import SetupError
from db.connection import Connection, sqlite3
from db.opening import APPLICATION_ID
from system import clock

MIGRATIONS_DIR = Path(__file__).parent.parent / "migrations"
_NUMBERED = "[0-9][0-9][0-9][0-9]_*.sql"


def migration_files(folder: Path = MIGRATIONS_DIR) -> list[Path]:
    """By number: those of the whole, and those that a feature brings for its own tables (`features/<name>/migrations/`).

    Raises SetupError when two have one number: which comes first would be chance, and of two with one name only one be applied.
    """
    found = sorted(
        [*folder.glob(_NUMBERED), *folder.parent.glob(f"features/*/migrations/{_NUMBERED}")], key=lambda file: file.name
    )
    for one, next_one in pairwise(found):
        if one.name[:4] == next_one.name[:4]:
            raise SetupError(f"Two migrations have the number {one.name[:4]}: {one.stem} and {next_one.stem}.")
    return found


def pending_migrations(connection: Connection, folder: Path = MIGRATIONS_DIR) -> list[Path]:
    """Files not yet applied, in order. Raises SetupError when the database knows some that this program lacks."""
    files = migration_files(folder)
    try:
        applied = {row["name"] for row in connection.execute("SELECT name FROM schema_migrations")}
    except sqlite3.OperationalError:
        applied = set()
    if unknown := applied - {file.stem for file in files}:
        raise SetupError(
            f"The database was made by a newer version ({', '.join(sorted(unknown))}). Nothing was changed."
            " Install that version again, or restore a backup of this one."
        )
    return [file for file in files if file.stem not in applied]


def migrate(connection: sqlite3.Connection, folder: Path = MIGRATIONS_DIR) -> list[str]:
    """Apply what is pending and return its names. A kill leaves all of a file or nothing of it. Raises SetupError."""
    done = []
    for file in pending_migrations(connection, folder):
        connection.execute("PRAGMA foreign_keys=OFF")  # inside a transaction it would do nothing
        try:
            connection.execute("BEGIN IMMEDIATE")
            _apply(connection, file)
            connection.execute("COMMIT")
        except (sqlite3.Error, SetupError) as error:
            with contextlib.suppress(sqlite3.Error):
                connection.rollback()
            raise SetupError(f"Migration {file.stem} failed and was undone: {error}") from error
        finally:
            connection.execute("PRAGMA foreign_keys=ON")
        done.append(file.stem)
    return done


def _apply(connection: Connection, file: Path) -> None:
    connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT"
    )
    for statement in _statements(file.read_text()):
        connection.execute(statement)
    if broken := connection.execute("PRAGMA foreign_key_check").fetchone():
        raise SetupError(f"a row would refer to nothing: {dict(broken)}")
    connection.execute(
        "INSERT INTO schema_migrations (name, applied_at) VALUES (:name, :now)", {"name": file.stem, "now": clock.now()}
    )
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")


def _statements(script: str) -> Iterator[str]:
    """`executescript` would commit first; a migration must be one transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if re.sub(r"--[^\n]*", "", statement).strip():
        raise SetupError("A migration ends in an unfinished statement.")
