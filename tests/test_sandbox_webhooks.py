"""The double's webhooks: signed, repeated until they are taken, and in the disorder that Meta allows itself."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from flask import Flask, request

from sandbox import samples
from sandbox.courier import Quirks
from sandbox.customer import Customer
from sandbox.graph import GraphDouble
from sandbox.wire import Server
from system import clock

PHONE = "85251234567"
QUICK: dict[str, Any] = {"sent_after": 0.0, "delivered_after": 0.02}


class Endpoint:
    """Takes webhooks; `statuses` are the answers to the first ones, 200 after them."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.statuses: list[int] = []

    def __call__(self, body: bytes, headers: dict[str, str]) -> int:
        self.bodies.append(body)
        self.headers.append(headers)
        return self.statuses.pop(0) if self.statuses else 200

    def values(self, key: str) -> list[Any]:
        """All entries of "messages", "statuses", "message_echoes" ... in the order of arrival."""
        changes = [one for body in self.bodies for one in json.loads(body)["entry"][0]["changes"]]
        return [item for change in changes for item in change["value"].get(key, [])]


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture
def double(endpoint: Endpoint) -> Iterator[GraphDouble]:
    with GraphDouble(endpoint, quirks=Quirks(**QUICK)) as running:
        yield running


@pytest.fixture
def mei_ling(double: GraphDouble) -> Customer:
    return double.add_customer("陳美玲", PHONE)


def send(double: GraphDouble, **body: Any) -> str:
    whole = {"messaging_product": "whatsapp", "to": f"+{PHONE}", "type": "text", "text": {"body": "Hello"}, **body}
    answer = requests.post(
        f"{double.url}/v25.0/{double.credentials.phone_number_id}/messages",
        json=whole,
        headers={"Authorization": f"Bearer {double.credentials.access_token}"},
        timeout=10,
    )
    wamid: str = answer.json()["messages"][0]["id"]
    return wamid


def steps(endpoint: Endpoint) -> list[str]:
    return [one["status"] for one in endpoint.values("statuses")]


def test_bodies_are_signed_over_raw_bytes_with_everything_escaped(
    double: GraphDouble, endpoint: Endpoint, mei_ling: Customer
) -> None:
    mei_ling.write("你好 https://example.com/")
    assert double.settle()
    body, headers = endpoint.bodies[0], endpoint.headers[0]
    expected = hmac.new(double.credentials.app_secret.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Hub-Signature-256"] == f"sha256={expected}"
    assert body.isascii() and b"\\u4f60" in body and b"https:\\/\\/" in body


def test_a_message_carries_who_wrote_it(double: GraphDouble, endpoint: Endpoint, mei_ling: Customer) -> None:
    wamid = mei_ling.write("Hello")
    double.add_customer("K.", username="mystery.k").write("Hi")
    assert double.settle()
    first, hidden = (json.loads(body)["entry"][0]["changes"][0]["value"] for body in endpoint.bodies)
    assert first["metadata"]["phone_number_id"] == double.credentials.phone_number_id
    assert first["contacts"][0]["wa_id"] == first["messages"][0]["from"] == PHONE
    assert (first["messages"][0]["id"], first["messages"][0]["type"]) == (wamid, "text")
    assert "wa_id" not in hidden["contacts"][0] and "from" not in hidden["messages"][0]
    assert hidden["contacts"][0]["profile"] == {"name": "K.", "username": "mystery.k"}
    assert hidden["messages"][0]["from_user_id"] == hidden["contacts"][0]["user_id"]


def test_statuses_climb_and_echo_our_id(double: GraphDouble, endpoint: Endpoint, mei_ling: Customer) -> None:
    wamid = send(double, biz_opaque_callback_data="m:1")
    assert double.settle()
    mei_ling.open_chat()
    assert double.settle()
    assert steps(endpoint) == ["sent", "delivered", "read"]
    assert {(one["id"], one["biz_opaque_callback_data"]) for one in endpoint.values("statuses")} == {(wamid, "m:1")}
    send(double)
    assert double.settle()
    assert steps(endpoint)[3:] == ["sent", "delivered", "read"]  # the chat is still open


def test_a_late_failure_has_its_reason_and_no_contacts(
    double: GraphDouble, endpoint: Endpoint, mei_ling: Customer
) -> None:
    double.fail_next("send", mode="async", code=131026)
    send(double, biz_opaque_callback_data="m:2")
    assert double.settle()
    [status] = endpoint.values("statuses")
    assert (status["status"], status["errors"][0]["code"]) == ("failed", 131026)
    assert status["biz_opaque_callback_data"] == "m:2"
    assert endpoint.values("contacts") == [] and "recipient_user_id" not in status


def test_a_silent_acceptance_is_never_reported(double: GraphDouble, endpoint: Endpoint) -> None:
    double.fail_next("send", mode="silent")
    send(double)
    assert double.settle() and endpoint.bodies == [] and double.count("accepted") == 1


def test_a_voice_note_is_played(double: GraphDouble, endpoint: Endpoint, mei_ling: Customer) -> None:
    item = double.shelf.add(samples.voice(), samples.VOICE_TYPE, inbound=False)
    wamid = send(double, type="audio", audio={"id": item.id, "voice": True})
    assert double.settle()
    mei_ling.play(wamid)
    assert double.settle()
    assert steps(endpoint) == ["sent", "delivered", "played"]


def test_webhooks_are_repeated_until_they_are_taken(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.courier.FIRST_PAUSE", 0.01)
    endpoint.statuses = [503, 500, 201]
    with GraphDouble(endpoint) as double:
        double.add_customer("Raj", "85252345678").write("Hello")
        assert double.settle()
    assert len(endpoint.bodies) == 4 and len(set(endpoint.bodies)) == 1


def test_repeating_is_bounded(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.courier.FIRST_PAUSE", 0.0)
    endpoint.statuses = [503] * 100
    with GraphDouble(endpoint, quirks=Quirks(give_up_after=3)) as double:
        double.add_customer("Raj", "85252345678").write("Hello")
        assert double.settle()
    assert len(endpoint.bodies) == 3


def test_disorder_on_demand(endpoint: Endpoint) -> None:
    def run(**quirks: Any) -> list[str]:
        endpoint.bodies.clear()
        with GraphDouble(endpoint, quirks=Quirks(**{**QUICK, **quirks})) as double:
            double.add_customer("Mei Ling", PHONE).open_chat()
            send(double)
            assert double.settle()
        return steps(endpoint)

    assert run(out_of_order=True) == ["delivered", "read", "sent"]
    assert run(skip_delivered=True) == ["sent", "read"]
    assert run(duplicates=True) == ["sent", "sent", "delivered", "read", "delivered", "read"]


def test_a_status_can_come_before_the_answer(endpoint: Endpoint) -> None:
    with GraphDouble(endpoint, quirks=Quirks(status_before_response=True)) as double:
        wamid = send(double)
        assert [one["id"] for one in endpoint.values("statuses")] == [wamid, wamid]


def test_changes_can_share_one_post(endpoint: Endpoint) -> None:
    double = GraphDouble(endpoint, quirks=Quirks(batch=10))
    raj = double.add_customer("Raj", "85252345678")
    for number in range(5):
        raj.write(str(number))
    raj.receive_echo("ours")
    with double:
        assert double.settle()
    assert len(endpoint.bodies) == 1
    assert [one["text"]["body"] for one in endpoint.values("messages")] == ["0", "1", "2", "3", "4"]
    assert len(endpoint.values("message_echoes")) == 1 and len(endpoint.values("statuses")) == 3


def test_media_is_described_as_in_metas_webhooks(double: GraphDouble, endpoint: Endpoint, mei_ling: Customer) -> None:
    photo = samples.photo(size=(96, 64))
    mei_ling.send_file(photo, "image/jpeg", caption="Boat")
    mei_ling.send_file(samples.voice(), samples.VOICE_TYPE, voice=True)
    mei_ling.send_file(samples.document("List"), "application/pdf", filename="List.pdf")
    mei_ling.send_file(samples.sticker(), "image/webp", kind="sticker")
    assert double.settle()
    image, voice, document, sticker = endpoint.values("messages")
    assert image["image"]["caption"] == "Boat"
    assert b64decode(image["image"]["sha256"]) == hashlib.sha256(photo).digest()
    assert (voice["audio"]["mime_type"], voice["audio"]["voice"]) == ("audio/ogg; codecs=opus", True)
    assert document["document"]["filename"] == "List.pdf"
    assert sticker["sticker"]["animated"] is False


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (lambda one, wamid: one.react(wamid, "👍"), {"type": "reaction", "reaction": {"emoji": "👍"}}),
        (lambda one, wamid: one.edit(wamid, "new"), {"type": "edit"}),
        (lambda one, wamid: one.revoke(wamid), {"type": "revoke"}),
        (lambda one, wamid: one.press(wamid, "Yes"), {"type": "button", "button": {"payload": "Yes", "text": "Yes"}}),
        (lambda one, wamid: one.write("re", quote=wamid), {"type": "text", "context": {"from": PHONE}}),
        (lambda one, wamid: one.send_location(22.3, 114.2, "Pier"), {"type": "location", "location": {"name": "Pier"}}),
        (lambda one, wamid: one.send_contact("Hana Mori", "15550100134"), {"type": "contacts"}),
        (lambda one, wamid: one.order([("boat", 2, 180.0)]), {"type": "order"}),
        (lambda one, wamid: one.write("hi", group="120363"), {"type": "text", "group_id": "120363"}),
        (lambda one, wamid: one.send_raw("unsupported", None, errors=[{"code": 131051}]), {"type": "unsupported"}),
    ],
)
def test_every_hand_movement_has_its_payload(
    double: GraphDouble, endpoint: Endpoint, mei_ling: Customer, act: Callable[[Customer, str], str], expected: Any
) -> None:
    wamid = mei_ling.write("first")
    own = act(mei_ling, wamid)
    assert double.settle()
    entry = endpoint.values("messages")[1]
    assert entry["id"] == own and abs(int(entry["timestamp"]) - clock.now()) < 5
    for key, value in expected.items():
        assert entry[key] == value if not isinstance(value, dict) else entry[key].items() >= value.items()
    if entry["type"] in ("edit", "revoke"):
        assert entry[entry["type"]]["original_message_id"] == wamid


def test_a_reaction_is_changed_and_taken_away(double: GraphDouble, endpoint: Endpoint, mei_ling: Customer) -> None:
    wamid = mei_ling.write("first")
    for emoji in ("👍", "❤️", ""):
        mei_ling.react(wamid, emoji)
    assert double.settle()
    sent = [one["reaction"].get("emoji") for one in endpoint.values("messages")[1:]]
    assert sent == ["👍", "❤️", None]
    assert double.world.bubbles[wamid].reactions == {}


def test_nothing_leaves_before_the_app_is_up_and_then_all_does(endpoint: Endpoint) -> None:
    app = Flask("app")
    up: list[bool] = []

    @app.get("/healthz")
    def healthz() -> tuple[str, int]:
        return "", 200 if up else 503

    @app.post("/webhook")
    def webhook() -> str:
        endpoint(request.get_data(), {})
        return ""

    server = Server(app)
    server.start()
    with GraphDouble(f"{server.url}/webhook", wait_for=f"{server.url}/healthz") as double:
        double.add_customer("Raj", "85252345678").write("Hello")
        time.sleep(0.3)
        assert endpoint.bodies == []
        up.append(True)
        assert double.settle()
    server.stop()
    assert len(endpoint.bodies) == 1
