"""The invented chats leave when a real number is connected; nothing is sent to their phones, nothing real is touched."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

import sandbox
from db_manager import Database, Transaction
from features.media import actions as media
from features.sandbox_removal import actions
from sandbox.credentials import keep_credentials
from sandbox.graph import GraphDouble
from sandbox.seed import plant
from system import clock
from tests.builders import MEI, contact, envelope, message, sign
from tests.features.numbers.connecting import House, five


def play(house: House) -> None:
    """The sandbox's own stories, through the webhook, as at its first start."""
    client = house.app.test_client()

    def deliver(body: bytes, headers: dict[str, str]) -> int:
        return client.post("/webhook/whatsapp", data=body, headers=headers).status_code

    with GraphDouble(deliver, credentials=keep_credentials(house.config.data_dir / sandbox.KEPT_IN)) as invented:
        plant(invented)
        assert invented.settle(30)


def count(db: Database, table: str) -> int:
    with db.read() as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


EMPTIED = ("conversations", "messages", "contacts", "contact_aliases", "media", "media_archive", "outbox", "send_attempts", "reactions",
           "message_revisions", "webhook_deliveries", "numbers")  # fmt: skip


def test_no_invented_chat_is_left_and_nothing_was_sent_to_its_phone(house: House, meta: GraphDouble) -> None:
    play(house)
    chats = house.ona.get("/api/chats").get_json()["chats"]
    assert len(chats) > 8 and count(house.parts.db, "reactions") and count(house.parts.db, "media")
    mei = next(chat for chat in chats if chat["window_open"] and chat["kind"] == "person")
    queued = house.ona.post(
        "/api/send", json={"conversation_id": mei["id"], "type": "text", "text": "Yes!", "client_msg_id": "c1"}
    )
    assert queued.status_code == 201 and count(house.parts.db, "outbox") == 1
    before = house.parts.feed.newest

    house.connect()
    house.restart()
    house.app.extensions["inbox"].start()

    assert house.ona.get("/api/chats").get_json()["chats"] == []
    left = {table: count(house.parts.db, table) for table in EMPTIED}
    assert left == dict.fromkeys(EMPTIED, 0) | {"numbers": 1}
    assert meta.count("send") == 0
    house.parts.db.write(lambda tx: None)  # behind what the start has put into the line
    [change] = house.ona.get(f"/api/updates?since={before}").get_json()["changes"]
    assert change["kind"] == "status.updated"  # a page that is open asks how it stands, and loads anew
    entries = house.ona.get("/api/audit").get_json()["entries"]
    assert "demo_removed" in [entry["action"] for entry in entries]


def test_they_leave_as_well_when_the_environment_names_the_number(house: House, meta: GraphDouble) -> None:
    play(house)
    house.restart(is_sandbox=False, **{f"whatsapp_{name}": value for name, value in five(meta).items()})
    house.app.extensions["inbox"].start()
    assert house.ona.get("/api/chats").get_json()["chats"] == []
    assert count(house.parts.db, "messages") == 0


def test_what_is_real_stays(house: House, meta: GraphDouble) -> None:
    play(house)
    with house.parts.db.read() as connection:
        known = connection.execute("SELECT phone FROM contacts WHERE phone IS NOT NULL LIMIT 1").fetchone()[0]
    house.parts.db.write(
        lambda tx: tx.execute(
            "INSERT INTO customers (phone, name, row_number, run_id, updated_at) VALUES (?, 'From the list', 2, 1, 1)", [known]
        )
    )
    house.connect()
    house.restart()
    receive(house, meta, "Is this the real shop?")
    house.app.extensions["inbox"].start()
    [chat] = house.ona.get("/api/chats").get_json()["chats"]
    assert chat["last_message"]["text"] == "Is this the real shop?"
    assert count(house.parts.db, "messages") == count(house.parts.db, "webhook_deliveries") == 1
    with house.parts.db.read() as connection:
        phones = {row[0] for row in connection.execute("SELECT phone FROM contacts")}
    assert phones == {known, MEI}


def test_a_kill_in_between_is_made_good_at_the_next_start(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    play(house)
    invented = keep_credentials(house.config.data_dir / sandbox.KEPT_IN)
    monkeypatch.setattr(actions, "BATCH", 3)
    house.parts.db.write(lambda tx: actions._some_messages(tx, number_id=1))
    assert actions.remove(house.parts.db, invented.phone_number_id, invented.waba_id)
    assert not actions.remove(house.parts.db, invented.phone_number_id, invented.waba_id)
    assert {count(house.parts.db, table) for table in EMPTIED} == {0}


def test_a_real_chat_is_not_answered_through_the_sandbox(house: House, meta: GraphDouble) -> None:
    house.connect()
    house.restart()
    receive(house, meta, "Hello", at=clock.now())
    [chat] = house.ona.get("/api/chats").get_json()["chats"]
    body = {"conversation_id": chat["id"], "type": "text", "text": "Yes!", "client_msg_id": "c2"}
    assert house.ona.post("/api/send", json=body).status_code == 201  # it waits: this process has no outbox running
    house.ona.delete(f"/api/numbers/{meta.credentials.phone_number_id}", json={})
    house.restart()
    refused = house.ona.post("/api/send", json=body | {"client_msg_id": "c3"})
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (409, "number_not_connected")
    house.app.extensions["inbox"].start()
    until_failed(house, chat["id"])
    assert house.app.extensions["sandbox"].double.count("send") == 0


def receive(house: House, meta: GraphDouble, text: str, at: int = 1_790_000_000) -> None:
    metadata = {"display_phone_number": "85258000100", "phone_number_id": five(meta)["phone_number_id"]}
    said = {"messaging_product": "whatsapp", "metadata": metadata, "contacts": [contact()], "messages": [message(text, at=at)]}
    raw = json.dumps(envelope(said)).encode()
    answer = house.app.test_client().post("/webhook/whatsapp", data=raw, headers=sign(raw, meta.credentials.app_secret))
    assert answer.status_code == 200


def until_failed(house: House, chat_id: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        messages: list[dict[str, Any]] = house.ona.get(f"/api/messages?conversation_id={chat_id}").get_json()["messages"]
        if messages[-1]["status"] == "failed":
            assert "not connected" in messages[-1]["error"]["message"]
            return
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_an_invented_picture_does_not_wait_for_the_archive_and_a_real_one_does(house: House, meta: GraphDouble) -> None:
    play(house)

    def store(tx: Transaction) -> None:
        """One picture of the sandbox alone, one that a real customer has sent as well."""
        first, second = [row["id"] for row in tx.execute("SELECT id FROM media ORDER BY id LIMIT 2").fetchall()]
        number = tx.execute("INSERT INTO numbers (phone_number_id, waba_id, created_at) VALUES ('9', '9', 0)").lastrowid
        chat = tx.execute(
            "INSERT INTO conversations (number_id, group_id, last_message_at, created_at) VALUES (:number, 'g', 0, 0)",
            {"number": number},
        ).lastrowid
        real = tx.execute(
            "INSERT INTO messages (conversation_id, direction, type, origin, timestamp, created_at)"
            " VALUES (:chat, 'in', 'image', 'live', 0, 0)",
            {"chat": chat},
        ).lastrowid
        third = tx.execute(
            "INSERT INTO media (message_id, mime_type, state, created_at) VALUES (:real, 'image/png', 'pending', 0)",
            {"real": real},
        ).lastrowid
        for media_id, sha256 in ((first, "a" * 64), (second, "b" * 64), (third, "b" * 64)):
            tx.execute(
                "UPDATE media SET state = 'stored', size = 1, sha256 = :sha256 WHERE id = :id", {"id": media_id, "sha256": sha256}
            )
            media.note_stored(tx, int(media_id or 0))

    house.parts.db.write(store)
    invented = sandbox.traces(house.config)
    assert invented is not None
    actions.remove(house.parts.db, invented.phone_number_id, invented.waba_id)
    with house.parts.db.read() as connection:
        assert [row[0] for row in connection.execute("SELECT sha256 FROM media_archive")] == ["b" * 64]
