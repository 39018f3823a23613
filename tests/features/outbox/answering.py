"""What a member of staff does in these tests: send, look, wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient


def send(client: FlaskClient, chat: int, text: str = "Yes!", client_msg_id: str = "c1", **parts: Any) -> Any:
    body = {"conversation_id": chat, "type": "text", "text": text, "client_msg_id": client_msg_id} | parts
    return client.post("/api/send", json=body)


def shown(client: FlaskClient, message_id: int) -> dict[str, Any]:
    return dict(client.get(f"/api/messages/{message_id}").get_json()["message"])


def until(condition: Callable[[], Any], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
