"""One file: a writer thread with group commit, a pool of readers, and what is told of a commit or a failure."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from core.errors import SetupError, StorageError
from db import marker, opening
from db.connection import BUSY_TIMEOUT_MS, LARGEST_WAL, connect, is_damage, is_storage_error, sqlite3, wal_is_safe
from db.migrations import MIGRATIONS_DIR, migrate
from db.readers import Readers
from db.signal import Signal
from db.transaction import Transaction
from db.writer import Job, Writer
from system import clock

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger("inbox.db")

CHECKPOINT_WAITS_MS = 200  # for readers, while writers wait


class Database:
    """`open()` refuses (SetupError) a file that is not ours, newer than this program, suddenly empty, or seen to be damaged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.journal_mode = "wal" if wal_is_safe() else "delete"
        self.last_storage_error: str | None = None
        self.on_change: Callable[[int], None] = lambda seq: None  # set once by app.py: the live feed
        self._signals: dict[str, Signal] = {}
        self._readers = Readers(lambda: connect(self.path, self.journal_mode, query_only=True))
        self._writer: Writer | None = None
        self._closed = False

    # ------------------------------------------------------------ life

    def open(self, *, migrations: Path = MIGRATIONS_DIR) -> Database:
        """Create or check the file, migrate it, start the writer. What is looked at does not grow with the file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        opening.refuse_unusable(self.path)
        try:
            connection = connect(self.path, self.journal_mode)
        except sqlite3.Error as error:
            raise SetupError(f"{self.path.name} cannot be opened ({error}). Nothing was changed.") from error
        try:
            opening.refuse_strange(connection, self.path)
            migrate(connection, migrations)
            marker.keep(connection, self.path)
        except BaseException:
            connection.close()
            raise
        self._writer = Writer(connection, self._announce, self._storage_failed)
        return self

    def close(self) -> None:
        """Finish what was queued, then close. Later calls raise StorageError."""
        if self._closed:
            return
        self._closed = True
        if self._writer:
            self._writer.stop_accepting()
        self._readers.close()
        if self._writer:
            self._writer.join()

    def signal(self, name: str) -> Signal:
        return self._signals.setdefault(name, Signal())

    # ------------------------------------------------------------ reading

    @contextlib.contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A `query_only` connection inside one snapshot. Keep it short: an open reader holds back the checkpoint."""
        if self._closed:
            raise StorageError("The database is closed.")
        try:
            with self._readers.borrow() as connection:
                yield connection
        except sqlite3.Error as error:
            if is_storage_error(error):
                raise self._storage_failed(error) from error
            raise

    def try_reading(self) -> None:
        """Raises StorageError when the file cannot be read."""
        with self.read() as connection:
            connection.execute("SELECT count(*) FROM schema_migrations")

    # ------------------------------------------------------------ writing

    def write(self, fn: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(tx, *args, **kwargs)` on the writer thread and return its result once it is committed (fsync included).

        Several waiting functions share one commit; each has its own savepoint, so one that raises undoes itself alone.
        No network, file or sleep inside `fn`. Raises StorageError when nothing was committed, else what `fn` raised.
        """
        job = self._submit(fn, *args, **kwargs)
        job.done.wait()
        if job.error is not None:
            raise job.error
        return job.result  # type: ignore[no-any-return]

    def write_later(self, fn: Callable[Concatenate[Transaction, P], object], *args: P.args, **kwargs: P.kwargs) -> None:
        """Like `write` for what may be lost ("last seen"): nobody waits, so a locked or full disk costs a reader nothing."""
        self._submit(fn, *args, **kwargs)

    def _submit(self, fn: Callable[Concatenate[Transaction, P], object], *args: P.args, **kwargs: P.kwargs) -> Job:
        if self._writer is None:
            raise StorageError("The database is not open.")
        if self._writer.is_this_thread():
            raise RuntimeError("db.write() inside a write function: pass the transaction on instead")
        return self._writer.submit(fn, args, kwargs)

    def waiting_writes(self) -> int:
        return self._writer.waiting() if self._writer else 0

    def try_writing(self) -> None:
        """A real commit, to find out whether a full disk has space again. Raises StorageError."""
        sql = (
            "INSERT INTO settings (key, value, updated_at) VALUES ('writer_probe', 'null', :now)"
            " ON CONFLICT (key) DO UPDATE SET updated_at = :now"
        )
        self.write(Transaction.execute, sql, {"now": clock.now()})

    # ------------------------------------------------------------ the write-ahead log

    def tend_wal(self) -> None:
        """Called by the clock. A WAL that outgrew its limit is emptied once nobody reads in it; until then it is told.

        Our own readers hold a snapshot for one request at the most, so the reader is another process (a shell, a copy).
        Raises StorageError.
        """
        size = self._wal_size()
        if size <= LARGEST_WAL:
            return
        self.write(lambda tx: tx.after_commit(lambda: _empty_wal(tx.connection)))
        if self._wal_size() >= size:
            megabytes = size // (1024 * 1024)
            log.warning("another program reads in an old snapshot: the write-ahead log grows", extra={"megabytes": megabytes})

    def _wal_size(self) -> int:
        try:
            return self.path.with_name(self.path.name + "-wal").stat().st_size
        except FileNotFoundError:
            return 0

    # ------------------------------------------------------------ what is told

    def _announce(self, transactions: list[Transaction]) -> None:
        self.last_storage_error = None
        if newest := max((tx.newest_change for tx in transactions), default=0):
            self.on_change(newest)
        for tx in transactions:
            for callback in tx.callbacks:
                try:
                    callback()
                except Exception:
                    log.exception("after-commit callback failed")
            for name in tx.woken:
                self.signal(name).set()

    def _storage_failed(self, error: BaseException) -> StorageError:
        self.last_storage_error = f"{type(error).__name__}: {error}"
        log.error("storage failed", extra={"error": self.last_storage_error})
        if is_damage(error):
            marker.note_damage(self.path, str(error))
        return StorageError("The message store cannot be written right now. Nothing was lost; please try again.")


def _empty_wal(connection: sqlite3.Connection) -> None:
    """On the writer's own thread, so that no second checkpoint runs beside it."""
    try:
        connection.execute(f"PRAGMA busy_timeout={CHECKPOINT_WAITS_MS}")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
