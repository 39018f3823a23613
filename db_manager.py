"""HOW we talk to SQLite: pragmas, one writer, a pool of readers, migrations, backup, restore, the example file.

Features own *what* is said to the database (`features/*/queries.py`), this file *how*.
Semantics of WAL, FULL and the error codes: https://sqlite.org/wal.html, https://sqlite.org/rescode.html.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import queue
import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from core.errors import SetupError, StorageError
from system import clock, files

if TYPE_CHECKING:
    import sqlite3
else:
    try:  # bundles a SQLite without the WAL-reset bug; no wheel for Linux on ARM
        import pysqlite3 as sqlite3
    except ImportError:
        import sqlite3

Row = sqlite3.Row
Connection = sqlite3.Connection
T = TypeVar("T")
Parameters = dict[str, Any] | Sequence[Any]

log = logging.getLogger("inbox.db")

APPLICATION_ID = 0x57414958  # "WAIX" in the header: this file is ours
MIGRATIONS_DIR = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_MS = 5000
LARGEST_WAL = 64 * 1024 * 1024  # it grows beyond only while somebody reads in an old snapshot
CHECKPOINT_WAITS_MS = 200  # for readers, while writers wait
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
READERS = 8
# All that the product says fits: pysqlite's cache, once full (100), gives each new statement the one place of the last, so
# statements that take turns are parsed every time. The migrations alone filled it, and a message cost twice the processor.
STATEMENTS = 1000
LARGEST_GROUP = 64  # functions in one commit: enough to hide an fsync, small enough to keep the first one's wait short
SLOW_WRITE_S = 0.2
QUICK_CHECK_BELOW_BYTES = 256 * 1024 * 1024  # a full look at start-up costs about 1 s for 256 MB

# Primary result codes that mean "the storage failed", whatever the data was: BUSY LOCKED NOMEM READONLY INTERRUPT
# IOERR CORRUPT FULL CANTOPEN PROTOCOL NOLFS AUTH NOTADB.
_STORAGE_CODES = frozenset({5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 22, 23, 26})


def wal_is_safe(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """False for SQLite 3.7.0-3.51.2, which can lose committed pages in WAL mode (https://sqlite.org/wal.html#walresetbug).

    Fixed in 3.51.3, and in the branches 3.50.7 and 3.44.6.
    """
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def is_storage_error(error: BaseException) -> bool:
    """True when the disk, the lock or the file failed; False when the data was at fault."""
    if isinstance(error, StorageError):
        return True
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, sqlite3.Error) and code is not None and (code & 0xFF) in _STORAGE_CODES


class Signal:
    """Wakes one worker thread. A set before the wait is not lost."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    def wait(self, timeout: float) -> bool:
        """True when somebody called `set`, False after `timeout` seconds."""
        was_set = self._event.wait(timeout)
        self._event.clear()
        return was_set


class Transaction:
    """What a write function gets: SQL now, wake-ups and callbacks only once the group has been committed."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._woken: list[str] = []
        self._callbacks: list[Callable[[], None]] = []
        self.newest_change = 0

    def execute(self, sql: str, parameters: Parameters = ()) -> sqlite3.Cursor:
        return self.connection.execute(sql, parameters)

    def wake(self, name: str) -> None:
        self._woken.append(name)

    def note_change(self, seq: int) -> None:
        """`seq` of a row in `changes`: after the commit `Database.on_change` learns the newest one."""
        self.newest_change = max(self.newest_change, seq)

    def after_commit(self, callback: Callable[[], None]) -> None:
        """`callback` runs on the writer thread, before the callers return: it must be quick and must not raise."""
        self._callbacks.append(callback)

    def attempt(self, fn: Callable[[], object]) -> Exception | None:
        """Run `fn` in a savepoint. An error of the data is undone and returned; a storage error is raised."""
        marks = len(self._woken), len(self._callbacks), self.newest_change
        self.execute("SAVEPOINT part")
        try:
            fn()
        except Exception as error:
            if is_storage_error(error) or not self.connection.in_transaction:
                raise
            self.execute("ROLLBACK TO part")
            self.execute("RELEASE part")
            del self._woken[marks[0] :], self._callbacks[marks[1] :]
            self.newest_change = marks[2]  # the undone seq will be given again, and must be announced then
            return error
        self.execute("RELEASE part")
        return None


class _Job:
    __slots__ = ("fn", "done", "result", "error", "tx")

    def __init__(self, fn: Callable[[Transaction], Any]) -> None:
        self.fn = fn
        self.done = threading.Event()
        self.result: Any = None
        self.error: BaseException | None = None
        self.tx: Transaction | None = None


class Database:
    """One file: one writer thread with group commit, a pool of `query_only` readers.

    `open()` refuses (SetupError) a file that is damaged, not ours, newer than this program, or suddenly empty.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.journal_mode = "wal" if wal_is_safe() else "delete"
        self.last_storage_error: str | None = None
        self.on_change: Callable[[int], None] = lambda seq: None  # set once by app.py: the live feed
        self._signals: dict[str, Signal] = {}
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._readers: queue.LifoQueue[Connection | None] = queue.LifoQueue()
        self._writer_thread: threading.Thread | None = None
        self._closed = False
        self._gate = threading.Lock()  # between "is it closed" and "queue the job"

    # ------------------------------------------------------------ life

    def open(self, *, migrations: Path = MIGRATIONS_DIR) -> Database:
        """Create or check the file, migrate it, start the writer."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        _refuse_unusable(self.path)
        try:
            connection = _connect(self.path, self.journal_mode)
        except sqlite3.Error as error:
            raise SetupError(f"{self.path.name} cannot be opened ({error}). Nothing was changed.") from error
        try:
            _check_contents(connection, self.path)
            migrate(connection, migrations)
            _keep_marker(connection, self.path)
        except BaseException:
            connection.close()
            raise
        for _ in range(READERS):
            self._readers.put(None)  # opened on first use
        thread = threading.Thread(target=self._write_loop, args=(connection,), name="db-writer", daemon=True)
        self._writer_thread = thread
        thread.start()
        return self

    def close(self) -> None:
        """Finish what was queued, then close. Later calls raise StorageError."""
        with self._gate:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        for _ in range(READERS):
            with contextlib.suppress(queue.Empty):
                if reader := self._readers.get(timeout=5):
                    reader.close()
        if self._writer_thread:
            self._writer_thread.join(timeout=30)

    def signal(self, name: str) -> Signal:
        return self._signals.setdefault(name, Signal())

    # ------------------------------------------------------------ reading

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A `query_only` connection inside one snapshot. Keep it short: an open reader holds back the checkpoint."""
        if self._closed:
            raise StorageError("The database is closed.")
        try:
            connection = self._readers.get(timeout=10)
        except queue.Empty:
            raise StorageError("The database is busy.") from None
        try:
            if connection is None:
                connection = _connect(self.path, self.journal_mode, query_only=True)
            connection.execute("BEGIN")
            yield connection
        except sqlite3.Error as error:
            if is_storage_error(error):
                raise self._storage_failed(error) from error
            raise
        finally:
            if connection is not None and connection.in_transaction:
                connection.rollback()
            self._readers.put(connection)

    def try_reading(self) -> None:
        """Raises StorageError when the file cannot be read."""
        with self.read() as connection:
            connection.execute("SELECT count(*) FROM schema_migrations")

    # ------------------------------------------------------------ writing

    def try_writing(self) -> None:
        """A real commit, to find out whether a full disk has space again. Raises StorageError."""
        sql = (
            "INSERT INTO settings (key, value, updated_at) VALUES ('writer_probe', 'null', :now)"
            " ON CONFLICT (key) DO UPDATE SET updated_at = :now"
        )
        self.write(lambda tx: tx.execute(sql, {"now": clock.now()}))

    def tend_wal(self) -> None:
        """Called by the clock. A WAL that outgrew its limit is emptied once nobody reads in it; until then it is told.

        Our own readers hold a snapshot for one request at the most, so the reader is another process (a shell, a copy).
        Raises StorageError.
        """
        size = self._wal_size()
        if size <= LARGEST_WAL:
            return
        self.write(lambda tx: tx.after_commit(lambda: self._empty_wal(tx.connection)))
        if self._wal_size() >= size:
            megabytes = size // (1024 * 1024)
            log.warning("another program reads in an old snapshot: the write-ahead log grows", extra={"megabytes": megabytes})

    def _wal_size(self) -> int:
        try:
            return self.path.with_name(self.path.name + "-wal").stat().st_size
        except FileNotFoundError:
            return 0

    def _empty_wal(self, connection: Connection) -> None:
        """On the writer's own thread, so that no second checkpoint runs beside it."""
        try:
            connection.execute(f"PRAGMA busy_timeout={CHECKPOINT_WAITS_MS}")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")

    def write(self, fn: Callable[[Transaction], T]) -> T:
        """Run `fn(tx)` on the writer thread and return its result once it is committed (fsync included).

        Several waiting functions share one commit; each has its own savepoint, so one that raises undoes itself alone.
        No network, file or sleep inside `fn`. Raises StorageError when nothing was committed, else what `fn` raised.
        """
        if threading.current_thread() is self._writer_thread:
            raise RuntimeError("db.write() inside a write function: pass the transaction on instead")
        job = self._enqueue(fn)
        job.done.wait()
        if job.error is not None:
            raise job.error
        return job.result

    def write_later(self, fn: Callable[[Transaction], object]) -> None:
        """Like `write` for what may be lost ("last seen"): nobody waits, so a locked or full disk costs a reader nothing."""
        self._enqueue(fn)

    def _enqueue(self, fn: Callable[[Transaction], Any]) -> _Job:
        job = _Job(fn)
        with self._gate:
            if self._closed:
                raise StorageError("The database is closed.")
            self._jobs.put(job)
        return job

    def _write_loop(self, connection: Connection) -> None:
        going_on = True
        while going_on and (first := self._jobs.get()) is not None:
            going_on = self._commit_group(connection, [first])
        connection.close()

    def _commit_group(self, connection: Connection, group: list[_Job]) -> bool:
        """Adds to `group` whatever waits. False when there is to be no other group."""
        going_on = True
        try:
            try:
                connection.execute("BEGIN IMMEDIATE")
            finally:  # whoever came while another process held the lock has waited enough: it shares the refusal
                going_on = self._gather(group)
            for job in group:
                self._run_one(connection, job)
            connection.execute("COMMIT")
        except BaseException as error:  # the transaction is gone: nobody of this group may believe in it
            failure = self._storage_failed(error)
            with contextlib.suppress(sqlite3.Error):
                connection.rollback()
            for job in group:
                job.error = failure
        else:
            self.last_storage_error = None
            self._announce(group)
        finally:
            for job in group:
                job.done.set()
        return going_on

    def _gather(self, group: list[_Job]) -> bool:
        while len(group) < LARGEST_GROUP:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                return False
            group.append(job)
        return True

    def _run_one(self, connection: Connection, job: _Job) -> None:
        job.tx = Transaction(connection)
        started = time.monotonic()
        connection.execute("SAVEPOINT job")
        try:
            job.result = job.fn(job.tx)
        except Exception as error:
            if is_storage_error(error) or not connection.in_transaction:
                raise
            connection.execute("ROLLBACK TO job")
            job.error, job.tx = error, None
        connection.execute("RELEASE job")
        if (took := time.monotonic() - started) > SLOW_WRITE_S:
            log.warning("slow write function", extra={"function": job.fn.__qualname__, "seconds": round(took, 3)})

    def _announce(self, group: list[_Job]) -> None:
        transactions = [job.tx for job in group if job.tx is not None]
        if newest := max((tx.newest_change for tx in transactions), default=0):
            self.on_change(newest)
        for tx in transactions:
            for callback in tx._callbacks:
                try:
                    callback()
                except Exception:
                    log.exception("after-commit callback failed")
            for name in tx._woken:
                self.signal(name).set()

    def _storage_failed(self, error: BaseException) -> StorageError:
        self.last_storage_error = f"{type(error).__name__}: {error}"
        log.error("storage failed", extra={"error": self.last_storage_error})
        return StorageError("The message store cannot be written right now. Nothing was lost; please try again.")


def _connect(path: Path, journal_mode: str, *, query_only: bool = False) -> Connection:
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=BUSY_TIMEOUT_MS / 1000, cached_statements=STATEMENTS
    )
    connection.row_factory = sqlite3.Row
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    if query_only:
        connection.execute("PRAGMA query_only=ON")
    else:
        connection.execute(f"PRAGMA journal_mode={journal_mode}")
        connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
    return connection


# ---------------------------------------------------------------- is this file ours, whole and not too new?


def _marker_path(path: Path) -> Path:
    return path.with_name("installation.json")


def _refuse_unusable(path: Path) -> None:
    """An empty or vanished file opens without complaint in SQLite; the marker beside it knows that there was more."""
    marker = _marker_path(path)
    size = path.stat().st_size if path.exists() else -1
    if marker.exists() and size <= 0:
        raise SetupError(
            f"The database {path.name} is {'empty' if size == 0 else 'missing'}, but this folder has held one."
            " Nothing was changed. Restore a backup (flask --app app db restore PATH),"
            f" or remove {marker.name} to start anew on purpose."
        )
    if size > 0:
        with path.open("rb") as file:
            header = file.read(16)
        if size < 512 or header != b"SQLite format 3\x00":
            raise SetupError(f"{path.name} is not a SQLite database (damaged header). Nothing was changed.")


def _check_contents(connection: Connection, path: Path) -> None:
    try:
        has_tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] > 0
        application_id = connection.execute("PRAGMA application_id").fetchone()[0]
        if has_tables and application_id != APPLICATION_ID:
            raise SetupError(f"{path.name} is a database of another program. Nothing was changed.")
        if has_tables and path.stat().st_size < QUICK_CHECK_BELOW_BYTES:
            answer = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if answer != "ok":
                raise SetupError(f"{path.name} is damaged ({answer}). Nothing was changed. Restore a backup.")
        marker = _marker_path(path)
        if has_tables and marker.exists():
            known = json.loads(marker.read_text()).get("installation")
            inside = _installation_id(connection)
            if known and inside and known != inside:
                raise SetupError(
                    f"{path.name} belongs to another installation than {marker.name}. Nothing was changed."
                    " To take it over on purpose use: flask --app app db restore PATH."
                )
    except sqlite3.Error as error:
        raise SetupError(f"{path.name} cannot be read ({error}). Nothing was changed. Restore a backup.") from error
    except ValueError as error:
        raise SetupError(f"{_marker_path(path).name} cannot be read ({error}).") from error


def _installation_id(connection: Connection) -> str | None:
    try:
        row = connection.execute("SELECT value FROM settings WHERE key = 'installation'").fetchone()
    except sqlite3.OperationalError:  # older than the table
        return None
    return json.loads(row[0]) if row else None


def _keep_marker(connection: Connection, path: Path) -> None:
    installation = _installation_id(connection)
    if installation is None:
        installation = secrets.token_hex(8)
        connection.execute(
            "INSERT INTO settings (key, value, updated_at) VALUES ('installation', :value, :now)",
            {"value": json.dumps(installation), "now": clock.now()},
        )
    marker = _marker_path(path)
    if not marker.exists():
        known = json.dumps({"installation": installation, "since": clock.iso(clock.now())}) + "\n"
        files.write_durably(marker, known.encode())


# ---------------------------------------------------------------- migrations


def pending_migrations(connection: Connection, folder: Path = MIGRATIONS_DIR) -> list[Path]:
    """Files not yet applied, in order. Raises SetupError when the database knows some that this program lacks."""
    files = sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    try:
        applied = {row[0] for row in connection.execute("SELECT name FROM schema_migrations")}
    except sqlite3.OperationalError:
        applied = set()
    if unknown := applied - {file.stem for file in files}:
        raise SetupError(
            f"The database was made by a newer version ({', '.join(sorted(unknown))}). Nothing was changed."
            " Install that version again, or restore a backup of this one."
        )
    return [file for file in files if file.stem not in applied]


def migrate(connection: Connection, folder: Path = MIGRATIONS_DIR) -> list[str]:
    """Apply what is pending; each change and its record in one transaction, so a kill leaves all of it or none."""
    done = []
    for file in pending_migrations(connection, folder):
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS schema_migrations"
                " (name TEXT PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT"
            )
            for statement in _statements(file.read_text()):
                connection.execute(statement)
            connection.execute(
                "INSERT INTO schema_migrations (name, applied_at) VALUES (:name, :now)",
                {"name": file.stem, "now": clock.now()},
            )
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):
                connection.rollback()
            raise SetupError(f"Migration {file.stem} failed and was undone: {error}") from error
        done.append(file.stem)
    return done


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


# ---------------------------------------------------------------- checking, backup, restore, example


def check(path: Path) -> list[str]:
    """The full integrity and foreign key check; an empty list is good. quick_check overlooks missing index rows."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        try:
            problems = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
            problems += [f"foreign key: {tuple(row)}" for row in connection.execute("PRAGMA foreign_key_check")]
        except sqlite3.Error as error:
            return [str(error)]
    return problems


def backup(path: Path, target: Path) -> None:
    """An online copy of a live database: complete, checked, and in its place only when it is both.

    Raises StorageError; `target` is then untouched.
    """
    temporary = target.with_name(f".{target.name}.partial")
    try:
        temporary.unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as source:
            with contextlib.closing(sqlite3.connect(temporary)) as copy:
                source.backup(copy)  # one step, one snapshot: in WAL mode the writer goes on meanwhile
                copy.execute("PRAGMA journal_mode=delete")  # one file, nothing beside it
        temporary.chmod(0o600)  # it holds customers' messages
        if problems := check(temporary):
            raise StorageError(f"The backup is not sound: {problems[0]}")
        descriptor = os.open(temporary, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, target)
        files.sync_folder(target.parent)
    except (sqlite3.Error, OSError) as error:
        raise StorageError(f"The backup could not be made: {error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def restore(path: Path, source: Path) -> Path | None:
    """Put a backup in the place of the database; the server must be stopped. Returns where the old file was kept.

    Open browsers hold sequence numbers of the old file. The restored one starts above all of them with an empty log of
    changes, so every browser is told to reload. Raises SetupError; the database is then untouched.
    """
    with hold_data_folder(path.parent, wait_s=0):
        if not source.is_file():
            raise SetupError(f"There is no backup at {source}.")
        if problems := check(source):
            raise SetupError(f"{source.name} is not a sound database: {problems[0]}")
        temporary = path.with_name(f".{path.name}.restoring")
        temporary.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, temporary)
        with contextlib.closing(_connect(temporary, "delete")) as connection:
            _check_contents_of_backup(connection, source)
            highest = max(_highest_change(connection), _highest_change_in(path))
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM changes")
            connection.execute("UPDATE sqlite_sequence SET seq = :seq WHERE name = 'changes'", {"seq": highest + 1000})
            connection.execute(
                "INSERT INTO sqlite_sequence (name, seq) SELECT 'changes', :seq"
                " WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'changes')",
                {"seq": highest + 1000},
            )
            connection.execute("COMMIT")
        kept = _set_aside(path)
        os.replace(temporary, path)
        files.sync_folder(path.parent)
        _marker_path(path).unlink(missing_ok=True)  # written anew at the next start, from what is inside
        return kept


def _check_contents_of_backup(connection: Connection, source: Path) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise SetupError(f"{source.name} is not a backup of this program.")
    pending_migrations(connection)


def _highest_change(connection: Connection) -> int:
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'changes'").fetchone()
    return int(row[0]) if row else 0


def _highest_change_in(path: Path) -> int:
    """Of the file about to be replaced; unreadable ones get a leap that no shop reaches in years."""
    if not path.exists() or path.stat().st_size == 0:
        return 1_000_000
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return _highest_change(connection)
    except sqlite3.Error:
        return 1_000_000_000


def _set_aside(path: Path) -> Path | None:
    """Keep the replaced file with its WAL: a restore by mistake must be undoable."""
    kept = None
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(clock.now()))
    for suffix in ("", "-wal", "-shm"):
        old = path.with_name(path.name + suffix)
        if old.exists():
            aside = path.with_name(f"{path.name}.replaced-{stamp}{suffix}")
            os.replace(old, aside)
            kept = kept or aside
    return kept


def make_example(target: Path) -> None:
    """`chat_history.db.example`: the schema of the migrations and nothing else."""
    target.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(target, isolation_level=None)) as connection:
        migrate(connection)
        connection.execute("UPDATE schema_migrations SET applied_at = 0")  # the same bytes whenever it is made
        connection.execute("VACUUM")


def schema_of(path: Path) -> list[tuple[str, str]]:
    """(name, SQL) of every table and index, sorted: to compare two files."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY name").fetchall()
    return [(row[0], row[1]) for row in rows]


@contextlib.contextmanager
def hold_data_folder(folder: Path, *, wait_s: float = 10) -> Iterator[None]:
    """The lock of the one server process. A restart overlaps, so it waits; then it refuses with SetupError."""
    folder.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait_s
    with (folder / "lock").open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() >= deadline:
                    raise SetupError(f"Another server is using {folder}. Stop it first.") from None
                time.sleep(0.1)
        yield
