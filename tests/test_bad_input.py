"""Bad input anywhere gets a 4xx in the error shape, never a 5xx. Walks the url_map, so a new route is covered at once."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app import create_app
from config import Config
from system import clock
from tests.builders import NOON, inbound, message, post_webhook, sign

HUGE = 10**40
TEXTS = ["", " ", "\x00", "a\x00b", "'; DROP TABLE messages; --", "%s%n{0}", "\u202e\ufeff", "💥" * 300, "x" * 20_000, "../../etc/passwd"]
VALUES: list[Any] = [None, True, -1, 0, 1.5, HUGE, -HUGE, [], {}, [[]], {"a": {"b": []}}, ["x"], *TEXTS]
RAW_BODIES = [
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"42",
    b"{",
    b"{}",
    b"\x00\xff\xfe",
    b'{"text": "\\ud800"}',
    b'{"message_id": 1e999}',
    b"[" * 5000,
    b'{"a":' * 3000,
    b'{"text": NaN}',
    json.dumps({"x": "y" * 100_000}).encode(),
]
# Every field name that any route reads: each is tried with every value, whatever the route is.
FIELDS = (
    "phone conversation_id client_msg_id type text context_wamid template message_id typed_name email password name role"
    " disabled current new preferences tell_customers_read code caption as_document peaks"
).split()
QUERY_VALUES = ("", "0", "-1", "1.5", "abc", "9" * 30, "%00", "%FF%FE", "%F0%9F%92%A5", "1.2.3", "-5.-5.-5", "x" * 5000, "1%0A")
HEADERS: list[dict[str, str]] = [
    {"Range": "bytes=9999999999999-"},
    {"Range": "bytes=-0"},
    {"Range": "bytes=5-2,a-b"},
    {"Range": "nonsense"},
    {"If-Modified-Since": "yesterday"},
    {"If-Range": "x"},
    {"Content-Length": "-1"},
    {"Content-Length": "abc"},
    {"Content-Type": "application/json; charset=nonsense"},
    {"Content-Type": "multipart/form-data"},
    {"Content-Type": "text/html"},
    {"Content-Type": "\xff\xfe"},
    {"Accept": "\x80"},
    {"Cookie": "__Host-session=\xff; =; ;;"},
    {"Host": "[::1"},
    {"Host": "a b"},
    {"Origin": "null"},
    {"Origin": "http://[::1"},
    {"Sec-Fetch-Site": "cross-site"},
    {"X-Forwarded-For": "x" * 5000},
    {"X-Forwarded-Proto": "gopher"},
    {"Authorization": "Bearer "},
    {"Authorization": "Bearer \xff\xfe"},
    {"Authorization": "Basic !!!"},
    {"Transfer-Encoding": "chunked"},
    {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "x", "Sec-WebSocket-Version": "13"},
    {"X-Hub-Signature-256": "sha256=\xff"},
    {"X-HTTP-Method-Override": "DELETE"},
]
MULTIPARTS: list[tuple[str, bytes]] = [
    ("multipart/form-data; boundary=x", b""),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\r\n\r\n"),
    ("multipart/form-data; boundary=x", b"--x\r\nnonsense\r\n\r\nbody\r\n--x--\r\n"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="phone"\r\n\r\n\xff\xfe\r\n--x--\r\n'),
    ("multipart/form-data; boundary=", b"--\r\n"),
    ("multipart/form-data; boundary=" + "b" * 500, b"x"),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + b"y" * 600_000 + b"\r\n--x--\r\n",
    ),
    (
        "multipart/form-data; boundary=x",
        b"".join(b'--x\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n\r\n' % n for n in range(1500)) + b"--x--\r\n",
    ),
]
JSON_PATHS = ("/api/", "/media/", "/webhook/", "/healthz", "/sandbox/api/")


@pytest.fixture
def sandbox_app(tmp_path: Path) -> Iterator[Flask]:
    """With its double running, whose webhooks go nowhere."""
    application = create_app(Config(data_dir=tmp_path / "sandbox", is_sandbox=True, port=1))
    application.extensions["inbox"].start()
    yield application
    application.extensions["inbox"].stop()


def calls(app: Flask, known_id: int = 1) -> Iterator[tuple[str, str]]:
    """(method, path) of everything that can be called, with sound, unknown and absurd values in the path."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            for path in paths(rule, known_id):
                yield method, path


def paths(rule: Rule, known_id: int) -> list[str]:
    if not rule.arguments:
        return [rule.rule]
    found = []
    for value in (str(known_id), "999999", "0", "9" * 19, "9" * 40, "%00", "%FF", "..%2f..%2fetc", "x" * 3000):
        path = rule.rule
        for name in rule.arguments:
            converter = type(rule._converters[name]).__name__
            prefix = {"RowIdConverter": "row:", "DigitsConverter": "digits:", "PathConverter": "path:", "IntegerConverter": "int:"}.get(converter, "")
            path = path.replace(f"<{prefix}{name}>", value)
        found.append(path)
    return found


def examine(answer: TestResponse, path: str, what: Any) -> None:
    assert answer.status_code < 500 or answer.status_code == 503 and path == "/healthz", (path, what, answer.status_code)
    if answer.status_code < 400 or not path.startswith(JSON_PATHS) or answer.request.method == "HEAD":
        return
    error = json.loads(answer.data)["error"]
    assert error["code"] and isinstance(error["code"], str), (path, what)
    assert error["message"] and isinstance(error["message"], str), (path, what)


@pytest.fixture(autouse=True)
def _a_minute_past_noon() -> Iterator[None]:
    """The window of the chat is open."""
    with clock.freeze(NOON + 60):
        yield


@pytest.fixture
def ready(anonymous: FlaskClient, agent_client: FlaskClient, owner_client: FlaskClient) -> FlaskClient:
    """An owner, and one chat with one message: ids of 1 lead somewhere (user and token 1 are the agent's, not our own)."""
    post_webhook(anonymous, inbound(message("Hello")))
    return owner_client


def still_in(client: FlaskClient) -> bool:
    """Else all of these were answered 401, and nothing was tried."""
    return client.get("/api/me").status_code == 200


def writing(app: Flask) -> list[tuple[str, str]]:
    return [(method, path) for method, path in calls(app) if method not in ("GET",) and "x" * 100 not in path]


def test_every_field_of_every_route_with_values_of_the_wrong_kind(app: Flask, ready: FlaskClient) -> None:
    for method, path in writing(app):
        if "999999" in path or "%" in path or "9" * 19 in path:
            continue
        for value in VALUES:
            answer = ready.open(path, method=method, data=_json(dict.fromkeys(FIELDS, value)), content_type="application/json")
            examine(answer, path, value)
    assert still_in(ready)
    sound = {"conversation_id": 1, "client_msg_id": "c", "type": "text", "text": "hi", "email": "a@example.com", "name": "A"}
    for method, path in [("POST", "/api/send"), ("POST", "/api/staff"), ("PATCH", "/api/me"), ("PATCH", "/api/contacts/1")]:
        for field in FIELDS:
            for value in VALUES:
                answer = ready.open(path, method=method, data=_json(sound | {field: value}), content_type="application/json")
                examine(answer, path, (field, value))
    assert still_in(ready)


def test_bodies_that_are_no_json_object(app: Flask, ready: FlaskClient) -> None:
    for method, path in writing(app):
        for raw in RAW_BODIES:
            examine(ready.open(path, method=method, data=raw, content_type="application/json"), path, raw[:40])
    assert still_in(ready)


def test_broken_multipart(app: Flask, ready: FlaskClient) -> None:
    for method, path in writing(app):
        if "999999" in path or "%" in path:
            continue
        for kind, raw in MULTIPARTS:
            examine(ready.open(path, method=method, data=raw, content_type=kind), path, raw[:60])
    assert still_in(ready)


@pytest.mark.parametrize("field", ["phone", "conversation_id", "client_msg_id", "caption", "context_wamid", "as_document"])
def test_a_file_with_fields_of_the_wrong_kind(ready: FlaskClient, field: str) -> None:
    for value in [*TEXTS, "-1", str(HUGE), "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace")]:
        form = {"conversation_id": "1", "client_msg_id": "c", field: value}
        for name in ("a.jpg", "", "\x00", "..\\..\\x", "x" * 3000, '"\r\nX: y'):
            data = form | {"file": (io.BytesIO(b"not a picture"), name)}
            examine(ready.post("/api/send", data=data, content_type="multipart/form-data"), "/api/send", (field, value, name))


class WatchedQuery(ImmutableMultiDict[str, str]):
    """Notes what a route asks for. One that takes the query as a whole fails here: its names could not be told."""

    asked: ClassVar[set[str]] = set()

    def get(self, key: str, *args: Any, **options: Any) -> Any:
        self.asked.add(key)
        return super().get(key, *args, **options)

    def getlist(self, key: str, *args: Any, **options: Any) -> Any:
        self.asked.add(key)
        return super().getlist(key, *args, **options)

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)

    def _whole(self, *_: Any, **__: Any) -> Any:
        raise AssertionError("a route takes the whole query")

    __iter__ = items = values = keys = lists = to_dict = _whole


def test_odd_queries(app: Flask, ready: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a route does not ask for cannot matter to it: each gets what it asked for, and each value once under another name."""
    monkeypatch.setattr(app.request_class, "parameter_storage_class", WatchedQuery)
    asked: dict[str, set[str]] = {}
    for method, path in calls(app):
        if method != "GET" or "%" in path or "x" * 100 in path or "999999" in path:
            continue
        WatchedQuery.asked = set()
        for extra in ("", "&conversation_id=1"):
            for value in QUERY_VALUES:
                examine(ready.get(f"{path}?unheard_of={value}{extra}"), path, value[:60])
            tried: set[str] = set()
            while names := WatchedQuery.asked - tried:  # a sound value may lead to the next question
                tried |= names
                for name, value in itertools.product(sorted(names), QUERY_VALUES):
                    examine(ready.get(f"{path}?{name}={value}{extra}"), path, f"{name}={value[:60]}")
        asked[path] = WatchedQuery.asked
    assert asked["/api/messages"] >= {"conversation_id", "phone", "before", "after", "around", "limit"}
    assert asked["/api/chats"] >= {"limit", "cursor", "filter", "q"}


def test_odd_paths_headers_and_methods(app: Flask, ready: FlaskClient) -> None:
    for method, path in calls(app):
        examine(ready.open(path, method=method, data=b"{}", content_type="application/json"), path, method)
        if "%" in path or "999999" in path or "x" * 100 in path:
            continue
        for headers in HEADERS:
            examine(ready.open(path, method=method, data=b"{}", headers=headers), path, headers)
        for other in ("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"):
            examine(ready.open(path, method=other), path, other)
    assert still_in(ready)


def test_strangers_get_401_before_anything_is_looked_at(app: Flask, anonymous: FlaskClient) -> None:
    public = {rule.rule for rule in app.url_map.iter_rules() if getattr(app.view_functions[rule.endpoint], "is_public", False)}
    asked = 0
    for rule in app.url_map.iter_rules():
        if rule.rule in public or not rule.rule.startswith(("/api/", "/media/")):
            continue
        for path in paths(rule, 1):
            for method in ("GET", "POST", "PATCH", "DELETE", "PUT"):
                answer = anonymous.open(path, method=method, data=b"{", content_type="application/json")
                assert answer.status_code == 401, (method, path, answer.status_code)
                examine(answer, path, method)
                asked += 1
    assert asked > 100
    for path in ("/api/nothing", "/api/", "/media/x", "/media/"):
        assert anonymous.get(path).status_code == 401, path


def test_strangers_at_the_doors_that_are_open(app: Flask, anonymous: FlaskClient) -> None:
    for rule in app.url_map.iter_rules():
        if not getattr(app.view_functions[rule.endpoint], "is_public", False):
            continue
        for path in paths(rule, 1):
            for method in ("GET", "POST", "HEAD", "OPTIONS"):
                for raw in RAW_BODIES:
                    examine(anonymous.open(path, method=method, data=raw, content_type="application/json"), path, raw[:40])
                for headers in HEADERS:
                    examine(anonymous.open(path, method=method, headers=headers), path, headers)


def test_signed_nonsense_is_taken(anonymous: FlaskClient) -> None:
    for raw in RAW_BODIES:
        assert anonymous.post("/webhook/whatsapp", data=raw, headers=sign(raw)).status_code == 200, raw[:40]


def test_the_sandbox_refuses_bad_input_too(sandbox_app: Flask) -> None:
    client = sandbox_app.test_client()
    assert client.get("/inbox").status_code == 200  # signed in as the demo owner
    asked = 0
    for rule in sandbox_app.url_map.iter_rules():
        if not rule.rule.startswith("/sandbox/api/"):
            continue
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            for path in paths(rule, 1):
                for raw in RAW_BODIES:
                    answer = client.open(path, method=method, data=raw, content_type="application/json")
                    examine(answer, path, raw[:40])
                    asked += 1
    assert asked > 0 and still_in(client)


def test_a_body_of_many_megabytes_is_refused_before_it_is_read(anonymous: FlaskClient, owner_client: FlaskClient) -> None:
    big = b'{"email": "' + b"x" * (2 * 1024 * 1024) + b'"}'
    assert anonymous.post("/api/login", data=big, content_type="application/json").status_code == 413
    assert owner_client.post("/api/send", data=big, content_type="application/json").status_code == 413


class Unread(io.RawIOBase):
    def readable(self) -> bool:
        return True

    def readinto(self, _: Any) -> int:
        raise AssertionError("a byte was read")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/send", "multipart/form-data; boundary=x"),
        ("/api/send", "application/json"),
        ("/api/login", "application/json"),
        ("/webhook/whatsapp", "application/json"),
    ],
)
def test_five_gigabytes_are_refused_by_their_announcement(ready: FlaskClient, path: str, kind: str) -> None:
    claim = {"CONTENT_LENGTH": str(5 * 10**9), "wsgi.input": io.BufferedReader(Unread())}
    answer = ready.post(path, content_type=kind, environ_overrides=claim)
    assert answer.status_code == 413
    examine(answer, path, kind)


def _json(body: dict[str, Any]) -> str:
    return json.dumps(body)
