"""The webhook's door: the challenge, the signature, the commit before the 200."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from core.errors import StorageError
from db_manager import Database
from tests.builders import APP_SECRET, VERIFY_TOKEN, inbound, message, post_webhook, sign, statuses
from web.services import Services

PAYLOADS = sorted((Path(__file__).parents[2] / "payloads").glob("*.json"))

# Payloads that hold, on purpose, a piece that nobody can understand: it is set aside, the rest is applied.
WITH_POISON = {"batch", "history", "other_object", "status_deleted", "user_id_changed_unnamed"}


def rows(db: Database, table: str) -> int:
    with db.read() as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_the_challenge_is_echoed_as_plain_text(anonymous: FlaskClient) -> None:
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": VERIFY_TOKEN}
    answer = anonymous.get("/webhook/whatsapp", query_string=query)
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "1158201444", "text/plain")


@pytest.mark.parametrize(("name", "wrong"), [("hub.verify_token", "guess"), ("hub.challenge", "<script>"), ("hub.mode", "x")])
def test_a_wrong_challenge_is_refused(anonymous: FlaskClient, name: str, wrong: str) -> None:
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": VERIFY_TOKEN, name: wrong}
    assert anonymous.get("/webhook/whatsapp", query_string=query).status_code == 403


def test_an_unsigned_body_is_refused_and_nothing_is_kept(anonymous: FlaskClient, db: Database) -> None:
    answer = anonymous.post("/webhook/whatsapp", data=json.dumps(inbound(message())))
    assert answer.status_code == 401
    assert rows(db, "webhook_deliveries") == rows(db, "messages") == 0


def test_a_wrong_signature_is_refused_and_nothing_is_kept(anonymous: FlaskClient, db: Database) -> None:
    raw = json.dumps(inbound(message())).encode()
    answer = anonymous.post("/webhook/whatsapp", data=raw, headers=sign(raw, "another secret"))
    assert answer.status_code == 403
    assert answer.get_json()["error"]["code"] == "wrong_signature"
    assert rows(db, "webhook_deliveries") == rows(db, "messages") == 0


def test_a_whole_batch_is_applied(anonymous: FlaskClient, db: Database) -> None:
    body = inbound(message("one"), message("two", sender="85251230000"))
    body["entry"].append(inbound(message("three"))["entry"][0])
    body["entry"][0]["changes"].append(statuses({"id": "wamid.x", "status": "sent", "timestamp": "1"})["entry"][0]["changes"][0])
    assert post_webhook(anonymous, body).status_code == 200
    assert rows(db, "messages") == 3
    assert rows(db, "pending_statuses") == 1


def test_the_same_body_twice_is_one_message(anonymous: FlaskClient, db: Database) -> None:
    body = inbound(message("once"))
    assert [post_webhook(anonymous, body).status_code for _ in range(3)] == [200, 200, 200]
    assert rows(db, "messages") == rows(db, "webhook_deliveries") == 1


def test_a_regrouped_repeat_is_one_message(anonymous: FlaskClient, db: Database) -> None:
    first, second = message("a"), message("b")
    post_webhook(anonymous, inbound(first))
    post_webhook(anonymous, inbound(first, second))
    post_webhook(anonymous, inbound(second, first))
    assert rows(db, "messages") == 2


def test_what_cannot_be_committed_is_answered_503(anonymous: FlaskClient, services: Services, monkeypatch: Any) -> None:
    def full(*_: Any) -> None:
        raise StorageError("disk full")

    monkeypatch.setattr(services.db, "write", full)
    answer = post_webhook(anonymous, inbound(message()))
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "storage_unavailable")


@pytest.mark.parametrize(
    "raw",
    [b"", b"null", b"[]", b"7", b'"text"', b"{", b"\xff\xfe", b'{"entry": 7}', b'{"entry": [{"changes": [{"value": []}]}]}',
     b'{"object": "whatsapp_business_account", "entry": [{"id": {}, "changes": [{"field": [], "value": {"messages": "x"}}]}]}',
     b"[" * 5000, b'{"entry": [{"changes": [{"field": "messages", "value": {"messages": [{"id": 1e999}]}}]}]}'],
)  # fmt: skip
def test_an_authentic_body_is_kept_and_answered_200_however_odd(anonymous: FlaskClient, db: Database, raw: bytes) -> None:
    assert post_webhook(anonymous, raw).status_code == 200
    assert rows(db, "webhook_deliveries") == 1


def test_one_poison_event_does_not_cost_its_neighbours(anonymous: FlaskClient, db: Database, monkeypatch: Any) -> None:
    from features.webhooks import receiving

    receive = receiving.receive

    def poisoned(tx: Any, event: Any) -> Any:
        if event.content.text == "poison":
            tx.execute("INSERT INTO changes (kind, origin, at) VALUES ('half', NULL, 1)")
        return receive(tx, event)

    monkeypatch.setattr(receiving, "receive", poisoned)
    texts = [f"good {number}" for number in range(49)]
    body = inbound(*[message(text) for text in texts[:20]], message("poison"), *[message(text) for text in texts[20:]])
    assert post_webhook(anonymous, body).status_code == 200
    assert rows(db, "messages") == 49
    assert rows(db, "webhook_quarantine") == 1
    with db.read() as connection:
        assert connection.execute("SELECT state FROM webhook_deliveries").fetchone()[0] == "quarantined"


def test_too_large_a_body_is_refused(anonymous: FlaskClient, db: Database) -> None:
    raw = b" " * (4 * 1024 * 1024 + 1)
    assert anonymous.post("/webhook/whatsapp", data=raw, headers=sign(raw)).status_code == 413
    assert rows(db, "webhook_deliveries") == 0


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_every_payload_is_applied_and_shown_with_words(
    anonymous: FlaskClient, agent_client: FlaskClient, db: Database, path: Path
) -> None:
    from features.webhooks.actions import apply_next_history

    answer = post_webhook(anonymous, path.read_bytes())
    assert answer.status_code == 200
    while apply_next_history(db):
        pass
    with db.read() as connection:
        aside = connection.execute("SELECT event, error FROM webhook_quarantine").fetchall()
    assert bool(aside) == (path.stem in WITH_POISON), [tuple(row.values()) for row in aside]
    for chat in agent_client.get("/api/chats").get_json()["chats"]:
        assert chat["name"].strip()
        messages = agent_client.get(f"/api/messages?conversation_id={chat['id']}").get_json()["messages"]
        for shown in messages:
            assert shown["text"].strip() or shown["media"], shown


def test_there_are_payloads_to_test() -> None:
    assert len(PAYLOADS) > 40


def test_the_secret_and_the_signature_fit_together() -> None:
    assert sign(b"x", APP_SECRET) != sign(b"x", APP_SECRET + "x")
