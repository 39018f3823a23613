"""Errors on demand: the next calls of a kind fail in a chosen way, as Meta and the network do on bad days."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from flask import Response

from sandbox.errors import GraphError

KINDS = ("send", "read", "upload", "media", "download", "delete", "templates", "number", "any")
MODES = ("error", "async", "silent", "http", "html", "hang", "slow", "reset", "cut", "truncated", "drip")
HTML = "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Sorry, something went wrong.</h1></body></html>"


class ConnectionDropped(ConnectionError):
    """Makes the server reset the connection instead of answering (see `sandbox/wire.py`)."""


@dataclass
class Fault:
    """How the next `count` calls of `kind` go wrong, after `skip` good ones. count -1: until cleared.

    Modes: `error` Graph's error with `code` (`status`, `retry_after` optional) · `async` accepted, then a failed
    status with `code` · `silent` accepted, no status ever · `http` bare `status` · `html` a page with `status` ·
    `hang` no answer for `seconds`, then the connection closes (before) or the answer comes (after) · `slow` a late but
    good answer · `reset` connection reset · `cut` half of a good answer, then the connection closes · `truncated` half
    of the JSON as a complete answer · `drip` a good answer, one byte every `seconds`.
    `when` is "before" (nothing was accepted) or "after" (Meta took it, the caller does not learn it); `async`,
    `silent`, `slow`, `cut`, `truncated` and `drip` always take it.
    """

    kind: str = "send"
    mode: str = "error"
    code: int = 131000
    status: int | None = None
    details: str = ""
    retry_after: float | None = None
    seconds: float = 30.0
    when: str = "before"
    count: int = 1
    skip: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.mode not in MODES or self.when not in ("before", "after"):
            raise ValueError(f"no such fault: {self.kind} {self.mode} {self.when}")


class Faults:
    """The faults waiting to happen, first in first out within a kind. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self.closing = threading.Event()  # lets go of hanging calls when the server stops

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def listing(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._waiting]

    def take(self, kind: str) -> Fault | None:
        with self._lock:
            for fault in self._waiting:
                if fault.kind not in (kind, "any"):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    return None
                if fault.count > 0:
                    fault.count -= 1
                    if fault.count == 0:
                        self._waiting.remove(fault)
                return fault
        return None

    def apply(self, fault: Fault | None, proceed: Callable[[], Response]) -> Response:
        """Answer a call: `proceed` does the real work. Raises GraphError or ConnectionDropped."""
        if fault is None or fault.mode in ("async", "silent"):
            return proceed()
        if fault.mode in ("error", "http", "html", "reset", "hang"):
            return self._refuse(fault, proceed)
        if fault.mode == "slow":
            self.closing.wait(fault.seconds)
            return proceed()
        return self._garble(fault, proceed())

    def _refuse(self, fault: Fault, proceed: Callable[[], Response]) -> Response:
        answer = proceed() if fault.when == "after" else None
        if fault.mode == "error":
            raise GraphError(fault.code, fault.details, status=fault.status, retry_after=fault.retry_after)
        if fault.mode == "hang":
            self.closing.wait(fault.seconds)
        if fault.mode in ("http", "html"):
            body = HTML if fault.mode == "html" else ""
            return Response(body, fault.status or 502, content_type="text/html; charset=utf-8")
        if fault.mode == "hang" and answer is not None:
            return answer
        raise ConnectionDropped(fault.mode)

    def _garble(self, fault: Fault, answer: Response) -> Response:
        body = answer.get_data()
        half = body[: len(body) // 2]
        if fault.mode == "truncated":
            return Response(half, answer.status_code, content_type=answer.content_type)
        pieces = self._drip(body, fault.seconds) if fault.mode == "drip" else _cut(half)
        garbled = Response(pieces, answer.status_code, content_type=answer.content_type)
        garbled.headers["Content-Length"] = str(len(body))
        return garbled

    def _drip(self, body: bytes, seconds: float) -> Iterator[bytes]:
        for index in range(len(body)):
            yield body[index : index + 1]
            if self.closing.wait(seconds):
                return


def _cut(half: bytes) -> Iterator[bytes]:
    yield half
    raise ConnectionDropped("cut")
