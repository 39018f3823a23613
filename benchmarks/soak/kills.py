"""`kill -9` of the whole process group at random moments, under deliveries that Meta would repeat until they are answered.

What it proves: nothing that was answered 200 is lost or there twice, and the server comes back by itself. What it cannot
prove is durability against a power cut, since the page cache outlives a process: that is power_cuts.py.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import sqlite3
import statistics
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.server import InboxServer
from benchmarks.traffic import Shop
from tests.builders import sign

CLIENTS = 8
REDELIVERED = 0.2  # of the answered bodies are delivered once more, as Meta does when an answer was slow
PAUSE_S = 0.02


@dataclass
class Report:
    rounds: int
    acknowledged: int = 0
    redelivered: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    miscounted: list[str] = field(default_factory=list)  # conversations whose unread count is not their messages
    damage: list[str] = field(default_factory=list)
    back_after_s: list[float] = field(default_factory=list)
    per_second: float = 0.0

    def __str__(self) -> str:
        return (
            f"{self.rounds} kills at {self.per_second:.0f} webhooks/s: {self.acknowledged} acknowledged,"
            f" {self.redelivered} redelivered, {len(self.lost)} lost, {len(self.twice)} twice,"
            f" {len(self.miscounted)} miscounted, damage: {self.damage or 'none'};"
            f" back after {statistics.median(self.back_after_s):.2f} s (median), {max(self.back_after_s):.2f} s (longest)"
        )


def run(rounds: int, *, seed: int = 1, up_s: tuple[float, float] = (0.1, 0.9)) -> Report:
    """Kill `rounds` times, each `up_s` seconds after the server answered again."""
    chance = random.Random(seed)
    report = Report(rounds)
    with tempfile.TemporaryDirectory(prefix="inbox-kills-") as folder:
        server = InboxServer(Path(folder) / "data")
        senders = _Senders(server.port, seed)
        lived = 0.0
        try:
            server.start()
            senders.start()
            for _ in range(rounds):
                span = chance.uniform(*up_s)
                time.sleep(span)
                lived += span
                server.kill()
                report.damage += server.problems()
                report.back_after_s.append(server.start())
            senders.stop()
        finally:
            senders.stop()
            server.stop()
        report.acknowledged, report.redelivered = len(senders.acknowledged), senders.redelivered
        report.per_second = senders.answers / lived
        _inspect(server, senders.acknowledged, report)
    return report


class _Senders:
    """Clients that repeat a body until it is answered 200, and some of them again afterwards."""

    def __init__(self, port: int, seed: int) -> None:
        self.acknowledged: set[str] = set()
        self.redelivered = 0
        self.answers = 0
        self._port = port
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._work, args=(seed * 1000 + n,)) for n in range(CLIENTS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def _work(self, seed: int) -> None:
        shop, chance = Shop(f"k{seed}", seed), random.Random(seed)
        while not self._stopping.is_set():
            wamid, body = shop.next_message()
            if not self._deliver(body):
                return  # stopped before it was answered: nobody may expect it
            with self._lock:
                self.acknowledged.add(wamid)
            if chance.random() < REDELIVERED:
                # The same body, or the same message regrouped: another body, so only the wamid can tell.
                again = body if chance.random() < 0.5 else json.dumps(json.loads(body), indent=1).encode()
                if self._deliver(again):
                    with self._lock:
                        self.redelivered += 1

    def _deliver(self, body: bytes) -> bool:
        while not self._stopping.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
            with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
                connection.request("POST", "/webhook/whatsapp", body=body, headers=sign(body))
                if connection.getresponse().status == 200:
                    with self._lock:
                        self.answers += 1
                    return True
            self._stopping.wait(PAUSE_S)
        return False


def _inspect(server: InboxServer, acknowledged: set[str], report: Report) -> None:
    report.damage += server.problems()
    with contextlib.closing(sqlite3.connect(server.database)) as connection:
        times = dict(connection.execute("SELECT wamid, count(*) FROM messages GROUP BY wamid"))
        report.miscounted = [
            str(row[0])
            for row in connection.execute(
                "SELECT id FROM conversations AS c WHERE unread_count <>"
                " (SELECT count(*) FROM messages WHERE conversation_id = c.id AND is_unread = 1)"
            )
        ]
    report.lost = sorted(acknowledged - times.keys())
    report.twice = sorted(wamid for wamid, count in times.items() if count > 1)
