"""Browsers that listen, as a process of its own: `python -m benchmarks.listeners` opens the WebSockets it is told to.

In: one JSON line {"port", "tokens", "each"}; out: "ready". In: any line; out: {"open", "resets", "heard": [[seq, ns], ...]},
with one entry for every seq and socket, at the monotonic time at which it was heard first.
A WebSocket client of 60 lines, because the figure is about the server: RFC 6455, only what a listener needs.
"""

from __future__ import annotations

import base64
import json
import os
import re
import selectors
import socket
import struct
import subprocess
import sys
import time
from types import TracebackType
from typing import Any

from benchmarks.server import ROOT

_SEQ = re.compile(rb'"seq":(\d+),"kind"')
GIVES_UP_S = 15.0
_PING, _PONG, _CLOSE = 0x9, 0xA, 0x8


class Listeners:
    """Starts the process and waits until all sockets are open. Use as a context manager."""

    def __init__(self, port: int, tokens: list[str], each: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.listeners"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._write(json.dumps({"port": port, "tokens": tokens, "each": each}))
        assert self._process.stdout
        if self._process.stdout.readline().strip() != "ready":
            self._process.wait(timeout=10)
            raise RuntimeError("the listeners could not connect")

    def finish(self) -> dict[str, Any]:
        assert self._process.stdout
        self._write("")
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found

    def _write(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def __enter__(self) -> Listeners:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


class _Ear:
    def __init__(self, port: int, token: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /api/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self.socket.recv(4096)
            if not piece:
                break
            head += piece
        if not head.startswith(b"HTTP/1.1 101"):
            raise ConnectionError(head[:200].decode(errors="replace"))
        self.buffer = head.split(b"\r\n\r\n", 1)[1]
        self.heard: dict[int, int] = {}

    def frames(self) -> list[tuple[int, bytes]]:
        """(opcode, payload) of every complete frame that has come."""
        self.buffer += self.socket.recv(65536)
        found = []
        while len(self.buffer) >= 2:
            length, start = self.buffer[1] & 0x7F, 2
            if length == 126:
                length, start = struct.unpack(">H", self.buffer[2:4].rjust(2, b"\0"))[0], 4
            elif length == 127:
                length, start = struct.unpack(">Q", self.buffer[2:10].rjust(8, b"\0"))[0], 10
            if len(self.buffer) < start + length:
                break
            found.append((self.buffer[0] & 0x0F, self.buffer[start : start + length]))
            self.buffer = self.buffer[start + length :]
        return found

    def pong(self, payload: bytes) -> None:
        """A client's frames are masked; a mask of zeros leaves the payload as it is."""
        self.socket.sendall(bytes([0x80 | _PONG, 0x80 | len(payload)]) + bytes(4) + payload)


def _open(port: int, token: str) -> _Ear:
    """The server notices within seconds that the sockets of the run before are gone; until then it has no room."""
    deadline = time.monotonic() + GIVES_UP_S
    while True:
        try:
            return _Ear(port, token)
        except ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def listen(ears: list[_Ear]) -> dict[str, Any]:
    """Until a line comes in."""
    still_open, resets = len(ears), 0
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin, selectors.EVENT_READ, None)
        for ear in ears:
            selector.register(ear.socket, selectors.EVENT_READ, ear)
        while True:
            for key, _ in selector.select():
                if key.data is None:
                    heard = [pair for ear in ears for pair in ear.heard.items()]
                    return {"open": still_open, "resets": resets, "heard": heard}
                frames = key.data.frames()
                now = time.monotonic_ns()
                for opcode, payload in frames:
                    if opcode == _PING:
                        key.data.pong(payload)
                    elif opcode == _CLOSE:
                        selector.unregister(key.data.socket)
                        still_open -= 1
                    else:
                        resets += b'"reset":true' in payload
                        for seq in _SEQ.findall(payload):
                            key.data.heard.setdefault(int(seq), now)


def main() -> None:
    order = json.loads(sys.stdin.readline())
    ears = [_open(order["port"], token) for token in order["tokens"] for _ in range(order["each"])]
    print("ready", flush=True)
    print(json.dumps(listen(ears)), flush=True)
    for ear in ears:
        ear.socket.close()


if __name__ == "__main__":
    main()
