"""The server dies before, in and after its calls to Meta. What Meta took is counted by a double that outlives it.

Nothing may be lost (every message is sent, or stands there as `unconfirmed` for a person to decide), and nothing may
reach the customer twice unless a person asked for it.
"""

from __future__ import annotations

import contextlib
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.server import ACCESS_TOKEN, ROOT, Died, InboxServer, free_port, make_tokens
from benchmarks.traffic import Shop
from tests.builders import APP_SECRET, OUR_NUMBER_ID, OUR_WABA_ID, sign

APPLICATION = "benchmarks.apps:that_crashes()"
# before: `sending` is committed, nothing has left. refused_in: the call is there, Meta has not taken it. taken_in: Meta took
# it and has not answered. after: Meta has answered, and we have not committed that.
POINTS = ("before", "refused_in", "taken_in", "after")
CUSTOMERS = 3
MESSAGES = 4  # a round; the crash comes with one of the first CUSTOMERS, which leave at once
SETTLES_WITHIN_S = 60.0
Order = tuple[str, int]  # text, customer
SENT = ("accepted", "sent", "delivered", "read", "played")


@dataclass
class Report:
    rounds: int
    posted: int = 0
    crashes: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    in_the_air: set[str] = field(default_factory=set)  # at the moment of a crash
    reconciled: int = 0  # of those: taken by Meta, and found out by the status that came later
    lost: list[str] = field(default_factory=list)  # neither sent nor waiting for a decision, or claimed sent but never taken
    twice: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    wrongly_unconfirmed: list[str] = field(default_factory=list)  # Meta took it and said so, yet it is still open

    def __str__(self) -> str:
        return (
            f"{self.rounds} crashes ({', '.join(f'{point} {count}' for point, count in sorted(self.crashes.items()))}):"
            f" {self.posted} messages, {len(self.lost)} lost, {len(self.twice)} sent twice,"
            f" {len(self.in_the_air)} in the air: {self.reconciled} reconciled by their status,"
            f" {self.statuses['unconfirmed']} unconfirmed (Meta never took them),"
            f" {len(self.wrongly_unconfirmed)} wrongly unconfirmed, {len(self.unsettled)} unsettled"
        )


def run(rounds: int, *, seed: int = 1) -> Report:
    chance, report = random.Random(seed), Report(rounds)
    with tempfile.TemporaryDirectory(prefix="inbox-outbox-") as folder:
        port = free_port()
        with _double(f"http://127.0.0.1:{port}/webhook/whatsapp") as double:
            server = InboxServer(Path(folder) / "data", application=APPLICATION, port=port, graph_url=double.url)
            try:
                token = make_tokens(server.config(), 1)[0]
                texts, left_over = _crash_often(server, double, token, rounds, chance, report)
                server.start()
                texts += _post_all(server, token, left_over)
                _wait_until_settled(server, double)
            finally:
                server.kill()
            _inspect(server, double, texts, report)
    return report


class _Double:
    """sandbox/graph.py as a process of its own."""

    def __init__(self, url: str) -> None:
        self.url = url

    def control(self, order: dict[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self.url}/_control",
            data=json.dumps(order).encode() if order is not None else None,
            headers={"Authorization": f"Bearer {ACCESS_TOKEN}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def taken(self) -> Counter[str]:
        """How often each text was taken."""
        return Counter(one["body"]["text"]["body"] for one in self.control()["accepted"])


@contextlib.contextmanager
def _double(webhook: str) -> Iterator[_Double]:
    command = [sys.executable, "-m", "sandbox.graph", "--webhook-url", webhook, "--access-token", ACCESS_TOKEN]
    command += ["--app-secret", APP_SECRET, "--phone-number-id", OUR_NUMBER_ID, "--waba-id", OUR_WABA_ID]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield _Double(process.stdout.readline().strip())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _crash_often(
    server: InboxServer, double: _Double, token: str, rounds: int, chance: random.Random, report: Report
) -> tuple[list[str], list[Order]]:
    """One life of the server a round. Gives all texts that were answered, and what a browser would still repeat."""
    texts: list[str] = []
    open_orders: list[Order] = []
    for number in range(rounds):
        point = POINTS[number % len(POINTS)]
        on = chance.randint(1, CUSTOMERS)
        calls = double.control()["counts"].get("send", 0)
        at = point if point in ("before", "after") else ""
        try:
            server.start(CRASH_AT=at, CRASH_ON=str(on))
        except Died:
            if not at:
                raise
            _note_crash(server, point, report)  # with a message of an earlier round, before anybody could ask how it is
            continue
        if number == 0:
            _open_windows(server)
        if not at:
            taken = "after" if point == "taken_in" else "before"
            double.control({"fail": {"kind": "send", "mode": "hang", "seconds": 2, "when": taken, "skip": on - 1}})
        open_orders += [(f"Your booking {number}-{one} is confirmed.", one % CUSTOMERS) for one in range(MESSAGES)]
        texts += _post_all(server, token, open_orders)
        if at:
            died = server.wait_for_death(SETTLES_WITHIN_S)
        else:
            died = _wait_for(lambda least=calls + on: double.control()["counts"].get("send", 0) >= least)  # type: ignore[misc]
            time.sleep(0.05)  # let Meta take it, or not
        server.kill()
        _note_crash(server, point if died else f"{point} (did not happen)", report)
    return texts, open_orders


def _note_crash(server: InboxServer, point: str, report: Report) -> None:
    report.crashes[point] += 1
    with server.snapshot() as copy, contextlib.closing(sqlite3.connect(copy)) as connection:
        report.in_the_air |= {row[0] for row in connection.execute("SELECT text FROM messages WHERE status = 'sending'")}


def _open_windows(server: InboxServer) -> None:
    shop = Shop("windows")
    for customer in range(CUSTOMERS):
        _, body = shop.next_message(sender=_phone(customer))
        status, _ = server.call("POST", "/webhook/whatsapp", body, sign(body))
        if status != 200:
            raise RuntimeError(f"the customer's message was answered {status}")


def _phone(customer: int) -> str:
    return f"8525100{customer:04d}"


def _post_all(server: InboxServer, token: str, orders: list[Order]) -> list[str]:
    """Post what is open; what was answered is taken out of `orders` and returned. The crash may come in between."""
    done = []
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for text, customer in list(orders):
        order = {"phone": f"+{_phone(customer)}", "client_msg_id": text.replace(" ", "-"), "type": "text", "text": text}
        try:
            status, answer = server.call("POST", "/api/send", json.dumps(order).encode(), headers, timeout=5)
        except OSError:
            break
        if status not in (200, 201):
            raise RuntimeError(f"a message was answered {status}: {answer.decode()}")
        done.append(text)
        orders.remove((text, customer))
    return done


def _wait_until_settled(server: InboxServer, double: _Double) -> None:
    """Until nothing is on its way any more and every status of what Meta took has come in."""

    def settled() -> bool:
        taken = double.taken()
        return all(
            status in ("delivered", "read") if taken[text] else status in ("unconfirmed", "failed")
            for text, status in _statuses(server).items()
        )

    _wait_for(settled)


def _statuses(server: InboxServer) -> dict[str, str]:
    with contextlib.closing(sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)) as connection:
        return dict(connection.execute("SELECT text, status FROM messages WHERE direction = 'out'"))


def _wait_for(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + SETTLES_WITHIN_S
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def _inspect(server: InboxServer, double: _Double, texts: list[str], report: Report) -> None:
    taken, statuses = double.taken(), _statuses(server)
    report.posted = len(texts)
    report.twice = sorted(text for text, times in taken.items() if times > 1)
    report.statuses = Counter(statuses[text] for text in texts if text in statuses)
    for text in texts:
        status = statuses.get(text)
        if status is None or (status in SENT and not taken[text]):
            report.lost.append(text)
        elif status in ("queued", "sending", "failed", "cancelled"):
            report.unsettled.append(f"{text} {status}")
        elif status == "unconfirmed" and taken[text]:
            report.wrongly_unconfirmed.append(text)
    report.reconciled = sum(statuses.get(text) in SENT for text in report.in_the_air)
