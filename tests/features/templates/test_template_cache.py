"""The cache of templates: kept like Meta's list, fetched when stale, kept when Meta cannot be reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config import Config
from core.errors import AppError, Conflict, Invalid, NotFound, RemoteError
from db_manager import Database
from features.templates import queries
from features.templates.actions import find_sendable, is_stale, mark_stale, sync_templates
from features.templates.jobs import refresh_templates
from system import clock
from tests.features.templates.templates import body, media_header, template
from web.live import LiveFeed
from web.services import Clients, Services

WABA = "200000000000002"
NOON = 1_790_000_000


class Meta:
    """Its list, and what happens while it is fetched."""

    def __init__(self, *listed: dict[str, Any]) -> None:
        self.listed = list(listed)
        self.calls = 0
        self.failure: RemoteError | None = None
        self.meanwhile: Callable[[], object] = lambda: None

    def templates(self) -> list[dict[str, Any]]:
        self.calls += 1
        self.meanwhile()
        if self.failure:
            raise self.failure
        return list(self.listed)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "chat_history.db").open()
    yield database
    database.close()


@pytest.fixture
def meta() -> Meta:
    return Meta(template("booking"), template("hello", body("Hi {{1}}")), template("hello", language="zh_HK"))


def names(db: Database) -> list[tuple[str, str, str]]:
    with db.read() as connection:
        return [(row["name"], row["language"], row["status"]) for row in queries.listed(connection, None, None)]


def changes(db: Database) -> list[tuple[str, str]]:
    with db.read() as connection:
        return [tuple(row.values()) for row in connection.execute("SELECT kind, origin FROM changes")]


def stale(db: Database) -> bool:
    with db.read() as connection:
        return is_stale(connection, WABA)


def test_the_list_is_taken_over_and_browsers_are_told_once(db: Database, meta: Meta) -> None:
    assert sync_templates(db, meta, WABA)
    assert names(db) == [
        ("booking", "en_US", "APPROVED"), ("hello", "en_US", "APPROVED"), ("hello", "zh_HK", "APPROVED"),
    ]
    assert not sync_templates(db, meta, WABA)
    assert changes(db) == [("templates.updated", "sync")]


def test_changed_and_vanished_templates_follow(db: Database, meta: Meta) -> None:
    sync_templates(db, meta, WABA)
    meta.listed = [meta.listed[0] | {"status": "PAUSED"}, meta.listed[1]]
    assert sync_templates(db, meta, WABA)
    assert names(db) == [("booking", "en_US", "PAUSED"), ("hello", "en_US", "APPROVED")]
    meta.listed = []
    assert sync_templates(db, meta, WABA)
    assert names(db) == []


def test_templates_of_another_account_do_not_stay(db: Database, meta: Meta) -> None:
    sync_templates(db, meta, "sandbox")
    assert stale(db)
    sync_templates(db, Meta(template("real")), WABA)
    assert names(db) == [("real", "en_US", "APPROVED")]


def test_an_odd_entry_costs_only_itself(db: Database) -> None:
    odd: list[Any] = [
        {"id": "1"}, {"name": "x"}, {}, template("no_components", components=None),
        template("surrogate", {"type": "BODY", "text": "a\ud800\x00b", "big": 2**80, "ratio": 0.5}), template("fine", id=5),
    ]  # fmt: skip
    sync_templates(db, Meta(*odd), WABA)
    assert [name for name, _, _ in names(db)] == ["fine", "no_components", "surrogate"]
    with db.read() as connection:
        assert find_sendable(connection, "surrogate", "en_US").body == "a\ufffdb"


def test_a_failing_call_keeps_the_cache_and_says_so(db: Database, meta: Meta) -> None:
    sync_templates(db, meta, WABA)
    meta.failure = RemoteError("The line is dead.", retry_after=42.5)
    with pytest.raises(AppError, match="The line is dead") as failed:
        sync_templates(db, meta, WABA)
    assert (failed.value.code, failed.value.status, failed.value.retry_after) == ("whatsapp_unreachable", 503, 42)
    assert len(names(db)) == 3


def test_the_button_calls_meta_once_in_ten_seconds(db: Database, meta: Meta) -> None:
    for second, calls in ((0, 1), (5, 1), (9, 1), (10, 2)):
        with clock.freeze(NOON + second):
            sync_templates(db, meta, WABA, throttle_s=10)
        assert meta.calls == calls


def test_of_two_fetches_at_once_the_second_is_left_out(db: Database, meta: Meta) -> None:
    answers: list[bool] = []
    meta.meanwhile = lambda: answers.append(sync_templates(db, meta, WABA))
    assert sync_templates(db, meta, WABA)
    assert (answers, meta.calls) == ([False], 1)


def test_stale_when_never_fetched_when_old_and_when_meta_says_so(db: Database, meta: Meta) -> None:
    with clock.freeze(NOON):
        assert stale(db)
        sync_templates(db, meta, WABA)
        assert not stale(db)
        db.write(mark_stale)
        assert stale(db)
        sync_templates(db, meta, WABA)
        assert not stale(db)
    with clock.freeze(NOON + 6 * 3600 - 1):
        assert not stale(db)
    with clock.freeze(NOON + 6 * 3600):
        assert stale(db)


def test_a_change_announced_while_the_list_is_fetched_is_not_forgotten(db: Database, meta: Meta) -> None:
    meta.meanwhile = lambda: db.write(mark_stale)
    sync_templates(db, meta, WABA)
    assert stale(db)


def test_the_job_fetches_when_stale_and_waits_after_a_failure(db: Database, meta: Meta, tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path, whatsapp_business_account_id=WABA)
    parts = Services(config=config, db=db, clients=Clients(whatsapp=meta, store=None), feed=LiveFeed())
    meta.failure = RemoteError("The line is dead.")
    for second, calls in ((0, 1), (60, 1), (299, 1), (300, 2)):
        with clock.freeze(NOON + second):
            refresh_templates(parts)
        assert meta.calls == calls
    meta.failure = None
    for second in (600, 660):
        with clock.freeze(NOON + second):
            refresh_templates(parts)
    assert meta.calls == 3
    assert len(names(db)) == 3


def test_the_template_to_send_is_found_whatever_way_its_language_is_written(db: Database, meta: Meta) -> None:
    sync_templates(db, meta, WABA)
    with db.read() as connection:
        for language in ("en_US", "en-US", "EN_us"):
            assert find_sendable(connection, "hello", language).language == "en_US"
        assert find_sendable(connection, "hello", "zh-HK").language == "zh_HK"


def test_what_cannot_be_sent_is_refused_with_its_reason(db: Database) -> None:
    sync_templates(db, Meta(template("paused", status="PAUSED"), template("photo", media_header("IMAGE"), body("Hi"))), WABA)
    with db.read() as connection:
        with pytest.raises(NotFound, match="no template “hello”"):
            find_sendable(connection, "hello", "en_US")
        with pytest.raises(NotFound):
            find_sendable(connection, "paused", "de")
        with pytest.raises(Conflict, match="paused"):
            find_sendable(connection, "paused", "en_US")
        with pytest.raises(Invalid, match="picture"):
            find_sendable(connection, "photo", "en_US")
