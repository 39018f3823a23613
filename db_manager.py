"""HOW we talk to SQLite. What everybody uses stands here; each noun has its file in `db/`.

    database.py     Database: open, close, read, write; made of writer.py (group commit) and readers.py (the pool)
    transaction.py  what a write function gets; signal.py: the wake-ups that it asks for
    connection.py   which SQLite, its pragmas, whose fault an error is
    row_queue.py    work that waits as rows: what is due, claim, hurry, release
    opening.py      what is looked at before a file is used; marker.py: what stands beside it
    migrations.py   the schema's way forward; example.py: the empty file with that schema
    check.py        the full look at a file; backup.py, restore.py, lock.py (of the data folder)

Features own *what* is said to the database (`features/*/queries.py`).
"""

from __future__ import annotations

from db.backup import backup
from db.check import check
from db.connection import PRAGMAS, Connection, Row, is_storage_error, sqlite3, wal_is_safe
from db.database import Database
from db.example import EXAMPLE, make_example, schema_of
from db.lock import hold_data_folder
from db.marker import note_damage
from db.migrations import MIGRATIONS_DIR, migrate
from db.restore import restore
from db.row_queue import RowQueue
from db.signal import Signal
from db.transaction import Transaction

__all__ = [
    "EXAMPLE",
    "MIGRATIONS_DIR",
    "PRAGMAS",
    "Connection",
    "Database",
    "Row",
    "RowQueue",
    "Signal",
    "Transaction",
    "backup",
    "check",
    "hold_data_folder",
    "is_storage_error",
    "make_example",
    "migrate",
    "note_damage",
    "restore",
    "schema_of",
    "sqlite3",
    "wal_is_safe",
]
