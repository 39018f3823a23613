"""Somebody sets the clock: two hours back, thirty days ahead. What waits still leaves, what is shown keeps its order."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from apscheduler.schedulers import base as apscheduler_base
from flask import Flask
from flask.testing import FlaskClient

from db_manager import Database, Transaction
from features.media import queries as media_queries
from features.media.worker import LONGEST_HOLD_S, MediaWorker
from features.webhooks.actions import deliver
from runtime import schedule
from runtime.feature import Feature, every
from runtime.lifecycle import Runtime
from runtime.schedule import IntervalTrigger
from system import clock
from tests.builders import MEI, inbound, message, post_webhook
from tests.fakes.whatsapp import FakeWhatsApp
from tests.features.accounts.people import Browser, hire
from web.services import Services
from whatsapp_handler import NotSent

BACK, AHEAD = -2 * 3600, 30 * 24 * 3600


class Wall:
    """The wall clock of our code and of APScheduler; the monotonic one goes on by itself."""

    def __init__(self) -> None:
        self.offset = 0

    def now(self) -> float:
        return time.time() + self.offset


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    found = Wall()

    class Datetime(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.fromtimestamp(found.now(), tz)

    monkeypatch.setattr(clock, "time", SimpleNamespace(time=found.now))
    monkeypatch.setattr(apscheduler_base, "datetime", Datetime)
    return found


@pytest.fixture
def runs(app: Flask, services: Services, wall: Wall, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """How often two jobs have run, of a runtime that looks at its clock twenty times a second."""
    counted: Counter[str] = Counter()
    monkeypatch.setattr(schedule, "TICK_S", 0.05)
    counting = Feature(
        name="counting",
        jobs=(
            every(lambda parts: counted.update(["every 2 s"]), seconds=2),
            every(lambda parts: counted.update(["hourly"]), hours=1),
        ),
    )
    app.extensions["inbox"] = Runtime(app, services, (*app.extensions["features"], counting))
    app.extensions["inbox"].start()
    yield counted


def until(condition: Callable[[], object]) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("jump", [BACK, AHEAD])
def test_the_jobs_go_on_and_none_of_them_storms(runs: Counter[str], wall: Wall, jump: int) -> None:
    wall.offset = jump
    before = runs["every 2 s"]
    assert until(lambda: runs["every 2 s"] >= before + 2)
    assert runs["every 2 s"] < before + 5 and runs["hourly"] <= 1


def test_a_missed_month_is_one_run_and_not_a_million() -> None:
    trigger, began = IntervalTrigger(timedelta(seconds=2)), datetime(2026, 1, 1, tzinfo=UTC)
    now = began + timedelta(days=30)
    assert trigger.get_next_fire_time(None, began) == began + timedelta(seconds=2)
    assert trigger.get_next_fire_time(began, began) == began + timedelta(seconds=2)
    assert trigger.get_next_fire_time(began, now) == now + timedelta(seconds=2)


@pytest.mark.parametrize("jump", [BACK, AHEAD])
def test_what_waits_to_leave_does_not_wait_for_the_old_time(
    runs: Counter[str], wall: Wall, db: Database, agent_client: FlaskClient, whatsapp: FakeWhatsApp, jump: int
) -> None:
    post_webhook(agent_client, inbound(message(at=clock.now())))
    still_open = "UPDATE conversations SET last_inbound_at = :at"  # in either time: this is not about windows
    whatsapp.next_answers.append(_not_sent())
    agent_client.post("/api/send", json={"phone": MEI, "client_msg_id": "1", "type": "text", "text": "Yes, at nine."})
    assert until(lambda: whatsapp.sent)
    assert until(lambda: _count(db, "SELECT count(*) FROM outbox WHERE state = 'queued' AND attempts = 1"))
    db.write(lambda tx: tx.execute("UPDATE outbox SET next_attempt_at = :at", {"at": clock.now() + 900}))
    db.write(lambda tx: tx.execute(still_open, {"at": clock.now() + max(jump, 0)}))
    wall.offset = jump
    assert until(lambda: len(whatsapp.sent) == 2)
    assert until(lambda: _count(db, "SELECT count(*) FROM messages WHERE status = 'accepted'"))


def test_a_file_that_waits_is_fetched_though_the_clock_was_set_back(services: Services, wall: Wall, db: Database) -> None:
    worker = MediaWorker(services)
    worker._held_until = clock.now() + LONGEST_HOLD_S
    assert worker._is_held(clock.now())
    wall.offset = BACK
    assert not worker._is_held(clock.now())
    client = services.clients.whatsapp
    client.files["photo1"] = (b"\xff\xd8\xff" + b"x" * 100, "image/jpeg")  # type: ignore[attr-defined]
    wall.offset = 0
    _receive_photo(db)
    db.write(lambda tx: tx.execute("UPDATE media SET next_attempt_at = :at", {"at": clock.now() + 3600}))
    wall.offset = BACK
    assert not worker.work_next()
    db.write(lambda tx: media_queries.hurry(tx.connection, clock.now()))
    assert worker.work_next()


def test_a_start_finds_what_was_due_in_the_time_of_before(
    app: Flask, wall: Wall, db: Database, agent_client: FlaskClient, whatsapp: FakeWhatsApp
) -> None:
    """The clock was set while the server was down."""
    post_webhook(agent_client, inbound(message(at=clock.now())))
    agent_client.post("/api/send", json={"phone": MEI, "client_msg_id": "1", "type": "text", "text": "Yes, at nine."})
    _receive_photo(db)
    for table in ("outbox", "media"):
        db.write(lambda tx, table=table: tx.execute(f"UPDATE {table} SET next_attempt_at = {clock.now() + 900}"))  # type: ignore[misc]
    whatsapp.files["photo1"] = (b"\xff\xd8\xff" + b"x" * 100, "image/jpeg")
    wall.offset = BACK
    app.extensions["inbox"].start()
    assert until(lambda: whatsapp.sent)
    assert until(lambda: _count(db, "SELECT count(*) FROM media WHERE state = 'stored'"))


def test_the_order_of_a_chat_and_its_unread_count_follow_what_happened(agent_client: FlaskClient, wall: Wall) -> None:
    """Meta's stamps are right all the time; ours are two hours early after the jump."""
    true = int(time.time())
    chat = {"phone": MEI, "type": "text"}

    def customer(text: str, at: int) -> None:
        assert post_webhook(agent_client, inbound(message(text, at=at))).status_code == 200

    def we(text: str) -> None:
        assert agent_client.post("/api/send", json={**chat, "client_msg_id": text, "text": text}).status_code == 201

    customer("one", true)
    we("two")
    wall.offset = BACK
    customer("three", true + 1)
    we("four")
    customer("five", true + 2)
    wall.offset = 0
    we("six")
    found = agent_client.get(f"/api/messages?phone={MEI}").get_json()["messages"]
    assert [one["text"] for one in found] == ["one", "two", "three", "four", "five", "six"]
    chats = agent_client.get("/api/chats").get_json()["chats"]
    assert chats[0]["unread_count"] == 3 and chats[0]["last_message"]["text"] == "six"


def test_sessions_end_ahead_of_their_time_and_come_back_with_the_clock(app: Flask, wall: Wall) -> None:
    hire(app, "Ona", "owner")
    browser = Browser(app, "Ona")
    wall.offset = BACK
    assert browser.is_signed_in()
    wall.offset = AHEAD
    assert not browser.is_signed_in()  # idle for two weeks, by this clock
    wall.offset = 0
    assert browser.is_signed_in()


def _receive_photo(db: Database) -> None:
    photo = message(type="image", image={"id": "photo1", "mime_type": "image/jpeg"})
    deliver(db, json.dumps(inbound(photo)).encode())


def _not_sent() -> Exception:
    return NotSent("No connection.")


def _count(db: Database, sql: str) -> int:
    with db.read() as connection:
        return int(connection.execute(sql).fetchone()[0])


def test_neither_the_archive_nor_the_sheet_waits_for_the_old_time(app: Flask, db: Database) -> None:
    old = clock.now() + 365 * 24 * 3600

    def wait(tx: Transaction) -> None:
        tx.execute(
            "INSERT INTO media_archive (sha256, name, mime_type, size, month, next_attempt_at, stored_at)"
            " VALUES ('a', 'a', 'image/jpeg', 1, '2026-11', :old, 0)",
            {"old": old},
        )
        tx.execute("INSERT INTO drive_state (id, held_until, failures) VALUES (1, :old, 1)", {"old": old})
        tx.execute("INSERT INTO customer_writes VALUES ('85251230000', '', 1, 0, 0, 1, :old, NULL)", {"old": old})
        tx.execute(
            "INSERT INTO customer_sync_runs (source, digest, state, rows_read, started_at, retry_at)"
            " VALUES ('Google Sheet', '', 'failed', 0, 0, :old)",
            {"old": old},
        )

    db.write(wait)
    app.extensions["inbox"].start_anew(BACK)
    with db.read() as connection:
        for table, column in [("media_archive", "next_attempt_at"), ("drive_state", "held_until"),
                              ("customer_writes", "next_attempt_at"), ("customer_sync_runs", "retry_at")]:  # fmt: skip
            assert connection.execute(f"SELECT {column} FROM {table}").fetchone()[0] <= clock.now(), table
