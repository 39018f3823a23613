"""What the API answers is what its models say: asked of a shop in which something is everywhere."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from benchmarks.soak import api_cases
from features.accounts import actions as accounts
from tests import answers
from tests.builders import MEI, inbound, message, post_webhook
from web import openapi
from web.answers import Answer, Page
from web.openapi import describe
from web.respond import ok

# Calls that need more than an id, and what they answer without it.
REFUSED = {
    "/api/live": 400,  # no handshake
    "/api/customers/tabs": 422,  # no sheet
    "/api/customers/runs/{run_id}/diff": 409,  # not held
    "/webhook/whatsapp": 403,  # no token
}
QUERIES = {
    "/api/messages": "conversation_id=1",
    "/api/phones": "typed=51234567",
    "/api/updates": "since=1",
    "/api/customers": "q=Mei",
}


@pytest.fixture
def shop() -> Iterator[FlaskClient]:
    """An owner in a shop with a chat, its quoted, reacted to, edited and illustrated messages, a token and a Customer List."""
    with api_cases.shop(answers.hold) as app:
        owner = api_cases.hire(app, "Vera", "owner")
        _, token = accounts.create_token(app.extensions["sessions"], owner, "tests")
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        now = int(time.time())
        first = message("First", at=now)
        post_webhook(client, inbound(first, message("Second", at=now, context={"id": first["id"]})))
        post_webhook(client, inbound(message(at=now, type="reaction", reaction={"message_id": first["id"], "emoji": "👍"})))
        body = {"conversation_id": 1, "text": "An answer", "client_msg_id": "one"}
        assert client.post("/api/send", json=body).status_code == 201
        assert client.post("/api/customers/sync", json={}).status_code in (200, 409)
        client.post("/api/templates/sync", json={})
        client.patch("/api/settings", json={"business_name": "Boats"})
        client.patch("/api/customers/list", json={"country": "HK"})
        _await_the_picture(client)
        yield client


def _await_the_picture(client: FlaskClient) -> None:
    until = time.monotonic() + 20
    while client.get("/media/1").status_code != 200:
        assert time.monotonic() < until, "the picture was not fetched"
        time.sleep(0.05)


def test_every_get_call_of_a_filled_shop_answers_as_its_model_says(shop: FlaskClient) -> None:
    document = openapi.document(shop.application)
    asked = 0
    for path, methods in document["paths"].items():
        if "get" in methods:
            url = path
            for parameter in methods["get"]["parameters"]:
                url = url.replace(f"{{{parameter['name']}}}", "1")
            status = shop.get(f"{url}?{QUERIES.get(path, '')}").status_code  # held against its model: tests/answers.py
            assert status == REFUSED.get(path, 200), (path, status)
            asked += 1
    assert asked > 30


def test_the_shop_is_filled(shop: FlaskClient) -> None:
    """Else the models of what is not there would have been held against nothing."""
    messages = shop.get("/api/messages?conversation_id=1").get_json()["messages"]
    for part in ("media", "quoted", "context", "sender", "contact"):
        assert any(one[part] for one in messages), part
    assert any(one["reactions"] for one in messages)
    assert shop.get("/api/chats").get_json()["chats"][0]["last_message"]
    assert shop.get("/api/chats/1/details").get_json()["customer"]
    assert shop.get("/api/chats/1").get_json()["chat"]["phone"] == f"+{MEI}"
    for path, name in [("customers/runs", "runs"), ("templates", "templates"), ("deliveries", "deliveries"), ("audit", "entries")]:
        assert shop.get(f"/api/{path}").get_json()[name], path


class Ferry(Answer):
    """A boat."""

    name: str
    knots: int | None


@pytest.mark.parametrize("body", [{"name": "Junk"}, {"name": "Junk", "knots": None, "sails": 2}, {"name": 7, "knots": 1}])
def test_an_answer_that_is_not_as_its_model_says_fails_the_test(body: dict[str, object]) -> None:
    app = Flask("small")
    app.testing = True
    app.add_url_rule("/api/ferry", "ferry", describe("A ferry", "The one.", answers={200: Ferry})(lambda: ok(body)))
    answers.hold(app)
    with pytest.raises(AssertionError, match="Ferry"):
        app.test_client().get("/api/ferry")


def test_an_error_that_nobody_announced_fails_the_test() -> None:
    app = Flask("small")
    app.testing = True
    view = describe("A ferry", "The one.", answers={200: Ferry})(lambda: ok({"error": {"code": "sunk", "message": "Gone."}}, 409))
    app.add_url_rule("/api/ferry", "ferry", view)
    answers.hold(app)
    with pytest.raises(AssertionError, match="sunk"):
        app.test_client().get("/api/ferry")


def test_a_field_that_may_be_missing_is_left_out() -> None:
    class Boats(Page):
        """Boats."""

        more: bool = False

    with Flask("small").test_request_context():
        assert ok(Boats(next_cursor=None)).get_json() == {"next_cursor": None}
        assert ok(Boats(next_cursor="1", more=True)).get_json() == {"next_cursor": "1", "more": True}
