"""`installation.json` beside the database: that there is one, whose it is, and that damage was met in it."""

from __future__ import annotations

import contextlib
import json
import logging
import secrets
from pathlib import Path
from typing import Any

from core.errors import SetupError
from db.connection import Connection, sqlite3
from system import clock, files

log = logging.getLogger("inbox.db")


def path_beside(database: Path) -> Path:
    return database.with_name("installation.json")


def read(database: Path) -> dict[str, Any] | None:
    """{installation, since, damage?}, None when there is none. Raises SetupError when it cannot be read."""
    marker = path_beside(database)
    try:
        known = json.loads(marker.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise SetupError(f"{marker.name} cannot be read ({error}).") from error
    return known if isinstance(known, dict) else {}


def installation_in(connection: Connection) -> str | None:
    """The id that the database itself holds. Raises sqlite3.DatabaseError when it is damaged."""
    try:
        row = connection.execute("SELECT value FROM settings WHERE key = 'installation'").fetchone()
    except sqlite3.OperationalError:  # older than the table
        return None
    return json.loads(row["value"]) if row else None


def keep(connection: Connection, database: Path) -> None:
    """Both know the same id from now on."""
    installation = installation_in(connection)
    if installation is None:
        installation = secrets.token_hex(8)
        connection.execute(
            "INSERT INTO settings (key, value, updated_at) VALUES ('installation', :value, :now)",
            {"value": json.dumps(installation), "now": clock.now()},
        )
    if not path_beside(database).exists():
        _put(database, {"installation": installation, "since": clock.iso(clock.now())})


def remove(database: Path) -> None:
    """The next start writes it anew, from what is inside the database."""
    path_beside(database).unlink(missing_ok=True)


def note_damage(database: Path, problem: str) -> None:
    """Whoever meets damage says so here: the next start then looks at the whole file. Never raises."""
    with contextlib.suppress(SetupError, OSError):
        known = read(database)
        if known is not None and "damage" not in known:
            _put(database, known | {"damage": problem, "damage_met_at": clock.iso(clock.now())})


def forget_damage(database: Path) -> None:
    known = read(database)
    if known is not None and "damage" in known:
        _put(database, {key: value for key, value in known.items() if not key.startswith("damage")})


def _put(database: Path, known: dict[str, Any]) -> None:
    files.write_durably(path_beside(database), (json.dumps(known) + "\n").encode())
