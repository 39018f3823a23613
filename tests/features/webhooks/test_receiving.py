"""What customers send, as the inbox shows it."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from db_manager import Database
from system import clock
from tests.builders import (
    MEI,
    NOON,
    OUR_DISPLAY,
    RAJ,
    contact,
    envelope,
    inbound,
    message,
    new_wamid,
    post_webhook,
    status,
    statuses,
    value,
)


def chats(client: FlaskClient, query: str = "") -> list[dict[str, Any]]:
    return list(client.get(f"/api/chats{query}").get_json()["chats"])


def messages(client: FlaskClient, phone: str = MEI) -> list[dict[str, Any]]:
    return list(client.get("/api/messages", query_string={"phone": phone}).get_json()["messages"])


@pytest.fixture(autouse=True)
def _one_minute_past_noon() -> Any:
    with clock.freeze(NOON + 60):
        yield


def test_a_text_arrives(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    post_webhook(anonymous, inbound(message("請問星期六仲有冇位？ 🛶")))
    (chat,) = chats(agent_client)
    assert (chat["phone"], chat["name"], chat["unread_count"]) == (f"+{MEI}", "Mei Ling Chan", 1)
    assert chat["last_message"]["text"] == "請問星期六仲有冇位？ 🛶"
    assert chat["window_expires_at"] == clock.iso(NOON + 24 * 3600)
    (shown,) = messages(agent_client)
    assert (shown["direction"], shown["type"], shown["status"], shown["timestamp"]) == ("in", "text", None, clock.iso(NOON))


def test_an_unknown_phone_is_an_empty_list_and_an_unknown_conversation_404(agent_client: FlaskClient) -> None:
    assert messages(agent_client, "+85299999999") == []
    assert agent_client.get("/api/messages?conversation_id=99").status_code == 404


def test_order_is_metas_time_stamp_and_a_late_older_message_stays_below(
    anonymous: FlaskClient, agent_client: FlaskClient
) -> None:
    post_webhook(anonymous, inbound(message("new", at=NOON)))
    post_webhook(anonymous, inbound(message("raj", sender=RAJ, at=NOON + 5)))
    post_webhook(anonymous, inbound(message("late", at=NOON - 100)))
    assert [chat["last_message"]["text"] for chat in chats(agent_client)] == ["raj", "new"]
    assert [shown["text"] for shown in messages(agent_client)] == ["late", "new"]


def test_chats_with_equal_stamps_show_the_later_arrival_first(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    post_webhook(anonymous, inbound(message("first", at=NOON)))
    post_webhook(anonymous, inbound(message("second", sender=RAJ, at=NOON)))
    assert [chat["last_message"]["text"] for chat in chats(agent_client)] == ["second", "first"]


def test_reading_clears_up_to_the_message_only(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    for number in range(3):
        post_webhook(anonymous, inbound(message(f"m{number}", at=NOON + number)))
    (chat,) = chats(agent_client)
    second = messages(agent_client)[1]["id"]
    answer = agent_client.post(f"/api/chats/{chat['id']}/read", json={"message_id": second})
    assert answer.get_json()["chat"]["unread_count"] == 1
    assert chats(agent_client, "?filter=unread")[0]["id"] == chat["id"]


def test_a_reaction_is_never_a_message(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    wamid = new_wamid()
    react: dict[str, Any] = {"type": "reaction", "reaction": {"message_id": wamid, "emoji": "👍"}}
    post_webhook(anonymous, inbound(message(at=NOON + 1, **react)))  # before its message
    assert chats(agent_client) == []
    post_webhook(anonymous, inbound(message("Booked!", wamid=wamid)))
    (shown,) = messages(agent_client)
    assert [(one["emoji"], one["from"]) for one in shown["reactions"]] == [("👍", f"+{MEI}")]
    react["reaction"] = {"message_id": wamid, "emoji": "❤️"}
    post_webhook(anonymous, inbound(message(at=NOON + 2, **react)))
    assert [one["emoji"] for one in messages(agent_client)[0]["reactions"]] == ["❤️"]
    react["reaction"] = {"message_id": wamid}
    post_webhook(anonymous, inbound(message(at=NOON + 3, **react)))
    assert messages(agent_client)[0]["reactions"] == []
    assert chats(agent_client)[0]["unread_count"] == 1


@pytest.mark.parametrize("edit_first", [True, False])
def test_an_edit_keeps_the_old_text(anonymous: FlaskClient, agent_client: FlaskClient, edit_first: bool) -> None:
    wamid = new_wamid()
    original = inbound(message("at ten", wamid=wamid))
    edit = inbound(
        message(
            at=NOON + 30,
            type="edit",
            edit={"original_message_id": wamid, "message": {"context": {"id": "M0"}, "type": "text", "text": {"body": "at two"}}},
        )
    )
    for body in [edit, original] if edit_first else [original, edit]:
        post_webhook(anonymous, body)
    (shown,) = messages(agent_client)
    assert (shown["text"], shown["edited_at"]) == ("at two", clock.iso(NOON + 30))
    assert [version["text"] for version in shown["revisions"]] == ["at ten"]
    assert chats(agent_client)[0]["unread_count"] == 1


@pytest.mark.parametrize("revoke_first", [True, False])
def test_a_revoked_message_keeps_its_text_marked(
    anonymous: FlaskClient, agent_client: FlaskClient, revoke_first: bool
) -> None:
    wamid = new_wamid()
    original = inbound(message("secret", wamid=wamid))
    revoke = inbound(message(at=NOON + 30, type="revoke", revoke={"original_message_id": wamid}))
    for body in [revoke, original] if revoke_first else [original, revoke]:
        post_webhook(anonymous, body)
    (shown,) = messages(agent_client)
    assert (shown["text"], shown["deleted_at"]) == ("secret", clock.iso(NOON + 30))


def test_an_echo_of_our_phone_is_ours_and_answers_the_customer(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    post_webhook(anonymous, inbound(message("Hello?")))
    assert len(chats(agent_client, "?filter=waiting")) == 1
    echo = {"id": new_wamid(), "from": OUR_DISPLAY, "to": MEI, "timestamp": str(NOON + 9), "type": "text"}
    post_webhook(anonymous, envelope(value(message_echoes=[echo | {"text": {"body": "Hi!"}}]), field="smb_message_echoes"))
    shown = messages(agent_client)[-1]
    assert (shown["direction"], shown["text"], shown["origin"], shown["status"]) == ("out", "Hi!", "echo", "sent")
    (chat,) = chats(agent_client)
    assert chat["window_expires_at"] == clock.iso(NOON + 24 * 3600)
    assert chats(agent_client, "?filter=waiting") == []
    assert chat["unread_count"] == 0  # whoever answered on the phone has read it


def test_history_is_not_unread_opens_no_window_and_is_not_waiting(
    anonymous: FlaskClient, agent_client: FlaskClient, db: Database
) -> None:
    from features.webhooks.actions import apply_next_history

    old = {"id": new_wamid(), "from": MEI, "timestamp": str(NOON - 10_000), "type": "text", "text": {"body": "months ago"}}
    thread = {"id": MEI, "messages": [old | {"history_context": {"status": "READ"}}]}
    history = [{"metadata": {"phase": 0, "chunk_order": 1, "progress": 100}, "threads": [thread]}]
    post_webhook(anonymous, envelope(value(history=history), field="history"))
    assert chats(agent_client) == []
    assert apply_next_history(db)
    (chat,) = chats(agent_client)
    assert (chat["unread_count"], chat["window_expires_at"], chat["waiting_since"]) == (0, None, None)
    assert [shown["text"] for shown in messages(agent_client)] == ["months ago"]
    kinds = agent_client.get("/api/updates?since=0").get_json()["changes"]
    assert {change["origin"] for change in kinds} == {"history"}


def test_one_person_by_phone_then_user_id_then_both_is_one_conversation(
    anonymous: FlaskClient, agent_client: FlaskClient
) -> None:
    both = contact(user_id="HK.123")
    post_webhook(anonymous, inbound(message("by phone"), contacts=[contact()]))
    hidden = {"profile": {"name": "Mei", "username": "mei.kayak"}, "user_id": "HK.123"}
    quiet = message("by user id", at=NOON + 1)
    del quiet["from"]
    post_webhook(anonymous, inbound(quiet | {"from_user_id": "HK.123"}, contacts=[hidden]))
    assert len(chats(agent_client)) == 2  # nothing links the two yet
    post_webhook(anonymous, inbound(message("both", at=NOON + 2, from_user_id="HK.123"), contacts=[both]))
    (chat,) = chats(agent_client)
    assert (chat["unread_count"], chat["username"]) == (3, "mei.kayak")
    assert [shown["text"] for shown in messages(agent_client)] == ["by phone", "by user id", "both"]


def test_history_follows_the_person_to_a_new_number(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    post_webhook(anonymous, inbound(message("old number")))
    new = "85259999999"
    system = {"type": "user_changed_number", "wa_id": new, "body": "Mei changed from A to B"}
    post_webhook(anonymous, inbound(message(at=NOON + 5, type="system", system=system), contacts=[]))
    post_webhook(anonymous, inbound(message("new number", sender=new, at=NOON + 9)))
    (chat,) = chats(agent_client)
    assert chat["phone"] == f"+{new}"
    assert [shown["type"] for shown in messages(agent_client, new)] == ["text", "system", "text"]
    assert chat["unread_count"] == 2
    # the old number may one day be somebody else's
    post_webhook(anonymous, inbound(message("I am new here", at=NOON + 50), contacts=[contact(name="Stranger")]))
    assert len(chats(agent_client)) == 2


def test_a_group_is_one_conversation_and_names_its_writers(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    post_webhook(anonymous, inbound(message("who paddles?", group_id="G1")))
    post_webhook(anonymous, inbound(message("me", sender=RAJ, group_id="G1", at=NOON + 1), contacts=[contact(RAJ, "Raj Patel")]))
    (chat,) = chats(agent_client)
    assert (chat["kind"], chat["phone"]) == ("group", None)
    assert chat["last_message"]["contact"]["name"] == "Raj Patel"
    page = agent_client.get(f"/api/messages?conversation_id={chat['id']}").get_json()["messages"]
    assert [shown["contact"]["name"] for shown in page] == ["Mei Ling Chan", "Raj Patel"]


def test_names_sheet_over_typed_over_google_over_profile(anonymous: FlaskClient, agent_client: FlaskClient, db: Database) -> None:
    post_webhook(anonymous, inbound(message()))
    contact_id = chats(agent_client)[0]["contact_id"]
    from features.contacts import actions

    def from_google(tx: Any) -> None:
        tx.execute("INSERT INTO google_contacts (resource_name, name) VALUES ('people/c1', 'Mei of Google')")
        tx.execute("INSERT INTO google_phones (phone, resource_name) VALUES (:p, 'people/c1')", {"p": MEI})
        actions.refresh_holders(tx, [MEI])

    db.write(from_google)
    assert (chats(agent_client)[0]["name"], chats(agent_client)[0]["name_source"]) == ("Mei of Google", "google")
    assert chats(agent_client, "?q=of+google") and chats(agent_client, "?q=ling")
    agent_client.patch(f"/api/contacts/{contact_id}", json={"typed_name": "Mei (kayak)"})
    assert chats(agent_client)[0]["name"] == "Mei (kayak)"

    def from_sheet(tx: Any) -> None:
        tx.execute(
            "INSERT INTO customers (phone, name, row_number, run_id, updated_at) VALUES (:p, 'Chan Mei Ling', 2, 1, 1)", {"p": MEI}
        )
        actions.refresh_holders(tx, [MEI])

    db.write(from_sheet)
    assert (chats(agent_client)[0]["name"], chats(agent_client)[0]["name_source"]) == ("Chan Mei Ling", "sheet")
    post_webhook(anonymous, inbound(message(at=NOON + 5), contacts=[contact(name="~")]))
    assert chats(agent_client)[0]["name"] == "Chan Mei Ling"


def test_the_owners_phone_book_names_contacts(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    post_webhook(anonymous, inbound(message()))
    card = {"full_name": "Mei from the pier", "first_name": "Mei", "phone_number": MEI}
    sync = [{"type": "contact", "contact": card, "action": "add", "metadata": {"timestamp": str(NOON)}}]
    post_webhook(anonymous, envelope(value(state_sync=sync), field="smb_app_state_sync"))
    assert chats(agent_client)[0]["name"] == "Mei from the pier"


def test_a_quote_of_another_customers_message_opens_nothing(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    secret = new_wamid()
    post_webhook(anonymous, inbound(message("Raj's secret", sender=RAJ, wamid=secret)))
    post_webhook(anonymous, inbound(message("look", context={"id": secret, "from": MEI})))
    (shown,) = messages(agent_client)
    assert shown["context"] == {"wamid": secret, "message_id": None}
    assert shown["quoted"] is None


def test_an_unknown_type_is_shown_with_words(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    post_webhook(anonymous, inbound(message(type="hologram", hologram={"id": 1})))
    (shown,) = messages(agent_client)
    assert shown["text"].strip()


def test_request_welcome_is_quiet(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    post_webhook(anonymous, inbound(message(type="request_welcome")))
    assert chats(agent_client) == []


def test_a_stamp_from_the_far_future_does_not_stay_on_top(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    post_webhook(anonymous, inbound(message("from the future", at=NOON + 10 * 24 * 3600)))
    assert messages(agent_client)[0]["timestamp"] == clock.iso(NOON + 60)


def test_statuses_of_messages_we_do_not_know_are_harmless(anonymous: FlaskClient, db: Database) -> None:
    assert post_webhook(anonymous, statuses(status("wamid.elsewhere", "read"))).status_code == 200
    with db.read() as connection:
        assert connection.execute("SELECT count(*) FROM changes").fetchone()[0] == 0


def test_search_by_part_of_a_name_or_number(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    post_webhook(anonymous, inbound(message(), contacts=[contact(name="陳美玲 Mei Ling")]))
    post_webhook(anonymous, inbound(message(sender=RAJ), contacts=[contact(RAJ, "Raj Patel")]))
    for q, phone in [("美", MEI), ("mei l", MEI), ("PATEL", RAJ), ("5123 0000", RAJ), ("+852 5123 4567", MEI)]:
        assert [chat["phone"] for chat in chats(agent_client, f"?q={q.replace('+', '%2B')}")] == [f"+{phone}"], q
    assert chats(agent_client, "?q=%25") == []


def test_pages_by_cursor_hold_every_chat_and_message_once(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    people = [f"8525100{number:04d}" for number in range(23)]
    for number, person in enumerate(people):
        post_webhook(anonymous, inbound(message(str(number), sender=person, at=NOON - number % 4)))
    seen: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        page = agent_client.get(f"/api/chats?limit=5&cursor={cursor}").get_json()
        seen += [chat["id"] for chat in page["chats"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 23

    for number in range(17):
        post_webhook(anonymous, inbound(message(f"m{number}", at=NOON + number // 3)))
    texts: list[str] = []
    before: str | None = ""
    while before is not None:
        page = agent_client.get(f"/api/messages?phone={MEI}&limit=4&before={before}").get_json()
        texts = [shown["text"] for shown in page["messages"]] + texts
        before = page["next_cursor"]
    assert texts == [f"m{number}" for number in range(17)]


@pytest.mark.parametrize(
    ("path", "code"),
    [("/api/chats?limit=0", 422), ("/api/chats?limit=x", 422), ("/api/chats?cursor=zzz", 422), ("/api/chats?filter=nope", 422),
     ("/api/chats?limit=999", 200), ("/api/messages", 422), ("/api/messages?phone=abc", 422), ("/api/messages?conversation_id=x", 422),
     ("/api/messages?conversation_id=99999999999999999999", 422), ("/api/updates?since=x", 422), ("/api/updates?since=-1", 422),
     ("/api/chats/99999999999999999999", 404), ("/api/chats/7", 404), ("/api/messages/7", 404), ("/api/nothing", 404)],
)  # fmt: skip
def test_bad_input_is_a_4xx_in_the_error_shape(agent_client: FlaskClient, path: str, code: int) -> None:
    answer = agent_client.get(path)
    assert answer.status_code == code
    if code >= 400:
        assert set(answer.get_json()["error"]) >= {"code", "message"}
