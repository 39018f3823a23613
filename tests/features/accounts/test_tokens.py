"""API tokens: shown once, hashed, and dead the moment they are revoked."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.ids import token_hash
from db_manager import Database
from features.accounts.sessions import Sessions
from system import clock
from tests.features.accounts.people import BASE, Browser, hire

NOON = 1_795_000_000


@pytest.fixture(autouse=True)
def _staff(app: Flask) -> None:
    hire(app, "Ona", "owner")
    hire(app, "Ken", "agent")


@pytest.fixture
def ken(app: Flask) -> Browser:
    return Browser(app, "Ken")


def make(browser: Browser, name: str = "till") -> tuple[int, str]:
    answer = browser.post("/api/tokens", {"name": name})
    assert answer.status_code == 201 and answer.json
    return answer.json["token"]["id"], answer.json["token"]["secret"]


def status(client: FlaskClient, secret: str, scheme: str = "Bearer") -> int:
    return client.get("/api/me", headers={"Authorization": f"{scheme} {secret}"}, base_url=BASE).status_code


def test_a_token_speaks_for_its_owner_with_his_role(ken: Browser, anonymous: FlaskClient) -> None:
    _, secret = make(ken)
    me = anonymous.get("/api/me", headers={"Authorization": f"Bearer {secret}"}, base_url=BASE).json
    assert me and (me["user"]["name"], me["user"]["role"]) == ("Ken", "agent")
    assert anonymous.get("/api/staff", headers={"Authorization": f"Bearer {secret}"}).status_code == 403
    assert status(anonymous, secret, "bearer") == 200


def test_it_is_stored_as_a_hash_and_never_shown_again(ken: Browser, db: Database) -> None:
    _, secret = make(ken)
    with db.read() as connection:
        row = connection.execute("SELECT * FROM api_tokens").fetchone()
    assert row["token_hash"] == token_hash(secret)
    listed = ken.get("/api/tokens")
    assert listed.json and [one["name"] for one in listed.json["tokens"]] == ["till"]
    assert secret not in listed.text


def test_a_revoked_token_is_dead_at_once(ken: Browser, anonymous: FlaskClient) -> None:
    token_id, secret = make(ken)
    assert status(anonymous, secret) == 200
    assert ken.call("DELETE", f"/api/tokens/{token_id}", {}).status_code == 200
    assert status(anonymous, secret) == 401
    assert ken.call("DELETE", f"/api/tokens/{token_id}", {}).status_code == 404


def test_nobody_revokes_or_sees_the_token_of_another(app: Flask, ken: Browser, anonymous: FlaskClient) -> None:
    token_id, secret = make(ken)
    ona = Browser(app, "Ona")
    assert ona.call("DELETE", f"/api/tokens/{token_id}", {}).status_code == 404
    assert ona.get("/api/tokens").json == {"tokens": [], "next_cursor": None}
    assert status(anonymous, secret) == 200


@pytest.mark.parametrize("change", [{"disabled": True}, {"password": "another good one"}])
def test_disabling_and_a_reset_by_another_revoke_the_tokens_for_good(
    app: Flask, ken: Browser, anonymous: FlaskClient, change: dict[str, object]
) -> None:
    _, secret = make(ken)
    assert status(anonymous, secret) == 200
    me = ken.get("/api/me").json
    assert me
    ona = Browser(app, "Ona")
    ona.patch(f"/api/staff/{me['user']['id']}", change)
    assert status(anonymous, secret) == 401
    ona.patch(f"/api/staff/{me['user']['id']}", {"disabled": False})
    assert status(anonymous, secret) == 401


@pytest.mark.parametrize("secret", ["", "x", "x" * 5000, "ümlaut", "a b", "null"])
def test_a_bad_token_is_nobody(anonymous: FlaskClient, secret: str) -> None:
    assert status(anonymous, secret) == 401


def test_a_bad_token_is_not_helped_by_a_good_cookie(ken: Browser) -> None:
    assert ken.get("/api/me", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_the_password_of_a_proxy_in_front_does_not_hide_the_cookie(ken: Browser) -> None:
    assert ken.get("/api/me", headers={"Authorization": "Basic c2hvcDpzaG9w"}).status_code == 200


def test_a_cookie_value_is_no_token_and_a_token_no_cookie(ken: Browser, anonymous: FlaskClient) -> None:
    _, secret = make(ken)
    assert ken.cookie and status(anonymous, ken.cookie) == 401
    anonymous.set_cookie("__Host-session", secret, domain="inbox.example.com")
    assert anonymous.get("/api/me", base_url=BASE).status_code == 401


def test_last_used_is_noted(ken: Browser, anonymous: FlaskClient, app: Flask) -> None:
    _, secret = make(ken)
    sessions: Sessions = app.extensions["sessions"]
    sessions.forget()
    with clock.freeze(NOON):
        assert status(anonymous, secret) == 200
        sessions.db.write(lambda tx: None)  # it is written behind the answer
    listed = ken.get("/api/tokens").json
    assert listed and listed["tokens"][0]["last_used_at"] == clock.iso(NOON)


def test_tokens_page_by_cursor(ken: Browser) -> None:
    for number in range(5):
        make(ken, f"token {number}")
    seen, cursor = [], ""
    while True:
        page = ken.get(f"/api/tokens?limit=2&cursor={cursor}").json
        assert page
        seen += [one["name"] for one in page["tokens"]]
        if not (cursor := page["next_cursor"] or ""):
            break
    assert seen == [f"token {number}" for number in range(5)]
    assert ken.get("/api/tokens?limit=0").status_code == 422
    assert ken.get("/api/tokens?cursor=nonsense").status_code == 422


def test_a_bearer_call_needs_no_browser_headers(ken: Browser, anonymous: FlaskClient) -> None:
    _, secret = make(ken)
    answer = anonymous.patch("/api/me", json={"name": "Ken T."}, headers={"Authorization": f"Bearer {secret}"}, base_url=BASE)
    assert answer.json and answer.json["user"]["name"] == "Ken T."
