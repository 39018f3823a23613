"""Sending files: by their bytes, checked before Meta sees them; recordings as real voice messages."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from features.media.archive import ArchiveWorker
from features.outbox.dispatcher import Outbox
from system import clock
from tests.builders import NOON
from tests.fakes.google_server import Answer, GoogleServer, error_body
from tests.fakes.whatsapp import FakeWhatsApp
from tests.features.outbox.answering import shown, until
from web.services import Services

DRIVE_FILE = "/drive/v3/files/id"

pytestmark = pytest.mark.usefixtures("a_minute_past_noon")

VOICE = Path(__file__).parents[2] / "fixtures" / "voice"


def picture(kind: str = "JPEG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(file, kind)
    return file.getvalue()


def post_file(client: FlaskClient, chat: int, data: bytes, name: str, **fields: str) -> Any:
    form = {"conversation_id": str(chat), "file": (io.BytesIO(data), name)} | fields
    return client.post("/api/send", data=form, content_type="multipart/form-data")


def test_a_picture_goes_out_with_its_caption(
    agent_client: FlaskClient, chat: int, outbox: Outbox, whatsapp: FakeWhatsApp
) -> None:
    answer = post_file(agent_client, chat, picture(), "../../boat.jpg", caption="This one?", client_msg_id="p1")
    assert answer.status_code == 201
    sent = answer.get_json()["message"]
    assert (sent["type"], sent["media"]["state"], sent["media"]["width"], sent["media"]["filename"]) == ("image", "stored", 40, "boat.jpg")
    until(lambda: shown(agent_client, sent["id"])["status"] == "accepted")
    assert whatsapp.sent[0]["image"] == {"id": "upload1", "caption": "This one?"}
    assert whatsapp.uploads[0][1] == "image/jpeg"
    assert agent_client.get(sent["media"]["url"]).data == picture()
    assert post_file(agent_client, chat, picture(), "boat.jpg", client_msg_id="p1").status_code == 200
    assert len(whatsapp.uploads) == 1


def test_a_document_keeps_its_name(agent_client: FlaskClient, chat: int, outbox: Outbox, whatsapp: FakeWhatsApp) -> None:
    answer = post_file(agent_client, chat, b"%PDF-1.4\n%%EOF", "Price list 2026.pdf")
    until(lambda: len(whatsapp.sent) == 1)
    assert answer.get_json()["message"]["type"] == "document"
    assert whatsapp.sent[0]["document"]["filename"] == "Price list 2026.pdf"


@pytest.mark.parametrize(
    ("data", "name", "mime_type"),
    [
        (picture(), "pier.jpg", "image/jpeg"),
        (picture("GIF"), "wave.gif", "image/gif"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "IMG_0001.HEIC", "image/heic"),
    ],
)
def test_an_original_goes_out_as_a_document_whatever_its_type(
    agent_client: FlaskClient, chat: int, outbox: Outbox, whatsapp: FakeWhatsApp, data: bytes, name: str, mime_type: str
) -> None:
    sent = post_file(agent_client, chat, data, name, caption="As it is", as_document="1").get_json()["message"]
    assert (sent["type"], sent["text"], sent["media"]["filename"]) == ("document", "As it is", name)
    until(lambda: shown(agent_client, sent["id"])["status"] == "accepted")
    assert whatsapp.uploads[0][:2] == (data, mime_type)
    assert whatsapp.sent[0]["document"] == {"id": "upload1", "caption": "As it is", "filename": name}


@pytest.mark.parametrize(
    ("data", "name"), [(b"MZ\x90\x00\x03" + bytes(99), "x.jpg"), (picture("GIF"), "x.gif"), (b"", "empty.pdf")]
)
def test_what_whatsapp_would_refuse_is_refused_here_with_words(
    agent_client: FlaskClient, chat: int, whatsapp: FakeWhatsApp, data: bytes, name: str
) -> None:
    answer = post_file(agent_client, chat, data, name)
    assert answer.status_code == 422
    assert len(answer.get_json()["error"]["message"].split()) > 3
    assert whatsapp.sent == []


@pytest.mark.parametrize("name", ["chromium.webm", "chromium.mp4"])
def test_a_recording_leaves_as_a_voice_message(
    agent_client: FlaskClient, chat: int, outbox: Outbox, whatsapp: FakeWhatsApp, name: str
) -> None:
    answer = post_file(agent_client, chat, (VOICE / name).read_bytes(), name, voice="1")
    assert answer.status_code == 201
    file = answer.get_json()["message"]["media"]
    assert file["voice"] and file["mime_type"] == "audio/ogg" and file["duration_ms"] > 500
    until(lambda: len(whatsapp.sent) == 1)
    assert whatsapp.sent[0]["audio"] == {"id": "upload1", "voice": True}
    data, mime_type, _ = whatsapp.uploads[0]
    assert data.startswith(b"OggS") and mime_type == "audio/ogg; codecs=opus"


def test_what_is_no_recording_is_refused(agent_client: FlaskClient, chat: int) -> None:
    answer = post_file(agent_client, chat, b"\x1a\x45\xdf\xa3 not really", "voice.webm", voice="1")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (422, "not_a_recording")


def test_a_file_outside_the_window_is_refused(agent_client: FlaskClient, chat: int) -> None:
    with clock.freeze(NOON + 25 * 3600):
        assert post_file(agent_client, chat, picture(), "boat.jpg").status_code == 409


# ---------------------------------------------------------------- a file that lies in Google Drive alone


@pytest.fixture
def in_drive_alone(agent_client: FlaskClient, chat: int, services: Services, google: GoogleServer) -> int:
    """A message that waits to be sent, whose file was pruned here."""
    message_id = int(post_file(agent_client, chat, picture(), "boat.jpg").get_json()["message"]["id"])
    archive = ArchiveWorker(services)
    while archive.work_next():
        pass
    with services.db.read() as connection:
        sha256 = connection.execute("SELECT sha256 FROM media").fetchone()["sha256"]
    services.clients.store.remove(sha256)
    return message_id


def test_a_file_waits_while_drive_is_away(
    agent_client: FlaskClient, in_drive_alone: int, services: Services, google: GoogleServer, whatsapp: FakeWhatsApp
) -> None:
    google.down = Answer(503)
    outbox = Outbox(services)
    outbox.start()
    try:
        until(lambda: google.count("GET", DRIVE_FILE))
        until(lambda: shown(agent_client, in_drive_alone)["status"] == "queued")
        google.down = None
        with clock.freeze(NOON + 120):
            until(lambda: shown(agent_client, in_drive_alone)["status"] == "accepted", 8)
    finally:
        outbox.stop()
    assert whatsapp.uploads[0][0] == picture()
    assert len(whatsapp.sent) == 1


def test_a_file_that_drive_does_not_hand_over_fails_its_message_in_words(
    agent_client: FlaskClient, in_drive_alone: int, services: Services, google: GoogleServer, whatsapp: FakeWhatsApp
) -> None:
    google.fail("GET", DRIVE_FILE, Answer(404, error_body(404, "notFound")))
    outbox = Outbox(services)
    outbox.start()
    try:
        until(lambda: shown(agent_client, in_drive_alone)["status"] == "failed")
    finally:
        outbox.stop()
    assert shown(agent_client, in_drive_alone)["error"]["message"] == "This file was deleted from Google Drive."
    assert not whatsapp.sent
