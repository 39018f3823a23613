"""The one writer thread: functions that wait share a commit, each in its own savepoint."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from core.errors import StorageError
from db.connection import is_storage_error, sqlite3
from db.transaction import Transaction

log = logging.getLogger("inbox.db")

LARGEST_GROUP = 64  # functions in one commit: enough to hide an fsync, small enough to keep the first one's wait short
SLOW_WRITE_S = 0.2


class Job:
    """A write function with its arguments, and what became of it."""

    __slots__ = ("fn", "args", "kwargs", "done", "result", "error", "tx")

    def __init__(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.fn = fn
        self.args = args
        self.kwargs = kwargs
        self.done = threading.Event()
        self.result: Any = None
        self.error: BaseException | None = None
        self.tx: Transaction | None = None

    @property
    def name(self) -> str:
        """Of the function, for the log; of what a `partial` calls."""
        fn = getattr(self.fn, "func", self.fn)
        return getattr(fn, "__qualname__", type(fn).__name__)


class Writer:
    """Runs jobs on a thread of its own. `committed` gets the transactions of a group, `failed` the error that undid it."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        committed: Callable[[list[Transaction]], None],
        failed: Callable[[BaseException], StorageError],
    ) -> None:
        self._connection = connection
        self._committed = committed
        self._failed = failed
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._closed = False
        self._gate = threading.Lock()  # between "is it closed" and "queue the job"
        self._thread = threading.Thread(target=self._run, name="db-writer", daemon=True)
        self._thread.start()

    def submit(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Job:
        """Raises StorageError when it is closed."""
        job = Job(fn, args, kwargs)
        with self._gate:
            if self._closed:
                raise StorageError("The database is closed.")
            self._jobs.put(job)
        return job

    def is_this_thread(self) -> bool:
        return threading.current_thread() is self._thread

    def waiting(self) -> int:
        return self._jobs.qsize()

    def stop_accepting(self) -> None:
        with self._gate:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)

    def join(self) -> None:
        """Wait until what was queued is done and the connection closed."""
        self._thread.join(timeout=30)

    def _run(self) -> None:
        going_on = True
        while going_on and (first := self._jobs.get()) is not None:
            going_on = self._commit_group([first])
        self._connection.close()

    def _commit_group(self, group: list[Job]) -> bool:
        """Adds to `group` whatever waits. False when there is to be no other group."""
        going_on = True
        try:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            finally:  # whoever came while another process held the lock has waited enough: it shares the refusal
                going_on = self._gather(group)
            for job in group:
                self._run_one(job)
            self._connection.execute("COMMIT")
        except BaseException as error:  # the transaction is gone: nobody of this group may believe in it
            failure = self._failed(error)
            with contextlib.suppress(sqlite3.Error):
                self._connection.rollback()
            for job in group:
                job.error = failure
        else:
            self._committed([job.tx for job in group if job.tx is not None])
        finally:
            for job in group:
                job.done.set()
        return going_on

    def _gather(self, group: list[Job]) -> bool:
        while len(group) < LARGEST_GROUP:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                return False
            group.append(job)
        return True

    def _run_one(self, job: Job) -> None:
        job.tx = Transaction(self._connection)
        started = time.monotonic()
        self._connection.execute("SAVEPOINT job")
        try:
            job.result = job.fn(job.tx, *job.args, **job.kwargs)
        except Exception as error:
            if is_storage_error(error) or not self._connection.in_transaction:
                raise
            self._connection.execute("ROLLBACK TO job")
            job.error, job.tx = error, None
        self._connection.execute("RELEASE job")
        if (took := time.monotonic() - started) > SLOW_WRITE_S:
            log.warning("slow write function", extra={"function": job.name, "seconds": round(took, 3)})
