"""What open pages cost: `python -m benchmarks.live` (about 5 minutes; needs Chromium). Writes its table of docs/performance.md.

    python -m benchmarks.live --quick          smaller and fewer rounds, prints only
    python -m benchmarks.live --only page      one of: cost, figures, page; prints only
"""

from __future__ import annotations

import argparse
import http.client
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from benchmarks import generator, painting, table
from benchmarks.listeners import Listeners
from benchmarks.server import InboxServer, make_tokens, processor_s, running
from benchmarks.table import Result
from benchmarks.traffic import PEOPLE, Shop, phone_of
from tests.builders import sign

BROWSERS = 20
PER_SECOND = 40
SETTLES_S = 0.5


def measure_cost(rounds: int, scale: float) -> list[Result]:
    """Processor time of the server for a message, with browsers and without."""
    count = int(600 * scale)
    with running() as server:
        office = Office(server)
        office.receive(count, reading=0)  # caches and thread stacks fill
        turns = []
        for _ in range(rounds):
            alone = office.receive(count, reading=0)
            with Listeners(server.port, office.tokens, 1) as listeners:
                closed = office.receive(count, reading=0)
                opened = office.receive(count, reading=BROWSERS)
                if (heard := listeners.finish())["open"] != BROWSERS:
                    raise RuntimeError(f"only {heard['open']} of {BROWSERS} sockets are still open")
            turns.append((alone, closed, opened))
            time.sleep(SETTLES_S)  # until the server has noticed that the sockets are gone
    alone, closed, opened = (1000 * statistics.median(column) / count for column in zip(*turns, strict=True))
    return [
        Result(
            f"processor of the server a message, {BROWSERS} browsers / none",
            statistics.median(turn[2] / turn[0] for turn in turns),
            bar=3,
            at_least=False,
            detail=f"each has one of the {BROWSERS} busiest of {PEOPLE} chats open, so {office.seen_share:.0%} of the messages "
            f"are read at once; {opened:.2f} ms / {alone:.2f} ms",
        ),
        Result(
            f"the same, {BROWSERS} browsers in which the chat is closed / none",
            statistics.median(turn[1] / turn[0] for turn in turns),
            bar=3,
            at_least=False,
            detail=f"{closed:.2f} ms / {alone:.2f} ms",
        ),
    ]


class Office:
    """Customers who write, and staff whose browsers do what the page does: see tests/browser/test_requests.py."""

    def __init__(self, server: InboxServer) -> None:
        self.server = server
        self.tokens = make_tokens(server.config(), BROWSERS)
        self.seen_share = 0.0
        self._shop = Shop(f"live-{time.time_ns()}")
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        for person in range(PEOPLE):
            self._deliver(person)
        self._chats = self._open_chats()
        self._newest = self._newest_id()

    def receive(self, count: int, *, reading: int) -> float:
        """That many messages, PER_SECOND a second. `reading`: of how many customers a browser has the chat open.
        Seconds of processor time.
        """
        chance, seen = random.Random(count), 0
        worker = self.server.pids()[1]
        before, begin = processor_s(worker), time.monotonic()
        for number in range(count):
            person = int(PEOPLE * chance.random() ** 3)  # a few write most
            time.sleep(max(0.0, begin + number / PER_SECOND - time.monotonic()))
            self._deliver(person)
            self._newest += 1
            if person < reading:
                self._see(self._chats[person], self.tokens[person])
                seen += 1
        time.sleep(SETTLES_S)
        self.seen_share = seen / count
        return processor_s(worker) - before

    def _see(self, chat: int, token: str) -> None:
        """What the page asks for when a message comes into its open chat."""
        read = orjson.dumps({"message_id": self._newest})
        self._call("POST", f"/api/chats/{chat}/read", read, token)
        self._call("GET", f"/api/chats/{chat}/details", None, token)

    def _deliver(self, person: int) -> None:
        body = self._shop.next_message(phone_of(person))[1]
        self._request("POST", "/webhook/whatsapp", body, sign(body))

    def _open_chats(self) -> dict[int, int]:
        """person -> chat."""
        chats: dict[str, int] = {}
        cursor: str | None = ""
        while cursor is not None:
            page = self._call("GET", f"/api/chats?limit=100{cursor}", None, self.tokens[0])
            chats |= {chat["phone"].lstrip("+"): chat["id"] for chat in page["chats"]}
            cursor = f"&cursor={page['next_cursor']}" if page["next_cursor"] else None
        return {person: chats[phone_of(person)] for person in range(PEOPLE)}

    def _newest_id(self) -> int:
        chats = self._call("GET", "/api/chats?limit=100", None, self.tokens[0])["chats"]
        return max(int(chat["last_message"]["id"]) for chat in chats)

    def _call(self, method: str, path: str, body: bytes | None, token: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        answer: dict[str, Any] = orjson.loads(self._request(method, path, body, headers))
        return answer

    def _request(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> bytes:
        self._connection.request(method, path, body=body, headers=headers)
        answer = self._connection.getresponse()
        raw = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} was answered {answer.status}: {raw[:200]!r}")
        return raw


def measure_figures(rounds: int, scale: float) -> list[Result]:
    """What is kept instead of counted, in a large shop."""
    chats, messages = int(100_000 * scale), int(300_000 * scale)
    with _large_shop(chats, messages) as (server, token):
        counts = [_processor_ms(server, token, "/api/chats/counts") for _ in range(rounds)]
        path = f"/api/chats/{generator.BIG_CHAT}/details"
        details = [_processor_ms(server, token, path) for _ in range(rounds)]
    return [
        Result(
            f"GET /api/chats/counts with {chats:,} chats, processor",
            statistics.median(counts), "ms", bar=3, at_least=False,
        ),
        Result(
            f"GET /api/chats/<id>/details of a chat of {messages // 5:,} messages, processor",
            statistics.median(details), "ms", bar=5, at_least=False,
        ),
    ]  # fmt: skip


@contextmanager
def _large_shop(chats: int, messages: int) -> Iterator[tuple[InboxServer, str]]:
    with tempfile.TemporaryDirectory(prefix="inbox-live-") as folder:
        server = InboxServer(Path(folder) / "data")
        server.data_dir.mkdir()
        generator.fill(server.database, messages, chats=chats)
        try:
            token = make_tokens(server.config(), 1)[0]
            server.start()
            yield server, token
        finally:
            server.stop()


def _processor_ms(server: InboxServer, token: str, path: str, calls: int = 300) -> float:
    worker, connection = server.pids()[1], http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    before = processor_s(worker)
    for _ in range(calls):
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} was answered {answer.status}")
    connection.close()
    return 1000 * (processor_s(worker) - before) / calls


PARTS: dict[str, Callable[[int, float], list[Result]]] = {
    "cost": measure_cost,
    "figures": measure_figures,
    "page": painting.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description="Measure what the open pages cost.")
    parser.add_argument("--quick", action="store_true", help="smaller, prints only")
    parser.add_argument("--only", choices=PARTS, help="one part, prints only")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are stopped too
    rounds, scale = (3, 0.2) if options.quick else (5, 1.0)
    started = time.monotonic()
    results: list[Result] = []
    for name, measure in PARTS.items():
        if options.only in (None, name):
            print(f"measuring: {name} ...", flush=True)
            results += measure(rounds, scale)
    took = time.monotonic() - started
    text = f"{table.render(results)}\n\n{table.machine()}. Median of {rounds} rounds, {took:.0f} s in all."
    print(text)
    if not options.quick and not options.only:
        table.write(text, "live")


if __name__ == "__main__":
    main()
