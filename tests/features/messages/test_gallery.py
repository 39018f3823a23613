"""What a chat has of photos and videos, links and documents: pages in both directions, without reading the chat."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from db_manager import Database
from features.messages import page_queries
from system import clock
from tests.builders import MEI, NOON, RAJ, envelope, inbound, message, new_wamid, post_webhook, value
from web.viewing import SeenChat


@pytest.fixture(autouse=True)
def _later() -> Any:
    with clock.freeze(NOON + 3600):
        yield


def file(kind: str, at: int, caption: str = "", *, sender: str = MEI, wamid: str | None = None) -> dict[str, Any]:
    content = {"id": f"8000{at}", "mime_type": "application/octet-stream"} | ({"caption": caption} if caption else {})
    parts: dict[str, Any] = {"type": kind, kind: content}
    return message(sender=sender, at=NOON + at, wamid=wamid, **parts)


def gallery(client: FlaskClient, kind: str = "media", **query: Any) -> Any:
    answer = client.get("/api/chats/1/media", query_string={"kind": kind} | query)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def times(page: Any) -> list[str]:
    return [clock.iso(NOON + at) or "" for at in page]


def stamps(page: Any) -> list[str]:
    return [one["timestamp"] for one in page["messages"]]


def test_each_kind_shows_its_own_newest_first(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    post_webhook(
        anonymous,
        inbound(
            file("image", 1),
            message("Look: HTTPS://example.com/boats", at=NOON + 2),
            file("video", 3, "at http://example.com too"),
            file("document", 4),
            file("audio", 5),
            message("no link: http: //x, ftp://x, www.example.com", at=NOON + 6),
        ),
    )
    post_webhook(anonymous, inbound(file("image", 7, sender=RAJ)))
    assert stamps(gallery(agent_client)) == times([3, 1])
    assert stamps(gallery(agent_client, "links")) == times([3, 2])
    assert stamps(gallery(agent_client, "documents")) == times([4])


def test_pages_go_both_ways_from_any_message(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    post_webhook(anonymous, inbound(*(file("image", at) if at % 2 else message("x", at=NOON + at) for at in range(20))))
    first = gallery(agent_client, limit=4)
    assert (stamps(first), first["prev_cursor"]) == (times([19, 17, 15, 13]), None)
    second = gallery(agent_client, limit=4, cursor=first["next_cursor"])
    assert stamps(second) == times([11, 9, 7, 5])
    last = gallery(agent_client, limit=4, cursor=second["next_cursor"])
    assert (stamps(last), last["next_cursor"]) == (times([3, 1]), None)
    text = agent_client.get("/api/messages?conversation_id=1").get_json()["messages"][10]
    newer = gallery(agent_client, limit=3, after=text["id"])
    assert (stamps(newer), bool(newer["prev_cursor"])) == (times([15, 13, 11]), True)
    rest = gallery(agent_client, limit=3, after=newer["prev_cursor"])
    assert (stamps(rest), rest["prev_cursor"]) == (times([19, 17]), None)
    assert gallery(agent_client, after=rest["messages"][0]["id"])["messages"] == []


def test_a_deleted_message_leaves_and_an_edited_one_is_looked_at_again(
    anonymous: FlaskClient, agent_client: FlaskClient
) -> None:
    photo, text = new_wamid(), new_wamid()
    post_webhook(anonymous, inbound(file("image", 1, wamid=photo), message("see https://example.com", at=NOON, wamid=text)))
    revoke = message(at=NOON + 9, type="revoke", revoke={"original_message_id": photo})
    edit = message(
        at=NOON + 9, type="edit",
        edit={"original_message_id": text, "message": {"type": "text", "text": {"body": "never mind"}}},
    )  # fmt: skip
    post_webhook(anonymous, envelope(value(messages=[revoke, edit])))
    assert gallery(agent_client)["messages"] == gallery(agent_client, "links")["messages"] == []


@pytest.mark.parametrize(
    ("query", "code"),
    [("kind=all", "invalid_kind"), ("limit=0", "invalid_limit"), ("cursor=x", "invalid_cursor"), ("cursor=99", "invalid_cursor"),
     ("after=1&cursor=1", "invalid_cursor")],
)  # fmt: skip
def test_bad_questions(anonymous: FlaskClient, agent_client: FlaskClient, query: str, code: str) -> None:
    post_webhook(anonymous, inbound(message()))
    answer = agent_client.get(f"/api/chats/1/media?{query}")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (422, code)
    assert agent_client.get("/api/chats/77/media").status_code == 404
    assert anonymous.get("/api/chats/1/media").status_code == 401


@pytest.mark.parametrize("kind", page_queries.GALLERY)
def test_the_chat_around_is_not_read(db: Database, kind: str) -> None:
    """By the plan, not by the clock: each kind has an index that holds nothing else."""
    with db.read() as connection:
        asked: list[str] = []
        connection.set_trace_callback(asked.append)
        page_queries.gallery_before(connection, SeenChat(1), kind, (NOON, 1), 50)
        page_queries.gallery_after(connection, SeenChat(1), kind, (NOON, 1), 50)
        connection.set_trace_callback(None)
        plans = [" ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")) for sql in asked]
    assert len(plans) == 2
    assert all(f"USING INDEX messages_{kind} (conversation_id=? AND timestamp" in plan for plan in plans)
    assert not any("TEMP B-TREE" in plan for plan in plans)
