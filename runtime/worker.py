"""Slow work beside the requests: threads that wait for a signal, and work until no row is due."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import ClassVar, Concatenate, ParamSpec, TypeVar

from core.errors import StorageError
from db_manager import Transaction
from runtime.modes import EVERY_MODE
from system import clock
from web.services import Services

log = logging.getLogger("inbox.worker")

T = TypeVar("T")
P = ParamSpec("P")

STORAGE_PAUSE_S = 1.0  # after a failed commit


class Worker:
    """A subclass says in `work_next` what one piece of work is. Work is rows: a restart finds what was left."""

    name: ClassVar[str]  # of its signal (`tx.wake(name)` after a commit) and of its threads
    threads: ClassVar[int] = 1
    modes: ClassVar[frozenset[str]] = EVERY_MODE
    longest_wait_s: ClassVar[float] = 5.0  # in case a wake-up never came
    shortest_wait_s: ClassVar[float] = 0.2
    farewell_s: ClassVar[float] = 2.0  # how long `stop` waits for each thread; gunicorn allows 5 s for all

    def __init__(self, parts: Services) -> None:
        self._parts = parts
        self._signal = parts.db.signal(self.name)
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._starting = threading.Lock()  # the tick and the watch on the clock may both wake it for the first time

    # ------------------------------------------------------------ what a subclass says

    def is_wanted(self) -> bool:
        """Asked until it is true: only then do the threads exist."""
        return True

    def prepare(self) -> None:
        """Before the threads begin, under the lock on the data folder. A locked or full disk must not fail the start."""

    def work_next(self) -> bool:
        """Take one due piece of work through to its commit; False when there is nothing to do now."""
        raise NotImplementedError

    def idle_s(self) -> float:
        """How long nothing can be due."""
        return self.longest_wait_s

    def turn(self) -> float:
        """Work until nothing is due. Returns how long to wait for the next signal, in seconds."""
        while not self._stopping.is_set() and self.work_next():
            pass
        return self.idle_s()

    def finish(self) -> None:
        """In each thread, as the last."""

    # ------------------------------------------------------------ what the runtime calls

    def start(self) -> None:
        with self._starting:
            if self._threads or self._stopping.is_set() or not self.is_wanted():
                return
            self.prepare()
            names = [self.name] if self.threads == 1 else [f"{self.name}-{number + 1}" for number in range(self.threads)]
            self._threads = [threading.Thread(target=self._run, name=name, daemon=True) for name in names]
            for thread in self._threads:
                thread.start()

    def wake(self) -> None:
        """Look for work now; also begin, if that is wanted only since."""
        self._signal.set()
        self.start()

    def ask_to_stop(self) -> None:
        """Nothing new is begun from here on. Returns at once, so that no worker goes on while another is waited for."""
        self._stopping.set()
        self._signal.set()

    def stop(self) -> None:
        """What is in the air for too long is left to the next start."""
        self.ask_to_stop()
        for thread in self._threads:
            self._signal.set()
            thread.join(timeout=self.farewell_s)

    # ------------------------------------------------------------ helpers of subclasses

    def until(self, due: int | None) -> float:
        """Seconds to wait for a row that is due then (Unix seconds; None: there is no row)."""
        if due is None:
            return self.longest_wait_s
        return min(max(due - clock.now(), self.shortest_wait_s), self.longest_wait_s)

    def persist(self, write: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What was done outside must be kept, also when the disk is full for a while. Raises StorageError on stopping."""
        while True:
            try:
                return self._parts.db.write(write, *args, **kwargs)
            except StorageError:
                if self._stopping.wait(STORAGE_PAUSE_S):
                    raise

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                wait_s = self.turn()
            except StorageError:
                wait_s = STORAGE_PAUSE_S
            except Exception:
                log.exception("a worker stumbled", extra={"worker": self.name})
                wait_s = self.longest_wait_s
            self._signal.wait(wait_s)
        self.finish()
