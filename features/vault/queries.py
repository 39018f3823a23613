"""SQL of the sealed secrets."""

from __future__ import annotations

import sqlite3


def get(connection: sqlite3.Connection, name: str) -> bytes | None:
    row = connection.execute("SELECT sealed FROM secrets WHERE name = :name", {"name": name}).fetchone()
    return bytes(row["sealed"]) if row else None


def get_all(connection: sqlite3.Connection) -> list[tuple[str, bytes]]:
    return [(row["name"], bytes(row["sealed"])) for row in connection.execute("SELECT name, sealed FROM secrets")]


def put(connection: sqlite3.Connection, name: str, sealed: bytes, now: int) -> None:
    connection.execute(
        """
        INSERT INTO secrets (name, sealed, updated_at) VALUES (:name, :sealed, :now)
        ON CONFLICT (name) DO UPDATE SET sealed = :sealed, updated_at = :now
        """,
        {"name": name, "sealed": sealed, "now": now},
    )


def replace(connection: sqlite3.Connection, name: str, old: bytes, fresh: bytes, now: int) -> None:
    """Only while it is still the old one."""
    connection.execute(
        "UPDATE secrets SET sealed = :fresh, updated_at = :now WHERE name = :name AND sealed = :old",
        {"name": name, "old": old, "fresh": fresh, "now": now},
    )


def delete(connection: sqlite3.Connection, name: str) -> None:
    connection.execute("DELETE FROM secrets WHERE name = :name", {"name": name})
