"""A server on 127.0.0.1 that misbehaves on demand: each connection reads one request and gets the next scripted reply."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

Reply = bytes | Callable[[socket.socket], None]


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class FaultServer:
    port: int
    replies: list[Reply]
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    reply_to: Callable[[Request], Reply] | None = None  # instead of `replies`, for a server that looks at what is asked

    def url(self, path: str = "/x", scheme: str = "http", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


def answer(body: Any, status: int = 200, **headers: str) -> bytes:
    """A well-formed answer; header names are written with "_" for "-"."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(raw)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + raw


def reset(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def silence(seconds: float) -> Callable[[socket.socket], None]:
    return lambda sock: time.sleep(seconds)


def drip(data: bytes, pause: float = 0.05) -> Callable[[socket.socket], None]:
    """One byte at a time: every read gets something, the whole never ends."""

    def send(sock: socket.socket) -> None:
        for byte in data:
            sock.sendall(bytes([byte]))
            time.sleep(pause)

    return send


@contextmanager
def fault_server(*replies: Reply, tls: ssl.SSLContext | None = None) -> Iterator[FaultServer]:
    """The last reply is repeated for all further requests."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = FaultServer(listener.getsockname()[1], list(replies))
    stopping = threading.Event()

    def serve() -> None:
        while not stopping.is_set():
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            server.connections += 1
            threading.Thread(target=_handle, args=(server, sock, tls), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        stopping.set()
        listener.shutdown(socket.SHUT_RDWR)  # closing alone would leave the waiting accept() listening
        listener.close()


def _handle(server: FaultServer, sock: socket.socket, tls: ssl.SSLContext | None) -> None:
    try:
        sock.settimeout(5)
        if tls is not None:
            sock = tls.wrap_socket(sock, server_side=True)
        request = _read_request(sock)
        if request is None:
            return
        server.requests.append(request)
        if server.reply_to is not None:
            reply = server.reply_to(request)
        else:
            reply = server.replies.pop(0) if len(server.replies) > 1 else server.replies[0]
        if callable(reply):
            reply(sock)
        else:
            sock.sendall(reply)
    except OSError:
        pass  # the client gave up, which is what most tests are about
    finally:
        sock.close()


def _read_request(sock: socket.socket) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        block = sock.recv(65536)
        if not block:
            return None
        data += block
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += sock.recv(65536)
    method, path, _ = first.split(" ", 2)
    return Request(method, path, headers, body)
