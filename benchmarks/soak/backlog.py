"""After a day without us Meta delivers everything at once: eight clients at full speed while somebody works in the inbox."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from dataclasses import dataclass, field

import orjson

from benchmarks.load import Figures, LoadClient, at_percent
from benchmarks.server import InboxServer, make_tokens, running

CLIENTS = 8
POLLS_EVERY_S = 0.25  # a browser asks for updates every second or less, and reloads what it shows when there are some


@dataclass
class Report:
    deliveries: int
    took: Figures | None = None
    reads_ms: dict[str, list[float]] = field(default_factory=dict)
    failed_reads: list[str] = field(default_factory=list)
    stored: int = 0
    miscounted: int = 0
    damage: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        assert self.took is not None
        reads = "; ".join(
            f"{path} {len(times)} times,"
            f" {at_percent(sorted(times), 50):.0f} ms (median) {at_percent(sorted(times), 99):.0f} ms (p99)"
            for path, times in self.reads_ms.items()
        )
        return (
            f"{self.deliveries} webhooks by {CLIENTS} clients at {self.took.rate:.0f}/s, {self.took.p50:.0f} ms (median)"
            f" {self.took.p99:.0f} ms (p99), other answers {self.took.wrong}; {reads}; failed reads:"
            f" {self.failed_reads[:3] or 'none'}; {self.stored} stored, {self.miscounted} chats miscounted,"
            f" damage: {self.damage or 'none'}"
        )


def run(deliveries: int, *, seed: int = 1) -> Report:
    report = Report(deliveries)
    with running() as server:
        token = make_tokens(server.config(), 1)[0]
        with LoadClient() as load:

            def deliver() -> None:
                report.took = load.run(server.port, "/webhook/whatsapp", deliveries, CLIENTS, name=f"backlog{seed}")

            flood = threading.Thread(target=deliver)
            flood.start()
            while flood.is_alive():
                _look(server, token, report)
                time.sleep(POLLS_EVERY_S)
            flood.join()
        server.stop()
        with contextlib.closing(sqlite3.connect(server.database)) as connection:
            [(report.stored,)] = connection.execute("SELECT count(*) FROM messages")
            [(report.miscounted,)] = connection.execute(
                "SELECT count(*) FROM conversations AS c WHERE unread_count <>"
                " (SELECT count(*) FROM messages WHERE conversation_id = c.id AND is_unread = 1)"
            )
        report.damage = server.problems()
    return report


def _look(server: InboxServer, token: str, report: Report) -> None:
    """As a browser does: what is new, then the list, then the newest chat."""
    chats = _get(server, token, "/api/chats", "", report)
    if chats.get("chats"):
        _get(server, token, "/api/messages", f"?conversation_id={chats['chats'][0]['id']}", report)
    _get(server, token, "/api/updates", "?since=0", report)


def _get(server: InboxServer, token: str, path: str, query: str, report: Report) -> dict[str, list[dict[str, int]]]:
    started = time.monotonic()
    status, body = server.get(path + query, {"Authorization": f"Bearer {token}"}, timeout=30)
    report.reads_ms.setdefault(path, []).append((time.monotonic() - started) * 1000)
    if status not in (200, 204):
        report.failed_reads.append(f"{path} {status}")
        return {}
    return orjson.loads(body) if body else {}  # type: ignore[no-any-return]
