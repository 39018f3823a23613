"""Every kind of secret is a value of its own; a bad day is lived through; then log, database and backup are searched.

The bad day: sign-ins right and wrong, a Graph that repeats what it was sent inside its errors, exceptions that carry the
request's headers, unsigned and garbled deliveries, requests that gunicorn itself refuses.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import secrets
import socket
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from app import create_app
from benchmarks.server import InboxServer, make_tokens
from db_manager import Database
from features.accounts import staff
from features.backups import actions as backups
from tests.builders import MEI, contact, inbound, message, sign
from tests.fakes.fault_server import Reply, Request, answer, fault_server

APPLICATION = "benchmarks.apps:that_stumbles()"
EMAIL = "ona@example.com"
SETTLES_WITHIN_S = 30.0


@dataclass
class Report:
    searched: dict[str, int] = field(default_factory=dict)  # name of the file -> bytes
    log_lines: int = 0
    exceptions: int = 0  # in the log: without any, nothing was tried
    refused_calls: int = 0
    control: bool = False  # what may be in the database was found there: the search works
    found: list[str] = field(default_factory=list)  # "session cookie in server.log"

    def __str__(self) -> str:
        sizes = ", ".join(f"{name} {size:,} bytes" for name, size in self.searched.items())
        return (
            f"searched {sizes}; {self.log_lines} lines of log with {self.exceptions} exceptions, {self.refused_calls} calls"
            f" refused by Graph; found: {self.found or 'none'}"
        )


def run() -> Report:
    report, canary = Report(), _Canaries()
    with tempfile.TemporaryDirectory(prefix="inbox-canary-") as folder, fault_server(b"") as graph:
        graph.reply_to = _echo
        server = InboxServer(Path(folder) / "data", application=APPLICATION, graph_url=graph.url(""))
        secrets_of_setup = {
            "WHATSAPP_ACCESS_TOKEN": canary.make("access token"),
            "WHATSAPP_APP_SECRET": canary.make("app secret"),
            "WHATSAPP_VERIFY_TOKEN": canary.make("verify token"),
            "SECRET_KEY": canary.make("secret key"),
        }
        password = canary.make("password")
        _hire(server, password)
        canary.values["API token"] = make_tokens(server.config(), 1)[0]
        try:
            server.start(**secrets_of_setup)
            _live_through(server, canary, secrets_of_setup, password)
            report.refused_calls = len(graph.requests)
            wal = server.database.with_name("chat_history.db-wal")
            _search("the live WAL", wal.read_bytes(), canary.values, report)
            report.control = any(body.encode() in wal.read_bytes() for body in canary.bodies.values())
        finally:
            server.stop()
        backups.make_daily(Database(server.database), server.data_dir)
        log = server.log()
        report.log_lines, report.exceptions = log.count("\n"), log.count("Traceback")
        _search("server.log", log.encode(), canary.values | canary.bodies, report)
        for path in sorted(path for path in server.data_dir.rglob("*") if path.is_file()):
            _search(str(path.relative_to(server.data_dir)), path.read_bytes(), canary.values, report)
    return report


class _Canaries:
    def __init__(self) -> None:
        self.values: dict[str, str] = {}  # may be nowhere
        self.bodies: dict[str, str] = {}  # may be in the database, never in the log

    def make(self, name: str) -> str:
        self.values[name] = value = f"canary{secrets.token_hex(12)}"
        return value

    def body(self, name: str) -> str:
        self.bodies[name] = value = f"canary{secrets.token_hex(12)}"
        return value


def _echo(request: Request) -> Reply:
    """An error that repeats everything it was asked, as Meta's "Malformed access token ..." does."""
    words = f"Malformed access token {request.headers.get('authorization')} in {request.body[:2000].decode('latin-1')}"
    if request.path.endswith("/messages"):
        code = 190 if b"pause" in request.body else 100
        return answer({"error": {"message": words, "code": code, "error_data": {"details": words}}}, 400)
    return answer(f"<html>{words}</html>".encode(), 502)


def _hire(server: InboxServer, password: str) -> None:
    application = create_app(server.config())
    staff.create_user(application.extensions["sessions"], staff.new_user(EMAIL, "Ona", "owner", password), by=None)
    application.extensions["inbox"].stop()


def _live_through(server: InboxServer, canary: _Canaries, setup: dict[str, str], password: str) -> None:
    as_json = {"Content-Type": "application/json"}
    session = _log_in(server, password)
    canary.values["session cookie"] = session
    cookie = {"Cookie": f"__Host-session={session}", **as_json}
    bearer = {"Authorization": f"Bearer {canary.values['API token']}", **as_json}

    def call(method: str, path: str, body: object = None, headers: dict[str, str] = cookie) -> int:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        return server.call(method, path, raw, headers)[0]

    for _ in range(3):
        call("POST", "/api/login", {"email": EMAIL, "password": canary.make("wrong password")}, as_json)
    call("GET", "/api/chats", None, {"Authorization": f"Bearer {canary.make('wrong API token')}"})
    call("GET", "/api/chats", None, {"Cookie": f"__Host-session={canary.make('wrong cookie')}"})
    _challenge(call, setup["WHATSAPP_VERIFY_TOKEN"], canary.make("wrong verify token"))
    _deliver(server, canary, setup["WHATSAPP_APP_SECRET"])
    for headers in (cookie, bearer):
        call("POST", "/api/send", {"phone": MEI, "client_msg_id": "c" + headers.get("Cookie", "b")[:1], "type": "text",
                                   "text": canary.body("message of ours")}, headers)  # fmt: skip
        call("POST", "/api/send", b'{"text": "' + canary.body("half a body").encode(), headers)
        call("POST", "/api/templates/sync", {}, headers)
        call("GET", "/api/chats/counts", None, headers)  # stumbles, with the headers in its words
        call("GET", f"/api/chats?q={quote(canary.body('search'))}", None, headers)
    call("POST", "/api/me/password", {"current": password, "new": canary.make("new password")})
    _malformed(server, canary, session)
    _wait(lambda: b'"queued"' not in server.get(f"/api/messages?phone={MEI}", bearer)[1])
    call("POST", "/api/send", {"phone": MEI, "client_msg_id": "last", "type": "text", "text": f"pause {canary.body('held')}"})
    time.sleep(2)  # the refused file and the paused queue have written what they write
    call("POST", "/api/logout", {})


def _log_in(server: InboxServer, password: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    with contextlib.closing(connection):
        body = json.dumps({"email": EMAIL, "password": password})
        connection.request("POST", "/api/login", body=body, headers={"Content-Type": "application/json"})
        response = connection.getresponse()
        found = response.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
        response.read()
    return found


def _challenge(call: Callable[..., int], right: str, wrong: str) -> None:
    for token in (right, wrong):
        call("GET", f"/webhook/whatsapp?hub.mode=subscribe&hub.verify_token={token}&hub.challenge=123")


def _deliver(server: InboxServer, canary: _Canaries, secret: str) -> None:
    """Good ones, then every way in which a delivery can be bad."""
    now = int(time.time())
    name = canary.body("name of a customer")
    photo = {"id": "m1", "mime_type": "image/jpeg", "caption": canary.body("caption")}
    document = {"id": "m2", "mime_type": "application/pdf", "filename": f"{canary.body('file name')}.pdf"}
    items = [
        message(canary.body("message"), at=now),
        message(at=now, type="image", image=photo),
        message(at=now, type="document", document=document),
        message(at=now, type="shape_unheard_of", shape_unheard_of={"text": canary.body("unknown type")}),
        message(at=now, type="text", text=canary.body("text of the wrong shape")),
    ]
    good = json.dumps(inbound(*items, contacts=[contact(MEI, name)])).encode()
    poison = b'{"object": "whatsapp_business_account", "entry": ["' + canary.body("poison").encode() + b'"]}'
    for raw in (good, poison, b"{" + canary.body("garbage").encode()):
        server.call("POST", "/webhook/whatsapp", raw, sign(raw, secret))
        server.call("POST", "/webhook/whatsapp", raw, sign(raw, "another secret"))
        server.call("POST", "/webhook/whatsapp", raw, {"Content-Type": "application/json"})


def _malformed(server: InboxServer, canary: _Canaries, session: str) -> None:
    """What gunicorn itself refuses and puts into words."""
    token = canary.values["access token"]
    for request in (
        f"GET /?access_token={token} HTTP/9.9\r\n\r\n",
        f"GET / HTTP/1.1\r\nCookie __Host-session={session}\r\n\r\n",
        f"GE\x01T /?hub.verify_token={canary.values['verify token']} HTTP/1.1\r\nHost: x\r\n\r\n",
        f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {session}\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: x\r\n__Host-session={session}: {token}\r\n\r\n",
    ):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
            sock.sendall(request.encode("latin-1"))
            sock.recv(1000)


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SETTLES_WITHIN_S
    while time.monotonic() < deadline and not condition():
        time.sleep(0.2)


def _search(name: str, content: bytes, canaries: dict[str, str], report: Report) -> None:
    report.searched[name] = len(content)
    for kind, value in canaries.items():
        if value.encode() in content or base64.b64encode(value.encode()).rstrip(b"=")[:-1] in content:
            report.found.append(f"{kind} in {name}")
