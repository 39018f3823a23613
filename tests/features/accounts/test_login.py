"""Signing in: the cookie, what is refused, and that nothing tells strangers who works here."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from argon2 import Parameters, extract_parameters
from flask import Flask
from flask.testing import FlaskClient

from core.ids import token_hash
from db_manager import Database
from features.accounts import passwords
from tests.features.accounts.people import BASE, PASSWORD, Browser, hire, log_in
from web.guards import User


@pytest.fixture(autouse=True)
def _quick_passwords() -> None:
    """Here the real cost counts."""


@pytest.fixture(autouse=True)
def ona(app: Flask) -> User:
    return hire(app, "Ona", "owner")


def test_a_right_password_answers_the_user_and_sets_a_cookie_that_only_https_and_no_script_can_read(
    anonymous: FlaskClient, ona: User
) -> None:
    answer = log_in(anonymous, "Ona")
    assert answer.status_code == 200
    assert answer.json == {"user": {"id": ona.id, "name": "Ona", "email": "ona@example.com", "role": "owner", "is_demo": False}}
    flags = answer.headers["Set-Cookie"].split("; ")
    assert flags[0].startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(flags)
    assert not any(flag.lower().startswith("domain") for flag in flags)


def test_the_database_holds_the_hash_of_the_cookie_and_of_the_password_only(app: Flask, db: Database) -> None:
    browser = Browser(app, "Ona")
    assert browser.cookie
    with db.read() as connection:
        session = connection.execute("SELECT * FROM sessions").fetchone()
        user = connection.execute("SELECT * FROM users").fetchone()
    assert session["token_hash"] == token_hash(browser.cookie)
    assert browser.cookie not in str(dict(session))
    assert user["password_hash"].startswith("$argon2id$v=19$m=19456,t=3,p=1$")
    assert PASSWORD not in str(dict(user))


def test_the_email_address_may_be_typed_in_any_case(anonymous: FlaskClient) -> None:
    answer = anonymous.post("/api/login", json={"email": " ONA@Example.com ", "password": PASSWORD}, base_url=BASE)
    assert answer.status_code == 200


def test_wrong_password_unknown_user_and_disabled_user_get_the_same_words(
    app: Flask, anonymous: FlaskClient, db: Database
) -> None:
    ken = hire(app, "Ken", "agent")
    db.write(lambda tx: tx.execute("UPDATE users SET disabled_at = 1 WHERE id = ?", (ken.id,)) and None)
    answers = [
        log_in(anonymous, "Ona", "not the password"),
        log_in(anonymous, "Nobody", "not the password"),
        log_in(anonymous, "Ken"),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert all("Set-Cookie" not in answer.headers for answer in answers)


def test_an_unknown_user_costs_the_same_hash_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    costs: list[Parameters] = []
    hasher, stored = passwords._hasher, passwords.make_hash(PASSWORD)

    def verify(stored: str, password: bytes) -> bool:
        costs.append(extract_parameters(stored))
        return hasher.verify(stored, password)

    monkeypatch.setattr(passwords, "_hasher", SimpleNamespace(verify=verify))
    assert not passwords.verify(None, "not the password")
    assert not passwords.verify(stored, "not the password")
    unknown, wrong = costs  # one look each
    assert unknown == wrong


def test_a_foreign_site_cannot_sign_a_browser_in(anonymous: FlaskClient) -> None:
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://inbox.example.com"},
        {"Origin": "https://inbox.example.com:8443"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        answer = log_in(anonymous, "Ona", headers=headers)
        assert answer.status_code == 403, headers
        assert answer.json and answer.json["error"]["code"] == "foreign_site"
    assert log_in(anonymous, "Ona", headers={"Origin": BASE, "Sec-Fetch-Site": "same-origin"}).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_only_json_signs_in(anonymous: FlaskClient, kind: str) -> None:
    body = f'{{"email": "ona@example.com", "password": "{PASSWORD}"}}'
    answer = anonymous.post("/api/login", data=body, content_type=kind, base_url=BASE)
    assert answer.status_code == 415
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"email": {"$ne": 1}, "password": "x"}', b'{"email": "x"}'])
def test_a_broken_body_is_refused_in_words(anonymous: FlaskClient, body: bytes) -> None:
    answer = anonymous.post("/api/login", data=body, content_type="application/json", base_url=BASE)
    assert answer.status_code == 422
    assert answer.json and set(answer.json["error"]) == {"code", "message"}


def test_plain_http_is_refused_with_the_reason_except_on_this_machine(anonymous: FlaskClient) -> None:
    refused = log_in(anonymous, "Ona", base_url="http://inbox.example.com")
    assert refused.status_code == 403
    assert refused.json and refused.json["error"]["code"] == "https_required"
    assert "https" in refused.json["error"]["message"]
    assert "Set-Cookie" not in refused.headers
    for here in ("http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"):
        assert log_in(anonymous, "Ona", base_url=here).status_code == 200


def test_a_session_planted_before_login_is_not_taken_over(app: Flask) -> None:
    browser = Browser(app)
    browser.client.set_cookie("__Host-session", "planted", domain="inbox.example.com")
    assert log_in(browser.client, "Ona").status_code == 200
    assert browser.cookie != "planted"
    thief = Browser(app)
    thief.client.set_cookie("__Host-session", "planted", domain="inbox.example.com")
    assert not thief.is_signed_in()


def test_signing_in_again_gives_a_new_session_and_ends_the_old_one(app: Flask) -> None:
    browser = Browser(app, "Ona")
    old = browser.cookie
    assert old
    log_in(browser.client, "Ona")
    assert browser.cookie != old
    copy = Browser(app)
    copy.client.set_cookie("__Host-session", old, domain="inbox.example.com")
    assert not copy.is_signed_in()
    assert browser.is_signed_in()


def test_an_old_hash_is_made_anew_while_the_password_is_at_hand(
    app: Flask, db: Database, ona: User, anonymous: FlaskClient
) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    db.write(lambda tx: tx.execute("UPDATE users SET password_hash = ?", (weak,)) and None)
    assert log_in(anonymous, "Ona").status_code == 200
    with db.read() as connection:
        assert "m=19456,t=3,p=1" in connection.execute("SELECT password_hash FROM users").fetchone()[0]
    assert log_in(anonymous, "Ona").status_code == 200


def test_eight_people_signing_in_at_once_all_get_in_one_hash_at_a_time(app: Flask) -> None:
    names = [f"Staff{number}" for number in range(6)]
    for name in names:
        hire(app, name, "agent")
    seen: list[int] = []
    barrier = threading.Barrier(len(names))

    def enter(name: str) -> None:
        barrier.wait()
        seen.append(log_in(app.test_client(), name).status_code)

    threads = [threading.Thread(target=enter, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [200] * len(names)


def test_signing_in_and_failing_to_is_in_the_audit_log_without_what_was_typed(
    app: Flask, anonymous: FlaskClient, db: Database
) -> None:
    log_in(anonymous, "Ona", "my secret in the wrong place")
    anonymous.post("/api/login", json={"email": "hunter2hunter2", "password": "x"}, base_url=BASE)
    log_in(anonymous, "Ona")
    with db.read() as connection:
        rows = [tuple(row.values()) for row in connection.execute("SELECT action, user_id, detail FROM audit_log ORDER BY id")]
    assert [row[0] for row in rows] == ["user_created", "login_failed", "login_failed", "login"]
    assert rows[2][1] is None
    assert "hunter2" not in str(rows) and "secret" not in str(rows)
