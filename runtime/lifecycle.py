"""Start and stop: the lock on the data folder, what features do at the start, their workers, the clock. Once a process."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Sequence

from flask import Flask

from core.errors import StorageError
from db_manager import hold_data_folder
from runtime import schedule
from runtime.feature import Feature, every
from runtime.health import Health
from runtime.schedule import ClockWatch, Schedule
from runtime.worker import Worker
from system import clock
from web.services import Services

log = logging.getLogger("inbox.runtime")


class Runtime:
    """`start()` once a process; `stop()` lets calls in the air end and closes the sockets and the database."""

    def __init__(self, app: Flask, parts: Services, features: Sequence[Feature]) -> None:
        self._app = app
        self._parts = parts
        self._features = features
        self._held = contextlib.ExitStack()
        self.health = Health(parts.db)
        self.workers: tuple[Worker, ...] = tuple(
            kind(parts) for feature in features for kind in feature.workers if parts.config.mode in kind.modes
        )
        jobs = [job for feature in features for job in feature.jobs]
        self._schedule = Schedule(parts, [*jobs, every(self._tick, seconds=schedule.TICK_S)])
        self._watch = ClockWatch(self.start_anew)
        self._started = False

    def start(self) -> None:
        """Raises SetupError when another server holds the data folder."""
        self._held.enter_context(hold_data_folder(self._parts.config.data_dir))
        with self._app.app_context():
            for begin in (hook for feature in self._features for hook in feature.at_start):
                if (end := begin(self._parts)) is not None:
                    self._held.callback(end)
        for worker in self.workers:
            worker.start()
        self._schedule.start()
        self._watch.start()
        self.health.tick()
        self._started = True
        for tell in (hook for feature in self._features for hook in feature.when_running):
            tell(self._parts)

    def stop(self) -> None:
        self._parts.feed.close()
        if self._started:
            self._started = False
            self.health.rest()
            self._watch.stop()
            self._schedule.stop()
            for worker in self.workers:
                worker.ask_to_stop()
            for worker in self.workers:
                worker.stop()
        self._parts.clients.google.close()
        self._parts.db.close()
        self._held.close()

    def start_anew(self, jump: int) -> None:
        """The wall clock was set by `jump` seconds: every job and every due row begins anew. Raises StorageError."""
        log.warning("the clock was set", extra={"seconds": jump})
        self._schedule.plan()
        now = clock.now()
        for hurry in (hook for feature in self._features for hook in feature.on_clock_set):
            self._parts.db.write(hurry, now)
        for worker in self.workers:
            worker.wake()

    def _tick(self, parts: Services) -> None:
        """Due work is rows; this only says "look"."""
        self.health.tick()
        for worker in self.workers:
            with contextlib.suppress(StorageError):
                worker.wake()
        with contextlib.suppress(StorageError):
            if parts.db.last_storage_error:
                parts.db.try_writing()
            parts.db.tend_wal()
