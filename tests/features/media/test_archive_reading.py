"""What staff see of the archive: where a file is, the link into Drive for those who may, and pruned files by Range."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from db_manager import Row
from drive_manager import LocalStore
from features.media.archive import ArchiveWorker
from features.media.worker import MediaWorker
from tests.fakes.google_account import switch
from tests.fakes.google_server import Answer, Cut, GoogleServer, error_body
from tests.features.media.conftest import Arrive
from tests.features.media.meta import MetaFiles
from web.services import Services

FILE = b"%PDF-1.4 " + os.urandom(2_500_000)
MEDIA = "/drive/v3/files/id"


@pytest.fixture
def archived(services: Services, google: GoogleServer, worker: MediaWorker, meta: MetaFiles, arrive: Arrive) -> int:
    """A customer's document that lies here and in Drive; its media id."""
    media_id = arrive(meta.put(FILE, mime_type="application/pdf"), "document", mime_type="application/pdf", filename="a.pdf")
    assert worker.work_next()
    archive = ArchiveWorker(services)
    while archive.work_next():
        pass
    return media_id


@pytest.fixture
def pruned(archived: int, services: Services, store: LocalStore, row: Callable[[int], Row]) -> int:
    """The same, with no bytes left here."""
    store.remove(row(archived)["sha256"])
    services.db.write(lambda tx: tx.execute("UPDATE media_archive SET pruned_at = 1"))
    return archived


def media_json(client: FlaskClient, row: Row) -> dict[str, Any]:
    media: dict[str, Any] = client.get(f"/api/messages/{row['message_id']}").get_json()["message"]["media"]
    return media


def test_the_message_shows_where_its_file_is(
    archived: int, admin_client: FlaskClient, services: Services, row: Callable[[int], Row]
) -> None:
    shown = media_json(admin_client, row(archived))
    assert shown["stored_in"] == "both"
    assert shown["drive_url"].startswith("https://drive.google.com/") and shown["public_url"] is None
    services.db.write(lambda tx: tx.execute("UPDATE media_archive SET pruned_at = 1"))
    assert media_json(admin_client, row(archived))["stored_in"] == "drive"


def test_links_are_for_those_whom_the_owner_allows(
    archived: int, agent_client: FlaskClient, admin_client: FlaskClient, services: Services, row: Callable[[int], Row]
) -> None:
    assert media_json(agent_client, row(archived))["drive_url"] is None
    switch(services, links_for="agent")
    assert media_json(agent_client, row(archived))["drive_url"]
    switch(services, links_for="owner")
    assert media_json(admin_client, row(archived))["drive_url"] is None


def test_a_pruned_file_comes_from_drive(pruned: int, agent_client: FlaskClient) -> None:
    answer = agent_client.get(f"/media/{pruned}")
    assert (answer.status_code, answer.data) == (200, FILE)
    assert answer.content_length == len(FILE)


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("bytes=0-99", 0, 100), ("bytes=2000000-", 2_000_000, len(FILE)), ("bytes=-5", len(FILE) - 5, len(FILE))],
)
def test_a_pruned_file_comes_by_range(
    pruned: int, agent_client: FlaskClient, google: GoogleServer, asked: str, start: int, stop: int
) -> None:
    answer = agent_client.get(f"/media/{pruned}", headers={"Range": asked})
    assert (answer.status_code, answer.data) == (206, FILE[start:stop])
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(FILE)}"
    fetched = [call for call in google.calls if call.query.get("alt") == "media"]
    assert len(fetched) == 1  # only the piece that was asked for


def test_a_pruned_file_that_the_browser_has_is_not_fetched(
    pruned: int, agent_client: FlaskClient, google: GoogleServer, row: Callable[[int], Row]
) -> None:
    tag = f'"{row(pruned)["sha256"]}"'
    assert agent_client.get(f"/media/{pruned}", headers={"If-None-Match": tag}).status_code == 304
    assert agent_client.head(f"/media/{pruned}").status_code == 200
    assert not [call for call in google.calls if call.query.get("alt") == "media"]


@pytest.mark.parametrize(
    ("outcome", "status", "code"),
    [
        (Answer(403, error_body(403, "cannotDownloadAbusiveFile")), 409, "media_blocked"),
        (Answer(404, error_body(404, "notFound")), 404, "media_missing"),
        (Answer(503), 503, "drive_unavailable"),
        (Cut(), 503, "drive_unavailable"),
    ],
    ids=["24 flagged as harmful", "deleted there", "busy", "cut"],
)
def test_24_what_drive_does_not_hand_over_is_said_in_words(
    pruned: int, agent_client: FlaskClient, google: GoogleServer, outcome: Exception, status: int, code: str
) -> None:
    google.fail("GET", MEDIA, outcome)
    answer = agent_client.get(f"/media/{pruned}")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (status, code)


def test_24_a_file_flagged_there_is_shown_from_here(archived: int, agent_client: FlaskClient, google: GoogleServer) -> None:
    google.fail("GET", MEDIA, Answer(403, error_body(403, "cannotDownloadAbusiveFile")), times=9)
    assert agent_client.get(f"/media/{archived}").data == FILE


def test_a_pruned_file_after_disconnecting_says_so(pruned: int, owner_client: FlaskClient) -> None:
    owner_client.post("/api/google/disconnect", json={})
    answer = owner_client.get(f"/media/{pruned}")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "drive_disconnected")


def test_the_owner_sees_how_far_it_is(archived: int, owner_client: FlaskClient, services: Services) -> None:
    counts = owner_client.get("/api/media/archive").get_json()
    assert (counts["done"], counts["waiting"], counts["dead"]) == (1, 0, 0)
    services.db.write(lambda tx: tx.execute("UPDATE media_archive SET state = 'dead', reason = 'x'"))
    assert owner_client.post("/api/media/archive/retry", json={}).get_json()["waiting"] == 1
