"""A frame carries what it tells of, as a GET would show it."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from features.changes import frames
from features.changes.actions import record
from tests.builders import MEI, RAJ, inbound, message, post_webhook
from web import viewing
from web.services import Services
from web.viewing import Viewer


def frame(client: FlaskClient, since: int) -> Any:
    return client.get(f"/api/updates?since={since}").get_json()


def newest(client: FlaskClient) -> int:
    seq: int = client.get("/api/updates").get_json()["seq"]
    return seq


def test_a_message_comes_with_its_chat_and_the_counts(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    since = newest(agent_client)
    post_webhook(anonymous, inbound(message("one")))
    told = frame(agent_client, since)
    [shown] = told["messages"]
    [chat] = told["chats"]
    assert shown == agent_client.get(f"/api/messages/{shown['id']}").get_json()["message"]
    assert chat == agent_client.get(f"/api/chats/{chat['id']}").get_json()["chat"]
    assert told["counts"] == agent_client.get("/api/chats/counts").get_json()
    assert [change["message_id"] for change in told["changes"] if change["kind"] == "message.created"] == [shown["id"]]


def test_what_changed_often_stands_once_as_it_is_now(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    since = newest(agent_client)
    for text in ("one", "two", "three"):
        post_webhook(anonymous, inbound(message(text)))
    told = frame(agent_client, since)
    assert [one["text"] for one in told["messages"]] == ["one", "two", "three"]
    assert [chat["unread_count"] for chat in told["chats"]] == [3]


def test_of_a_burst_the_newest_are_carried(
    anonymous: FlaskClient, agent_client: FlaskClient, monkeypatch: Any
) -> None:
    monkeypatch.setattr(frames, "MOST_ROWS", 2)
    since = newest(agent_client)
    for text in ("one", "two", "three"):
        post_webhook(anonymous, inbound(message(text)))
    post_webhook(anonymous, inbound(message("four", sender=RAJ)))
    told = frame(agent_client, since)
    assert [one["text"] for one in told["messages"]] == ["three", "four"]
    assert {chat["phone"] for chat in told["chats"]} == {f"+{MEI}", f"+{RAJ}"}


def test_links_into_drive_are_in_no_frame(
    services: Services, anonymous: FlaskClient, owner_client: FlaskClient
) -> None:
    since = newest(owner_client)
    picture: dict[str, Any] = {"type": "image", "image": {"id": "1001", "mime_type": "image/jpeg"}}
    post_webhook(anonymous, inbound(message("", **picture)))
    [shown] = frame(owner_client, since)["messages"]
    asked = owner_client.get(f"/api/messages/{shown['id']}").get_json()["message"]
    assert set(asked["media"]) - set(shown["media"]) == {"drive_url", "public_url"}


def test_a_change_may_name_a_person_and_a_row_of_another_table(services: Services, agent_client: FlaskClient) -> None:
    since = newest(agent_client)
    services.db.write(lambda tx: record(tx, "note.created", "user", contact_id=7, subject_id=9))
    told = frame(agent_client, since)
    assert [(change["contact_id"], change["subject_id"]) for change in told["changes"]] == [(7, 9)]
    assert told["chats"] == told["messages"] == []


def test_who_sees_some_chats_gets_frames_of_those(
    services: Services, anonymous: FlaskClient, agent_client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    post_webhook(anonymous, inbound(message("theirs", sender=RAJ)))
    raj = agent_client.get("/api/chats").get_json()["chats"][0]["id"]
    someone = agent_client.get("/api/me").get_json()["user"]["id"] + 1
    services.db.write(
        lambda tx: tx.execute("INSERT INTO users (id, email, name, role, created_at) VALUES (?, 'o@x', 'O', 'agent', 0)", (someone,))
    )
    services.db.write(lambda tx: tx.execute("UPDATE conversations SET assignee_id = ? WHERE id = ?", (someone, raj)))
    since = newest(agent_client)
    monkeypatch.setattr(viewing, "viewer_of", lambda person: Viewer(person.id, sees="own"))
    post_webhook(anonymous, inbound(message("hidden", sender=RAJ)))
    post_webhook(anonymous, inbound(message("shown", sender=MEI)))
    told = frame(agent_client, since)
    assert [one["text"] for one in told["messages"]] == ["shown"]
    assert [chat["phone"] for chat in told["chats"]] == [f"+{MEI}"]
    assert raj not in {change["conversation_id"] for change in told["changes"]}
    assert told["counts"]["all"] == 1
    assert told["seq"] == agent_client.get("/api/updates").get_json()["seq"]
