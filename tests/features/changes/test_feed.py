"""The live feed: pull is the truth, push a hint; nothing missed, nothing twice."""

from __future__ import annotations

import gc
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import simple_websocket
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from db_manager import Database, Transaction
from features.changes import actions, queries
from tests.builders import inbound, message, post_webhook
from web.services import Services

# simple-websocket's client (ours in these tests only) leaves the socket of a refused handshake to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def updates(client: FlaskClient, since: int) -> Any:
    return client.get(f"/api/updates?since={since}")


def test_an_idle_poll_is_204_and_touches_no_database(
    agent_client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = agent_client.get("/api/updates").get_json()["seq"]

    def touched(*_: Any) -> None:
        raise AssertionError("an idle poll touched the database")

    monkeypatch.setattr(services.db, "read", touched)
    monkeypatch.setattr(services.db, "write", touched)
    assert updates(agent_client, newest).status_code == 204


def test_the_short_cut_of_an_idle_poll_gives_the_answer_of_flask(
    app: Flask, agent_client: FlaskClient, anonymous: FlaskClient
) -> None:
    newest = agent_client.get("/api/updates").get_json()["seq"]
    short, long = updates(agent_client, newest), agent_client.get(f"/api/updates?since={newest}&x=1")
    assert (short.status_code, short.data) == (long.status_code, long.data) == (204, b"")
    assert {name: value for name, value in short.headers if name != "Content-Type"} == {
        name: value for name, value in long.headers if name != "Content-Type"
    }
    assert updates(anonymous, newest).status_code == 401
    agent_client.environ_base["HTTP_AUTHORIZATION"] = "Bearer nonsense"
    assert updates(agent_client, newest).status_code == 401


def test_changes_come_in_order_with_their_ids(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    start = agent_client.get("/api/updates").get_json()["seq"]
    post_webhook(anonymous, inbound(message("a"), message("b")))
    answer = updates(agent_client, start).get_json()
    assert [change["kind"] for change in answer["changes"]] == ["message.created"] * 2
    assert answer["seq"] == answer["changes"][-1]["seq"]
    assert updates(agent_client, answer["seq"]).status_code == 204


def test_more_than_500_changes_come_in_pieces(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    start = agent_client.get("/api/updates").get_json()["seq"]
    post_webhook(anonymous, inbound(*[message(str(number)) for number in range(501)]))
    first = updates(agent_client, start).get_json()
    assert (len(first["changes"]), first["more"]) == (500, True)
    rest = updates(agent_client, first["seq"]).get_json()
    assert len(rest["changes"]) == 1 and "more" not in rest


def test_a_browser_ahead_of_us_or_far_behind_is_told_to_reload(
    anonymous: FlaskClient, agent_client: FlaskClient, db: Database, services: Services
) -> None:
    post_webhook(anonymous, inbound(message()))
    assert updates(agent_client, 10**9).get_json()["reset"] is True
    db.write(lambda tx: queries.delete_older_than(tx.connection, 10**10, 1000))
    actions.prune(db, services.feed)
    assert updates(agent_client, 0).get_json()["reset"] is True


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.port}"
    app.extensions["services"].feed.close()
    server.shutdown()
    thread.join(5)
    gc.collect()  # here, where the warning is expected: later it would fail somebody else's test


def connect(address: str, client: FlaskClient, query: str = "", **headers: str) -> simple_websocket.Client:
    authorization = client.environ_base.get("HTTP_AUTHORIZATION", "")
    return simple_websocket.Client(f"ws://{address}/api/live{query}", headers={"Authorization": authorization} | headers)


def test_a_socket_gets_the_backlog_and_then_what_commits(
    address: str, anonymous: FlaskClient, agent_client: FlaskClient
) -> None:
    start = agent_client.get("/api/updates").get_json()["seq"]
    post_webhook(anonymous, inbound(message("before")))
    socket = connect(address, agent_client, f"?since={start}")
    first = json.loads(socket.receive(timeout=5))
    post_webhook(anonymous, inbound(message("after")))
    second = json.loads(socket.receive(timeout=5))
    seqs = [change["seq"] for change in first["changes"] + second["changes"]]
    assert seqs == list(range(start + 1, start + 3))
    socket.close()


def test_odd_frames_harm_nobody(address: str, anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    socket = connect(address, agent_client)
    for frame in ("not json", '{"event": "@clients"}', b"\x00\xff", "[" * 1000):
        socket.send(frame)
    post_webhook(anonymous, inbound(message()))
    assert json.loads(socket.receive(timeout=5))["changes"]
    socket.close()
    big = connect(address, agent_client)
    big.send("x" * 20_000)
    with pytest.raises(simple_websocket.ConnectionClosed):
        for _ in range(5):
            big.receive(timeout=5)
    assert agent_client.get("/api/updates").status_code == 200


@pytest.mark.parametrize(
    ("headers", "code"),
    [({}, 401), ({"Authorization": "Bearer nonsense"}, 401)],
)
def test_a_stranger_gets_no_socket(address: str, headers: dict[str, str], code: int) -> None:
    with pytest.raises(simple_websocket.ConnectionError) as refused:
        simple_websocket.Client(f"ws://{address}/api/live", headers=headers)
    assert str(code) in str(refused.value)


def test_a_token_with_an_origin_is_a_browser_of_another_site(address: str, agent_client: FlaskClient) -> None:
    with pytest.raises(simple_websocket.ConnectionError) as refused:
        connect(address, agent_client, Origin="https://evil.example")
    assert "403" in str(refused.value)


def test_above_the_cap_the_answer_is_to_poll(address: str, agent_client: FlaskClient) -> None:
    from features.changes.routes import SOCKETS_A_USER

    sockets = [connect(address, agent_client) for _ in range(SOCKETS_A_USER)]
    with pytest.raises(simple_websocket.ConnectionError) as refused:
        connect(address, agent_client)
    assert "503" in str(refused.value)
    for socket in sockets:
        socket.close()


def test_a_plain_get_is_told_what_this_is(agent_client: FlaskClient) -> None:
    assert agent_client.get("/api/live").status_code == 400
    handshake = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "short"}
    assert agent_client.get("/api/live", headers=handshake).status_code == 400


def test_what_is_committed_but_not_announced_yet_is_not_handed_out(
    anonymous: FlaskClient, agent_client: FlaskClient, services: Services
) -> None:
    """Else that browser would be ahead of us at its next question, and told to reload."""
    services.db.on_change = lambda seq: None  # the writer has committed and not come to announcing
    start = services.feed.newest
    post_webhook(anonymous, inbound(message("a"), message("b")))
    services.feed.announce(start + 1)
    answer = updates(agent_client, start).get_json()
    assert ([change["seq"] for change in answer["changes"]], answer["seq"]) == ([start + 1], start + 1)
    services.feed.announce(start + 2)
    assert [change["seq"] for change in updates(agent_client, start + 1).get_json()["changes"]] == [start + 2]


def test_a_change_that_was_undone_leaves_no_gap_that_hides_the_next(services: Services, agent_client: FlaskClient) -> None:
    start = services.feed.newest

    def poison(tx: Transaction) -> None:
        actions.record(tx, "message.created", "live")
        raise ValueError("an event that fails after it was recorded")

    services.db.write(lambda tx: tx.attempt(lambda: poison(tx)))
    assert services.feed.newest == start
    services.db.write(lambda tx: actions.record(tx, "message.created", "live"))
    assert updates(agent_client, start).get_json()["seq"] == start + 1
