"""Is this file ours, not too new, and in order as far as a quick look can tell? It reads a few pages, whatever the size.

A full look takes seconds a hundred megabytes, so it is the night's (`check.py`). Who meets damage in between leaves a note in
the marker, and only then the next start looks at everything.
"""

from __future__ import annotations

from pathlib import Path

from core.errors import SetupError
from db import marker
from db.connection import Connection, sqlite3

APPLICATION_ID = 0x57414958  # "WAIX" in the header: this file is ours


def refuse_unusable(path: Path) -> None:
    """Before it is opened: SQLite takes an empty or vanished file without complaint; the marker knows that there was more."""
    beside = marker.path_beside(path)
    size = path.stat().st_size if path.exists() else -1
    if beside.exists() and size <= 0:
        raise SetupError(
            f"The database {path.name} is {'empty' if size == 0 else 'missing'}, but this folder has held one."
            " Nothing was changed. Restore a backup (flask --app app db restore PATH),"
            f" or remove {beside.name} to start anew on purpose."
        )
    if size > 0:
        with path.open("rb") as file:
            header = file.read(16)
        if size < 512 or header != b"SQLite format 3\x00":
            raise SetupError(f"{path.name} is not a SQLite database (damaged header). Nothing was changed.")


def refuse_strange(connection: Connection, path: Path) -> None:
    """Once it is open. SQLite itself refuses a file that is shorter than its header says."""
    known = marker.read(path)
    try:
        tables = [row["name"] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        if not tables:
            return
        if application_id(connection) != APPLICATION_ID:
            raise SetupError(f"{path.name} is a database of another program. Nothing was changed.")
        for table in tables:  # its root and its first page
            connection.execute(f'SELECT * FROM "{table}" LIMIT 1').fetchone()
        if known and "damage" in known:
            _look_at_everything(connection, path)
        inside = marker.installation_in(connection)
    except sqlite3.Error as error:
        raise SetupError(f"{path.name} cannot be read ({error}). Nothing was changed. Restore a backup.") from error
    if known and inside and known.get("installation") not in (None, inside):
        raise SetupError(
            f"{path.name} belongs to another installation than {marker.path_beside(path).name}. Nothing was changed."
            " To take it over on purpose use: flask --app app db restore PATH."
        )


def _look_at_everything(connection: Connection, path: Path) -> None:
    problem = connection.execute("PRAGMA integrity_check(1)").fetchone()["integrity_check"]
    if problem != "ok":
        raise SetupError(f"{path.name} is damaged ({problem}). Nothing was changed. Restore a backup.")
    marker.forget_damage(path)


def application_id(connection: Connection) -> int:
    return int(connection.execute("PRAGMA application_id").fetchone()["application_id"])
