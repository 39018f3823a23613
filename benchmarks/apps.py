"""What gunicorn serves for measurements: the product itself with plain routes beside it in the same process."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import sqlite3
import threading
import time
from datetime import datetime, tzinfo
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from apscheduler.schedulers import base as apscheduler_base
from flask import Flask, Response, abort, request
from flask_sock import Sock
from simple_websocket import ConnectionClosed, Server
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from app import create_app
from benchmarks import faulty_disk
from features.chats import list_queries
from system import clock
from tests.builders import APP_SECRET

_for_life = contextlib.ExitStack()
_BARE_PAGE = """<!doctype html><title>bare</title><body><script>
const socket = new WebSocket(`ws://${location.host}/plain/live`);
socket.onopen = () => (window.isOpen = true);
socket.onmessage = ({ data }) => {
  const line = document.createElement("div");
  line.textContent = JSON.parse(data).text;
  document.body.append(line);
  line.scrollIntoView();
};
</script>"""


def with_plain_routes() -> Flask:
    """The product, and under /plain a Flask application without any of our hooks to compare it with."""
    product = create_app()
    commits = _remember_commits(product)
    plain = _plain_routes(Path(product.extensions["services"].config.data_dir) / "plain.db", commits)
    product.wsgi_app = DispatcherMiddleware(product.wsgi_app, {"/plain": plain})  # type: ignore[method-assign]
    return product


def _remember_commits(product: Flask) -> dict[int, int]:
    """seq -> monotonic nanoseconds (one clock for all processes of a machine) at which its commit was over."""
    commits: dict[int, int] = {}
    database = product.extensions["services"].db
    announce = database.on_change

    def note(seq: int) -> None:
        commits[seq] = time.monotonic_ns()
        announce(seq)

    database.on_change = note
    return commits


def _plain_routes(path: Path, commits: dict[int, int]) -> Flask:
    """The usual receiver: HMAC, JSON, one INSERT under a lock, each its own commit, as durable as ours (FULL)."""
    plain = Flask("plain", static_folder=None)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    lock = threading.Lock()
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, wamid TEXT UNIQUE, sender TEXT, text TEXT, at INTEGER)")

    sockets: set[Server] = set()

    @plain.get("/hello")
    def hello() -> Response:
        return Response("hello", mimetype="text/plain")

    @plain.post("/webhook")
    def webhook() -> Response:
        keep_message()
        return Response("ok", mimetype="text/plain")

    @plain.post("/message")
    def push_message() -> Response:
        frame = json.dumps({"text": keep_message()})
        for socket in list(sockets):
            socket.send(frame)
        return Response("ok", mimetype="text/plain")

    def keep_message() -> str:
        raw = request.get_data()
        expected = "sha256=" + hmac.new(APP_SECRET.encode(), raw, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, request.headers.get("X-Hub-Signature-256", "")):
            abort(403)
        message = json.loads(raw)["entry"][0]["changes"][0]["value"]["messages"][0]
        row = (message["id"], message["from"], message["text"]["body"], int(message["timestamp"]))
        with lock:
            connection.execute("INSERT INTO messages (wamid, sender, text, at) VALUES (?, ?, ?, ?)", row)
        return str(row[2])

    @plain.get("/page")
    def page() -> Response:
        return Response(_BARE_PAGE, mimetype="text/html")

    @Sock(plain).route("/live")
    def live(socket: Server) -> None:
        sockets.add(socket)
        with contextlib.suppress(ConnectionClosed):
            while True:
                socket.receive()
        sockets.discard(socket)

    @plain.get("/commits")
    def get_commits() -> Response:
        return Response(json.dumps(dict(commits)), mimetype="application/json")

    return plain


def on_a_disk_that_fails() -> Flask:
    """The product, whose every write and sync of the database fails while the file that BROKEN_DISK names is there."""
    disk = _for_life.enter_context(faulty_disk.installed())
    disk.switch = Path(os.environ["BROKEN_DISK"])
    return create_app()


def with_a_clock_that_jumps() -> Flask:
    """The product, whose wall clock (ours and APScheduler's) is off by the seconds in the file that CLOCK_OFFSET names."""
    file = Path(os.environ["CLOCK_OFFSET"])

    def now() -> float:
        return time.time() + int(file.read_text())

    class Datetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return datetime.fromtimestamp(now(), tz)

    clock.time = SimpleNamespace(time=now)  # type: ignore[assignment]
    apscheduler_base.datetime = Datetime
    return create_app()


def that_stumbles() -> Flask:
    """The product with a bug: counting the chats raises an error whose words are the headers of the request."""
    product = create_app()

    def stumble(*_: object) -> None:
        raise ValueError(f"no idea what to count for {request.headers}")

    list_queries.counts = stumble  # type: ignore[assignment]
    return product


def that_crashes() -> Flask:
    """The product, killed at one point of one of its sends.

    CRASH_AT: "before" the call to Meta (our `sending` is committed), or "after" its answer (not yet committed).
    CRASH_ON: which send of this process, from 1.
    """
    product = create_app()
    clients = product.extensions["services"].clients
    clients.whatsapp = _Crashing(clients.whatsapp, os.environ.get("CRASH_AT", ""), int(os.environ.get("CRASH_ON", "0")))
    return product


class _Crashing:
    """Passes everything on to the real client."""

    def __init__(self, client: Any, at: str, on: int) -> None:
        self._client = client
        self._at = at
        self._left = on
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def send(self, body: dict[str, Any]) -> Any:
        with self._lock:
            self._left -= 1
            is_the_one = self._left == 0
        if is_the_one and self._at == "before":
            _die()
        answer = self._client.send(body)
        if is_the_one and self._at == "after":
            _die()
        return answer


def _die() -> None:
    """As `kill -9` of the whole group: no handler runs, no file is flushed."""
    os.killpg(os.getpgrp(), 9)
    time.sleep(60)  # until the signal is here
