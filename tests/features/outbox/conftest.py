"""An open window and somebody who sends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from features.outbox.dispatcher import Outbox
from system import clock
from tests.builders import NOON, inbound, message, post_webhook
from tests.features.outbox.answering import send
from web.services import Services


@pytest.fixture
def a_minute_past_noon() -> Iterator[None]:
    with clock.freeze(NOON + 60):
        yield


@pytest.fixture
def chat(a_minute_past_noon: None, anonymous: FlaskClient, agent_client: FlaskClient) -> int:
    """Mei has just written: the window is open."""
    post_webhook(anonymous, inbound(message("Hello?", wamid="wamid.question")))
    return int(agent_client.get("/api/chats").get_json()["chats"][0]["id"])


@pytest.fixture
def message_id(agent_client: FlaskClient, chat: int) -> int:
    """Queued, with nobody who sends."""
    return int(send(agent_client, chat).get_json()["message"]["id"])


@pytest.fixture
def outbox(services: Services) -> Iterator[Outbox]:
    box = Outbox(services)
    box.start()
    yield box
    box.stop()
