"""What runs beside the requests: the lock on the data folder, the workers, the clock. Started by gunicorn's hook, once."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from flask import Flask, Response

import backups
import sandbox
from core.errors import StorageError
from db_manager import hold_data_folder
from features.accounts import jobs as accounts_jobs
from features.accounts import setup_code
from features.changes import actions as changes
from features.changes import queries as changes_queries
from features.customer_list import jobs as customer_list_jobs
from features.customer_list import queries as customer_list_queries
from features.google_account import drive
from features.google_contacts import jobs as google_contacts_jobs
from features.media import archive_jobs, archive_queries
from features.media import queries as media_queries
from features.media.archive import ArchiveWorker
from features.media.worker import MediaWorker
from features.messages import queries as messages_queries
from features.numbers import actions as numbers
from features.outbox import queries as outbox_queries
from features.outbox.dispatcher import Outbox
from features.sandbox_removal import actions as demo
from features.templates import jobs as replies_jobs
from features.webhooks.jobs import HistoryWorker
from system import clock
from web.answers import Health
from web.guards import public
from web.openapi import describe
from web.respond import ok
from web.services import Services
from whatsapp_handler import WhatsAppClient

log = logging.getLogger("inbox.runtime")

TICK_S = 5
CLOCK_STOPPED_S = 60
JUMP_S = 30  # a wall clock that moves this much against the monotonic one has been set
STATUS_KEPT_S = 30 * 24 * 3600


class Runtime:
    """`start()` once a process; `stop()` lets calls in the air end and closes the sockets and the database."""

    def __init__(self, app: Flask, parts: Services) -> None:
        self._app = app
        self._parts = parts
        self._held = contextlib.ExitStack()
        self._scheduler = BackgroundScheduler(timezone=parts.config.timezone)
        self._archive = ArchiveWorker(parts)
        # Without a token nothing can be sent or fetched: it waits until the number is connected again.
        to_meta = () if parts.config.is_locked else (Outbox(parts), MediaWorker(parts))
        self._workers: tuple[Outbox | MediaWorker | ArchiveWorker | HistoryWorker, ...] = (
            *to_meta, self._archive, HistoryWorker(parts),
        )  # fmt: skip
        self._started = False
        self._ticked_at = 0.0
        self._stopping = threading.Event()
        self._clock_watch = threading.Thread(target=self._watch_the_clock, name="clock-watch", daemon=True)

    def start(self) -> None:
        """Raises SetupError when another server holds the data folder."""
        self._held.enter_context(hold_data_folder(self._parts.config.data_dir))
        setup_code.prepare(self._parts.db, self._parts.config.data_dir)
        # A restart overlaps: what the old process still committed between our opening and its end is caught up here.
        self._refresh_feed()
        if self._parts.config.is_sandbox:
            self._start_sandbox()
        with contextlib.suppress(StorageError):  # a full disk: the start must not fail, and the next one does it
            if not self._parts.config.is_sandbox:
                self._remove_sandbox()
        # Open pages learn that the connection to WhatsApp may be another one now.
        self._parts.db.write_later(changes.record, "status.updated", "live")
        for worker in self._workers:
            worker.start()
        self._schedule()
        self._scheduler.start()
        self._clock_watch.start()
        self._ticked_at = time.monotonic()
        self._started = True

    def stop(self) -> None:
        self._parts.feed.close()
        if self._started:
            self._started = False
            self._stopping.set()
            self._scheduler.shutdown(wait=False)
            for worker in self._workers:
                worker.stop()
        self._parts.clients.google.close()
        self._parts.db.close()
        self._held.close()

    def health(self) -> Response:
        """Database, writer and clock only: Meta or Google being away must not restart us."""
        problems = []
        if self._parts.db.last_storage_error:
            problems.append("writer")
        try:
            self._parts.db.try_reading()
        except StorageError:
            problems.append("database")
        if self._started and time.monotonic() - self._ticked_at > CLOCK_STOPPED_S:
            problems.append("clock")
        if problems:
            return ok(Health(status="failing", failing=problems), 503)
        return ok(Health(status="ok"))

    # ------------------------------------------------------------ the clock: one readable table

    def _schedule(self) -> None:
        parts = self._parts
        self._every(seconds=2, job=self._refresh_feed)
        self._every(seconds=TICK_S, job=self._tick)
        self._every(minutes=1, job=lambda: customer_list_jobs.sync_customers(parts), soon=True)
        self._every(minutes=1, job=lambda: customer_list_jobs.write_to_sheet(parts))
        self._every(minutes=1, job=lambda: google_contacts_jobs.tend_contacts(parts))
        if not parts.config.is_locked:
            self._every(minutes=1, job=lambda: replies_jobs.refresh_templates(parts), soon=True)
        self._every(hours=1, job=lambda: changes.prune(parts.db, parts.feed))
        self._every(hours=1, job=lambda: archive_jobs.prune(parts))
        self._every(hours=1, job=lambda: backups.send_to_drive(parts))
        self._every(hours=1, job=self._forget_old_statuses)
        self._every(hours=1, job=lambda: accounts_jobs.forget_what_ended(parts.db))
        self._daily(hour=3, job=lambda: backups.make_daily(parts.db, parts.config.data_dir))
        if parts.config.mode == "live":
            self._daily(hour=2, job=lambda: numbers.test(parts))  # a token near its end, a number of poor quality
        self._daily(hour=4, job=lambda: backups.check_nightly(parts.db))

    def _every(self, *, job: Callable[[], Any], soon: bool = False, **interval: int) -> None:
        start = {"next_run_time": _soon()} if soon else {}
        self._scheduler.add_job(
            _logged(job), _Every(timedelta(**interval)), **start, coalesce=True, max_instances=1, misfire_grace_time=None
        )

    def _daily(self, *, hour: int, job: Callable[[], Any]) -> None:
        self._scheduler.add_job(
            _logged(job), "cron", hour=hour, coalesce=True, max_instances=1, misfire_grace_time=12 * 3600
        )

    def _tick(self) -> None:
        """Due work is rows; this only says "look"."""
        self._ticked_at = time.monotonic()
        for name in ("outbox", "media", "archive", "history"):
            self._parts.db.signal(name).set()
        with contextlib.suppress(StorageError):
            if self._parts.db.last_storage_error:
                self._parts.db.try_writing()
            self._parts.db.tend_wal()
        self._archive.begin_if_connected()

    def _watch_the_clock(self) -> None:
        """The clock of jobs and due times is the wall clock. Set back, it would leave all of them waiting for as long."""
        offset = clock.now() - time.monotonic()
        while not self._stopping.wait(TICK_S):
            jump = clock.now() - time.monotonic() - offset
            if abs(jump) > JUMP_S:
                try:
                    self._start_anew(round(jump))
                except Exception:  # a locked disk: the next look finds the same jump
                    log.exception("the jump of the clock could not be followed")
                else:
                    offset += jump

    def _start_anew(self, jump: int) -> None:
        log.warning("the clock was set", extra={"seconds": jump})
        self._scheduler.remove_all_jobs()
        self._schedule()
        now = clock.now()
        for queries in (outbox_queries, media_queries, archive_queries, customer_list_queries):
            self._parts.db.write(queries.hurry, now)
        self._parts.db.write(drive.release)
        for name in ("outbox", "media", "archive"):
            self._parts.db.signal(name).set()

    def _refresh_feed(self) -> None:
        """A command beside the server (users create) has committed: its changes must reach the browsers too."""
        with self._parts.db.read() as connection:
            newest, oldest = changes_queries.bounds(connection)
        self._parts.feed.oldest = oldest
        self._parts.feed.announce(newest)

    def _forget_old_statuses(self) -> None:
        before = clock.now() - STATUS_KEPT_S
        self._parts.db.write(messages_queries.forget_old_statuses, before, 1000)

    def _remove_sandbox(self) -> None:
        """An invented customer's number may be a real person's. (The outbox sends from a chat's own number only, too.)"""
        config = self._parts.config
        invented = sandbox.traces(config)
        if invented is None or invented.phone_number_id == config.whatsapp_phone_number_id:
            return
        if demo.remove(self._parts.db, invented.phone_number_id, invented.waba_id):
            sandbox.forget_phones(config)

    def _start_sandbox(self) -> None:
        config = self._parts.config
        host = "127.0.0.1" if config.host in ("0.0.0.0", "::", "") else config.host
        handle = sandbox.start(config, f"http://{host}:{config.port}/webhook/whatsapp")
        self._held.callback(handle.stop)
        self._app.extensions["sandbox"] = handle
        self._parts.clients.whatsapp = WhatsAppClient(
            handle.graph_url,
            config.graph_api_version,
            config.whatsapp_access_token,
            config.whatsapp_phone_number_id,
            config.whatsapp_business_account_id,
            media_hosts=config.media_hosts,
        )
        with self._parts.db.read() as connection:
            is_empty = not messages_queries.has_messages(connection)
        if is_empty:
            handle.seed()


def install_health(app: Flask, runtime: Runtime) -> None:
    @public
    @describe(
        "Is the process sound?",
        "Database, writer and clock only: Meta or Google being away is no reason to start anew.",
        answers={200: Health, 503: Health},
        tag="about",
    )
    def get_health() -> Response:
        return runtime.health()

    app.add_url_rule("/healthz", "healthz", get_health)


class _Every(BaseTrigger):  # type: ignore[misc]
    """APScheduler's own interval goes through every time that was missed: 1.3 million of two seconds, 30 days ahead."""

    def __init__(self, interval: timedelta) -> None:
        self._interval = interval

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        due = (previous or now) + self._interval
        return due if due > now else now + self._interval


def _soon() -> datetime:
    return datetime.fromtimestamp(clock.now(), UTC) + timedelta(seconds=1)


def _logged(job: Callable[[], Any]) -> Callable[[], None]:
    """A job that fails is logged and comes again at its next time."""

    def run() -> None:
        try:
            job()
        except StorageError as error:
            log.error("a job could not use the database", extra={"job": job.__qualname__, "reason": error.message})
        except Exception:
            log.exception("a job failed", extra={"job": job.__qualname__})

    return run
