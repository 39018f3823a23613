"""One person, one conversation; two people, two: whatever happens to their numbers, user ids and names."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from db_manager import Database
from system import clock
from tests.builders import MEI, NOON, OUR_DISPLAY, RAJ, contact, envelope, inbound, message, new_wamid, post_webhook, value
from tests.features.webhooks.test_receiving import chats, messages

NEW = "85259999999"


@pytest.fixture(autouse=True)
def _an_hour_past_noon() -> Any:
    with clock.freeze(NOON + 3600):
        yield


def moved(before: str, after: str, at: int, wamid: str | None = None, **ids: Any) -> dict[str, Any]:
    system = {"type": "user_changed_number", "wa_id": after, "body": "changed"} | ids
    return inbound(message(sender=before, at=at, wamid=wamid, type="system", system=system), contacts=[])


def texts(client: FlaskClient, phone: str) -> list[str]:
    return [shown["text"] for shown in messages(client, phone) if shown["type"] == "text"]


def by_name(client: FlaskClient) -> dict[str, str | None]:
    return {chat["name"]: chat["phone"] for chat in chats(client)}


def test_a_number_taken_over_from_somebody_else_merges_nobody(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    post_webhook(anonymous, inbound(message("I am Raj"), contacts=[contact(name="x")]))
    post_webhook(anonymous, inbound(message("mine", sender=NEW, at=NOON - 9000), contacts=[contact(NEW, "Former holder")]))
    post_webhook(anonymous, moved(MEI, NEW, NOON + 5))
    assert len(chats(agent_client)) == 2
    assert texts(agent_client, NEW) == ["I am Raj"]
    post_webhook(anonymous, inbound(message("on my new number", sender=NEW, at=NOON + 9)))
    assert texts(agent_client, NEW) == ["I am Raj", "on my new number"]


def test_a_new_number_that_wrote_before_the_change_was_told_is_the_same_person(
    anonymous: FlaskClient, agent_client: FlaskClient
) -> None:
    post_webhook(anonymous, inbound(message("old")))
    post_webhook(anonymous, inbound(message("new", sender=NEW, at=NOON + 9)))
    post_webhook(anonymous, moved(MEI, NEW, NOON + 5))
    assert len(chats(agent_client)) == 1
    assert texts(agent_client, NEW) == ["old", "new"]


def test_two_people_who_swap_their_numbers_stay_two(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    for phone, name, user_id in ((MEI, "Mei", "HK.1"), (RAJ, "Raj", "HK.2")):
        post_webhook(
            anonymous,
            inbound(message(name, sender=phone, from_user_id=user_id), contacts=[contact(phone, name, user_id=user_id)]),
        )
    post_webhook(anonymous, moved(MEI, RAJ, NOON + 5, previous_user_id="HK.1", user_id="HK.11"))
    post_webhook(anonymous, moved(RAJ, MEI, NOON + 6, previous_user_id="HK.2", user_id="HK.22"))
    assert by_name(agent_client) == {"Mei": f"+{RAJ}", "Raj": f"+{MEI}"}
    assert (texts(agent_client, RAJ), texts(agent_client, MEI)) == (["Mei"], ["Raj"])


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 2, 0), (2, 1, 0), (1, 0, 2)])
def test_a_number_that_changes_and_changes_back_is_one_person_in_any_order(
    anonymous: FlaskClient, agent_client: FlaskClient, order: tuple[int, ...]
) -> None:
    bodies = (
        inbound(message("at the start")),
        moved(MEI, NEW, NOON + 5),
        moved(NEW, MEI, NOON + 10),
    )
    for index in order:
        post_webhook(anonymous, bodies[index])
    post_webhook(anonymous, inbound(message("back again", at=NOON + 20)))
    assert len(chats(agent_client)) == 1
    assert texts(agent_client, MEI) == ["at the start", "back again"]


def test_a_repeated_change_does_not_take_the_old_number_from_its_next_holder(
    anonymous: FlaskClient, agent_client: FlaskClient
) -> None:
    post_webhook(anonymous, inbound(message("Mei")))
    change = moved(MEI, NEW, NOON + 5, wamid="wamid.change")
    post_webhook(anonymous, change)
    post_webhook(anonymous, inbound(message("a stranger", at=NOON + 50), contacts=[contact(name="Stranger")]))
    repeat = change["entry"][0]["changes"][0]["value"]
    post_webhook(anonymous, envelope(repeat, value()))  # grouped differently
    post_webhook(anonymous, inbound(message("still me", at=NOON + 60), contacts=[contact(name="Stranger")]))
    assert len(chats(agent_client)) == 2
    assert texts(agent_client, MEI) == ["a stranger", "still me"]


def test_a_change_without_a_time_stamp_happens_now(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    post_webhook(anonymous, inbound(message("old")))
    body = moved(MEI, NEW, 0)
    post_webhook(anonymous, body)
    post_webhook(anonymous, inbound(message("late but from before", at=NOON + 5)))
    assert texts(agent_client, NEW) == ["old", "late but from before"]


def test_an_older_message_does_not_take_a_username_from_its_present_holder(
    anonymous: FlaskClient, agent_client: FlaskClient
) -> None:
    def named(user_id: str, text: str, at: int, username: str) -> dict[str, Any]:
        who = {"profile": {"name": user_id, "username": username}, "user_id": user_id}
        body = message(text, at=at, from_user_id=user_id)
        del body["from"]
        return inbound(body, contacts=[who])

    post_webhook(anonymous, named("HK.1", "first", NOON, "kayak"))
    post_webhook(anonymous, named("HK.2", "second", NOON + 10, "kayak"))  # passed on
    post_webhook(anonymous, named("HK.1", "late", NOON + 5, "kayak"))
    assert {chat["name"]: chat["username"] for chat in chats(agent_client)} == {"HK.1": None, "HK.2": "kayak"}
    post_webhook(anonymous, named("HK.2", "renamed", NOON + 20, "canoe"))
    post_webhook(anonymous, named("HK.3", "new owner", NOON + 30, "kayak"))
    shown = {chat["name"]: chat["username"] for chat in chats(agent_client)}
    assert shown == {"HK.1": None, "HK.2": "canoe", "HK.3": "kayak"}


def test_somebody_known_by_username_alone_is_recognised_by_it(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    nameless = message("who am I")
    del nameless["from"]
    post_webhook(anonymous, inbound(nameless, contacts=[{"profile": {"name": "Mei", "username": "mei.kayak"}}]))
    known = contact(user_id="HK.1", profile={"name": "Mei", "username": "Mei.Kayak"})
    post_webhook(anonymous, inbound(message("with a number", at=NOON + 5, from_user_id="HK.1"), contacts=[known]))
    assert len(chats(agent_client)) == 1
    assert texts(agent_client, MEI) == ["who am I", "with a number"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("5511987654321", "551187654321"), ("551187654321", "5511987654321"), ("5215512345678", "525512345678")],
)
def test_a_number_in_its_other_spelling_is_the_same_person(
    anonymous: FlaskClient, agent_client: FlaskClient, one: str, other: str
) -> None:
    post_webhook(anonymous, inbound(message("Oi", sender=one), contacts=[contact(one, "Ana")]))
    echo = {"id": new_wamid(), "from": OUR_DISPLAY, "to": other, "timestamp": str(NOON + 5), "type": "text"}
    post_webhook(anonymous, envelope(value(message_echoes=[echo | {"text": {"body": "Olá"}}]), field="smb_message_echoes"))
    assert len(chats(agent_client)) == 1
    assert texts(agent_client, other) == ["Oi", "Olá"]
    sent = agent_client.post("/api/send", json={"phone": other, "client_msg_id": "c1", "text": "Tudo bem?"})
    assert sent.status_code == 201


def test_numbers_that_only_look_alike_are_two_people(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    for phone in ("551133334444", "5511933334444"):  # a landline has no ninth digit
        post_webhook(anonymous, inbound(message(sender=phone), contacts=[contact(phone, phone)]))
    assert len(chats(agent_client)) == 2


def test_a_repeated_message_makes_no_contact_and_no_empty_chat(
    anonymous: FlaskClient, agent_client: FlaskClient, db: Database
) -> None:
    post_webhook(anonymous, inbound(message("once", wamid="wamid.1")))
    post_webhook(anonymous, inbound(message("once", wamid="wamid.1", sender=RAJ), contacts=[contact(RAJ, "Raj")]))
    assert len(chats(agent_client)) == 1
    with db.read() as connection:
        assert connection.execute("SELECT count(*) FROM contacts").fetchone()[0] == 1


def test_an_edit_keeps_the_ad_that_the_customer_came_from(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    referral = {"source_url": "https://example.com/ad", "source_type": "ad", "headline": "Kayaks"}
    post_webhook(anonymous, inbound(message("hi", wamid="wamid.ad", referral=referral)))
    edit = {"original_message_id": "wamid.ad", "message": {"type": "text", "text": {"body": "hello"}}}
    post_webhook(anonymous, inbound(message(type="edit", edit=edit, at=NOON + 5)))
    (shown,) = messages(agent_client)
    assert (shown["text"], shown["payload"]["referral"]["headline"]) == ("hello", "Kayaks")
