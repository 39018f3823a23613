"""50 messages a second while 50 browsers look on: what the webhooks take, and whether memory stays where it is."""

from __future__ import annotations

import http.client
import statistics
import threading
import time
from collections.abc import Callable

from benchmarks.listeners import Listeners
from benchmarks.load import at_percent
from benchmarks.server import InboxServer, make_tokens, proportional_memory
from benchmarks.table import Result
from benchmarks.traffic import Shop
from tests.builders import sign

BROWSERS, SOCKETS_EACH = 50, 2  # two tabs of 25 members of staff
PER_SECOND = 50
POSTERS, READERS = 4, 4
_WARM_UP = 0.2  # of the time: caches and thread stacks fill
_READS = ("/api/chats?limit=50", "/api/messages?conversation_id={chat}&limit=50", "/api/updates?since=0")


def busy_day(server: InboxServer, minutes: float) -> list[Result]:
    """Every browser keeps a WebSocket open and reads something once a second, as the page does after a push."""
    tokens = make_tokens(server.config(), BROWSERS // SOCKETS_EACH, f"busy{time.time_ns()}")
    ends = time.monotonic() + 60 * minutes
    reads: list[float] = []
    memory: list[tuple[float, int]] = []
    others = [threading.Thread(target=_browse, args=(server, tokens, number, ends, reads)) for number in range(READERS)]
    others.append(threading.Thread(target=_watch_memory, args=(server, ends, memory)))
    with Listeners(server.port, tokens, SOCKETS_EACH) as listeners:
        for thread in others:
            thread.start()
        posted = _post(server, ends)
        for thread in others:
            thread.join()
        heard = listeners.finish()
    if heard["open"] != BROWSERS:
        raise RuntimeError(f"only {heard['open']} of {BROWSERS} sockets are still open")
    first, last = _thirds(memory)
    return [
        Result(
            f"webhooks at {PER_SECOND}/s with {BROWSERS} open browsers, p99",
            at_percent(sorted(posted), 99),
            "ms",
            bar=100,
            at_least=False,
            detail=f"{len(posted):,} webhooks in {minutes:g} min, p50 {at_percent(sorted(posted), 50):.1f} ms; "
            f"{len(reads):,} reads of the browsers, p99 {at_percent(sorted(reads), 99):.0f} ms",
        ),
        Result(
            f"memory at the end / at the beginning of these {minutes:g} min",
            last / first,
            bar=1.1,
            at_least=False,
            detail=f"{last / 1e6:.0f} MB / {first / 1e6:.0f} MB (PSS, master + worker)",
        ),
    ]


def _post(server: InboxServer, ends: float) -> list[float]:
    """PER_SECOND deliveries a second, whatever the answers take. Milliseconds of each."""
    shop, lock = Shop(f"busy-{time.time_ns()}"), threading.Lock()
    took: list[float] = []
    begin = time.monotonic()

    def work(first: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        for number in range(first, 10**9, POSTERS):
            due = begin + number / PER_SECOND
            if due > ends:
                return
            with lock:
                body = shop.next_message()[1]
            time.sleep(max(0.0, due - time.monotonic()))
            started = time.monotonic()
            connection.request("POST", "/webhook/whatsapp", body=body, headers=sign(body))
            answer = connection.getresponse()
            answer.read()
            took.append(1000 * (time.monotonic() - started))
            if answer.status != 200:
                raise RuntimeError(f"a webhook was answered {answer.status}")

    _in_threads(POSTERS, work)
    return took


def _browse(server: InboxServer, tokens: list[str], number: int, ends: float, took: list[float]) -> None:
    """A quarter of the browsers' reads."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    every = READERS / BROWSERS
    due, count = time.monotonic() + number * every / READERS, number
    while due < ends:
        time.sleep(max(0.0, due - time.monotonic()))
        path = _READS[count % len(_READS)].format(chat=count % 500 + 1)
        started = time.monotonic()
        connection.request("GET", path, headers={"Authorization": f"Bearer {tokens[count % len(tokens)]}"})
        answer = connection.getresponse()
        answer.read()
        took.append(1000 * (time.monotonic() - started))
        if answer.status not in (200, 404):
            raise RuntimeError(f"{path} was answered {answer.status}")
        due, count = due + every, count + 1


def _watch_memory(server: InboxServer, ends: float, seen: list[tuple[float, int]]) -> None:
    while (now := time.monotonic()) < ends:
        seen.append((now, proportional_memory(server.pids())))
        time.sleep(min(5.0, max(0.1, (ends - now) / 30)))


def _thirds(seen: list[tuple[float, int]]) -> tuple[float, float]:
    """The median of the first and of the last third after the warm-up."""
    settled = [size for _, size in seen[int(len(seen) * _WARM_UP) :]]
    third = max(len(settled) // 3, 1)
    return statistics.median(settled[:third]), statistics.median(settled[-third:])


def _in_threads(count: int, work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
