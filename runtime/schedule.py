"""The clock: APScheduler calls the features' jobs, and a watch sees when somebody sets the wall clock."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from core.errors import StorageError
from runtime.feature import Job
from system import clock
from web.services import Services

log = logging.getLogger("inbox.runtime")

TICK_S = 5
JUMP_S = 30  # a wall clock that moves this much against the monotonic one has been set
LATEST_S = 12 * 3600  # a daily job still runs this long after its hour


class Schedule:
    """`jobs` in the time zone of the shop. A job that fails is logged and comes again at its next time."""

    def __init__(self, parts: Services, jobs: Iterable[Job]) -> None:
        self._parts = parts
        self._jobs = tuple(job for job in jobs if parts.config.mode in job.modes)
        self._scheduler = BackgroundScheduler(timezone=parts.config.timezone)

    def start(self) -> None:
        self.plan()
        self._scheduler.start()

    def plan(self) -> None:
        """Every job's next time, by the clock as it is now."""
        self._scheduler.remove_all_jobs()
        for job in self._jobs:
            self._add(job)

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)

    def _add(self, job: Job) -> None:
        run, once = _logged(job, self._parts), {"coalesce": True, "max_instances": 1}
        if job.interval is None:
            self._scheduler.add_job(run, "cron", hour=job.hour, misfire_grace_time=LATEST_S, **once)
            return
        start = {"next_run_time": _soon()} if job.soon else {}
        self._scheduler.add_job(run, IntervalTrigger(job.interval), misfire_grace_time=None, **once, **start)


class IntervalTrigger(BaseTrigger):  # type: ignore[misc]
    """APScheduler's own interval goes through every time that was missed: 1.3 million of two seconds, 30 days ahead."""

    def __init__(self, interval: timedelta) -> None:
        self._interval = interval

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        due = (previous or now) + self._interval
        return due if due > now else now + self._interval


class ClockWatch:
    """Jobs and due times go by the wall clock. Set back, it would leave all of them waiting for as long."""

    def __init__(self, on_jump: Callable[[int], None]) -> None:
        self._on_jump = on_jump  # gets the seconds; what it raises is logged, and the next look finds the same jump
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="clock-watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def _watch(self) -> None:
        offset = clock.now() - time.monotonic()
        while not self._stopping.wait(TICK_S):
            jump = clock.now() - time.monotonic() - offset
            if abs(jump) > JUMP_S:
                try:
                    self._on_jump(round(jump))
                except Exception:  # a locked disk
                    log.exception("the jump of the clock could not be followed")
                else:
                    offset += jump


def _soon() -> datetime:
    return datetime.fromtimestamp(clock.now(), UTC) + timedelta(seconds=1)


def _logged(job: Job, parts: Services) -> Callable[[], None]:
    name = getattr(job.run, "__qualname__", repr(job.run))

    def run() -> None:
        try:
            job.run(parts)
        except StorageError as error:
            log.error("a job could not use the database", extra={"job": name, "reason": error.message})
        except Exception:
            log.exception("a job failed", extra={"job": name})

    return run
