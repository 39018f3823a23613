"""Another process reads in one old snapshot while deliveries come in: the WAL grows, is told, and shrinks afterwards."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.server import InboxServer
from benchmarks.traffic import Shop
from db.connection import LARGEST_WAL
from db_manager import sqlite3 as products_sqlite
from tests.builders import sign

SHRINKS_WITHIN_S = 60.0
MEGABYTE = 1024 * 1024


@dataclass
class Report:
    seconds: float
    delivered: int = 0
    refused: int = 0
    answers_ms: list[float] = field(default_factory=list)
    largest_wal: int = 0
    told: bool = False
    shrank_after_s: float = 0.0
    wal_at_the_end: int = 0
    missing: int = 0
    damage: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        times = sorted(self.answers_ms)
        return (
            f"a reader open for {self.seconds:.0f} s: {self.delivered} deliveries taken, {self.refused} refused, answers"
            f" {times[len(times) // 2]:.0f} ms (median), {times[int(len(times) * 0.99)]:.0f} ms (p99); the WAL grew to"
            f" {self.largest_wal / MEGABYTE:.0f} MB, {'told' if self.told else 'NOT TOLD'}; {self.shrank_after_s:.0f} s"
            f" after the reader had gone {self.wal_at_the_end / MEGABYTE:.0f} MB; missing {self.missing},"
            f" damage: {self.damage or 'none'}"
        )


def run(seconds: float, *, per_second: float, seed: int = 1) -> Report:
    report = Report(seconds)
    with tempfile.TemporaryDirectory(prefix="inbox-reader-") as folder:
        server = InboxServer(Path(folder) / "data")
        wal = Path(f"{server.database}-wal")
        try:
            server.start()
            with contextlib.closing(products_sqlite.connect(server.database, isolation_level=None)) as reader:
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM messages").fetchall()
                _deliver_for(server, seconds, per_second, seed, report)
                report.largest_wal = wal.stat().st_size
                _wait(lambda: "old snapshot" in server.log(), 15)
            report.told = "old snapshot" in server.log()
            began = time.monotonic()
            _wait(lambda: wal.stat().st_size <= LARGEST_WAL, SHRINKS_WITHIN_S)
            report.shrank_after_s = time.monotonic() - began
            report.wal_at_the_end = wal.stat().st_size
        finally:
            server.stop()
        with contextlib.closing(sqlite3.connect(server.database)) as connection:
            [(count,)] = connection.execute("SELECT count(*) FROM messages")
        report.missing = report.delivered - count
        report.damage = server.problems()
    return report


def _deliver_for(server: InboxServer, seconds: float, per_second: float, seed: int, report: Report) -> None:
    """Bodies of 40 KB, so that a short run fills as much as a day of small ones."""
    shop, started = Shop("reader", seed), time.monotonic()
    while (now := time.monotonic()) < started + seconds:
        _, body = shop.next_message()
        body = body.replace(b"#", b"#" + b"x" * 40_000, 1)
        status, _ = server.call("POST", "/webhook/whatsapp", body, sign(body), timeout=30)
        report.answers_ms.append((time.monotonic() - now) * 1000)
        report.delivered += status == 200
        report.refused += status != 200
        time.sleep(max(0.0, now + 1 / per_second - time.monotonic()))


def _wait(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not condition():
        time.sleep(0.2)
