"""From the sandbox to a real number and back with the real server: it starts itself afresh, and nothing is mixed up."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.server import InboxServer, make_tokens
from config import WHATSAPP_CREDENTIALS, Config
from sandbox.graph import GraphDouble
from tests.features.numbers.connecting import five


class Owner:
    """Speaks to the running server as its owner."""

    def __init__(self, server: InboxServer, token: str) -> None:
        self._server = server
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        raw = json.dumps(body).encode() if body is not None else None
        status, answer = self._server.call(method, path, raw, self._headers, timeout=30)
        return status, json.loads(answer) if answer else None

    def chats(self) -> list[dict[str, Any]]:
        return list(self.call("GET", "/api/chats")[1]["chats"])

    def mode(self) -> str:
        return str(self.call("GET", "/api/numbers")[1]["mode"])


@pytest.fixture
def meta() -> Iterator[GraphDouble]:
    with GraphDouble() as running:
        yield running


@pytest.fixture
def server(tmp_path: Path, meta: GraphDouble) -> Iterator[InboxServer]:
    built = InboxServer(tmp_path / "data", graph_url=meta.url)
    public_url = f"http://127.0.0.1:{built.port}"
    meta.courier.endpoint = f"{public_url}/webhook/whatsapp"
    try:
        built.start(**dict.fromkeys(WHATSAPP_CREDENTIALS, ""), PUBLIC_URL=public_url)
        yield built
    finally:
        built.stop()


def until(condition: Callable[[], Any], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_connected_it_starts_afresh_and_speaks_for_the_real_number(server: InboxServer, meta: GraphDouble) -> None:
    [token] = make_tokens(Config(data_dir=server.data_dir, is_sandbox=True), 1, role="owner")
    owner = Owner(server, token)
    until(lambda: len(owner.chats()) > 5)
    master, worker = server.pids()

    status, answer = owner.call("POST", "/api/numbers", five(meta))
    assert (status, answer.get("restart")) == (201, "now"), answer
    found = {check["name"]: check["state"] for check in answer["checks"]}
    assert (found["address"], found["https"]) == ("ok", "warn")
    until(lambda: server.pids()[1:] not in ([], [worker]) and owner.mode() == "live")
    assert server.pids()[0] == master
    assert owner.chats() == []

    meta.add_customer("Mei Ling Chan", "85251234567").write("Is the shop open?")
    until(lambda: len(owner.chats()) == 1)
    [chat] = owner.chats()
    body = {"conversation_id": chat["id"], "type": "text", "text": "Yes, until six.", "client_msg_id": "c1"}
    assert owner.call("POST", "/api/send", body)[0] == 201
    until(lambda: owner.chats()[0]["last_message"]["status"] == "delivered")
    assert [sent.body["text"]["body"] for sent in meta.ledger.accepted] == ["Yes, until six."]
    tested = owner.call("POST", "/api/numbers/test", {})[1]["checks"]
    found = {check["name"]: check["state"] for check in tested}
    assert (found["secret"], found["subscription"], found["address"], found["delivery"]) == ("ok",) * 4

    # One call is in the air when the number is let go, and Meta never answers it.
    meta.fail_next("send", mode="hang", seconds=60)
    _, sent = owner.call("POST", "/api/send", body | {"client_msg_id": "c2", "text": "Half past six, even."})
    until(lambda: meta.count("send") == 2)
    _, worker = server.pids()
    path = f"/api/numbers/{meta.credentials.phone_number_id}"
    assert owner.call("DELETE", path, {}) == (200, {"restart": "now"})
    until(lambda: server.pids()[1:] not in ([], [worker]) and owner.mode() == "sandbox")
    path = f"/api/messages/{sent['message']['id']}"
    until(lambda: owner.call("GET", path)[1]["message"]["status"] == "unconfirmed")  # by the outbox, once it has started
    assert owner.call("POST", "/api/send", body | {"client_msg_id": "c3"})[1]["error"]["code"] == "number_not_connected"
    assert meta.count("send") == 2
    assert "Traceback" not in server.log()
