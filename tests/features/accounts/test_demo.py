"""The demo owner: a sandbox opens signed in at the machine itself, and never anywhere or anytime else."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from config import Config
from db_manager import Database
from tests.features.accounts.people import PASSWORD, build, hire

HERE = "http://127.0.0.1:8000"


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, is_sandbox=True)


@pytest.fixture
def anonymous(app: Flask) -> FlaskClient:
    """A browser that has opened a page of the sandbox before."""
    client = app.test_client()
    open_page(client)
    return client


def open_page(client: FlaskClient, *hosts: str) -> None:
    """The cookie that a page of the sandbox sets, kept by the test client for each host it will call."""
    for host in ("127.0.0.1", "localhost", *hosts):
        client.set_cookie("__Host-session", "demo", domain=host)


def me(client: FlaskClient, base_url: str = HERE, **options: Any) -> int:
    """As a page would ask that has opened signed in."""
    open_page(client, urlsplit(base_url).hostname or "")
    return client.get("/api/me", base_url=base_url, **options).status_code


def test_a_call_without_a_page_before_it_is_anonymous_in_the_sandbox_too(app: Flask) -> None:
    anonymous = app.test_client()
    assert anonymous.get("/api/me", base_url=HERE).status_code == 401
    assert anonymous.get("/media/1", base_url=HERE).status_code == 401


def test_in_an_empty_sandbox_the_inbox_opens_as_the_demo_owner(app: Flask, anonymous: FlaskClient, db: Database) -> None:
    page = app.test_client().get("/inbox", base_url=HERE)
    assert page.status_code == 200
    assert page.headers["Set-Cookie"] == "__Host-session=demo; Secure; HttpOnly; Path=/; SameSite=Lax"
    answer = anonymous.get("/api/me", base_url=HERE)
    assert answer.json and answer.json["user"] | {"id": 0} == {
        "id": 0,
        "name": "Demo owner",
        "email": "demo@sandbox.invalid",
        "role": "owner",
        "is_demo": True,
    }
    assert "Set-Cookie" not in answer.headers
    with db.read() as connection:
        assert connection.execute("SELECT password_hash FROM users").fetchone()[0] is None


def test_many_first_requests_at_once_make_one_demo_owner(app: Flask, db: Database) -> None:
    codes: list[int] = []
    threads = [threading.Thread(target=lambda: codes.append(me(app.test_client()))) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [200] * 10
    with db.read() as connection:
        assert connection.execute("SELECT count(*) FROM users").fetchone()[0] == 1


@pytest.mark.parametrize(
    "options",
    [
        {"base_url": "http://inbox.example.com"},
        {"base_url": "https://inbox.example.com"},
        {"base_url": "http://127.0.0.1.evil.example"},
        {"base_url": "http://localhost.evil.example:8000"},
        {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}},
        {"environ_overrides": {"REMOTE_ADDR": ""}},
        {"headers": {"X-Forwarded-For": "127.0.0.1"}},
        {"headers": {"X-Forwarded-Host": "localhost"}},
        {"headers": {"X-Forwarded-Proto": "https"}},
        {"headers": {"X-Real-IP": "127.0.0.1"}},
        {"headers": {"Forwarded": "for=127.0.0.1"}},
        {"headers": {"Via": "1.1 proxy"}},
    ],
)
def test_anything_that_is_not_direct_is_nobody(anonymous: FlaskClient, db: Database, options: dict[str, Any]) -> None:
    assert me(anonymous, **options) == 401
    with db.read() as connection:
        assert connection.execute("SELECT count(*) FROM users").fetchone()[0] == 0


@pytest.mark.parametrize("change", [{"is_sandbox": False}, {"public_url": "https://inbox.example.com"}])
def test_with_a_number_or_a_public_address_there_is_no_demo(config: Config, change: dict[str, Any]) -> None:
    live = build(replace(config, **change))
    try:
        assert me(live.test_client()) == 401
    finally:
        live.extensions["inbox"].stop()


def test_the_first_real_user_ends_the_demo_and_its_open_sockets_at_once(app: Flask, anonymous: FlaskClient) -> None:
    assert me(anonymous) == 200
    here = {"REMOTE_ADDR": "127.0.0.1"}
    cookie = {"Cookie": "__Host-session=demo"}
    with app.test_request_context("/api/updates", base_url=HERE, headers=cookie, environ_overrides=here):
        app.preprocess_request()
        assert g.signed_in_by == "demo" and g.session_hash is None
        check = g.session_check
    assert check()
    hire(app, "Ona", "owner")
    assert me(anonymous) == 401
    assert not check()


def test_a_user_made_by_another_process_ends_the_demo_at_the_next_request(config: Config, anonymous: FlaskClient) -> None:
    assert me(anonymous) == 200
    assert me(anonymous) == 200
    other = build(config)
    try:
        hire(other, "Ona", "owner")
        assert me(anonymous) == 401
    finally:
        other.extensions["inbox"].stop()


def test_an_idle_poll_of_the_demo_touches_no_database(
    anonymous: FlaskClient, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):  # the first one makes the demo owner
        anonymous.get("/api/updates", base_url=HERE)

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("the database was touched")

    monkeypatch.setattr(db, "read", refuse)
    monkeypatch.setattr(db, "write", refuse)
    for _ in range(20):
        assert anonymous.get("/api/updates?since=0", base_url=HERE).status_code == 204


def test_nobody_can_sign_in_as_the_demo_owner(anonymous: FlaskClient) -> None:
    me(anonymous)
    for password in ("", "None", "null"):
        body = {"email": "demo@sandbox.invalid", "password": password}
        assert anonymous.post("/api/login", json=body, base_url=HERE).status_code == 401


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/tokens", {"name": "for ever"}),
        ("/api/staff", {"email": "ken@example.com", "name": "Ken", "role": "agent", "password": PASSWORD}),
        ("/api/me/password", {"current": "", "new": "a new and better one"}),
    ],
)
def test_the_demo_owner_makes_nothing_that_would_outlive_the_demo(
    anonymous: FlaskClient, path: str, body: dict[str, Any]
) -> None:
    """A first agent would end the demo and leave the installation without an owner."""
    answer = anonymous.post(path, json=body, base_url=HERE)
    assert answer.status_code == 409
    assert answer.json and answer.json["error"]["code"] == "demo_account"


def test_a_page_that_is_not_for_the_demo_says_what_to_do_first(anonymous: FlaskClient) -> None:
    """The checklist leads there."""
    page = anonymous.get("/settings/google", base_url=HERE, headers={"Accept": "text/html"})
    assert page.status_code == 409
    assert "Create your own account at /setup first." in page.text


def test_the_demo_owner_may_look_around_and_choose_a_theme(anonymous: FlaskClient) -> None:
    for path in ("/api/staff", "/api/tokens", "/api/settings", "/api/audit", "/api/about"):
        assert anonymous.get(path, base_url=HERE).status_code == 200
    changed = anonymous.patch("/api/me", json={"preferences": {"theme": "dark"}}, base_url=HERE)
    assert changed.json and changed.json["preferences"]["theme"] == "dark"
    assert anonymous.get("/api/staff", base_url=HERE).json == {"staff": [], "next_cursor": None}


def test_a_stale_cookie_of_an_earlier_installation_does_not_lock_the_demo_out(anonymous: FlaskClient) -> None:
    anonymous.set_cookie("__Host-session", "left-over", domain="127.0.0.1")
    page = anonymous.get("/inbox", base_url=HERE)
    assert page.status_code == 200 and "__Host-session=demo" in page.headers["Set-Cookie"]


def test_a_page_of_another_site_cannot_act_as_the_demo_owner(anonymous: FlaskClient) -> None:
    answer = anonymous.patch(
        "/api/settings", json={"business_name": "Evil"}, base_url=HERE, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
