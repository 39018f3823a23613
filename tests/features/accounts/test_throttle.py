"""Guessing passwords: slowed per account and per address, whatever the guesser does."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config import Config
from db_manager import Database
from features.accounts import throttle
from system import clock
from tests.features.accounts.people import Browser, build, hire, log_in

NOON = 1_795_000_000


@pytest.fixture(autouse=True)
def _staff(app: Flask) -> None:
    hire(app, "Ona", "owner")


def fail_until_blocked(client: FlaskClient, name: str = "Ona") -> tuple[int, TestResponse]:
    for count in range(1, 12):
        answer = log_in(client, name, "not the password")
        if answer.status_code == 429:
            return count, answer
        assert answer.status_code == 401
    raise AssertionError("never blocked")


def test_within_ten_bad_tries_the_account_is_blocked_with_the_seconds_to_wait(anonymous: FlaskClient) -> None:
    with clock.freeze(NOON):
        tries, answer = fail_until_blocked(anonymous)
    assert tries <= 10
    assert answer.headers["Retry-After"] == "30"
    assert answer.json and answer.json["error"]["code"] == "too_many_requests"


def test_a_right_password_is_no_way_through_a_block_and_gets_the_same_words(anonymous: FlaskClient) -> None:
    with clock.freeze(NOON):
        _, blocked = fail_until_blocked(anonymous)
        right = log_in(anonymous, "Ona")
        assert right.status_code == 429
        assert right.text == blocked.text
        assert "Set-Cookie" not in right.headers
    with clock.freeze(NOON + 31):
        assert log_in(anonymous, "Ona").status_code == 200


def test_unknown_accounts_are_blocked_alike(anonymous: FlaskClient) -> None:
    known, _ = fail_until_blocked(anonymous, "Ona")
    unknown, _ = fail_until_blocked(Flask.test_client(anonymous.application), "Nobody")
    assert unknown <= known  # the address counts, too


def test_each_further_failure_doubles_the_wait_up_to_a_quarter_of_an_hour(db: Database) -> None:
    now, waits = NOON, []
    for _ in range(12):
        with clock.freeze(now):
            throttle.admit(db, throttle.account("ona@example.com"))
        with db.read() as connection:
            until = connection.execute("SELECT blocked_until FROM login_throttle").fetchone()[0]
        waits.append(until - now)
        now = until
    assert waits == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]


def test_many_accounts_from_one_address_are_blocked_too(app: Flask, anonymous: FlaskClient) -> None:
    answers = [log_in(anonymous, f"Guess{number}", "password guess").status_code for number in range(12)]
    assert answers[:8] == [401] * 8
    assert set(answers[8:]) == {429}
    elsewhere = log_in(anonymous, "Ona", environ_overrides={"REMOTE_ADDR": "203.0.113.9"})
    assert elsewhere.status_code == 200


def test_an_account_is_blocked_from_every_address(anonymous: FlaskClient) -> None:
    answers = [
        log_in(anonymous, "Ona", "wrong password", environ_overrides={"REMOTE_ADDR": f"203.0.113.{number}"}).status_code
        for number in range(8)
    ]
    assert answers == [401] * 5 + [429] * 3


def test_forged_forwarding_headers_do_not_make_a_new_address(anonymous: FlaskClient) -> None:
    answers = [
        log_in(
            anonymous,
            f"Guess{number}",
            "wrong password",
            headers={"X-Forwarded-For": f"198.51.100.{number}", "X-Real-Ip": f"198.51.100.{number}"},
        ).status_code
        for number in range(10)
    ]
    assert answers[8:] == [429, 429]


def test_a_household_of_ipv6_addresses_is_one_address() -> None:
    assert throttle.address("2001:db8:1:2::1") == throttle.address("2001:db8:1:2:ffff::9")
    assert throttle.address("2001:db8:1:2::1") != throttle.address("2001:db8:1:3::1")
    assert throttle.address("::ffff:203.0.113.9") == throttle.address("203.0.113.9")


def test_tries_in_parallel_get_no_more_guesses_than_one_after_the_other(app: Flask) -> None:
    codes: list[int] = []
    barrier = threading.Barrier(20)

    def guess() -> None:
        barrier.wait()
        codes.append(log_in(app.test_client(), "Ona", "wrong password").status_code)

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes.count(401) == 5
    assert codes.count(429) == 15


def test_the_block_survives_a_restart(app: Flask, config: Config, anonymous: FlaskClient) -> None:
    fail_until_blocked(anonymous)
    app.extensions["inbox"].stop()
    again = build(config)
    try:
        assert log_in(again.test_client(), "Ona").status_code == 429
    finally:
        again.extensions["inbox"].stop()


def test_a_clock_put_back_neither_ends_a_block_nor_makes_it_last_for_hours(anonymous: FlaskClient) -> None:
    with clock.freeze(NOON):
        fail_until_blocked(anonymous)
    with clock.freeze(NOON - 7200):
        answer = log_in(anonymous, "Ona")
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) <= 30
    with clock.freeze(NOON - 7200 + 31):
        assert log_in(anonymous, "Ona").status_code == 200


def test_failures_are_counted_on_after_the_clock_was_put_back(anonymous: FlaskClient) -> None:
    with clock.freeze(NOON):
        for _ in range(4):
            log_in(anonymous, "Ona", "wrong password")
    with clock.freeze(NOON - 86_400):
        assert log_in(anonymous, "Ona", "wrong password").status_code == 401
        assert log_in(anonymous, "Ona").status_code == 429


def test_signing_in_forgives_the_account_but_not_the_guessing_at_others(app: Flask, db: Database) -> None:
    browser = Browser(app)
    for number in range(6):
        log_in(browser.client, f"Guess{number}", "wrong password")
    assert log_in(browser.client, "Ona").status_code == 200
    with db.read() as connection:
        kept = {row["key"]: row["failures"] for row in connection.execute("SELECT key, failures FROM login_throttle")}
    assert "account:ona@example.com" not in kept
    assert kept["address:127.0.0.1"] == 6


def test_an_hour_without_failures_forgets_them(anonymous: FlaskClient) -> None:
    with clock.freeze(NOON):
        for _ in range(4):
            log_in(anonymous, "Ona", "wrong password")
    with clock.freeze(NOON + 3601):
        assert [log_in(anonymous, "Ona", "wrong password").status_code for _ in range(4)] == [401] * 4
