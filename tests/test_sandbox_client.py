"""Our client and our double of Meta understand each other, and our parser every webhook of the invented customers."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest

from integrations.whatsapp.events import Event, GroupChanged, Ignored, MessageReceived, Reacted, Unknown
from sandbox import samples
from sandbox.courier import sign
from sandbox.graph import GraphDouble
from sandbox.seed import plant
from whatsapp_handler import MediaGone, Refused, WhatsAppClient, parse, verify_signature


@pytest.fixture
def double() -> Iterator[GraphDouble]:
    with GraphDouble(lambda body, headers: 200) as running:
        yield running


@pytest.fixture
def client(double: GraphDouble) -> WhatsAppClient:
    keys = double.credentials
    return WhatsAppClient(
        double.url, "v25.0", keys.access_token, keys.phone_number_id, keys.waba_id, media_hosts=("127.0.0.1",)
    )


def test_a_file_goes_up_is_looked_up_comes_down_and_expires(double: GraphDouble, client: WhatsAppClient) -> None:
    data = samples.photo(size=(96, 64))
    media_id = client.upload_media(io.BytesIO(data), len(data), "image/jpeg", "boat.jpg")
    info = client.media_info(media_id)
    sink = io.BytesIO()
    assert client.download(info.url, sink, 1_000_000, info.size) == len(data)
    assert sink.getvalue() == data
    double.shelf.expire_addresses()
    with pytest.raises(MediaGone):
        client.download(info.url, io.BytesIO(), 1_000_000, info.size)
    double.shelf.delete(media_id)
    with pytest.raises(MediaGone):
        client.media_info(media_id)


def test_sends_templates_and_the_check_of_the_number_are_answered(double: GraphDouble, client: WhatsAppClient) -> None:
    body = {"messaging_product": "whatsapp", "to": "+85251234567", "type": "text", "text": {"body": "Hello"}}
    assert client.send(body).wa_id == "85251234567"
    double.fail_next(code=131016)
    with pytest.raises(Refused) as refused:
        client.send(body)
    assert refused.value.code == 131016
    assert len(client.templates()) == len(double.templates)
    assert client.check()["id"] == double.credentials.phone_number_id


def test_every_webhook_of_the_invented_customers_is_understood(double: GraphDouble) -> None:
    plant(double)
    assert double.settle(20)
    events: list[Event] = []
    for body, _ in double.courier.posted:
        verify_signature(body, sign(double.credentials.app_secret, body), double.credentials.app_secret)
        events += parse(json.loads(body))
    assert not [event for event in events if isinstance(event, (Unknown, Ignored))]
    messages = [event for event in events if isinstance(event, MessageReceived)]
    types = {message.content.type for message in messages}
    assert types >= {"text", "image", "audio", "document", "sticker", "location", "contacts", "order"}
    assert any(message.outgoing for message in messages) and any(message.group_id for message in messages)
    assert any(message.sender.phone is None and message.sender.username for message in messages)
    assert any(isinstance(event, Reacted) for event in events)
    assert any(isinstance(event, GroupChanged) for event in events)
    assert len({message.wamid for message in messages}) == len(messages)
