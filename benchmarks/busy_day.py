"""50 messages a second while 50 browsers look on: what the webhooks take, and whether memory stays where it is."""

from __future__ import annotations

import http.client
import statistics
import threading
import time
from collections.abc import Callable

import orjson
import simple_websocket

from benchmarks.listeners import Listeners
from benchmarks.load import at_percent
from benchmarks.server import InboxServer, make_tokens, proportional_memory
from benchmarks.table import Result
from benchmarks.traffic import Shop, person_of
from tests.builders import sign

BROWSERS, SOCKETS_EACH = 50, 2  # two tabs of 25 members of staff
PER_SECOND = 50
POSTERS = 4
POLLS_EVERY_S, OPENS_EVERY_S = 25, 20  # a browser: beside its socket, and another chat by somebody's click
_WARM_UP = 0.2  # of the time: caches and thread stacks fill
_OPENING = ("/api/messages?conversation_id={chat}&limit=50", "/api/chats/{chat}/details")


def busy_day(server: InboxServer, minutes: float) -> list[Result]:
    """Every browser keeps a WebSocket open, has the chat of one customer open, and asks for what the page asks for: nothing for
    a message into a closed chat, two calls for one into its own (tests/browser/test_requests.py), the poll beside the socket.
    """
    tokens = make_tokens(server.config(), BROWSERS // SOCKETS_EACH, f"busy{time.time_ns()}")
    ends = time.monotonic() + 60 * minutes
    reads: list[float] = []
    memory: list[tuple[float, int]] = []
    others = [
        threading.Thread(target=_see_messages, args=(server, tokens, ends, reads, heard_seq := [0])),
        threading.Thread(target=_look_around, args=(server, tokens, ends, reads, heard_seq)),
        threading.Thread(target=_watch_memory, args=(server, ends, memory)),
    ]
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
            f"{len(reads):,} calls of the browsers, p99 {at_percent(sorted(reads), 99):.0f} ms",
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


def _see_messages(server: InboxServer, tokens: list[str], ends: float, took: list[float], heard_seq: list[int]) -> None:
    """Of all browsers, what a frame of the feed makes the one do that has the chat open: customer n's in browser n.
    `heard_seq[0]` follows the frames.
    """
    caller, headers = _Caller(server, took), {"Authorization": f"Bearer {tokens[-1]}"}
    socket = simple_websocket.Client(f"ws://127.0.0.1:{server.port}/api/live", headers=headers)
    while time.monotonic() < ends:
        frame = orjson.loads(socket.receive(timeout=1) or "{}")
        heard_seq[0] = frame.get("seq", heard_seq[0])
        for chat in frame.get("chats", ()):
            person = person_of((chat["phone"] or "").lstrip("+"))
            if person is None or person >= BROWSERS or not chat["unread_count"]:
                continue
            read = orjson.dumps({"message_id": chat["last_message"]["id"]})
            caller.call(tokens[person // SOCKETS_EACH], "POST", f"/api/chats/{chat['id']}/read", read)
            caller.call(tokens[person // SOCKETS_EACH], "GET", f"/api/chats/{chat['id']}/details")
    socket.close()


def _look_around(server: InboxServer, tokens: list[str], ends: float, took: list[float], heard_seq: list[int]) -> None:
    """Of all browsers, what nobody's message causes: the polls, and another chat that somebody opens."""
    caller, count = _Caller(server, took), 0
    every = 1 / (BROWSERS / POLLS_EVERY_S + BROWSERS / OPENS_EVERY_S)
    due = time.monotonic()
    while due < ends:
        time.sleep(max(0.0, due - time.monotonic()))
        token = tokens[count % len(tokens)]
        if count % (POLLS_EVERY_S + OPENS_EVERY_S) < OPENS_EVERY_S:  # as many as their share of a second
            caller.call(token, "GET", f"/api/updates?since={heard_seq[0]}")
        else:
            for path in _OPENING:
                caller.call(token, "GET", path.format(chat=count % 500 + 1))
        due, count = due + every, count + 1


class _Caller:
    """One connection of a browser. Notes how long each call took, in ms."""

    def __init__(self, server: InboxServer, took: list[float]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self._took = took

    def call(self, token: str, method: str, path: str, body: bytes | None = None) -> bytes:
        started = time.monotonic()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._connection.request(method, path, body=body, headers=headers)
        answer = self._connection.getresponse()
        raw = answer.read()
        self._took.append(1000 * (time.monotonic() - started))
        if answer.status not in (200, 204, 404):
            raise RuntimeError(f"{path} was answered {answer.status}")
        return raw


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
