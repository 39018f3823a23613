"""What ends a session, how soon, and what an idle browser costs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from core.errors import StorageError
from core.ids import token_hash
from db_manager import Database, Transaction
from features.accounts import jobs
from features.accounts.sessions import COOKIE, Sessions
from system import clock
from tests.features.accounts.people import BASE, PASSWORD, Browser, hire
from web.guards import User

NOON = 1_795_000_000
DAY = 24 * 3600


@pytest.fixture(autouse=True)
def ona(app: Flask) -> User:
    return hire(app, "Ona", "owner")


@pytest.fixture
def sessions(app: Flask) -> Sessions:
    known: Sessions = app.extensions["sessions"]
    return known


@contextmanager
def no_database(db: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("the database was touched")

    with monkeypatch.context() as patch:
        patch.setattr(db, "read", refuse)
        patch.setattr(db, "write", refuse)
        yield


def test_an_idle_poll_touches_no_database(app: Flask, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser(app, "Ona")
    browser.get("/api/updates")
    with no_database(db, monkeypatch):
        for _ in range(50):
            assert browser.get("/api/updates?since=0").status_code == 204


def test_what_is_remembered_is_read_anew_after_thirty_seconds(
    app: Flask, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may have ended the session."""
    browser = Browser(app, "Ona")
    assert browser.is_signed_in()
    db.write(lambda tx: tx.execute("DELETE FROM sessions") and None)
    assert browser.get("/api/updates?since=0").status_code == 204
    import time

    real = time.monotonic
    monkeypatch.setattr("features.accounts.sessions.time.monotonic", lambda: real() + 30)
    assert browser.get("/api/updates?since=0").status_code == 401


def test_logout_ends_this_session_only_and_takes_the_cookie_away(app: Flask) -> None:
    desk, phone = Browser(app, "Ona"), Browser(app, "Ona")
    copy = Browser(app)
    assert desk.cookie
    copy.client.set_cookie(COOKIE, desk.cookie, domain="inbox.example.com")
    answer = desk.post("/api/logout")
    assert answer.status_code == 200
    assert desk.cookie is None
    assert not copy.is_signed_in()
    assert phone.is_signed_in()


def test_an_ended_session_gets_401_on_the_api_and_the_login_page_elsewhere(app: Flask) -> None:
    browser = Browser(app)
    browser.client.set_cookie(COOKIE, "gone", domain="inbox.example.com")
    assert browser.get("/api/me").status_code == 401
    page = browser.get("/settings")
    assert (page.status_code, page.headers["Location"]) == (302, "/login")


def disable(boss: Browser, user: User) -> None:
    assert boss.patch(f"/api/staff/{user.id}", {"disabled": True}).status_code == 200


def change_role(boss: Browser, user: User) -> None:
    assert boss.patch(f"/api/staff/{user.id}", {"role": "admin"}).status_code == 200


def reset_password(boss: Browser, user: User) -> None:
    assert boss.patch(f"/api/staff/{user.id}", {"password": "another good one"}).status_code == 200


@pytest.mark.parametrize("end", [disable, change_role, reset_password])
def test_disabling_a_new_role_and_a_reset_password_end_every_session_at_once(
    app: Flask, end: Callable[[Browser, User], None]
) -> None:
    ken = hire(app, "Ken", "agent")
    boss, desk, phone = Browser(app, "Ona"), Browser(app, "Ken"), Browser(app, "Ken")
    assert desk.is_signed_in() and phone.is_signed_in()
    end(boss, ken)
    assert not desk.is_signed_in() and not phone.is_signed_in()
    assert boss.is_signed_in()


def test_a_new_name_ends_nothing_and_shows_at_once(app: Flask) -> None:
    ken = hire(app, "Ken", "agent")
    boss, desk = Browser(app, "Ona"), Browser(app, "Ken")
    assert desk.is_signed_in()
    boss.patch(f"/api/staff/{ken.id}", {"name": "Kenneth"})
    me = desk.get("/api/me").json
    assert me and me["user"]["name"] == "Kenneth"


def test_changing_my_password_ends_my_other_sessions_and_keeps_this_one(app: Flask) -> None:
    desk, phone = Browser(app, "Ona"), Browser(app, "Ona")
    assert phone.is_signed_in()
    answer = desk.post("/api/me/password", {"current": PASSWORD, "new": "a new and better one"})
    assert answer.status_code == 200
    assert desk.is_signed_in()
    assert not phone.is_signed_in()
    Browser(app, "Ona", "a new and better one")


def test_my_password_cannot_be_changed_without_it_nor_guessed_with_a_stolen_session(app: Flask) -> None:
    desk = Browser(app, "Ona")
    codes = [
        desk.post("/api/me/password", {"current": f"guess {number}", "new": "a new and better one"}).status_code
        for number in range(8)
    ]
    assert codes == [422] * 5 + [429] * 3
    assert desk.post("/api/me/password", {"current": PASSWORD, "new": "a new and better one"}).status_code == 429
    Browser(app, "Ona")  # the login page still lets its owner in


def test_a_weak_new_password_is_refused_and_nothing_changes(app: Flask) -> None:
    desk = Browser(app, "Ona")
    answer = desk.post("/api/me/password", {"current": PASSWORD, "new": "password"})
    assert answer.status_code == 422
    assert answer.json and answer.json["error"]["code"] == "weak_password"
    Browser(app, "Ona")


def test_the_check_of_an_open_socket_says_no_at_once_and_works_outside_of_a_request(app: Flask) -> None:
    ken = hire(app, "Ken", "agent")
    boss, desk = Browser(app, "Ona"), Browser(app, "Ken")
    with app.test_request_context("/api/updates", base_url=BASE, headers={"Cookie": f"{COOKIE}={desk.cookie}"}):
        app.preprocess_request()
        check, hashed = g.session_check, g.session_hash
    assert desk.cookie and hashed == token_hash(desk.cookie)
    answers: list[bool] = []
    for change in ({"name": "Still Ken"}, {"disabled": True}):
        boss.patch(f"/api/staff/{ken.id}", change)
        thread = threading.Thread(target=lambda: answers.append(check()))
        thread.start()
        thread.join()
    assert answers == [True, False]


def settle(sessions: Sessions) -> None:
    """"Last seen" is written behind the answer: wait for it, and forget what is remembered in memory."""
    sessions.db.write(lambda tx: None)
    sessions.forget()


def test_a_session_ends_after_fourteen_idle_days_and_lives_on_when_used(app: Flask, sessions: Sessions) -> None:
    with clock.freeze(NOON):
        used, idle = Browser(app, "Ona"), Browser(app, "Ona")
    for day in range(1, 15):
        settle(sessions)
        with clock.freeze(NOON + day * DAY):
            assert used.is_signed_in()
    with clock.freeze(NOON + 14 * DAY):
        assert not idle.is_signed_in()
        assert used.is_signed_in()


def test_a_session_ends_after_sixty_days_however_much_it_is_used(app: Flask, sessions: Sessions) -> None:
    with clock.freeze(NOON):
        browser = Browser(app, "Ona")
    for day in range(10, 60, 10):
        settle(sessions)
        with clock.freeze(NOON + day * DAY):
            assert browser.is_signed_in()
    with clock.freeze(NOON + 60 * DAY - 1):
        assert browser.is_signed_in()
    with clock.freeze(NOON + 60 * DAY):
        assert not browser.is_signed_in()  # though it is still remembered


def test_last_seen_is_written_every_five_minutes_at_most(app: Flask, db: Database, sessions: Sessions) -> None:
    def last_seen() -> int:
        with db.read() as connection:
            return int(connection.execute("SELECT last_seen_at FROM sessions").fetchone()[0])

    with clock.freeze(NOON):
        browser = Browser(app, "Ona")
    seen = []
    for seconds in (60, 299, 300, 400, 601):
        with clock.freeze(NOON + seconds):
            browser.get("/api/updates")
        settle(sessions)
        seen.append(last_seen() - NOON)
    assert seen == [0, 0, 300, 300, 601]


def test_a_full_disk_signs_nobody_out(app: Flask, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise StorageError("full")

    with clock.freeze(NOON):
        browser = Browser(app, "Ona")
    monkeypatch.setattr(db, "_submit", fail)
    with clock.freeze(NOON + DAY):
        assert browser.get("/api/updates").status_code == 200


def test_a_locked_database_keeps_nobody_from_reading(app: Flask, db: Database) -> None:
    with clock.freeze(NOON):
        browser = Browser(app, "Ona")
    held, release = threading.Event(), threading.Event()

    def hold(tx: Transaction) -> None:
        held.set()
        release.wait(30)

    holder = threading.Thread(target=db.write, args=(hold,))
    holder.start()
    held.wait(30)
    with clock.freeze(NOON + DAY):  # "last seen" is due
        assert browser.get("/api/chats").status_code == 200
    release.set()
    holder.join()


def test_a_lookup_under_way_does_not_bring_back_a_session_that_ended_meanwhile(
    app: Flask, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(app, "Ona")
    read = sessions._read

    def slow_read(kind: str, hashed: bytes) -> Any:
        found = read(kind, hashed)
        sessions.write(lambda tx: tx.execute("DELETE FROM sessions") and None)
        return found

    monkeypatch.setattr(sessions, "_read", slow_read)
    browser.get("/api/updates")
    monkeypatch.undo()
    assert not browser.is_signed_in()


def test_the_daily_job_forgets_what_ended_and_keeps_the_rest(app: Flask, db: Database) -> None:
    with clock.freeze(NOON):
        Browser(app, "Ona")
        Browser(app).post("/api/login", {"email": "x@example.com", "password": "wrong password"})
    with clock.freeze(NOON + 20 * DAY):
        fresh = Browser(app, "Ona")
        jobs.forget_what_ended(app.extensions["services"])
        assert fresh.is_signed_in()
    with db.read() as connection:
        assert connection.execute("SELECT count(*) FROM sessions").fetchone()[0] == 1
        keys = {row[0] for row in connection.execute("SELECT key FROM login_throttle")}
    assert keys == {"address:127.0.0.1"} or not keys


def test_a_cookie_call_that_changes_something_must_come_from_our_own_pages(app: Flask) -> None:
    browser = Browser(app, "Ona")
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert browser.patch("/api/me", {"name": "Evil"}, headers=headers).status_code == 403
    form = browser.client.post("/api/logout", data={"a": "b"}, base_url=BASE)
    assert form.status_code == 415
    assert browser.is_signed_in()


def test_identity_headers_of_a_proxy_are_ignored(anonymous: FlaskClient) -> None:
    headers = {"X-Remote-User": "ona@example.com", "X-Forwarded-User": "ona@example.com", "X-User": "1"}
    assert anonymous.get("/api/me", headers=headers, base_url=BASE).status_code == 401


def test_no_page_of_ours_is_kept_by_a_cache(app: Flask) -> None:
    browser = Browser(app, "Ona")
    assert browser.get("/api/me").headers["Cache-Control"] == "no-store"


def test_the_list_of_common_passwords_is_there() -> None:
    from features.accounts.passwords import COMMON_PASSWORDS

    assert len(Path(COMMON_PASSWORDS).read_text().split()) == 3000
