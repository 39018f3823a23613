"""The load client, a process of its own: `python -m benchmarks.load`, orders as JSON lines in, figures as JSON lines out.

A closed loop over N open connections (each sends its next request when the answer to the last one is there), on one
thread with epoll, so that it takes as little as possible of the cores that it shares with the server.
"""

from __future__ import annotations

import json
import selectors
import socket
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from benchmarks.server import ROOT
from benchmarks.traffic import Shop, get


@dataclass(frozen=True)
class Figures:
    """Of one turn. `rate` in requests per second, the rest in milliseconds. `wrong`: answers that were not 2xx."""

    rate: float
    p50: float
    p99: float
    wrong: int


class LoadClient:
    """Starts the process. Use as a context manager."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.load"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, port: int, path: str, count: int, clients: int, *, name: str = "", token: str = "") -> Figures:
        """`name` makes the wamids unique; a path that ends in "webhook" (or under it) is posted to, others are read."""
        order = {"port": port, "path": path, "count": count, "clients": clients, "name": name, "token": token}
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return Figures(**json.loads(self._process.stdout.readline()))

    def __enter__(self) -> LoadClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()  # its end of file is the order to go
        self._process.wait(timeout=30)
        self._process.stdout.close()


class _Line:
    """One connection and the answer it is waiting for."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.buffer = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def status(self) -> int | None:
        """Read what is there; the status when the answer is complete."""
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the server closed the connection")
        self.buffer += piece
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = self.buffer[:end].lower()
        status = int(head[9:12])
        at = head.find(b"content-length:")
        length = 0 if status == 204 or at < 0 else int(head[at + 15 :].split(b"\r\n", 1)[0])
        return status if len(self.buffer) >= end + 4 + length else None


def drive(port: int, requests: list[bytes], clients: int) -> Figures:
    """Send all requests over `clients` connections; each takes the next one when it is free."""
    waiting = deque(requests)
    lines = [_Line(port) for _ in range(min(clients, len(requests)))]
    took: list[float] = []
    wrong = 0
    with selectors.DefaultSelector() as selector:
        started = time.perf_counter()
        for line in lines:
            selector.register(line.socket, selectors.EVENT_READ, line)
            line.send(waiting.popleft())
        while len(took) < len(requests):
            for key, _ in selector.select(30):
                line = key.data
                status = line.status()
                if status is None:
                    continue
                took.append(time.perf_counter() - line.sent_at)
                wrong += not 200 <= status < 300
                if waiting:
                    line.send(waiting.popleft())
        elapsed = time.perf_counter() - started
    for line in lines:
        line.socket.close()
    took.sort()
    return Figures(len(took) / elapsed, 1000 * at_percent(took, 50), 1000 * at_percent(took, 99), wrong)


def at_percent(ordered: list[float], percent: float) -> float:
    """Of values in rising order."""
    return ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)]


def _requests(order: dict[str, Any]) -> list[bytes]:
    if order["path"].endswith(("/webhook", "/webhook/whatsapp")):
        return list(Shop(order["name"]).requests(order["path"], order["count"]))
    headers = {"Authorization": f"Bearer {order['token']}"} if order["token"] else None
    return [get(order["path"], headers)] * order["count"]


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        figures = drive(order["port"], _requests(order), order["clients"])
        print(json.dumps(vars(figures)), flush=True)


if __name__ == "__main__":
    main()
