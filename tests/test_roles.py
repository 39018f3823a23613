"""Who may do what to whose things: one row a route and object, each cell called for real. A route without a row fails.

`token` is an API token of an agent. Whoever has no right left (session ended, token revoked, account disabled) is answered
exactly as a stranger. What the team shares (chats, messages, files) is nobody's own: there only "the" and "missing" differ.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import create_app
from config import Config
from core.ids import token, token_hash
from features.accounts import actions, queries, staff
from features.accounts.sessions import COOKIE
from system import clock
from tests.builders import NOON, inbound, message, post_webhook
from tests.features.media import samples
from web.guards import User

BASE = "https://inbox.example.com"
PASSWORD = "salt wind and two paddles"
ACTORS = ("anonymous", "agent", "admin", "owner", "token")

TABLE = """
route                                   object           anonymous  agent  admin  owner  token
GET    /                                -                302        302    302    302    302
GET    /inbox                           -                302        200    200    200    200
GET    /settings                        -                302        200    200    200    200
GET    /settings/<name>                 profile          302        200    200    200    200
GET    /settings/<name>                 staff            302        403    200    200    403
GET    /settings/<name>                 google           302        403    403    200    403
GET    /login                           -                200        302    302    302    302
GET    /setup                           -                302        302    302    302    302
GET    /static/<build>/<path:path>      a script         200        200    200    200    200
GET    /static/<build>/<path:path>      outside          404        404    404    404    404
GET    /healthz                         -                200        200    200    200    200
GET    /webhook/whatsapp                -                403        403    403    403    403
POST   /webhook/whatsapp                -                401        401    401    401    401

POST   /api/login                       -                200        200    200    200    200
POST   /api/setup                       -                409        409    409    409    409
POST   /api/logout                      -                401        200    200    200    200
GET    /api/openapi.json                -                401        200    200    200    200
GET    /api/me                          -                401        200    200    200    200
PATCH  /api/me                          -                401        200    200    200    200
POST   /api/me/password                 -                401        200    200    200    200
GET    /api/tokens                      -                401        200    200    200    200
POST   /api/tokens                      -                401        201    201    201    201
DELETE /api/tokens/<row:token_id>       own              401        200    200    200    200
DELETE /api/tokens/<row:token_id>       another's        401        404    404    404    404
DELETE /api/tokens/<row:token_id>       missing          401        404    404    404    404

GET    /api/staff                       -                401        403    200    200    403
POST   /api/staff                       an agent         401        403    201    201    403
POST   /api/staff                       an admin         401        403    403    201    403
POST   /api/staff                       an owner         401        403    403    201    403
PATCH  /api/staff/<row:user_id>         another agent    401        403    200    200    403
PATCH  /api/staff/<row:user_id>         another admin    401        403    403    200    403
PATCH  /api/staff/<row:user_id>         another owner    401        403    403    200    403
PATCH  /api/staff/<row:user_id>         own              401        403    403    409    403
PATCH  /api/staff/<row:user_id>         missing          401        403    404    404    403
GET    /api/settings                    -                401        403    200    200    403
PATCH  /api/settings                    -                401        403    200    200    403
PUT    /api/settings                    -                401        403    200    200    403
GET    /api/audit                       -                401        403    200    200    403
GET    /api/about                       -                401        403    200    200    403
GET    /api/deliveries                  -                401        403    200    200    403
GET    /api/deliveries/<row:delivery_id> the             401        403    200    200    403
GET    /api/deliveries/<row:delivery_id> missing         401        403    404    404    403
GET    /api/customers/runs              -                401        403    200    200    403
POST   /api/customers/sync              -                401        403    409    409    403

GET    /api/checklist                   -                401        403    403    200    403
GET    /api/numbers                     -                401        403    403    200    403
POST   /api/numbers/draft               -                401        403    403    409    403
POST   /api/numbers                     -                401        403    403    409    403
POST   /api/numbers/test                -                401        403    403    200    403
DELETE /api/numbers/<digits:phone_number_id> missing          401        403    403    409    403
GET    /auth/google                     -                302        403    403    409    403
GET    /auth/google/callback            -                302        403    403    400    403
GET    /api/google                      -                401        403    403    200    403
PATCH  /api/google                      -                401        403    403    200    403
POST   /api/google/client               -                401        403    403    200    403
POST   /api/google/disconnect           -                401        403    403    200    403
POST   /api/google/test                 -                401        403    403    200    403
POST   /api/google/folder               -                401        403    403    409    403
GET    /api/google/contacts             -                401        403    403    200    403
GET    /api/media/archive               -                401        403    403    200    403
POST   /api/media/archive/retry         -                401        403    403    200    403

GET    /api/phones                      -                401        422    422    422    422
GET    /api/customers                   -                401        200    200    200    200
GET    /api/customers/source            -                401        200    200    200    200
GET    /api/customers/list              -                401        403    200    200    403
GET    /api/customers/tabs              -                401        403    422    422    403
POST   /api/customers/list/preview      -                401        403    409    409    403
POST   /api/customers/list              -                401        403    409    409    403
PATCH  /api/customers/list              -                401        403    200    200    403
DELETE /api/customers/list              -                401        403    200    200    403
GET    /api/customers/runs/<row:run_id>/diff missing          401        403    409    409    403
POST   /api/customers/runs/<row:run_id>/keep missing          401        403    404    404    403
POST   /api/chats                       -                401        201    201    201    201

GET    /api/updates                     -                401        200    200    200    200
GET    /api/live                        -                401        400    400    400    400
GET    /api/status                      -                401        200    200    200    200
GET    /api/chats                       -                401        200    200    200    200
GET    /api/chats/counts                -                401        200    200    200    200
GET    /api/chats/<row:chat_id>         the              401        200    200    200    200
GET    /api/chats/<row:chat_id>         missing          401        404    404    404    404
GET    /api/chats/<row:chat_id>/details the              401        200    200    200    200
GET    /api/chats/<row:chat_id>/details missing          401        404    404    404    404
GET    /api/chats/<row:chat_id>/media   the              401        200    200    200    200
GET    /api/chats/<row:chat_id>/media   missing          401        404    404    404    404
POST   /api/chats/<row:chat_id>/read    the              401        200    200    200    200
POST   /api/chats/<row:chat_id>/read    missing          401        404    404    404    404
PATCH  /api/contacts/<row:contact_id>   the              401        200    200    200    200
PATCH  /api/contacts/<row:contact_id>   missing          401        404    404    404    404
GET    /api/messages                    the              401        200    200    200    200
GET    /api/messages                    missing          401        404    404    404    404
GET    /api/messages/<row:message_id>   the              401        200    200    200    200
GET    /api/messages/<row:message_id>   missing          401        404    404    404    404
POST   /api/messages/<row:message_id>/retry    a customer's 401     404    404    404    404
POST   /api/messages/<row:message_id>/retry    own       401        409    409    409    409
POST   /api/messages/<row:message_id>/retry    another's 401        409    409    409    409
POST   /api/messages/<row:message_id>/retry    missing   401        404    404    404    404
POST   /api/messages/<row:message_id>/discard  own       401        200    200    200    200
POST   /api/messages/<row:message_id>/discard  another's 401        200    200    200    200
POST   /api/messages/<row:message_id>/discard  missing   401        404    404    404    404
POST   /api/send                        the              401        201    201    201    201
POST   /api/send                        missing          401        404    404    404    404
GET    /media/<row:media_id>            the              401        200    200    200    200
GET    /media/<row:media_id>            missing          401        404    404    404    404
GET    /media/<row:media_id>/thumbnail  the              401        200    200    200    200
GET    /media/<row:media_id>/thumbnail  missing          401        404    404    404    404
POST   /api/media/<row:media_id>/retry  the              401        200    200    200    200
POST   /api/media/<row:media_id>/retry  missing          401        404    404    404    404
POST   /api/media/<row:media_id>/peaks  the              401        409    409    409    409
POST   /api/media/<row:media_id>/peaks  missing          401        404    404    404    404
GET    /api/templates                   -                401        200    200    200    200
POST   /api/templates/sync              -                401        200    200    200    200
"""

# Only in the sandbox, where every phone is invented: whoever works here may play the customer.
SANDBOX_TABLE = """
route                                   object           anonymous  agent  admin  owner  token
GET    /sandbox                         -                302        200    200    200    200
GET    /sandbox/api/state               -                401        200    200    200    200
POST   /sandbox/api/customers           -                401        201    201    201    201
POST   /sandbox/api/customers/<id>/messages    the       401        201    201    201    201
POST   /sandbox/api/customers/<id>/messages    missing   401        404    404    404    404
POST   /sandbox/api/customers/<id>/reactions   missing   401        404    404    404    404
POST   /sandbox/api/customers/<id>/edits       missing   401        404    404    404    404
POST   /sandbox/api/customers/<id>/revocations missing   401        404    404    404    404
POST   /sandbox/api/customers/<id>/buttons     missing   401        404    404    404    404
POST   /sandbox/api/customers/<id>/plays       missing   401        404    404    404    404
POST   /sandbox/api/customers/<id>/open        the       401        200    200    200    200
POST   /sandbox/api/faults              -                401        201    201    201    201
DELETE /sandbox/api/faults              -                401        200    200    200    200
POST   /sandbox/api/reachable           -                401        200    200    200    200
GET    /sandbox/api/media/<media_id>    missing          401        404    404    404    404
"""

BODIES: dict[str, dict[str, Any]] = {
    "POST /api/login": {"email": "login@example.com", "password": PASSWORD},
    "POST /api/setup": {"email": "new@example.com", "name": "New", "password": PASSWORD},
    "PATCH /api/me": {"preferences": {"sound": True}},
    "POST /api/me/password": {"current": PASSWORD, "new": PASSWORD},
    "POST /api/tokens": {"name": "Till"},
    "PATCH /api/staff/<row:user_id>": {"disabled": True},
    "PATCH /api/contacts/<row:contact_id>": {"typed_name": "Mei"},
    "PATCH /api/google": {"archive": False},
    "POST /api/google/client": {"client_id": "1.apps.googleusercontent.com", "client_secret": "GOCSPX-test"},
    "POST /api/customers/list/preview": {"sheet": "1234567890123456789012345678901234567890"},
    "POST /api/customers/list": {"sheet": "1234567890123456789012345678901234567890"},
    "POST /api/media/<row:media_id>/peaks": {"peaks": [7] * 64},
    "POST /sandbox/api/customers/<id>/messages": {"text": "Hello"},
    "POST /sandbox/api/customers/<id>/open": {"on": True},
    "POST /sandbox/api/faults": {"fault": "busy"},
    "POST /sandbox/api/reachable": {"on": True},
}


@dataclass(frozen=True)
class Row:
    method: str
    rule: str
    whose: str
    expected: dict[str, int]

    @property
    def route(self) -> str:
        return f"{self.method} {self.rule}"


def rows(table: str) -> list[Row]:
    found = []
    for line in table.strip().splitlines()[1:]:
        if line:
            method, rule, *rest = line.split()
            whose, statuses = " ".join(rest[:-5]), [int(status) for status in rest[-5:]]
            found.append(Row(method, rule, whose, dict(zip(ACTORS, statuses, strict=True))))
    return found


ROWS = rows(TABLE)
SANDBOX_ROWS = rows(SANDBOX_TABLE)


class Building:
    """An application with people and things in it, and new keys to it for every call."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.sessions = app.extensions["sessions"]
        self._numbers = itertools.count(1)
        self.hire("owner", "login")  # somebody was first

    def hire(self, role: str, name: str = "") -> User:
        """With a hash that costs no time; only "login" has to type the password."""
        name = name or f"{role}{next(self._numbers)}"
        person = staff.NewUser(f"{name}@example.com", name, role, PASSWORD)
        if name == "login":
            return staff.create_user(self.sessions, person, by=None)
        with self.sessions.db.read() as connection:
            made = queries.user_by_email(connection, "login@example.com")
        assert made
        user: User = self.sessions.write(lambda tx: staff.insert(tx, person, made["password_hash"]))
        return user

    def cookie(self, user: User) -> dict[str, str]:
        value = token()
        times = {"at": clock.now(), "expires_at": clock.now() + 1000}
        self.sessions.write(
            lambda tx: queries.insert_session(tx.connection, token_hash=token_hash(value), user_id=user.id, user_agent="", **times)
        )
        return {"Cookie": f"{COOKIE}={value}", "Origin": BASE}

    def bearer(self, user: User) -> dict[str, str]:
        return {"Authorization": f"Bearer {actions.create_token(self.sessions, user, 'key')[1]}"}

    def call(self, method: str, path: str, body: dict[str, Any], headers: dict[str, str]) -> TestResponse:
        client = self.app.test_client(use_cookies=False)
        json = None if method == "GET" else body
        return client.open(path, method=method, json=json, headers=headers, base_url=BASE, buffered=True)

    # ------------------------------------------------------------ things

    def furnish(self) -> None:
        """Chat, contact, message, delivery and file 1."""
        client = self.app.test_client()
        post_webhook(client, inbound(message("Hello?")))
        picture = samples.picture()
        form = {"conversation_id": "1", "file": (io.BytesIO(picture), "a.png")}
        answer = client.post("/api/send", data=form, headers=self.bearer(self.hire("agent")), base_url=BASE)
        assert answer.status_code == 201, answer.text

    def queued_message(self, user: User) -> int:
        body = {"conversation_id": 1, "text": "Yes."}
        answer = self.app.test_client().post("/api/send", json=body, headers=self.bearer(user), base_url=BASE)
        return int(answer.get_json()["message"]["id"])

    def token_of(self, user: User) -> int:
        return int(actions.create_token(self.sessions, user, "thing")[0]["id"])


MISSING = 999_999


def place(row: Row, building: Building, user: User) -> tuple[str, dict[str, Any]]:
    """Where this row's call goes, and what it carries."""
    body = dict(BODIES.get(row.route, {}))
    if row.rule == "/api/staff" and row.method == "POST":
        name = f"new{next(building._numbers)}"
        body = {"email": f"{name}@example.com", "name": name, "role": row.whose.split()[-1], "password": PASSWORD}
    if row.rule == "/api/send":
        body = {"conversation_id": 1 if row.whose == "the" else MISSING, "text": "Yes."}
    if row.rule.endswith("/read"):
        body = {"message_id": 1}
    if row.rule == "/api/messages":
        return f"/api/messages?conversation_id={1 if row.whose == 'the' else MISSING}", body
    if row.route == "POST /api/chats":
        body = {"phone": f"+852512377{next(building._numbers) % 100:02}"}
    if row.rule == "/sandbox/api/customers":
        body = {"name": "Tomas", "phone": f"+852512300{next(building._numbers) + 10:02}"}
    if row.rule.startswith("/sandbox/") and row.whose == "missing":
        body = {"wamid": "wamid.unknown", "text": "Hello"}
    if row.rule.startswith("/static/"):
        path = "static/js/inbox/main.js" if row.whose == "a script" else "..%2f..%2fapp.py"
        return row.rule.replace("<build>", "x").replace("<path:path>", path), body
    opened, _, rest = row.rule.partition("<")
    if not rest:
        return row.rule, body
    return opened + str(thing(row, building, user)) + rest.partition(">")[2], body


def thing(row: Row, building: Building, user: User) -> int | str:
    if row.whose == "missing":
        return MISSING
    if row.rule.startswith("/settings/"):
        return row.whose
    owner = building.hire("agent") if row.whose == "another's" else user
    if "token_id" in row.rule:
        return building.token_of(owner)
    if "user_id" in row.rule:
        return user.id if row.whose == "own" else building.hire(row.whose.split()[-1]).id
    if "message_id" in row.rule and row.whose in ("own", "another's"):
        return building.queued_message(owner)
    if row.rule.startswith("/sandbox/"):
        return str(building.app.extensions["sandbox"].double.add_customer("Raj", None, username="raj").profile.id)
    return 1


@pytest.fixture(autouse=True)
def _a_minute_past_noon() -> Iterator[None]:
    with clock.freeze(NOON + 60):
        yield


@pytest.fixture
def building(app: Flask) -> Building:
    made = Building(app)
    made.furnish()
    return made


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Building]:
    application = create_app(Config(data_dir=tmp_path / "sandbox", is_sandbox=True, port=1))
    application.extensions["inbox"].start()
    yield Building(application)
    application.extensions["inbox"].stop()


def wrong_cells(building: Building, table: list[Row], actors: tuple[str, ...] = ACTORS) -> list[str]:
    wrong = []
    for row in table:
        for actor in actors:
            user = building.hire("agent" if actor in ("token", "anonymous") else actor)
            headers = building.bearer(user) if actor == "token" else {} if actor == "anonymous" else building.cookie(user)
            status = building.call(row.method, *place(row, building, user), headers).status_code
            if status != row.expected[actor]:
                wrong.append(f"{row.route} ({row.whose}) as {actor}: {status} instead of {row.expected[actor]}")
    return wrong


def test_every_cell_of_the_table(building: Building) -> None:
    assert wrong_cells(building, ROWS) == []


def test_every_cell_of_the_table_of_the_sandbox(sandbox: Building) -> None:
    assert wrong_cells(sandbox, SANDBOX_ROWS) == []


@pytest.mark.parametrize("end", ["logged out", "revoked", "disabled cookie", "disabled token"])
def test_whoever_has_no_right_left_is_a_stranger(building: Building, end: str) -> None:
    for row in ROWS:
        user = building.hire("owner")
        headers = building.bearer(user) if end in ("revoked", "disabled token") else building.cookie(user)
        path, body = place(row, building, user)  # its things are made while it still may
        _take_the_right_away(building, user, headers, end)
        answer = building.call(row.method, path, body, headers)
        assert answer.status_code == row.expected["anonymous"], (row.route, row.whose)


def _take_the_right_away(building: Building, user: User, headers: dict[str, str], end: str) -> None:
    apart = building.hire("owner")
    take: dict[str, Callable[[], Any]] = {
        "logged out": lambda: building.call("POST", "/api/logout", {}, headers),
        "revoked": lambda: building.sessions.write(lambda tx: queries.revoke_tokens_of(tx.connection, user.id, clock.now())),
    }
    disable = lambda: staff.change_user(building.sessions, user.id, staff.StaffChange(disabled=True), by=apart)  # noqa: E731
    take.get(end, disable)()


def test_a_broken_body_never_shows_before_the_right_to_ask(building: Building) -> None:
    agent = building.hire("agent")
    for row in ROWS:
        if row.expected["agent"] == 403 and row.method != "GET" and row.rule.startswith("/api/"):
            path, _ = place(row, building, agent)
            options: dict[str, Any] = {"data": b"{", "content_type": "application/json", "base_url": BASE}
            client = building.app.test_client(use_cookies=False)
            answer = client.open(path, method=row.method, headers=building.cookie(agent), **options)
            assert answer.status_code == 403, row.route


def test_the_tables_know_every_route_and_no_other(building: Building, sandbox: Building) -> None:
    """A new route needs a row for each kind of object it can be called on."""
    for table, app in ((ROWS, building.app), (ROWS + SANDBOX_ROWS, sandbox.app)):
        routed = {
            f"{method} {rule.rule}"
            for rule in app.url_map.iter_rules()
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        }
        assert {row.route for row in table} == routed
    for row in ROWS:
        if "<row:" in row.rule:
            assert any(other.whose == "missing" for other in ROWS if other.route == row.route), row.route
