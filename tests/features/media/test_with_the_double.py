"""The whole way: a customer's phone, signed webhook, Graph's two calls over HTTP, the store, the browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from config import Config
from db_manager import Row
from features.media.worker import MediaWorker
from sandbox.credentials import Credentials
from sandbox.graph import GraphDouble
from system import clock
from tests.builders import MEI
from tests.features.media import samples
from web.services import Services
from whatsapp_handler import WhatsAppClient

PHOTO = samples.picture()


@pytest.fixture
def graph(config: Config, services: Services, anonymous: FlaskClient) -> Iterator[GraphDouble]:
    def webhook(body: bytes, headers: dict[str, str]) -> int:
        return int(anonymous.post("/webhook/whatsapp", data=body, headers=headers).status_code)

    ours = Credentials(
        access_token=config.whatsapp_access_token,
        phone_number_id=config.whatsapp_phone_number_id,
        waba_id=config.whatsapp_business_account_id,
        app_secret=config.whatsapp_app_secret,
    )
    with GraphDouble(webhook, credentials=ours) as double:
        services.clients.whatsapp = WhatsAppClient(
            double.url,
            config.graph_api_version,
            config.whatsapp_access_token,
            config.whatsapp_phone_number_id,
            config.whatsapp_business_account_id,
            media_hosts=("127.0.0.1",),
        )
        yield double


@pytest.fixture
def send(graph: GraphDouble) -> Callable[..., None]:
    def do(data: bytes, mime_type: str = "image/jpeg", **more: Any) -> None:
        graph.add_customer("Mei Ling Chan", MEI).send_file(data, mime_type, **more)
        assert graph.settle()

    return do


def test_a_photo_and_a_voice_message_reach_the_browser(
    graph: GraphDouble, send: Callable[..., None], services: Services, agent_client: FlaskClient
) -> None:
    send(PHOTO, caption="Is this one free?")
    send(samples.opus(), "audio/ogg; codecs=opus", voice=True)
    worker = MediaWorker(services)
    while worker.work_next():
        pass
    photo, voice = agent_client.get(f"/api/messages?phone={MEI}").get_json()["messages"]
    assert (photo["text"], photo["media"]["state"], photo["media"]["inline"]) == ("Is this one free?", "stored", True)
    assert agent_client.get(photo["media"]["url"]).data == PHOTO
    assert (voice["media"]["voice"], voice["media"]["duration_ms"]) == (True, 4000)
    assert (graph.count("media"), graph.count("download")) == (2, 2)


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("media", {"mode": "error", "code": 131000}),
        ("media", {"mode": "error", "code": 190}),
        ("media", {"mode": "http", "status": 502}),
        ("media", {"mode": "html", "status": 500}),
        ("media", {"mode": "truncated"}),
        ("media", {"mode": "reset"}),
        ("download", {"mode": "cut"}),
        ("download", {"mode": "truncated"}),
        ("download", {"mode": "http", "status": 404}),
        ("download", {"mode": "http", "status": 500}),
        ("download", {"mode": "html", "status": 200}),
        ("download", {"mode": "reset"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(map(str, value.values())),
)
def test_a_bad_moment_of_meta_only_delays_a_file(
    graph: GraphDouble,
    send: Callable[..., None],
    services: Services,
    row: Callable[[int], Row],
    kind: str,
    fault: dict[str, Any],
) -> None:
    send(PHOTO)
    graph.fail_next(kind, **fault)
    worker = MediaWorker(services)
    assert worker.work_next()
    assert row(1)["state"] == "pending" and row(1)["last_error"]
    with clock.freeze(clock.now() + 61):
        assert worker.work_next()
    assert row(1)["state"] == "stored"


def test_a_file_deleted_at_meta_expires(
    graph: GraphDouble, send: Callable[..., None], services: Services, row: Callable[[int], Row]
) -> None:
    send(PHOTO)
    graph.shelf.delete(row(1)["meta_media_id"])
    worker = MediaWorker(services)
    for _ in range(3):
        with clock.freeze(max(row(1)["next_attempt_at"], clock.now())):
            assert worker.work_next()
    assert row(1)["state"] == "expired"


def test_while_meta_cannot_be_reached_files_wait(
    graph: GraphDouble, send: Callable[..., None], services: Services, row: Callable[[int], Row]
) -> None:
    send(PHOTO)
    graph.unplug()
    worker = MediaWorker(services)
    worker.work_next()
    assert row(1)["state"] == "pending"
    graph.plug_in()
    with clock.freeze(row(1)["next_attempt_at"]):
        worker.work_next()
    assert row(1)["state"] == "stored"
