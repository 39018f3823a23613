"""Many at once say the same: one body from fifty threads, one `client_msg_id` ten times. One row, one send."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson

from benchmarks.server import InboxServer
from benchmarks.traffic import Shop
from tests.builders import sign


@dataclass
class Report:
    rounds: int
    answers: Counter[int] = field(default_factory=Counter)
    rows: Counter[int] = field(default_factory=Counter)  # how many rows a round left: must all be 1
    ids: Counter[int] = field(default_factory=Counter)  # how many different messages the answers of a round named

    def __str__(self) -> str:
        return f"{self.rounds} rounds: answers {dict(self.answers)}, rows a round {dict(self.rows)}"


def same_webhook(server: InboxServer, rounds: int, threads: int = 50, seed: int = 1) -> Report:
    shop, report = Shop(f"same{seed}", seed), Report(rounds)
    wamids = []
    for _ in range(rounds):
        wamid, body = shop.next_message()
        wamids.append(wamid)
        for status, _ in _at_once(threads, lambda body=body: server.call("POST", "/webhook/whatsapp", body, sign(body))):  # type: ignore[misc]
            report.answers[status] += 1
    with contextlib.closing(sqlite3.connect(server.database)) as connection:
        for wamid in wamids:
            [(count,)] = connection.execute("SELECT count(*) FROM messages WHERE wamid = ?", (wamid,))
            report.rows[count] += 1
    return report


def same_click(server: InboxServer, token: str, rounds: int, threads: int = 10, seed: int = 1) -> Report:
    """A browser that repeats its POST /api/send, all at the same instant."""
    shop, report = Shop(f"click{seed}", seed), Report(rounds)
    _, body = shop.next_message(sender="85251234567")  # opens the window
    server.call("POST", "/webhook/whatsapp", body, sign(body))
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    clicks = [f"click-{seed}-{number}" for number in range(rounds)]
    for click in clicks:
        order = json.dumps({"phone": "+85251234567", "client_msg_id": click, "type": "text", "text": f"Yes. {click}"}).encode()
        answers = _at_once(threads, lambda order=order: server.call("POST", "/api/send", order, headers))  # type: ignore[misc]
        for status, _ in answers:
            report.answers[status] += 1
        report.ids[len({orjson.loads(text)["message"]["id"] for _, text in answers})] += 1
    with contextlib.closing(sqlite3.connect(server.database)) as connection:
        for click in clicks:
            [(count,)] = connection.execute("SELECT count(*) FROM messages WHERE client_msg_id = ?", (click,))
            report.rows[count] += 1
    return report


def _at_once(threads: int, call: Callable[[], tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    barrier = threading.Barrier(threads)
    answers: list[tuple[int, bytes]] = []

    def work() -> None:
        barrier.wait()
        answers.append(call())

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return answers
