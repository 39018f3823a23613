"""Stored files go to Google Drive once each, whatever Google, the network or the owner do meanwhile.

Real client libraries against our own model of Drive. Numbers in names: the table of failures in docs/google.md.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import db_manager
from core.reason import read
from db.connection import connect as connect_file
from db_manager import Database, Row
from drive_manager import LocalStore
from features.google_account import consent, drive
from features.media import actions, archive_queries
from features.media.archive import TRIES, TRIES_FOR_BUG, ArchiveWorker
from features.media.archive_jobs import prune
from integrations.google.auth import SCOPES
from integrations.google.consent import Grant
from integrations.google.upload import ONE_REQUEST_BELOW
from system import clock
from tests.builders import NOON
from tests.fakes.google_account import connect, connect_service_account, hang_up, switch
from tests.fakes.google_server import (
    FULL,
    OWNER,
    SERVICE_ACCOUNT,
    SHARED_FOLDER,
    Answer,
    Cut,
    GoogleServer,
    error_body,
    google_server,
)
from tests.features.media.conftest import Arrive
from tests.features.media.meta import MetaFiles
from web.services import Services

HOUR, DAY = 3600, 24 * 3600
PHOTO, OTHER = b"a photo" * 1000, b"another" * 500
UPLOAD = "/upload/drive/v3/files"


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with clock.freeze(NOON):
        yield


@pytest.fixture
def google() -> Iterator[GoogleServer]:
    with google_server() as server:
        yield server


@pytest.fixture
def archive(services: Services, google: GoogleServer) -> Iterator[ArchiveWorker]:
    """Connected and switched on, not started: `work_next` does one step at a time."""
    connect(services, google, archive=True)
    yield quick(ArchiveWorker(services))
    hang_up(services)


def quick(worker: ArchiveWorker) -> ArchiveWorker:
    worker._pause = lambda seconds: None  # type: ignore[method-assign]
    return worker


class Files:
    """Files of messages, straight into the store."""

    def __init__(self, services: Services) -> None:
        self.db: Database = services.db
        self.store: LocalStore = services.clients.store

    def add(self, data: bytes, filename: str = "photo.jpg") -> str:
        with self.store.open_sink() as sink:
            sink.write(data)
            stored = sink.commit()
        self.db.write(lambda tx: self._insert(tx, stored.sha256, stored.size, filename))
        return stored.sha256

    def _insert(self, tx: Any, sha256: str, size: int, filename: str) -> None:
        tx.execute("INSERT OR IGNORE INTO conversations (id, number_id, group_id, last_message_at, created_at) VALUES (1, 1, 'g', 0, 0)")
        message_id = tx.execute(
            "INSERT INTO messages (conversation_id, direction, type, origin, timestamp, created_at)"
            " VALUES (1, 'in', 'image', 'live', :now, :now)",
            {"now": clock.now()},
        ).lastrowid
        media_id = tx.execute(
            "INSERT INTO media (message_id, mime_type, filename, state, sha256, size, created_at)"
            " VALUES (:message, 'image/jpeg', :filename, 'stored', :sha256, :size, :now)",
            {"message": message_id, "filename": filename, "sha256": sha256, "size": size, "now": clock.now()},
        ).lastrowid
        actions.note_stored(tx, media_id)

    def row(self, sha256: str) -> Row:
        with self.db.read() as connection:
            row = archive_queries.get(connection, sha256)
        assert row is not None
        return row

    def trouble(self) -> tuple[str | None, str | None]:
        with self.db.read() as connection:
            state = drive.state(connection)
        return state.trouble, str(state.reason) if state.reason else None

    def held_until(self) -> int:
        with self.db.read() as connection:
            return drive.state(connection).held_until


@pytest.fixture
def files(services: Services) -> Files:
    services.db.write(
        lambda tx: tx.execute("INSERT OR IGNORE INTO numbers (id, phone_number_id, waba_id, created_at) VALUES (1,'1','2',0)")
    )
    return Files(services)


def drain(worker: ArchiveWorker) -> None:
    while worker.work_next():
        pass


def until(worker: ArchiveWorker, moment: int) -> None:
    """What the thread does from now to `moment`, one look a minute or, over long times, every ten."""
    step = 60 if moment - clock.now() <= 2 * HOUR else 600
    for now in range(clock.now(), moment + 1, step):
        with clock.freeze(now):
            drain(worker)


# ---------------------------------------------------------------- the way it should go


def test_every_stored_file_is_archived_in_a_folder_of_its_month(
    archive: ArchiveWorker, google: GoogleServer, files: Files
) -> None:
    sha256 = files.add(PHOTO, "menu.jpg")
    drain(archive)
    (item,) = google.stored()
    assert (item["_bytes"], item["name"], item["mimeType"]) == (PHOTO, "menu.jpg", "image/jpeg")
    month = google.files[item["parents"][0]]
    assert month["name"] == clock.iso(NOON)[:7]  # type: ignore[index]
    assert google.files[month["parents"][0]]["name"] == drive.FOLDER_NAME
    row = files.row(sha256)
    assert (row["state"], row["drive_id"], row["drive_url"]) == ("done", item["id"], item["webViewLink"])
    assert row["archived_at"] == NOON and row["public_url"] is None
    assert item["permissions"] == {}


def test_a_customers_file_and_one_of_ours_are_both_noted(
    services: Services, arrive: Arrive, meta: MetaFiles, files: Files
) -> None:
    from features.media.worker import MediaWorker

    arrive(meta.put(PHOTO))
    assert MediaWorker(services).work_next()
    assert files.row(hashlib.sha256(PHOTO).hexdigest())["state"] == "waiting"


def test_the_same_bytes_are_archived_once(archive: ArchiveWorker, google: GoogleServer, files: Files) -> None:
    assert files.add(PHOTO) == files.add(PHOTO, "again.jpg")
    drain(archive)
    files.add(PHOTO, "and again.jpg")
    drain(archive)
    assert len(google.stored()) == 1


def test_a_large_file_is_sent_in_chunks(archive: ArchiveWorker, google: GoogleServer, files: Files) -> None:
    data = os.urandom(ONE_REQUEST_BELOW + 12345)
    sha256 = files.add(data)
    drain(archive)
    assert google.stored()[0]["_bytes"] == data
    assert files.row(sha256)["session_url"] is None
    assert google.count("PUT", "/session/") == 2


def test_two_folders_of_one_month_are_never_made(
    archive: ArchiveWorker, google: GoogleServer, files: Files, services: Services
) -> None:
    google.fail("POST", "/drive/v3/files$", Cut(), stage="after", skip=1)  # the answer to the month's folder is lost
    files.add(PHOTO)
    until(archive, NOON + 600)
    assert len(google.stored()) == 1
    assert sorted(google.folders()) == sorted(["Archive", drive.FOLDER_NAME, str(clock.iso(NOON))[:7]])


def test_threads_that_look_for_our_folder_at_once_make_one(
    archive: ArchiveWorker, google: GoogleServer, services: Services
) -> None:
    together = threading.Barrier(4)

    def look() -> str:
        together.wait(10)
        found = drive.folder(services, drive.connect(services), "2026-11")
        hang_up(services)
        return found

    with ThreadPoolExecutor(4) as pool:
        found = {one.result() for one in [pool.submit(look) for _ in range(4)]}
    assert len(found) == 1
    assert sorted(google.folders()) == sorted(["Archive", drive.FOLDER_NAME, "2026-11"])


def test_browsers_hear_of_it(archive: ArchiveWorker, files: Files, db: Database) -> None:
    files.add(PHOTO)
    drain(archive)
    with db.read() as connection:
        kinds = [row["kind"] for row in connection.execute("SELECT kind FROM changes")]
    assert "message.updated" in kinds


def test_nothing_runs_without_google(services: Services, files: Files) -> None:
    files.add(PHOTO)
    worker = ArchiveWorker(services)
    worker.start()
    assert not worker._threads
    assert not worker.work_next()
    worker.stop()


def test_the_thread_starts_when_drive_is_connected(services: Services, google: GoogleServer, files: Files) -> None:
    worker = ArchiveWorker(services)
    worker.start()
    files.add(PHOTO)
    connect(services, google, archive=True)
    worker.wake()
    try:
        for _ in range(200):
            if google.stored():
                break
            services.db.signal("test").wait(0.05)
        assert google.stored()[0]["_bytes"] == PHOTO
    finally:
        worker.stop()


# ---------------------------------------------------------------- the table of failures


def test_01_a_service_account_on_my_drive_is_blocked_with_the_reason(
    services: Services, google: GoogleServer, files: Files
) -> None:
    google.files["mine"] = google._folder("My Drive folder")
    connect_service_account(services, google, folder="mine", archive=True)
    worker = ArchiveWorker(services)
    sha256 = files.add(PHOTO)
    until(worker, NOON + 2 * DAY)
    trouble, reason = files.trouble()
    assert trouble == "config" and "cannot own files in My Drive" in str(reason)
    assert google.count("POST", UPLOAD) == 0
    assert files.row(sha256)["state"] == "waiting"
    assert services.clients.store.verify(sha256)
    hang_up(services)


def test_01_the_quota_answer_to_a_service_account_is_not_retried(
    services: Services, google: GoogleServer, files: Files
) -> None:
    connect_service_account(services, google, archive=True)
    google.fail("POST", UPLOAD, Answer(403, error_body(403, "storageQuotaExceeded", domain="usageLimits")))
    worker = ArchiveWorker(services)
    files.add(PHOTO)
    until(worker, NOON + 2 * DAY)
    assert google.count("POST", UPLOAD) == 1
    assert files.trouble()[0] == "config" and files.held_until() == drive.NEVER
    hang_up(services)


def test_01_after_the_folder_was_set_right_a_restart_is_enough(
    services: Services, google: GoogleServer, files: Files
) -> None:
    google.files["mine"] = google._folder("My Drive folder")
    connect_service_account(services, google, folder="mine", archive=True)
    sha256 = files.add(PHOTO)
    drain(ArchiveWorker(services))
    assert files.held_until() == drive.NEVER
    services.config = replace(services.config, drive_folder_id=SHARED_FOLDER)
    services.clients.google.made_from = None
    worker = ArchiveWorker(services)
    worker._run = lambda: None  # type: ignore[method-assign]
    worker.start()
    drain(worker)
    assert files.row(sha256)["state"] == "done"
    hang_up(services)


def test_a_key_file_that_cannot_be_read_is_logged_when_that_changes(
    services: Services, google: GoogleServer, files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    connect_service_account(services, google, archive=True)
    path = Path(services.config.google_credentials_file)
    good = path.read_bytes()
    files.add(PHOTO)
    worker = ArchiveWorker(services)

    def complaints() -> list[str]:
        return [record.__dict__["reason"] for record in caplog.records if record.message == "the service account cannot be used"]

    for content in (b"{", b"{}", good, b"{"):
        path.write_bytes(content)
        services.clients.google.made_from = None  # the file is read again
        for _ in range(3):
            worker.work_next()
    unreadable, no_key = (f"GOOGLE_CREDENTIALS_FILE (key.json) {words}." for words in
                          ("cannot be read as JSON", "is not the key of a service account"))  # fmt: skip
    assert complaints() == [unreadable, no_key, unreadable]
    hang_up(services)


def test_a_content_manager_replaces_a_copy_that_differs(services: Services, google: GoogleServer, files: Files) -> None:
    connect_service_account(services, google, archive=True)
    google.spoil = 1
    sha256 = files.add(PHOTO)
    until(quick(ArchiveWorker(services)), NOON + HOUR)
    assert files.row(sha256)["state"] == "done"
    assert [item["trashed"] for item in google.stored()] == [True, False]
    assert files.trouble() == (None, None)
    hang_up(services)


def test_a_service_account_on_a_shared_drive_archives(services: Services, google: GoogleServer, files: Files) -> None:
    connect_service_account(services, google, archive=True)
    worker = ArchiveWorker(services)
    files.add(PHOTO)
    drain(worker)
    (item,) = google.stored()
    assert google.files[item["parents"][0]]["parents"] == [SHARED_FOLDER]
    assert files.trouble() == (None, None)
    hang_up(services)


def test_02_a_full_drive_waits_with_numbers_and_is_tried_every_hour(
    archive: ArchiveWorker, google: GoogleServer, files: Files, db: Database
) -> None:
    drain(archive)
    google.fail("POST", UPLOAD, Answer(403, error_body(403, *FULL)), times=3)
    google.other_usage = 15 * 1024**3 - 10
    sha256 = files.add(PHOTO)
    until(archive, NOON + 2 * HOUR + 300)
    assert files.trouble()[0] == "quota"
    assert google.count("POST", UPLOAD) == 3
    with db.read() as connection:
        state = drive.state(connection)
        told = connection.execute("SELECT count(*) FROM changes WHERE kind = 'status.updated'").fetchone()[0]
    assert told == 3  # the account was connected, the storage is almost full, the quota: not once more at each try
    assert drive.level(state) == "almost_full"
    google.other_usage = 0
    until(archive, NOON + 4 * HOUR)
    with clock.freeze(NOON + 4 * HOUR):
        until(archive, NOON + 6 * HOUR)
    assert files.row(sha256)["state"] == "done"
    assert files.trouble() == (None, None)


@pytest.mark.parametrize(("share", "level"), [(0.79, None), (0.8, "nearly_full"), (0.95, "almost_full")])
def test_03_a_nearly_full_storage_is_noted_once_a_day(
    archive: ArchiveWorker, google: GoogleServer, db: Database, share: float, level: str | None
) -> None:
    google.other_usage = int(15 * 1024**3 * share) + 1
    until(archive, NOON + DAY + HOUR)
    with db.read() as connection:
        assert drive.level(drive.state(connection)) == level
        notes = connection.execute("SELECT count(*) FROM audit_log WHERE action = 'drive_nearly_full'").fetchone()[0]
    assert notes == (2 if level else 0)


def test_04_05_a_dead_token_stops_all_calls_and_keeps_the_queue(
    services: Services, google: GoogleServer, files: Files
) -> None:
    connect(services, google, archive=True)
    google.refuses_refresh = True
    worker = ArchiveWorker(services)
    sha256 = files.add(PHOTO)
    until(worker, NOON + DAY)
    assert google.count("POST", "/token") == 1
    assert len(google.calls) == 1
    trouble, reason = files.trouble()
    assert trouble == "reconnect"
    with services.db.read() as connection:
        dead = connection.execute("SELECT dead_reason FROM google_account").fetchone()["dead_reason"]
    assert "connect again" in str(read(dead)) and "In production" in str(read(dead))  # within a week of the consent: the hint to publish
    google.refuses_refresh = False
    connect(services, google, archive=True)
    drain(worker)
    assert files.row(sha256)["state"] == "done"
    assert files.trouble() == (None, None)
    hang_up(services)


def test_04_a_token_refused_twice_in_a_call_is_dead(archive: ArchiveWorker, google: GoogleServer, files: Files) -> None:
    drain(archive)
    google.fail("POST", UPLOAD, Answer(401, error_body(401, "authError")), times=2)
    files.add(PHOTO)
    until(archive, NOON + HOUR)
    assert files.trouble()[0] == "reconnect"
    assert google.count("POST", UPLOAD) == 2


def test_06_without_the_permission_for_drive_nothing_is_called(
    services: Services, google: GoogleServer, files: Files
) -> None:
    connect(services, google, scopes=("https://www.googleapis.com/auth/spreadsheets.readonly",), archive=True)
    worker = ArchiveWorker(services)
    files.add(PHOTO)
    drain(worker)
    trouble, reason = files.trouble()
    assert trouble == "config" and "tick" in str(reason)
    assert google.calls == []


@pytest.mark.parametrize("how", ["deleted", "in the bin"])
def test_09_our_folder_gone_waits_for_the_owners_word(
    archive: ArchiveWorker, google: GoogleServer, files: Files, services: Services, how: str
) -> None:
    files.add(PHOTO)
    drain(archive)
    root = next(key for key, item in google.files.items() if item["name"] == drive.FOLDER_NAME)
    if how == "deleted":
        for key in [key for key, item in google.files.items() if key == root or root in item["parents"]]:
            del google.files[key]
    else:
        google.files[root]["trashed"] = True
    sha256 = files.add(OTHER)
    with clock.freeze(NOON + 2 * HOUR):
        until(archive, NOON + DAY)
    assert files.trouble()[0] == "folder"
    assert google.folders().count(drive.FOLDER_NAME) == (0 if how == "deleted" else 1)
    drive.make_root(services, by=1)
    with clock.freeze(NOON + DAY):
        drain(archive)
    assert files.row(sha256)["state"] == "done"
    assert files.trouble() == (None, None)


def test_09_a_month_thrown_away_is_made_again(archive: ArchiveWorker, google: GoogleServer, files: Files) -> None:
    files.add(PHOTO)
    drain(archive)
    month = google.stored()[0]["parents"][0]
    del google.files[month]
    sha256 = files.add(OTHER)
    until(archive, NOON + 600)
    assert files.row(sha256)["state"] == "done"


def test_10_a_folder_pasted_from_the_browser_is_explained(services: Services, google: GoogleServer, files: Files) -> None:
    connect(services, google, archive=True)
    services.config = replace(services.config, drive_folder_id="pasted")
    worker = ArchiveWorker(services)
    sha256 = files.add(PHOTO)
    drain(worker)
    trouble, reason = files.trouble()
    assert trouble == "folder" and "folders that we made ourselves" in str(reason)
    drive.make_root(services, by=1)
    drain(worker)
    assert files.row(sha256)["state"] == "done"
    hang_up(services)


def test_11_a_role_taken_away_names_the_service_account(services: Services, google: GoogleServer, files: Files) -> None:
    connect_service_account(services, google, archive=True)
    worker = ArchiveWorker(services)
    drain(worker)
    google.fail("POST", UPLOAD, Answer(403, error_body(403, "insufficientFilePermissions")))
    sha256 = files.add(PHOTO)
    drain(worker)
    trouble, reason = files.trouble()
    assert trouble == "config" and SERVICE_ACCOUNT in str(reason)
    until(worker, NOON + HOUR)
    assert files.row(sha256)["state"] == "done"  # given back: found without anybody's click
    hang_up(services)


def test_12_an_api_that_is_off_gives_the_link_of_the_error(
    archive: ArchiveWorker, google: GoogleServer, files: Files, db: Database
) -> None:
    page = "https://console.developers.google.com/apis/api/drive.googleapis.com/overview?project=42"
    google.fail("GET", "/drive", Answer(403, error_body(403, "accessNotConfigured", extendedHelp=page)))
    files.add(PHOTO)
    drain(archive)
    with db.read() as connection:
        state = drive.state(connection)
    assert (state.trouble, state.link) == ("config", page)


@pytest.mark.parametrize(
    "answer",
    [Answer(429), Answer(403, error_body(403, "userRateLimitExceeded")), Answer(500), Answer(503), Cut()],
    ids=["13 429", "13 rate", "14 500", "14 503", "15 reset"],
)
def test_13_14_15_what_passes_is_tried_again(
    archive: ArchiveWorker, google: GoogleServer, files: Files, answer: Exception
) -> None:
    drain(archive)
    google.fail("POST", UPLOAD, answer, times=3)
    sha256 = files.add(PHOTO)
    until(archive, NOON + HOUR)
    assert files.row(sha256)["state"] == "done"
    assert len(google.stored()) == 1
    assert files.trouble() == (None, None)


def test_a_clock_that_was_set_back_leaves_nothing_waiting(archive: ArchiveWorker, google: GoogleServer, files: Files) -> None:
    drain(archive)
    google.fail("POST", UPLOAD, Answer(429, b"", Retry_After="1800"))
    sha256 = files.add(PHOTO)
    with clock.freeze(NOON + 30 * DAY):
        drain(archive)
    assert files.held_until() > NOON + 30 * DAY
    archive._run = lambda: None  # type: ignore[method-assign]
    archive.start()
    drain(archive)
    assert files.row(sha256)["state"] == "done"


def test_13_the_time_that_google_asks_for_holds_everybody_back(
    archive: ArchiveWorker, google: GoogleServer, files: Files
) -> None:
    drain(archive)
    google.fail("POST", UPLOAD, Answer(429, b"", Retry_After="1800"))
    files.add(PHOTO)
    files.add(OTHER)
    drain(archive)
    assert files.held_until() >= NOON + 1800
    assert google.count("POST", UPLOAD) == 1


def test_16_20_a_restart_goes_on_with_the_session_or_a_new_one(
    archive: ArchiveWorker, google: GoogleServer, files: Files, services: Services
) -> None:
    data = os.urandom(3 * 4 * 1024 * 1024)
    sha256 = files.add(data)
    drain_until_cut = Answer(503)
    google.fail("PUT", "/session/", drain_until_cut, times=8, skip=1)
    archive.work_next()
    row = files.row(sha256)
    assert row["session_url"] and row["drive_id"]
    google.faults.clear()
    services.db.write(lambda tx: tx.execute("UPDATE media_archive SET claimed_at = 1"))  # killed in the middle
    second = quick(ArchiveWorker(services))
    services.db.write(lambda tx: archive_queries.release_claims(tx.connection))
    until(second, NOON + HOUR)
    assert [bytes(item["_bytes"]) for item in google.stored()] == [data]
    assert google.stored()[0]["id"] == row["drive_id"]
    assert google.count("POST", UPLOAD) == 1


@pytest.mark.parametrize("leaves_first", [False, True])
def test_an_upload_begun_for_one_person_is_begun_anew_for_the_next(
    archive: ArchiveWorker, google: GoogleServer, files: Files, services: Services, leaves_first: bool
) -> None:
    sha256 = files.add(os.urandom(3 * 4 * 1024 * 1024))
    google.fail("PUT", "/session/", Answer(503), times=8, skip=1)
    archive.work_next()
    google.faults.clear()
    before = files.row(sha256)
    assert before["session_url"]
    if leaves_first:
        consent.disconnect(services, 1)
    consent.keep(services, Grant("1//another", tuple(SCOPES.values()), "next@example.com"), by=1)
    after = files.row(sha256)
    assert (after["drive_id"], after["session_url"]) == (None, None)
    with services.db.read() as connection:
        assert drive.state(connection).folder_id is None
    until(archive, NOON + HOUR)
    assert [item["id"] for item in google.stored()] != [before["drive_id"]]
    assert files.row(sha256)["state"] == "done"


def test_who_leaves_and_comes_back_finds_the_upload_where_it_was(
    archive: ArchiveWorker, google: GoogleServer, files: Files, services: Services
) -> None:
    sha256 = files.add(PHOTO)
    google.fail("POST", UPLOAD, Cut(), stage="after")
    archive.work_next()
    consent.disconnect(services, 1)
    consent.keep(services, Grant("1//again", tuple(SCOPES.values()), OWNER), by=1)
    until(archive, NOON + HOUR)
    assert files.row(sha256)["state"] == "done"
    assert len(google.stored()) == 1
    assert google.folders().count(drive.FOLDER_NAME) == 1


def test_17_an_answer_lost_after_the_upload_is_found_out(
    archive: ArchiveWorker, google: GoogleServer, files: Files
) -> None:
    google.fail("POST", UPLOAD, Cut(), stage="after")
    sha256 = files.add(PHOTO)
    until(archive, NOON + HOUR)
    assert files.row(sha256)["state"] == "done"
    assert len(google.stored()) == 1


def test_18_a_webhook_that_comes_twice_archives_once(
    archive: ArchiveWorker, google: GoogleServer, files: Files, services: Services, arrive: Arrive, meta: MetaFiles
) -> None:
    from features.media.worker import MediaWorker

    media_id = meta.put(PHOTO)
    arrive(media_id)
    arrive(media_id)
    worker = MediaWorker(services)
    while worker.work_next():
        pass
    drain(archive)
    assert len(google.stored()) == 1


def test_19_a_copy_that_differs_is_removed_and_made_anew(
    archive: ArchiveWorker, google: GoogleServer, files: Files
) -> None:
    sha256 = files.add(PHOTO)
    google.spoil = 1
    until(archive, NOON + HOUR)
    (item,) = google.stored()
    assert item["_bytes"] == PHOTO
    assert files.row(sha256)["state"] == "done"


def test_19_the_third_copy_that_differs_is_given_up_until_somebody_asks(
    archive: ArchiveWorker, google: GoogleServer, files: Files, services: Services
) -> None:
    sha256 = files.add(PHOTO)
    google.spoil = 3
    until(archive, NOON + HOUR)
    assert files.row(sha256)["state"] == "dead"
    assert google.stored() == []
    services.db.write(lambda tx: archive_queries.start_over(tx.connection, clock.now()))
    drain(archive)
    assert files.row(sha256)["state"] == "done"


def test_a_file_that_google_does_not_understand_does_not_hold_up_the_others(
    archive: ArchiveWorker, google: GoogleServer, files: Files
) -> None:
    drain(archive)
    broken = files.add(PHOTO)
    google.fail("POST", UPLOAD, Answer(400, error_body(400, "invalid")), times=TRIES_FOR_BUG)
    archive.work_next()
    other = files.add(OTHER)
    google.faults.clear()
    google.fail("POST", UPLOAD, Answer(400, error_body(400, "invalid")), times=TRIES_FOR_BUG - 1, skip=1)
    until(archive, NOON + DAY)
    assert files.row(other)["state"] == "done"
    assert files.row(broken)["state"] == "dead"


@pytest.mark.parametrize("refusal", [(403, "publishOutNotPermitted"), (400, "invalidSharingRequest")])
def test_23_a_public_link_that_is_forbidden_leaves_the_file_private(
    archive: ArchiveWorker, google: GoogleServer, files: Files, services: Services, refusal: tuple[int, str]
) -> None:
    switch(services, public_links=True)
    google.fail("POST", "/permissions", Answer(refusal[0], error_body(*refusal)))
    sha256 = files.add(PHOTO)
    drain(archive)
    row = files.row(sha256)
    assert (row["state"], row["public_url"]) == ("done", "")
    assert google.count("POST", "/permissions") == 1
    assert files.trouble() == (None, None)
    switch(services, public_links=False)
    switch(services, public_links=True)  # the rule was changed: ask once more
    drain(archive)
    assert files.row(sha256)["public_url"].startswith("https://drive.google.com/")


def test_public_links_come_and_go_with_the_switch(
    archive: ArchiveWorker, google: GoogleServer, files: Files, services: Services
) -> None:
    sha256 = files.add(PHOTO)
    drain(archive)
    switch(services, public_links=True)
    drain(archive)
    assert google.stored()[0]["permissions"] == {"anyoneWithLink": {"type": "anyone", "role": "reader"}}
    assert files.row(sha256)["public_url"].startswith("https://drive.google.com/")
    switch(services, public_links=False)
    drain(archive)
    assert google.stored()[0]["permissions"] == {}
    assert files.row(sha256)["public_url"] is None


@pytest.fixture
def linked(archive: ArchiveWorker, files: Files, services: Services) -> list[str]:
    """Two files that everybody with their links may open."""
    hashes = [files.add(PHOTO), files.add(OTHER)]
    switch(services, public_links=True)
    drain(archive)
    return hashes


def test_a_link_that_google_does_not_take_back_holds_nobody_else_up(
    archive: ArchiveWorker, google: GoogleServer, files: Files, services: Services, linked: list[str]
) -> None:
    google.fail("GET", "/permissions", Answer(403, error_body(403, "insufficientFilePermissions")))
    switch(services, public_links=False)
    drain(archive)
    links = {sha256 for sha256 in linked if files.row(sha256)["public_url"]}
    assert len(links) == 1
    assert files.trouble() == (None, None) and files.held_until() == 0
    late = files.add(b"sent meanwhile")
    drain(archive)
    assert files.row(late)["state"] == "done"
    until(archive, NOON + HOUR)
    assert not any(files.row(sha256)["public_url"] for sha256 in linked)


def test_an_api_that_is_off_takes_no_link_back_and_is_asked_once(
    archive: ArchiveWorker, google: GoogleServer, files: Files, services: Services, linked: list[str]
) -> None:
    google.fail("GET", "/permissions", Answer(403, error_body(403, "accessNotConfigured")), times=9)
    switch(services, public_links=False)
    drain(archive)
    assert files.trouble()[0] == "config"
    assert google.count("GET", "/permissions") == 1
    assert all(files.row(sha256)["public_url"] for sha256 in linked)


def test_google_away_for_a_day_loses_nothing_and_archives_each_file_once(
    archive: ArchiveWorker, google: GoogleServer, files: Files, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("google.auth._exponential_backoff.time", SimpleNamespace(sleep=lambda seconds: None))
    files.add(b"before")
    drain(archive)
    account = services.clients.google.account
    assert account is not None
    account._credentials.token = None  # that one ends in the outage as well
    contents = []
    for hour in range(24):
        google.down = Answer(503) if hour % 2 else Cut()
        with clock.freeze(NOON + hour * HOUR):
            data = f"file {hour}".encode()
            contents.append(data)
            files.add(data)
            until(archive, NOON + (hour + 1) * HOUR - 60)
    assert files.trouble()[0] == "away"
    assert len(google.stored()) == 1
    google.down = None
    with clock.freeze(NOON + DAY):
        until(archive, NOON + DAY + HOUR)
    assert sorted(item["_bytes"] for item in google.stored()) == sorted([b"before", *contents])
    assert all(files.row(hashlib.sha256(data).hexdigest())["state"] == "done" for data in contents)
    assert files.trouble() == (None, None)
    assert len(google.calls) < 600  # a day of being asked every ten minutes, not hammered


def test_passing_faults_do_not_use_up_what_a_file_may_do_wrong_itself(
    archive: ArchiveWorker, google: GoogleServer, files: Files, db: Database
) -> None:
    drain(archive)
    sha256 = files.add(PHOTO)
    db.write(lambda tx: tx.execute("UPDATE media_archive SET attempts = 100"))  # a week of short faults while others succeed
    google.fail("POST", UPLOAD, Answer(400, error_body(400, "invalid")), times=TRIES_FOR_BUG - 1)
    until(archive, NOON + 2 * HOUR)
    assert files.row(sha256)["state"] == "done"


def test_uploads_away_while_the_rest_of_google_answers_give_up_nothing(
    archive: ArchiveWorker, google: GoogleServer, files: Files, db: Database
) -> None:
    drain(archive)
    sha256 = files.add(PHOTO)
    db.write(lambda tx: tx.execute("UPDATE media_archive SET attempts = :most", {"most": TRIES - 2}))
    google.fail("POST", UPLOAD, Answer(503), times=1000)
    until(archive, NOON + 6 * HOUR)  # the check-up of every hour goes well
    row = files.row(sha256)
    assert (row["state"], row["attempts"]) == ("waiting", TRIES - 1)
    assert files.trouble()[0] == "away"
    google.faults.clear()
    with clock.freeze(NOON + 6 * HOUR):
        until(archive, NOON + 7 * HOUR)
    assert files.row(sha256)["state"] == "done"
    assert files.trouble() == (None, None)


# ---------------------------------------------------------------- pruning


def test_old_copies_are_pruned_only_when_google_still_has_them(
    archive: ArchiveWorker, google: GoogleServer, files: Files, services: Services, store: LocalStore
) -> None:
    kept, gone = files.add(PHOTO), files.add(OTHER)
    drain(archive)
    switch(services, prune_days=30)
    with clock.freeze(NOON + 29 * DAY):
        assert prune(services) == 0
    del google.files[files.row(gone)["drive_id"]]
    with clock.freeze(NOON + 31 * DAY):
        assert prune(services) == 1
        assert not store.exists(kept) and files.row(kept)["pruned_at"] == NOON + 31 * DAY
        assert store.exists(gone) and files.row(gone)["state"] == "waiting"
        drain(archive)
    assert files.row(gone)["state"] == "done"


def test_one_file_that_google_refuses_does_not_keep_the_others_here(
    archive: ArchiveWorker, google: GoogleServer, files: Files, services: Services, store: LocalStore
) -> None:
    refused = files.add(PHOTO)
    with clock.freeze(NOON + 1):
        other = files.add(OTHER)
        drain(archive)
    switch(services, prune_days=30)
    google.fail("GET", f"/files/{files.row(refused)['drive_id']}$", Answer(403, error_body(403, "invented")))
    with clock.freeze(NOON + 31 * DAY):
        assert prune(services) == 1
    assert store.exists(refused) and not store.exists(other)


def test_a_file_that_is_in_the_bin_and_no_longer_here_keeps_its_way_to_drive(
    archive: ArchiveWorker, google: GoogleServer, files: Files, services: Services, store: LocalStore
) -> None:
    sha256 = files.add(PHOTO)
    drain(archive)
    switch(services, prune_days=30)
    google.files[files.row(sha256)["drive_id"]]["trashed"] = True
    store.remove(sha256)
    with clock.freeze(NOON + 31 * DAY):
        prune(services)
    assert files.row(sha256)["state"] == "done" and files.row(sha256)["drive_id"]


def test_a_file_that_may_still_be_sent_is_not_pruned(
    archive: ArchiveWorker, files: Files, services: Services, store: LocalStore
) -> None:
    sha256 = files.add(PHOTO)
    drain(archive)
    services.db.write(lambda tx: tx.execute("UPDATE messages SET direction = 'out', status = 'unconfirmed'"))
    switch(services, prune_days=1)
    with clock.freeze(NOON + 9 * DAY):
        assert prune(services) == 0
    assert store.exists(sha256)


def test_nothing_is_pruned_by_default(archive: ArchiveWorker, files: Files, services: Services, store: LocalStore) -> None:
    sha256 = files.add(PHOTO)
    drain(archive)
    with clock.freeze(NOON + 1000 * DAY):
        assert prune(services) == 0
    assert store.exists(sha256)


# ---------------------------------------------------------------- an installation that has files already


def test_files_from_before_are_archived_too(tmp_path: Path) -> None:
    connection = connect_file(tmp_path / "old.db", "delete")
    older = tmp_path / "migrations"
    older.mkdir()
    for file in db_manager.MIGRATIONS_DIR.glob("*.sql"):
        if file.name < "0004":
            (older / file.name).write_text(file.read_text())
    db_manager.migrate(connection, older)
    connection.execute("INSERT INTO numbers (id, phone_number_id, created_at) VALUES (1, '1', 0)")
    connection.execute("INSERT INTO conversations (id, number_id, group_id, last_message_at, created_at) VALUES (1,1,'g',0,0)")
    for number, (sha256, name, state) in enumerate(
        [("a", "first.jpg", "stored"), ("a", "second.jpg", "stored"), ("b", None, "stored"), (None, None, "failed")], 1
    ):
        connection.execute(
            "INSERT INTO messages (id, conversation_id, direction, type, origin, timestamp, created_at)"
            " VALUES (?, 1, 'in', 'image', 'live', 0, 0)",
            (number,),
        )
        connection.execute(
            "INSERT INTO media (id, message_id, filename, state, sha256, size, created_at) VALUES (?, ?, ?, ?, ?, 5, ?)",
            (number, number, name, state, sha256, NOON),
        )
    db_manager.migrate(connection)
    rows = connection.execute("SELECT sha256, name, size, month, state FROM media_archive ORDER BY sha256").fetchall()
    connection.close()
    month = str(clock.iso(NOON))[:7]
    assert [tuple(row.values()) for row in rows] == [
        ("a", "first.jpg", 5, month, "waiting"),
        ("b", "b", 5, month, "waiting"),
    ]
