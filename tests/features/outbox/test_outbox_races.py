"""What crosses on the wire: statuses, attempts that a person repeated, and storage that fails while a call is in the air."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask.testing import FlaskClient

from core.errors import StorageError
from core.reason import verbatim
from db_manager import Database
from features.outbox import dispatcher as outbox
from features.outbox import line
from features.outbox import queries as outbox_queries
from features.outbox.dispatcher import Outbox
from features.outbox.outcomes import Claim, accept, claim, not_sent, recover, refused, unconfirmed
from system import clock
from tests.builders import NOON, post_webhook, status, statuses
from tests.fakes.whatsapp import FakeWhatsApp
from tests.features.outbox.answering import send, shown, until
from web.services import Services
from whatsapp_handler import Accepted, NotSent, Refused

pytestmark = pytest.mark.usefixtures("a_minute_past_noon")

FAILED: dict[str, Any] = {"errors": [{"code": 131026, "title": "Undeliverable"}]}


def take(db: Database) -> Claim:
    claimed = db.write(claim)
    assert claimed is not None
    return claimed


def retry(client: FlaskClient, message_id: int) -> None:
    assert client.post(f"/api/messages/{message_id}/retry", json={}).status_code == 200


def repeated(db: Database, client: FlaskClient, message_id: int) -> tuple[Claim, Claim]:
    """Unconfirmed, and sent again by a person: the second attempt is in the air."""
    first = take(db)
    db.write(lambda tx: unconfirmed(tx, first, verbatim("cut")))
    retry(client, message_id)
    return first, take(db)


@pytest.mark.parametrize("error", [NotSent("no connection"), Refused(131000, "try later")])
def test_a_repeat_that_met_an_error_is_not_tried_again_when_the_first_attempt_has_arrived(
    anonymous: FlaskClient, agent_client: FlaskClient, db: Database, message_id: int, error: Any
) -> None:
    first, second = repeated(db, agent_client, message_id)
    post_webhook(anonymous, statuses(status("wamid.1", "delivered", biz_opaque_callback_data=first.attempt_id)))
    conclude = not_sent if isinstance(error, NotSent) else refused
    db.write(lambda tx: conclude(tx, second, error))
    assert shown(agent_client, message_id)["status"] == "delivered"
    with clock.freeze(NOON + 3600):
        assert db.write(claim) is None  # it would have reached the customer twice


def test_a_repeat_that_is_refused_does_not_hide_that_the_first_attempt_was_sent(
    anonymous: FlaskClient, agent_client: FlaskClient, db: Database, message_id: int
) -> None:
    first, second = repeated(db, agent_client, message_id)
    post_webhook(anonymous, statuses(status("wamid.1", "sent", biz_opaque_callback_data=first.attempt_id)))
    db.write(lambda tx: refused(tx, second, Refused(100, "bad parameter")))
    assert shown(agent_client, message_id)["status"] == "sent"


@pytest.mark.parametrize("late", ["failed", "sent"])
def test_late_news_of_a_failed_attempt_does_not_end_the_repeat_in_the_queue(
    anonymous: FlaskClient, agent_client: FlaskClient, db: Database, message_id: int, late: str
) -> None:
    first = take(db)
    db.write(lambda tx: accept(tx, first, Accepted("wamid.1")))
    post_webhook(anonymous, statuses(status("wamid.1", "failed", **FAILED)))
    retry(agent_client, message_id)
    extra: dict[str, Any] = FAILED if late == "failed" else {}
    post_webhook(anonymous, statuses(status("wamid.1", late, at=NOON + 11, **extra)))
    assert shown(agent_client, message_id)["status"] == "queued"
    second = take(db)
    db.write(lambda tx: accept(tx, second, Accepted("wamid.2")))
    post_webhook(anonymous, statuses(status("wamid.2", "delivered")))
    final = shown(agent_client, message_id)
    assert (final["status"], final["wamid"], final["delivered_twice"]) == ("delivered", "wamid.2", False)


def test_a_failure_that_waited_for_the_answer_counts_for_its_attempt(
    anonymous: FlaskClient, agent_client: FlaskClient, db: Database, message_id: int
) -> None:
    first = take(db)
    post_webhook(anonymous, statuses(status("wamid.1", "failed", **FAILED)))  # without our id, before the answer
    db.write(lambda tx: accept(tx, first, Accepted("wamid.1")))
    assert shown(agent_client, message_id)["status"] == "failed"
    retry(agent_client, message_id)
    post_webhook(anonymous, statuses(status("wamid.1", "sent", at=NOON + 11)))
    assert shown(agent_client, message_id)["status"] == "queued"


@pytest.mark.parametrize("end", ["time-out", "crash"])
def test_a_failure_told_by_a_status_stands_when_the_call_itself_ends_unclear(
    anonymous: FlaskClient, agent_client: FlaskClient, db: Database, message_id: int, end: str
) -> None:
    claimed = take(db)
    post_webhook(anonymous, statuses(status("wamid.1", "failed", biz_opaque_callback_data=claimed.attempt_id, **FAILED)))
    db.write(lambda tx: unconfirmed(tx, claimed, verbatim("time-out")) if end == "time-out" else recover(tx))
    failed = shown(agent_client, message_id)
    assert (failed["status"], failed["error"]["code"]) == ("failed", 131026)
    with db.read() as connection:
        assert outbox_queries.get(connection, message_id) is None


def test_storage_that_fails_while_a_message_is_prepared_does_not_fail_the_message(
    agent_client: FlaskClient, services: Services, db: Database, message_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> Any:
        raise StorageError("disk full")

    claimed = take(db)
    monkeypatch.setattr(outbox, "content_of", full)
    db.write(Outbox(services)._call(claimed))
    assert shown(agent_client, message_id)["status"] == "queued"


def test_an_answer_that_cannot_be_kept_blocks_nobody(
    agent_client: FlaskClient, services: Services, db: Database, chat: int, message_id: int, whatsapp: FakeWhatsApp
) -> None:
    whatsapp.next_answers.append(Accepted("wamid.\ud800"))  # SQLite refuses it: an error of the data
    box = Outbox(services)
    box.start()
    try:
        until(lambda: shown(agent_client, message_id)["status"] == "unconfirmed")
        second = send(agent_client, chat, "next", "c2").get_json()["message"]["id"]
        until(lambda: shown(agent_client, second)["status"] == "accepted")
    finally:
        box.stop()


def test_stopping_waits_for_the_answer_of_a_call_in_the_air(
    agent_client: FlaskClient, services: Services, message_id: int, whatsapp: FakeWhatsApp
) -> None:
    entered, answer = threading.Event(), threading.Event()

    def slow(_: dict[str, Any]) -> Accepted:
        entered.set()
        answer.wait(5)
        return Accepted("wamid.slow")

    whatsapp.next_answers.append(slow)
    box = Outbox(services)
    box.start()
    assert entered.wait(5)
    threading.Timer(0.3, answer.set).start()
    box.stop()
    assert shown(agent_client, message_id)["status"] == "accepted"


def test_probing_a_locked_account_does_not_burn_the_queue(
    agent_client: FlaskClient, db: Database, chat: int, message_id: int
) -> None:
    second = send(agent_client, chat, "second", "c2").get_json()["message"]["id"]
    locked = Refused(131031, "locked")
    first = take(db)
    db.write(lambda tx: refused(tx, first, locked))
    assert shown(agent_client, message_id)["status"] == "failed"  # the one that met it
    probe = take(db)
    db.write(lambda tx: refused(tx, probe, locked))
    assert shown(agent_client, second)["status"] == "queued"


def test_a_clock_that_is_set_back_does_not_stop_the_probes(
    services: Services, db: Database, message_id: int
) -> None:
    db.write(lambda tx: line.put(tx, "token_dead", verbatim("dead")))
    box = Outbox(services)
    assert box._claim() is None
    db.write(lambda tx: tx.execute("UPDATE outbox SET next_attempt_at = 0"))
    with clock.freeze(NOON - 7200):
        assert box._claim() is not None


def test_the_first_hold_is_over_within_ten_seconds(
    services: Services, db: Database, message_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.monotonic", lambda: 1000.0)
    box = Outbox(services)
    for code in (130429, 4, 131057):
        box._holds = 0
        box._refused(take(db), Refused(code, "slower"))
        assert 1001 < box._held_until <= 1010
        db.write(recover)
        db.write(lambda tx: tx.execute("UPDATE outbox SET state = 'queued'"))
