"""For a while the database takes no write: another process holds its lock, or the folder has become read-only.

Deliveries are refused (503) and nothing else happens: pages are read, and afterwards the same process takes it all.

A folder cannot be made read-only under a running server: root passes every chmod, and Linux refuses to remount what has
a file open for writing. So each write and sync of the database fails below SQLite, as it does with EROFS
(`benchmarks/faulty_disk.py`). Starting on a folder that is read-only already: tests/reliability/test_storage.py.
"""

from __future__ import annotations

import contextlib
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.server import PRODUCT, InboxServer, make_tokens
from benchmarks.soak.outage import READS, Aftermath, deliver, deliver_again, is_read, look_at_the_file
from benchmarks.traffic import Shop
from db_manager import sqlite3

CLIENTS = 8
MEANS = ("locked", "read-only")
BEFORE_S = 0.5  # of good deliveries, before and after
ON_ITS_WAY_S = 0.5


@dataclass
class Report:
    means: str
    seconds: float
    answers: Counter[int] = field(default_factory=Counter)
    during: Counter[int] = field(default_factory=Counter)  # asked and answered while nothing could be written
    slowest_refusal_s: float = 0.0
    reads_s: list[float] = field(default_factory=list)
    failed_reads: list[int] = field(default_factory=list)
    after: Aftermath = field(default_factory=Aftermath)

    def __str__(self) -> str:
        return (
            f"{self.means} for {self.seconds:.0f} s: answers {dict(self.answers)}, meanwhile {dict(self.during)},"
            f" refused within {self.slowest_refusal_s:.1f} s; {len(self.reads_s)} reads meanwhile,"
            f" {statistics.median(self.reads_s) * 1000:.0f} ms (median), {max(self.reads_s) * 1000:.0f} ms (longest),"
            f" failed: {self.failed_reads or 'none'}; {self.after}"
        )


def run(means: str, seconds: float, *, seed: int = 1) -> Report:
    """`seconds` beyond 5, our busy time-out, or a lock is only waited for."""
    report = Report(means, seconds)
    with tempfile.TemporaryDirectory(prefix="inbox-nowrites-") as folder:
        switch = Path(folder) / "broken"
        application = PRODUCT if means == "locked" else "benchmarks.apps:on_a_disk_that_fails()"
        server = InboxServer(Path(folder) / "data", application=application)
        token = make_tokens(server.config(), 1)[0]
        try:
            server.start(BROKEN_DISK=str(switch))
            pids = server.pids()
            with _Clients(server, seed) as clients:
                time.sleep(BEFORE_S)
                with _locked(server.database) if means == "locked" else _broken(switch):
                    _read_meanwhile(server, token, clients, time.monotonic() + seconds, report)
                time.sleep(BEFORE_S)
            _collect(clients, report)
            report.after = deliver_again(server, clients.refused, pids)
        finally:
            server.stop()
        look_at_the_file(server, clients.taken | {wamid for wamid, _ in clients.refused}, report.after)
    return report


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@contextlib.contextmanager
def _broken(switch: Path) -> Iterator[None]:
    switch.touch()
    try:
        yield
    finally:
        switch.unlink()


class _Clients:
    """Eight that deliver one new message after the other, each once; what was refused is kept."""

    def __init__(self, server: InboxServer, seed: int) -> None:
        self.taken: set[str] = set()
        self.refused: list[tuple[str, bytes]] = []
        self.answers: list[tuple[float, float, int]] = []  # asked, answered, status
        self._server = server
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(seed * 1000 + n,)) for n in range(CLIENTS)]

    def __enter__(self) -> _Clients:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _work(self, seed: int) -> None:
        shop = Shop(f"n{seed}", seed)
        while not self._stopping.is_set():
            wamid, body = shop.next_message()
            asked = time.monotonic()
            status = deliver(self._server, body)
            with self._lock:
                self.answers.append((asked, time.monotonic(), status))
                if status == 200:
                    self.taken.add(wamid)
                else:
                    self.refused.append((wamid, body))
            if status != 200:
                self._stopping.wait(0.05)


def _read_meanwhile(server: InboxServer, token: str, clients: _Clients, until: float, report: Report) -> None:
    began = time.monotonic()
    bearer = {"Authorization": f"Bearer {token}"}
    while time.monotonic() < until:
        for path in READS:
            started = time.monotonic()
            status, body = server.get(path, bearer, timeout=30)
            report.reads_s.append(time.monotonic() - started)
            if not is_read(status, body):
                report.failed_reads.append(status)
        time.sleep(0.1)
    ended = time.monotonic()
    # By when it was answered: who asked just before waits too. What was committed before is on its way for a moment.
    settled = began + ON_ITS_WAY_S
    report.during = Counter(status for _, answered, status in list(clients.answers) if settled < answered < ended)


def _collect(clients: _Clients, report: Report) -> None:
    report.answers = Counter(status for _, _, status in clients.answers)
    report.slowest_refusal_s = max((end - start for start, end, status in clients.answers if status == 503), default=0.0)
