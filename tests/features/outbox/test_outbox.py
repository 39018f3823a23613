"""Sending: one row a click, nothing sent twice by itself, every outcome of the error table."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from flask.testing import FlaskClient

from db_manager import Database
from features.outbox import line
from features.outbox.dispatcher import Outbox
from features.outbox.outcomes import claim, recover
from system import clock
from tests.builders import MEI, NOON, RAJ, contact, inbound, message, post_webhook, status, statuses
from tests.fakes.whatsapp import FakeWhatsApp
from tests.features.outbox.answering import send, shown, until
from whatsapp_handler import Accepted, Ambiguous, NotSent, Refused

pytestmark = pytest.mark.usefixtures("a_minute_past_noon")


def test_an_answer_leaves_and_its_ticks_climb(
    anonymous: FlaskClient, agent_client: FlaskClient, chat: int, outbox: Outbox, whatsapp: FakeWhatsApp
) -> None:
    answer = send(agent_client, chat, context_wamid="wamid.question")
    assert answer.status_code == 201
    message_id = answer.get_json()["message"]["id"]
    until(lambda: shown(agent_client, message_id)["status"] == "accepted")
    (body,) = whatsapp.sent
    assert (body["to"], body["text"]["body"], body["context"]) == (f"+{MEI}", "Yes!", {"message_id": "wamid.question"})
    assert body["biz_opaque_callback_data"].startswith("m:")
    wamid = shown(agent_client, message_id)["wamid"]
    for name in ("read", "sent", "delivered"):
        post_webhook(anonymous, statuses(status(wamid, name)))
    final = shown(agent_client, message_id)
    assert (final["status"], final["sender"]["name"], final["quoted"]["text"]) == ("read", "Ken", "Hello?")


def test_a_repeated_click_is_one_message(agent_client: FlaskClient, chat: int, outbox: Outbox, whatsapp: FakeWhatsApp) -> None:
    answers: list[int] = []
    clients = [agent_client.application.test_client() for _ in range(10)]
    for one in clients:
        one.environ_base["HTTP_AUTHORIZATION"] = agent_client.environ_base["HTTP_AUTHORIZATION"]
    threads = [threading.Thread(target=lambda c=one: answers.append(send(c, chat).status_code)) for one in clients]  # type: ignore[misc]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] * 9 + [201]
    until(lambda: len(whatsapp.sent) == 1)
    time.sleep(0.1)
    assert len(whatsapp.sent) == 1


def test_outside_the_window_free_text_is_refused(agent_client: FlaskClient, chat: int, whatsapp: FakeWhatsApp) -> None:
    with clock.freeze(NOON + 24 * 3600):
        answer = send(agent_client, chat)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "window_closed")
    assert send(agent_client, chat, client_msg_id="c2").status_code == 201


def test_a_stranger_has_no_window_and_no_trace_is_left(agent_client: FlaskClient, db: Database) -> None:
    answer = agent_client.post("/api/send", json={"phone": "+852 5999 0000", "type": "text", "text": "hi"})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "window_closed")
    with db.read() as connection:
        assert connection.execute("SELECT count(*) FROM contacts").fetchone()[0] == 0


@pytest.mark.parametrize(
    "body",
    [{"text": ""}, {"text": "  \n"}, {"text": "x" * 4097}, {"text": {"$gt": ""}}, {"type": "dance"}, {"client_msg_id": "x" * 101},
     {"conversation_id": "1"}, {"conversation_id": 0}, {"conversation_id": 2**70}, {"context_wamid": "wamid.unknown"},
     {"type": "template"}, {"client_msg_id": 7}],
)  # fmt: skip
def test_bad_sends_are_422_and_queue_nothing(agent_client: FlaskClient, chat: int, db: Database, body: dict[str, Any]) -> None:
    answer = send(agent_client, chat, **body) if "text" in body else send(agent_client, chat, **({"text": "x"} | body))
    assert answer.status_code == 422
    with db.read() as connection:
        assert connection.execute("SELECT count(*) FROM outbox").fetchone()[0] == 0


def test_what_certainly_did_not_leave_is_tried_again(
    agent_client: FlaskClient, chat: int, outbox: Outbox, whatsapp: FakeWhatsApp
) -> None:
    whatsapp.next_answers.append(NotSent("no connection"))
    message_id = send(agent_client, chat).get_json()["message"]["id"]
    until(lambda: len(whatsapp.sent) == 1)
    until(lambda: shown(agent_client, message_id)["status"] == "queued")
    with clock.freeze(NOON + 62):
        until(lambda: shown(agent_client, message_id)["status"] == "accepted", 8)
    assert len(whatsapp.sent) == 2


@pytest.mark.parametrize("surprise", [Ambiguous("timed out"), RuntimeError("a bug of ours")])
def test_what_may_have_arrived_is_never_sent_again_by_itself(
    anonymous: FlaskClient, agent_client: FlaskClient, chat: int, outbox: Outbox, whatsapp: FakeWhatsApp, surprise: Exception
) -> None:
    whatsapp.next_answers.append(surprise)
    message_id = send(agent_client, chat).get_json()["message"]["id"]
    until(lambda: shown(agent_client, message_id)["status"] == "unconfirmed")
    later = send(agent_client, chat, "later", "c2").get_json()["message"]["id"]
    until(lambda: shown(agent_client, later)["status"] == "accepted")  # it blocks nobody
    with clock.freeze(NOON + 3600):
        outbox._signal.set()
        time.sleep(0.2)
    assert [body["text"]["body"] for body in whatsapp.sent] == ["Yes!", "later"]
    # a status that carries our id settles it
    ours = whatsapp.sent[0]["biz_opaque_callback_data"]
    post_webhook(anonymous, statuses(status("wamid.late", "delivered", biz_opaque_callback_data=ours)))
    final = shown(agent_client, message_id)
    assert (final["status"], final["wamid"]) == ("delivered", "wamid.late")


def test_a_status_that_beats_the_answer_of_the_call(
    anonymous: FlaskClient, agent_client: FlaskClient, chat: int, outbox: Outbox, whatsapp: FakeWhatsApp
) -> None:
    def answer(body: dict[str, Any]) -> Accepted:
        ours = body["biz_opaque_callback_data"]
        post_webhook(anonymous, statuses(status("wamid.fast", "read", biz_opaque_callback_data=ours)))
        post_webhook(anonymous, statuses(status("wamid.fast", "sent")))
        return Accepted("wamid.fast")

    whatsapp.next_answers.append(answer)
    message_id = send(agent_client, chat).get_json()["message"]["id"]
    until(lambda: shown(agent_client, message_id)["status"] == "read")
    with clock.freeze(NOON + 100):
        time.sleep(0.1)
    assert len(whatsapp.sent) == 1


def test_a_status_without_our_id_waits_for_the_answer_of_the_call(
    anonymous: FlaskClient, agent_client: FlaskClient, chat: int, outbox: Outbox, whatsapp: FakeWhatsApp
) -> None:
    def answer(body: dict[str, Any]) -> Accepted:
        post_webhook(anonymous, statuses(status("wamid.early", "delivered")))
        return Accepted("wamid.early")

    whatsapp.next_answers.append(answer)
    message_id = send(agent_client, chat).get_json()["message"]["id"]
    until(lambda: shown(agent_client, message_id)["status"] == "delivered")


def test_a_refusal_fails_that_message_with_its_reason(
    agent_client: FlaskClient, chat: int, outbox: Outbox, whatsapp: FakeWhatsApp
) -> None:
    whatsapp.next_answers.append(Refused(131047, "Re-engagement message"))
    message_id = send(agent_client, chat).get_json()["message"]["id"]
    until(lambda: shown(agent_client, message_id)["status"] == "failed")
    failed = shown(agent_client, message_id)
    assert failed["error"]["code"] == 131047 and failed["error"]["message"]
    again = agent_client.post(f"/api/messages/{message_id}/retry", json={})
    assert again.get_json()["message"]["status"] in ("queued", "sending", "accepted")  # the outbox may be quicker
    until(lambda: shown(agent_client, message_id)["status"] == "accepted")
    assert shown(agent_client, message_id)["error"] is None


def test_a_late_failure_shows_only_while_nothing_was_delivered(
    anonymous: FlaskClient, agent_client: FlaskClient, chat: int, outbox: Outbox, whatsapp: FakeWhatsApp
) -> None:
    message_id = send(agent_client, chat).get_json()["message"]["id"]
    until(lambda: shown(agent_client, message_id)["status"] == "accepted")
    wamid = shown(agent_client, message_id)["wamid"]
    errors = [{"code": 131026, "title": "Undeliverable", "error_data": {"details": "not on WhatsApp"}}]
    post_webhook(anonymous, statuses(status(wamid, "sent")))
    post_webhook(anonymous, statuses(status(wamid, "failed", errors=errors)))
    failed = shown(agent_client, message_id)
    assert (failed["status"], failed["error"]["code"]) == ("failed", 131026)
    post_webhook(anonymous, statuses(status(wamid, "delivered")))
    assert (shown(agent_client, message_id)["status"], shown(agent_client, message_id)["error"]) == ("delivered", None)


def test_a_dead_token_pauses_the_queue_and_burns_nothing(
    agent_client: FlaskClient, db: Database, chat: int, outbox: Outbox, whatsapp: FakeWhatsApp
) -> None:
    whatsapp.next_answers.append(Refused(190, "token expired"))
    ids = [send(agent_client, chat, f"m{n}", f"c{n}").get_json()["message"]["id"] for n in range(3)]
    until(lambda: agent_client.get("/api/status").get_json()["whatsapp"] == "token_dead")
    time.sleep(0.1)
    assert [shown(agent_client, one)["status"] for one in ids] == ["queued"] * 3
    assert len(whatsapp.sent) == 1
    with clock.freeze(NOON + 60 + 16):  # a probe, which the mended token lets through
        outbox._signal.set()
        until(lambda: [shown(agent_client, one)["status"] for one in ids] == ["accepted"] * 3)
    assert [body["text"]["body"] for body in whatsapp.sent] == ["m0", "m0", "m1", "m2"]
    assert agent_client.get("/api/status").get_json()["whatsapp"] == "ok"


def test_order_is_kept_per_recipient_and_a_hanging_call_stalls_one_only(
    anonymous: FlaskClient, agent_client: FlaskClient, chat: int, outbox: Outbox, whatsapp: FakeWhatsApp
) -> None:
    post_webhook(anonymous, inbound(message(sender=RAJ), contacts=[contact(RAJ, "Raj")]))
    raj = agent_client.get(f"/api/chats?q={RAJ}").get_json()["chats"][0]["id"]
    hang, entered = threading.Event(), threading.Event()

    def hanging(body: dict[str, Any]) -> Accepted:
        entered.set()
        hang.wait(5)
        return Accepted("wamid.hung")

    whatsapp.next_answers.append(hanging)
    send(agent_client, chat, "first", "a1")
    assert entered.wait(5)
    second = send(agent_client, chat, "second", "a2").get_json()["message"]["id"]
    other = send(agent_client, raj, "other", "b1").get_json()["message"]["id"]
    until(lambda: shown(agent_client, other)["status"] == "accepted")
    assert shown(agent_client, second)["status"] == "queued"
    hang.set()
    until(lambda: shown(agent_client, second)["status"] == "accepted")
    assert [body["text"]["body"] for body in whatsapp.sent] == ["first", "other", "second"]


def test_a_message_in_the_air_at_a_crash_becomes_unconfirmed_never_queued(
    agent_client: FlaskClient, db: Database, chat: int
) -> None:
    message_id = send(agent_client, chat).get_json()["message"]["id"]
    assert db.write(claim) is not None  # committed before the call; the process dies here
    assert shown(agent_client, message_id)["status"] == "sending"
    db.write(recover)
    assert shown(agent_client, message_id)["status"] == "unconfirmed"
    assert db.write(claim) is None


def test_a_first_attempt_that_arrived_after_all_is_told(
    anonymous: FlaskClient, agent_client: FlaskClient, chat: int, outbox: Outbox, whatsapp: FakeWhatsApp
) -> None:
    whatsapp.next_answers.append(Ambiguous("cut"))
    message_id = send(agent_client, chat).get_json()["message"]["id"]
    until(lambda: shown(agent_client, message_id)["status"] == "unconfirmed")
    agent_client.post(f"/api/messages/{message_id}/retry", json={})
    until(lambda: shown(agent_client, message_id)["status"] == "accepted")
    first = whatsapp.sent[0]["biz_opaque_callback_data"]
    post_webhook(anonymous, statuses(status("wamid.first", "delivered", biz_opaque_callback_data=first)))
    final = shown(agent_client, message_id)
    assert (final["status"], final["delivered_twice"]) == ("delivered", True)


def test_a_status_takes_a_repeat_out_of_the_queue(
    anonymous: FlaskClient, agent_client: FlaskClient, db: Database, chat: int
) -> None:
    message_id = send(agent_client, chat).get_json()["message"]["id"]
    claimed = db.write(claim)
    assert claimed is not None
    db.write(recover)
    agent_client.post(f"/api/messages/{message_id}/retry", json={})
    post_webhook(anonymous, statuses(status("wamid.was", "sent", biz_opaque_callback_data=claimed.attempt_id)))
    assert shown(agent_client, message_id)["status"] == "sent"
    assert db.write(claim) is None  # it would have reached the customer twice


def test_a_window_that_closes_in_the_queue_fails_the_message(agent_client: FlaskClient, db: Database, chat: int) -> None:
    message_id = send(agent_client, chat).get_json()["message"]["id"]
    with clock.freeze(NOON + 25 * 3600):
        assert db.write(claim) is None
    failed = shown(agent_client, message_id)
    assert failed["status"] == "failed" and "24-hour window" in failed["error"]["message"]


def test_discarding_takes_it_back_and_only_what_has_not_left(
    agent_client: FlaskClient, db: Database, chat: int, whatsapp: FakeWhatsApp
) -> None:
    message_id = send(agent_client, chat).get_json()["message"]["id"]
    assert agent_client.post(f"/api/messages/{message_id}/discard", json={}).get_json()["message"]["status"] == "cancelled"
    assert db.write(claim) is None
    second = send(agent_client, chat, client_msg_id="c2").get_json()["message"]["id"]
    db.write(claim)
    assert agent_client.post(f"/api/messages/{second}/discard", json={}).status_code == 409


def test_a_person_without_a_phone_is_answered_by_user_id(
    anonymous: FlaskClient, agent_client: FlaskClient, outbox: Outbox, whatsapp: FakeWhatsApp
) -> None:
    quiet = message("Do you rent by the hour?")
    del quiet["from"]
    sender = {"profile": {"name": "M", "username": "mystery.k"}, "user_id": "HK.999"}
    post_webhook(anonymous, inbound(quiet | {"from_user_id": "HK.999"}, contacts=[sender]))
    chat = agent_client.get("/api/chats").get_json()["chats"][0]
    assert chat["phone"] is None
    send(agent_client, chat["id"])
    until(lambda: len(whatsapp.sent) == 1)
    assert whatsapp.sent[0]["recipient"] == "HK.999" and "to" not in whatsapp.sent[0]


def test_blue_ticks_go_out_only_when_the_owner_wants_it(
    agent_client: FlaskClient, admin_client: FlaskClient, chat: int, outbox: Outbox, whatsapp: FakeWhatsApp, anonymous: FlaskClient
) -> None:
    newest = agent_client.get(f"/api/messages?conversation_id={chat}").get_json()["messages"][-1]["id"]
    agent_client.post(f"/api/chats/{chat}/read", json={"message_id": newest})
    time.sleep(0.1)
    assert whatsapp.read == []
    admin_client.patch("/api/settings", json={"tell_customers_read": True})
    post_webhook(anonymous, inbound(message("again", at=NOON + 3, wamid="wamid.again")))
    newest = agent_client.get(f"/api/messages?conversation_id={chat}").get_json()["messages"][-1]["id"]
    agent_client.post(f"/api/chats/{chat}/read", json={"message_id": newest})
    until(lambda: whatsapp.read == ["wamid.again"])


def test_two_lost_calls_in_a_row_raise_the_banner(
    agent_client: FlaskClient, db: Database, chat: int, outbox: Outbox, whatsapp: FakeWhatsApp
) -> None:
    whatsapp.next_answers.extend([Ambiguous("cut"), Ambiguous("cut")])
    send(agent_client, chat, "a", "a1")
    until(lambda: len(whatsapp.sent) == 1)
    send(agent_client, chat, "b", "b1")
    until(lambda: agent_client.get("/api/status").get_json()["whatsapp"] == "unreachable")
    send(agent_client, chat, "c", "c1")
    until(lambda: agent_client.get("/api/status").get_json()["whatsapp"] == "ok")
    with db.read() as connection:
        assert line.read(connection).troubles == 0
