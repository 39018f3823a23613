"""The first visit makes the owner: once, by somebody who sits at the machine or can read its data folder."""

from __future__ import annotations

import logging
import stat
import threading
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config import Config
from db_manager import Database
from features.accounts import setup_code
from tests.features.accounts.people import BASE, PASSWORD, hire, log_in

HERE = "http://127.0.0.1:8000"


def set_up(client: FlaskClient, base_url: str = HERE, **more: Any) -> TestResponse:
    headers = more.pop("headers", {})
    body = {"email": "Ona@Example.com", "name": " Ona  Tide ", "password": PASSWORD} | more
    return client.post("/api/setup", json=body, base_url=base_url, headers=headers)


def users(db: Database) -> list[tuple[str, str, str]]:
    with db.read() as connection:
        return [tuple(row.values()) for row in connection.execute("SELECT email, name, role FROM users WHERE is_demo = 0")]


def test_at_the_machine_itself_the_first_visit_makes_the_owner_and_signs_in(anonymous: FlaskClient, db: Database) -> None:
    assert anonymous.get("/login", base_url=HERE).headers["Location"] == "/setup"
    answer = set_up(anonymous)
    assert answer.status_code == 201
    assert users(db) == [("ona@example.com", "Ona Tide", "owner")]
    me = anonymous.get("/api/me", base_url=HERE, headers={"Cookie": answer.headers["Set-Cookie"].split(";")[0]})
    assert me.json and me.json["user"]["role"] == "owner"


def test_afterwards_the_page_leads_to_login_and_the_call_is_refused(app: Flask, anonymous: FlaskClient) -> None:
    set_up(anonymous)
    stranger = app.test_client()
    page = stranger.get("/setup", base_url=HERE)
    assert (page.status_code, page.headers["Location"]) == (302, "/login")
    again = set_up(stranger, email="second@example.com")
    assert again.status_code == 409
    assert again.json and again.json["error"]["code"] == "already_set_up"
    assert "Set-Cookie" not in again.headers


def test_ten_at_once_make_one_owner(app: Flask, db: Database) -> None:
    codes: list[int] = []
    barrier = threading.Barrier(10)

    def enter(number: int) -> None:
        barrier.wait()
        codes.append(set_up(app.test_client(), email=f"owner{number}@example.com").status_code)

    threads = [threading.Thread(target=enter, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [201] + [409] * 9
    assert len(users(db)) == 1


def test_through_a_proxy_the_code_of_the_data_folder_is_needed(anonymous: FlaskClient, config: Config, db: Database) -> None:
    assert set_up(anonymous, BASE).status_code == 403  # no code was made yet: nobody gets in
    setup_code.prepare(db, config.data_dir)
    file = config.data_dir / "setup-code"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    wrong = set_up(anonymous, BASE, code="0000000000000000")
    assert wrong.status_code == 403
    assert wrong.json and wrong.json["error"]["code"] == "wrong_setup_code"
    assert users(db) == []
    assert set_up(anonymous, BASE, code=file.read_text()).status_code == 201
    assert not file.exists()


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via"]
)
def test_any_forwarding_header_makes_a_request_a_strangers(anonymous: FlaskClient, header: str, db: Database) -> None:
    assert set_up(anonymous, headers={header: "127.0.0.1"}).status_code == 403
    assert users(db) == []


def test_a_peer_or_host_that_is_not_loopback_needs_the_code(anonymous: FlaskClient, db: Database) -> None:
    assert set_up(anonymous, "https://127.0.0.1.evil.example").status_code == 403
    distant = anonymous.post(
        "/api/setup",
        json={"email": "x@example.com", "name": "X", "password": PASSWORD},
        base_url=HERE,
        environ_overrides={"REMOTE_ADDR": "192.0.2.7"},
    )
    assert distant.status_code == 403
    assert users(db) == []


def test_the_code_cannot_be_guessed_for_long(anonymous: FlaskClient, config: Config, db: Database) -> None:
    setup_code.prepare(db, config.data_dir)
    codes = [set_up(anonymous, BASE, code=f"guess{number}").status_code for number in range(10)]
    assert codes == [403] * 8 + [429] * 2


def test_the_code_is_logged_when_made_and_only_then(config: Config, db: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    setup_code.prepare(db, config.data_dir)
    code = (config.data_dir / "setup-code").read_text().strip()
    assert len(code) == 16
    assert code in caplog.text
    caplog.clear()
    setup_code.prepare(db, config.data_dir)
    assert "setup-code" in caplog.text and code not in caplog.text
    assert (config.data_dir / "setup-code").read_text().strip() == code


def test_an_installation_with_people_has_no_code(app: Flask, config: Config, db: Database) -> None:
    setup_code.prepare(db, config.data_dir)
    hire(app, "Ona", "owner")
    setup_code.prepare(db, config.data_dir)
    assert not (config.data_dir / "setup-code").exists()


def test_plain_http_from_elsewhere_is_refused(anonymous: FlaskClient) -> None:
    answer = set_up(anonymous, "http://inbox.example.com")
    assert answer.json and answer.json["error"]["code"] == "https_required"


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ({"email": "no at sign"}, "invalid_email"),
        ({"email": "two@at@example.com"}, "invalid_email"),
        ({"email": "a b@example.com"}, "invalid_email"),
        ({"email": "a" * 250 + "@example.com"}, "invalid_email"),
        ({"name": " \u200b \u202e"}, "invalid_name"),
        ({"password": "seven77"}, "weak_password"),
        ({"password": "password1"}, "weak_password"),
        ({"password": "PassWord1"}, "weak_password"),
        ({"password": "aaaaaaaaaaaa"}, "weak_password"),
        ({"password": "ona@example.com"}, "weak_password"),
        ({"password": "x1y2z3" * 50}, "weak_password"),
        ({"name": None}, "invalid"),
        ({"password": {"$gt": ""}}, "invalid"),
    ],
)
def test_what_is_wrong_is_said(anonymous: FlaskClient, db: Database, what: dict[str, Any], code: str) -> None:
    answer = set_up(anonymous, **what)
    assert answer.status_code == 422
    assert answer.json and answer.json["error"]["code"] == code
    assert users(db) == []


@pytest.mark.parametrize(
    "password", ["12 chars ok!", "på" + "ßé" * 127, "パスワードではない", "x" * 8 + "abc", "tab\tand\nline"]
)
def test_any_characters_make_a_password_that_works(app: Flask, anonymous: FlaskClient, password: str) -> None:
    assert set_up(anonymous, password=password).status_code == 201
    assert log_in(app.test_client(), "Ona", password).status_code == 200


def test_composed_and_decomposed_letters_are_the_same_password(app: Flask, anonymous: FlaskClient) -> None:
    set_up(anonymous, password="caf\u00e9 au lait")
    assert log_in(app.test_client(), "Ona", "cafe\u0301 au lait").status_code == 200


def test_a_full_disk_leaves_no_empty_code_that_nobody_could_know(
    db: Database, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(setup_code.os, "fdopen", full)
        setup_code.prepare(db, config.data_dir)
    assert not (config.data_dir / setup_code.FILE).exists()
    setup_code.prepare(db, config.data_dir)
    assert setup_code.is_right(config.data_dir, (config.data_dir / setup_code.FILE).read_text())
