"""Is the process sound? Database, writer and clock only: Meta or Google being away must not restart us."""

from __future__ import annotations

import time

from flask import Flask, Response

from core.errors import StorageError
from db_manager import Database
from web import answers
from web.guards import public
from web.openapi import describe
from web.respond import ok

CLOCK_STOPPED_S = 60


class Health:
    def __init__(self, db: Database) -> None:
        self._db = db
        self._ticked_at: float | None = None  # monotonic; None: the clock need not go

    def tick(self) -> None:
        """The clock goes."""
        self._ticked_at = time.monotonic()

    def rest(self) -> None:
        """The clock is stopped on purpose."""
        self._ticked_at = None

    def problems(self) -> list[str]:
        """Of "writer", "database", "clock"."""
        found = []
        if self._db.last_storage_error:
            found.append("writer")
        try:
            self._db.try_reading()
        except StorageError:
            found.append("database")
        if self._ticked_at is not None and time.monotonic() - self._ticked_at > CLOCK_STOPPED_S:
            found.append("clock")
        return found


def install(app: Flask, health: Health) -> None:
    """`GET /healthz`."""

    @describe(
        "Is the process sound?",
        "Database, writer and clock only: Meta or Google being away is no reason to start anew.",
        answers={200: answers.Health, 503: answers.Health},
        tag="about",
    )
    @public
    def get_health() -> Response:
        if problems := health.problems():
            return ok(answers.Health(status="failing", failing=problems), 503)
        return ok(answers.Health(status="ok"))

    app.add_url_rule("/healthz", "healthz", get_health)
