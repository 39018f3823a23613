"""One connection: which SQLite, which pragmas, and whether an error is the disk's or the data's.

Semantics of WAL, FULL and the error codes: https://sqlite.org/wal.html, https://sqlite.org/rescode.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from core.errors import StorageError

if TYPE_CHECKING:
    import sqlite3
else:
    try:  # bundles a SQLite without the WAL-reset bug; no wheel for Linux on ARM
        import pysqlite3 as sqlite3
    except ImportError:
        import sqlite3

Parameters = dict[str, Any] | Sequence[Any]


class Connection(Protocol):
    """What a function of `queries.py` needs: a reader's connection, or a `Transaction`."""

    def execute(self, sql: str, parameters: Parameters = ..., /) -> sqlite3.Cursor: ...

    def executemany(self, sql: str, parameters: Iterable[Parameters], /) -> sqlite3.Cursor: ...


class Row(dict[str, Any]):
    """A row by the names of its columns: what sqlite3.Row searches for anew each time is found at once.

    A statement that asks for one value may be read as `row[0]`.
    """

    __slots__ = ()

    def __missing__(self, key: object) -> Any:
        if isinstance(key, int):
            return list(self.values())[key]
        raise KeyError(key)


BUSY_TIMEOUT_MS = 5000
LARGEST_WAL = 64 * 1024 * 1024  # it grows beyond only while somebody reads in an old snapshot
PRAGMAS = (  # of every connection; benchmarks/soak/power_cuts.py proves the durability of exactly these
    "foreign_keys=ON",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "temp_store=MEMORY",
    "synchronous=FULL",
    f"busy_timeout={BUSY_TIMEOUT_MS}",
    f"journal_size_limit={LARGEST_WAL}",
)
CHECKPOINT_PAGES = 4000  # 16 MB of WAL: a message dirties 14 pages, mostly the same ones; waiting writes them back less often
# All that the product says fits: pysqlite's cache, once full (100), gives each new statement the one place of the last, so
# statements that take turns are parsed every time. The migrations alone filled it, and a message cost twice the processor.
STATEMENTS = 1000

# Primary result codes that mean "the storage failed", whatever the data was: BUSY LOCKED NOMEM READONLY INTERRUPT
# IOERR CORRUPT FULL CANTOPEN PROTOCOL NOLFS AUTH NOTADB.
_STORAGE_CODES = frozenset({5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 22, 23, 26})
_DAMAGE_CODES = frozenset({11, 26})  # CORRUPT NOTADB


def wal_is_safe(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """False for SQLite 3.7.0-3.51.2, which can lose committed pages in WAL mode (https://sqlite.org/wal.html#walresetbug).

    Fixed in 3.51.3, and in the branches 3.50.7 and 3.44.6.
    """
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def is_storage_error(error: BaseException) -> bool:
    """True when the disk, the lock or the file failed; False when the data was at fault."""
    return isinstance(error, StorageError) or _primary_code(error) in _STORAGE_CODES


def is_damage(error: BaseException) -> bool:
    """True when SQLite met a page that cannot be right."""
    return _primary_code(error) in _DAMAGE_CODES


def _primary_code(error: BaseException) -> int | None:
    code = getattr(error, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(error, sqlite3.Error) and code is not None else None


def _row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> Row:
    row = Row()
    for column, value in zip(cursor.description, values, strict=True):
        row[column[0]] = value
    return row


def connect(path: Path, journal_mode: str, *, query_only: bool = False) -> sqlite3.Connection:
    """A connection with our pragmas, for any thread. Raises sqlite3.Error."""
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=BUSY_TIMEOUT_MS / 1000, cached_statements=STATEMENTS
    )
    connection.row_factory = _row
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    if query_only:
        connection.execute("PRAGMA query_only=ON")
    else:
        connection.execute(f"PRAGMA journal_mode={journal_mode}")
        connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
    return connection


def connect_read_only(path: Path) -> sqlite3.Connection:
    """To look at a file that may be a stranger's or damaged: nothing is made or changed. Raises sqlite3.Error."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = _row
    return connection
