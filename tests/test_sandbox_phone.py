"""The page that plays the customers' phones: what a click sends, what the page is told, what is refused."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

import sandbox
from config import Config
from sandbox import SandboxHandle, samples
from sandbox.graph import GraphDouble
from sandbox.phone import FAULTS, blueprint
from web import respond

ROOT = "/sandbox/api"
PHONE = "85251234567"


@pytest.fixture
def double() -> Iterator[GraphDouble]:
    with GraphDouble(lambda body, headers: 200) as running:
        yield running


@pytest.fixture
def client(double: GraphDouble) -> FlaskClient:
    app = Flask("phones")
    respond.install(app)
    app.register_blueprint(blueprint)
    app.extensions["sandbox"] = SandboxHandle(double)
    return app.test_client()


@pytest.fixture
def mei_ling(client: FlaskClient) -> str:
    answer = client.post(f"{ROOT}/customers", json={"name": "Mei Ling", "phone": "+852 5123 4567"})
    assert answer.status_code == 201
    id: str = answer.json["id"] if answer.json else ""
    return f"{ROOT}/customers/{id}"


def get_state(client: FlaskClient, since: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(client.get(f"{ROOT}/state?since={since}").data)
    return found


def posted(double: GraphDouble) -> list[dict[str, Any]]:
    """The customers' messages that left as webhooks."""
    assert double.settle()
    values = [json.loads(body)["entry"][0]["changes"][0]["value"] for body, _ in double.courier.posted]
    return [message for value in values for message in value.get("messages", [])]


def test_what_the_customer_writes_leaves_as_a_webhook_and_shows_on_the_phone(
    client: FlaskClient, double: GraphDouble, mei_ling: str
) -> None:
    wamid = client.post(f"{mei_ling}/messages", json={"text": "你好"}).json["wamid"]  # type: ignore[index]
    assert [one["text"]["body"] for one in posted(double)] == ["你好"]
    state = get_state(client)
    assert [(one["wamid"], one["text"], one["mine"]) for one in state["bubbles"]] == [(wamid, "你好", True)]
    assert state["customers"][0]["reached_by"] == "+852 5123 4567"
    assert get_state(client, state["version"])["bubbles"] == []


@pytest.mark.parametrize(
    ("type", "expected"),
    [("photo", "image"), ("voice", "audio"), ("document", "document"), ("sticker", "sticker"),
     ("location", "location"), ("contact", "contacts")],
)
def test_built_in_samples_can_be_sent(
    client: FlaskClient, double: GraphDouble, mei_ling: str, type: str, expected: str
) -> None:
    assert client.post(f"{mei_ling}/messages", json={"type": type}).status_code == 201
    assert [one["type"] for one in posted(double)] == [expected]


def test_an_own_file_is_sent_with_its_caption_and_quote(client: FlaskClient, double: GraphDouble, mei_ling: str) -> None:
    first = client.post(f"{mei_ling}/messages", json={"text": "one"}).json["wamid"]  # type: ignore[index]
    form = {"file": (io.BytesIO(samples.photo(size=(60, 40))), "boat.jpg", "image/jpeg"), "text": "Boat", "quote": first}
    assert client.post(f"{mei_ling}/messages", data=form).status_code == 201
    image = posted(double)[1]
    assert (image["image"]["caption"], image["context"]["id"]) == ("Boat", first)
    shown = client.get(f"{ROOT}/media/{image['image']['id']}")
    assert (shown.mimetype, shown.data) == ("image/jpeg", samples.photo(size=(60, 40)))


def test_a_page_that_a_customer_sent_is_only_downloaded(client: FlaskClient, double: GraphDouble, mei_ling: str) -> None:
    form = {"file": (io.BytesIO(b"<script>alert(1)</script>"), "a.html", "text/html")}
    client.post(f"{mei_ling}/messages", data=form)
    answer = client.get(f"{ROOT}/media/{posted(double)[0]['document']['id']}")
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_react_edit_delete_and_press(client: FlaskClient, double: GraphDouble, mei_ling: str) -> None:
    wamid = client.post(f"{mei_ling}/messages", json={"text": "one"}).json["wamid"]  # type: ignore[index]
    client.post(f"{mei_ling}/reactions", json={"wamid": wamid, "text": "👍"})
    client.post(f"{mei_ling}/edits", json={"wamid": wamid, "text": "two"})
    client.post(f"{mei_ling}/buttons", json={"wamid": wamid, "text": "Yes"})
    client.post(f"{mei_ling}/revocations", json={"wamid": wamid})
    assert [one["type"] for one in posted(double)] == ["text", "reaction", "edit", "button", "revoke"]
    shown = get_state(client)["bubbles"][0]
    assert (shown["deleted"], shown["edited"], shown["reactions"]) == (True, True, {"customer": "👍"})


def test_an_open_chat_reads_and_a_closed_one_does_not(client: FlaskClient, double: GraphDouble, mei_ling: str) -> None:
    customer = double.customer(PHONE)
    wamid = customer.receive_echo("Hello", status="delivered")
    assert get_state(client)["customers"][0]["unread"] == 1
    client.post(f"{mei_ling}/open", json={"on": True})
    assert double.world.bubbles[wamid].status == "read" and customer.profile.chat_open
    client.post(f"{mei_ling}/open", json={"on": False})
    assert not customer.profile.chat_open
    assert get_state(client)["customers"][0]["unread"] == 0


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("customers", {"name": "X"}, 422),
        ("customers", {"name": "X", "phone": "1", "username": "x"}, 422),
        ("customers", {"name": "\u200b", "phone": "85251234567"}, 422),
        ("customers", {"name": {"$ne": 1}, "phone": "85251234567"}, 422),
        ("customers/85251234567/messages", {"text": " "}, 422),
        ("customers/85251234567/messages", {"type": "dance"}, 422),
        ("customers/85251234567/messages", [], 422),
        ("customers/nobody/messages", {"text": "x"}, 404),
        ("customers/85251234567/reactions", {"wamid": "wamid.none", "text": "x"}, 404),
        ("customers/85251234567/edits", {"wamid": "wamid.none", "text": "x"}, 404),
        ("customers/85251234567/open", {"on": "yes"}, 422),
        ("faults", {"fault": "explode"}, 422),
    ],
)
def test_bad_input_is_refused_in_our_error_shape(
    client: FlaskClient, mei_ling: str, path: str, body: Any, status: int
) -> None:
    answer = client.post(f"{ROOT}/{path}", json=body)
    assert answer.status_code == status
    assert answer.json and answer.json["error"]["message"]


def test_nobody_edits_or_deletes_what_the_business_wrote(
    client: FlaskClient, double: GraphDouble, mei_ling: str
) -> None:
    wamid = double.customer(PHONE).receive_echo("ours")
    for what in ("edits", "revocations"):
        assert client.post(f"{mei_ling}/{what}", json={"wamid": wamid, "text": "x"}).status_code == 404


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_every_error_switch_is_shown_until_it_happened_or_was_cleared(client: FlaskClient, fault: str) -> None:
    assert client.post(f"{ROOT}/faults", json={"fault": fault}).status_code == 201
    assert get_state(client)["faults"] == [fault]
    assert client.delete(f"{ROOT}/faults", json={}).status_code == 200
    assert get_state(client)["faults"] == []


def test_whatsapp_can_be_switched_off_and_on(client: FlaskClient, double: GraphDouble) -> None:
    client.post(f"{ROOT}/reachable", json={"on": False})
    assert get_state(client)["reachable"] is False
    with pytest.raises(requests.ConnectionError):
        requests.get(double.url, timeout=5)
    client.post(f"{ROOT}/reachable", json={"on": True})
    assert requests.get(double.url, timeout=5).status_code == 404


def test_the_page_says_so_while_the_sandbox_is_starting(client: FlaskClient) -> None:
    client.application.extensions.pop("sandbox")
    assert client.get(f"{ROOT}/state").status_code == 503


def test_keys_and_phones_survive_a_restart_and_the_seed_comes_once(tmp_path: Path) -> None:
    config = sandbox.with_credentials(Config(data_dir=tmp_path, is_sandbox=True))
    assert (tmp_path / "sandbox.json").stat().st_mode & 0o777 == 0o600
    assert config.whatsapp_app_secret and "127.0.0.1" in config.media_hosts
    assert sandbox.with_credentials(Config(data_dir=tmp_path, is_sandbox=True)) == config
    before = _run(config, seed=True)
    assert before["customers"] and before["bubbles"]
    assert _run(config, seed=False)["bubbles"] == before["bubbles"]
    again = _run(config, seed=True)
    assert [one["wamid"] for one in again["bubbles"]] == [one["wamid"] for one in before["bubbles"]]


def _run(config: Config, seed: bool) -> dict[str, Any]:
    handle = sandbox.start(config, "http://127.0.0.1:9/webhook/whatsapp")
    if seed:
        handle.seed()
    handle.stop()
    return handle.double.world.snapshot(0)


@pytest.mark.parametrize("path", ["/sandbox", f"{ROOT}/state", f"{ROOT}/media/1"])
def test_nothing_of_it_exists_once_a_number_is_configured(owner_client: FlaskClient, path: str) -> None:
    assert owner_client.get(path).status_code == 404


@pytest.mark.parametrize("path", [f"{ROOT}/faults", f"{ROOT}/reachable", f"{ROOT}/customers"])
def test_nothing_can_be_changed_once_a_number_is_configured(owner_client: FlaskClient, path: str) -> None:
    assert owner_client.post(path, json={}).status_code == 404
