"""A small database for the tests of `db/`."""

from __future__ import annotations

from pathlib import Path

from db_manager import Database, Transaction


def insert_change(tx: Transaction) -> int:
    return int(tx.execute("INSERT INTO changes (kind, origin, at) VALUES ('x', 'live', 1)").lastrowid or 0)


def count(db: Database) -> int:
    with db.read() as connection:
        return int(connection.execute("SELECT count(*) AS n FROM changes").fetchone()["n"])


def made(folder: Path) -> Path:
    path = folder / "chat_history.db"
    database = Database(path).open()
    database.write(insert_change)
    database.close()
    return path
