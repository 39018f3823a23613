"""Meta's Graph API hangs, drips, cuts its answers or answers with web pages, on every call that we make of it at once.

Sends, uploads, downloads, read marks and the list of templates are all stuck while webhooks come in and staff read.
Afterwards everything drains by itself: what certainly did not leave is sent once, what is uncertain is `unconfirmed`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import socket
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.server import InboxServer, make_tokens
from benchmarks.traffic import Shop
from tests.builders import NOON, OUR_WABA_ID, contact, inbound, message, sign
from tests.fakes.fault_server import FaultServer, Reply, Request, answer, fault_server
from tests.features.media import samples

MODES = ("hang", "drip", "cut", "html")
CUSTOMERS = 8
BUTTON_PRESSES = 12  # of "fetch the templates", each in a thread of its own
DRAINS_WITHIN_S = 180.0  # a file that failed three times waits for more than a minute
PHOTO = samples.picture()
PAGE = b"<!DOCTYPE html><html><body><h1>Sorry, something went wrong.</h1></body></html>"


@dataclass
class Report:
    mode: str
    webhooks_ms: list[float] = field(default_factory=list)
    pages_ms: list[float] = field(default_factory=list)
    bad_answers: list[str] = field(default_factory=list)  # of webhooks and pages
    most_threads: int = 0
    calls: Counter[str] = field(default_factory=Counter)  # at the bad Graph, by what was asked
    drained_after_s: float = 0.0
    statuses: Counter[str] = field(default_factory=Counter)
    taken_twice: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  # said to be sent but never taken, or unconfirmed though it never left
    not_stored: int = 0

    def __str__(self) -> str:
        return (
            f"Graph in mode {self.mode} ({', '.join(f'{kind} {count}' for kind, count in sorted(self.calls.items()))}):"
            f" {len(self.webhooks_ms)} webhooks {_p(self.webhooks_ms)}, {len(self.pages_ms)} pages {_p(self.pages_ms)},"
            f" other answers: {self.bad_answers[:5] or 'none'}; at most {self.most_threads} threads; drained after"
            f" {self.drained_after_s:.0f} s: {dict(self.statuses)}, taken twice {self.taken_twice or 'none'},"
            f" wrong {self.wrong or 'none'}, files not stored: {self.not_stored}"
        )


def _p(times: list[float]) -> str:
    ordered = sorted(times)
    return f"{ordered[len(ordered) // 2]:.0f} ms (median) {ordered[int(len(ordered) * 0.99)]:.0f} ms (p99)"


class _Graph:
    """Our own small model of Meta, good or bad as told; calls that are stuck are let go, unanswered, when it is good again."""

    def __init__(self, server: FaultServer, mode: str) -> None:
        self.calls: Counter[str] = Counter()
        self.taken: Counter[str] = Counter()  # texts, well answered
        self.tried: set[str] = set()  # texts of which a bad call may have been carried out
        self._server, self._mode = server, mode
        self._good = threading.Event()
        self._numbers = iter(range(1, 10**9))
        server.reply_to = self._reply

    def heal(self) -> None:
        self._good.set()

    def _reply(self, request: Request) -> Reply:
        kind = _kind(request)
        is_good = self._good.is_set()
        if kind == "send":
            text = _text(json.loads(request.body))
            if is_good:
                self.taken[text] += 1
            else:
                self.tried.add(text)
        if is_good:
            return answer(PHOTO, Content_Type="image/jpeg") if kind == "download" else answer(self._result(kind))
        self.calls[kind] += 1
        return self._badly

    def _badly(self, sock: socket.socket) -> None:
        if self._mode == "html":
            sock.sendall(answer(PAGE, 502, Content_Type="text/html"))
        elif self._mode == "cut":
            sock.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n{"messages": [')
        elif self._mode == "hang":
            self._good.wait(120)
        else:
            for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 600:
                sock.sendall(bytes([byte]))
                if self._good.wait(0.2):
                    return

    def _result(self, kind: str) -> dict[str, Any]:
        number = next(self._numbers)
        file = {"url": self._server.url("/file/1"), "mime_type": "image/jpeg", "file_size": len(PHOTO)}
        results: dict[str, dict[str, Any]] = {
            "send": {"messaging_product": "whatsapp", "messages": [{"id": f"wamid.graph{number}"}]},
            "read": {"success": True},
            "upload": {"id": f"{number}"},
            "templates": {"data": []},
            "media": file | {"sha256": hashlib.sha256(PHOTO).hexdigest()},
        }
        return results[kind]


def _kind(request: Request) -> str:
    if request.path.startswith("/file/"):
        return "download"
    if request.path.endswith("/messages"):
        return "read" if b'"status"' in request.body else "send"
    if request.path.endswith("/media"):
        return "upload"
    return "templates" if f"/{OUR_WABA_ID}/" in request.path else "media"


def _text(body: dict[str, Any]) -> str:
    return str(body["text"]["body"] if body["type"] == "text" else body[body["type"]].get("caption"))


def run(mode: str, seconds: float, *, seed: int = 1) -> Report:
    report = Report(mode)
    with tempfile.TemporaryDirectory(prefix="inbox-graph-") as folder, fault_server(b"") as faults:
        graph = _Graph(faults, mode)
        server = InboxServer(Path(folder) / "data", graph_url=faults.url(""))
        token = make_tokens(server.config(), 1)[0]
        _tell_customers_what_is_read(server)
        try:
            server.start(MEDIA_HOSTS="127.0.0.1")
            texts = _make_work(server, token)
            presses = [threading.Thread(target=_press, args=(server, token)) for _ in range(BUTTON_PRESSES)]
            for press in presses:
                press.start()
            _measure(server, token, seconds, seed, report)
            report.calls = Counter(graph.calls)
            graph.heal()
            began = time.monotonic()
            _until(lambda: _is_drained(server), DRAINS_WITHIN_S)
            report.drained_after_s = time.monotonic() - began
            for press in presses:
                press.join()
        finally:
            server.stop()
        _inspect(server, graph, texts, report)
    return report


def _tell_customers_what_is_read(server: InboxServer) -> None:
    with contextlib.closing(sqlite3.connect(server.database)) as connection:
        connection.execute("INSERT INTO settings (key, value, updated_at) VALUES ('tell_customers_read', 'true', ?)", (NOON,))
        connection.commit()


def _make_work(server: InboxServer, token: str) -> list[str]:
    """A photo to fetch, a text and a photo to send and a read mark for each of some customers. Gives the texts sent."""
    bearer = {"Authorization": f"Bearer {token}"}
    texts = []
    for number in range(CUSTOMERS):
        phone = f"8525300{number:04d}"
        photo = {"id": f"media{number}", "mime_type": "image/jpeg"}
        items = [message("Hello", sender=phone, at=int(time.time()))]
        items.append(message(sender=phone, at=int(time.time()), type="image", image=photo))
        body = json.dumps(inbound(*items, contacts=[contact(phone, f"Customer {number}")])).encode()
        _expect(server.call("POST", "/webhook/whatsapp", body, sign(body)), 200)
        chat_path = f"/api/messages?phone={phone}"
        newest = json.loads(_expect(server.get(chat_path, bearer), 200))["messages"][-1]
        mark = json.dumps({"message_id": newest["id"]}).encode()
        as_json = bearer | {"Content-Type": "application/json"}
        _expect(server.call("POST", f"/api/chats/{number + 1}/read", mark, as_json), 200)
        text = f"A text for {number}"
        order = {"phone": phone, "client_msg_id": text.replace(" ", "-"), "type": "text", "text": text}
        _expect(server.call("POST", "/api/send", json.dumps(order).encode(), as_json), 201)
        caption = f"A photo for {number}"
        form, content_type = _form({"phone": phone, "client_msg_id": caption.replace(" ", "-"), "caption": caption}, PHOTO)
        _expect(server.call("POST", "/api/send", form, bearer | {"Content-Type": content_type}), 201)
        texts += [text, caption]
    return texts


def _form(fields: dict[str, str], file: bytes) -> tuple[bytes, str]:
    mark = "form-of-the-test"
    part = "--{mark}\r\nContent-Disposition: form-data; name=\"{key}\"\r\n\r\n{text}\r\n"
    parts = [part.format(mark=mark, key=key, text=text).encode() for key, text in fields.items()]
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    return b"".join([*parts, head.encode(), file, f"\r\n--{mark}--\r\n".encode()]), f"multipart/form-data; boundary={mark}"


def _expect(answered: tuple[int, bytes], status: int) -> bytes:
    if answered[0] != status:
        raise RuntimeError(f"answered {answered[0]}: {answered[1][:300].decode(errors='replace')}")
    return answered[1]


def _press(server: InboxServer, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with contextlib.suppress(OSError):
        server.call("POST", "/api/templates/sync", b"{}", headers, timeout=60)


def _measure(server: InboxServer, token: str, seconds: float, seed: int, report: Report) -> None:
    """Twenty webhooks and twenty pages a second, and how many threads the server has meanwhile."""
    shop, bearer = Shop(f"graph{seed}", seed), {"Authorization": f"Bearer {token}"}
    pages = ("/api/chats", "/api/messages?conversation_id=1", "/api/updates?since=0", "/login")
    began, number = time.monotonic(), 0
    while time.monotonic() < began + seconds:
        _, body = shop.next_message()
        _timed(server, "POST", "/webhook/whatsapp", body, sign(body), report.webhooks_ms, report)
        _timed(server, "GET", pages[number % len(pages)], None, bearer, report.pages_ms, report)
        report.most_threads = max(report.most_threads, *map(_threads, server.pids()))
        number += 1
        time.sleep(max(0.0, began + number * 0.05 - time.monotonic()))


def _timed(
    server: InboxServer, method: str, path: str, body: bytes | None, headers: dict[str, str], times: list[float], report: Report
) -> None:
    started = time.monotonic()
    status, _ = server.call(method, path, body, headers)
    times.append((time.monotonic() - started) * 1000)
    if status not in (200, 302):
        report.bad_answers.append(f"{path} {status}")


def _threads(pid: int) -> int:
    found = re.search(r"^Threads:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found[1]) if found else 0


def _is_drained(server: InboxServer) -> bool:
    with contextlib.closing(sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)) as connection:
        waiting = connection.execute(
            "SELECT (SELECT count(*) FROM outbox WHERE state <> 'unconfirmed') + (SELECT count(*) FROM media"
            " WHERE state = 'pending') + (SELECT count(*) FROM conversations WHERE read_to_tell IS NOT NULL)"
        ).fetchone()[0]
    return bool(waiting == 0)


def _until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not condition():
        time.sleep(0.1)


def _inspect(server: InboxServer, graph: _Graph, texts: list[str], report: Report) -> None:
    with contextlib.closing(sqlite3.connect(server.database)) as connection:
        statuses = dict(connection.execute("SELECT text, status FROM messages WHERE direction = 'out'"))
        [(report.not_stored,)] = connection.execute("SELECT count(*) FROM media WHERE state <> 'stored'")
    report.statuses = Counter(statuses.get(text, "missing") for text in texts)
    report.taken_twice = [text for text, times in graph.taken.items() if times > 1 or text in graph.tried]
    for text in texts:
        expected = "accepted" if graph.taken[text] else "unconfirmed" if text in graph.tried else "never left"
        if statuses.get(text) != expected:
            report.wrong.append(f"{text}: {statuses.get(text)}, not {expected}")
