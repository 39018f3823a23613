"""Uploads by the real client library against our own model of Drive: what breaks on the way, and what is left in the end.

The numbers in the names are those of the table of failures in docs/google.md.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseUpload

from drive_manager import DriveStore
from integrations.google.auth import GoogleAccount, user_account
from integrations.google.drive import DriveFile, RemoteFile
from integrations.google.errors import Kind, classify
from integrations.google.upload import CHUNK, NewFile
from tests.fakes.google_server import CLIENT, OWNER, Answer, Cut, GoogleServer, Hang, error_body, google_server

BIG = os.urandom(2 * CHUNK + 1000)  # three chunks, the last one short
CHUNKS = "/session/"


@pytest.fixture
def google() -> Iterator[GoogleServer]:
    with google_server() as server:
        yield server


def account_at(google: GoogleServer, **more: Any) -> GoogleAccount:
    tokens = {"refresh_token": "1//r", "scopes": ["https://www.googleapis.com/auth/drive.file"]}
    return user_account(CLIENT, tokens, email=OWNER, endpoints=google.endpoints, timeout_s=2, **more)


@pytest.fixture
def drive(google: GoogleServer) -> Iterator[DriveStore]:
    account = account_at(google)
    yield DriveStore(account)
    account.hang_up()


class Uploads:
    """`put` with what it noted: the sessions to go on with, the pauses it made."""

    def __init__(self, drive: DriveStore) -> None:
        self.drive = drive
        self.sessions: list[str | None] = []
        self.pauses: list[float] = []
        self.file_id = ""

    def put(self, content: bytes, *, session_url: str | None = None, file_id: str | None = None) -> RemoteFile:
        self.file_id = file_id or self.drive.new_id()
        new = NewFile(self.file_id, "photo.jpg", "image/jpeg", len(content), "root", "media", "key")
        return self.drive.put(
            io.BytesIO(content),
            new,
            session_url=session_url,
            keep_session=self.sessions.append,
            pause=self.pauses.append,
        )


@pytest.fixture
def uploads(drive: DriveStore) -> Uploads:
    return Uploads(drive)


def the_only(google: GoogleServer) -> bytes:
    (item,) = google.stored()
    return bytes(item["_bytes"])


@pytest.mark.parametrize("content", [b"", b"x", os.urandom(70_000), BIG], ids=["empty", "one byte", "small", "in chunks"])
def test_the_bytes_arrive_whole(google: GoogleServer, uploads: Uploads, content: bytes) -> None:
    done = uploads.put(content)
    assert the_only(google) == content
    assert (done.size, done.sha256, done.md5) == (
        len(content), hashlib.sha256(content).hexdigest(), hashlib.md5(content).hexdigest())  # fmt: skip
    assert done.id == uploads.file_id and done.url.startswith("https://drive.google.com/")
    assert google.stored()[0]["mimeType"] == "image/jpeg"


def test_a_large_file_goes_in_chunks_and_a_small_one_at_once(google: GoogleServer, uploads: Uploads) -> None:
    uploads.put(b"small")
    assert google.count("PUT", CHUNKS) == 0
    uploads.put(BIG)
    assert google.count("PUT", CHUNKS) == 3


@pytest.mark.parametrize("status", [500, 503, 429])
def test_14_a_chunk_refused_for_now_is_sent_again(google: GoogleServer, uploads: Uploads, status: int) -> None:
    google.fail("PUT", CHUNKS, Answer(status))
    uploads.put(BIG)
    assert the_only(google) == BIG
    assert len(uploads.pauses) == 1


def test_13_the_time_that_google_asks_for_is_given(google: GoogleServer, uploads: Uploads) -> None:
    google.fail("PUT", CHUNKS, Answer(403, error_body(403, "userRateLimitExceeded"), Retry_After="17"))
    uploads.put(BIG)
    assert uploads.pauses == [17]
    assert the_only(google) == BIG


@pytest.mark.parametrize("stage", ["before", "half", "after"])
def test_15_a_connection_lost_in_a_chunk_goes_on_where_google_is(
    google: GoogleServer, uploads: Uploads, stage: str
) -> None:
    google.fail("PUT", CHUNKS, Cut(), stage=stage, skip=1)
    uploads.put(BIG)
    assert the_only(google) == BIG
    assert len(uploads.pauses) == 1


@pytest.mark.parametrize("stage", ["before", "after"])
def test_15_a_chunk_that_hangs_is_given_up_after_the_time_out(
    google: GoogleServer, uploads: Uploads, stage: str
) -> None:
    google.fail("PUT", CHUNKS, Hang(), stage=stage, skip=1)
    uploads.put(BIG)
    assert the_only(google) == BIG
    assert len(uploads.pauses) == 1


def test_15_a_chunk_that_is_always_cut_waits_its_turn_with_its_session(google: GoogleServer, uploads: Uploads) -> None:
    google.fail("PUT", CHUNKS, Cut(), times=20)
    with pytest.raises(OSError) as caught:
        uploads.put(BIG)
    assert classify(caught.value).kind is Kind.RETRY
    assert uploads.sessions[-1] is not None
    google.faults.clear()
    uploads.put(BIG, session_url=uploads.sessions[-1], file_id=uploads.file_id)
    assert the_only(google) == BIG
    assert google.count("POST", "/upload/") == 1


def test_20_another_process_goes_on_with_the_session(google: GoogleServer, uploads: Uploads) -> None:
    google.fail("PUT", CHUNKS, Answer(400, error_body(400, "invented")), stage="after")  # stored, then the end of us
    with pytest.raises(HttpError):
        uploads.put(BIG)
    session_url = uploads.sessions[-1]
    account = account_at(google)
    Uploads(DriveStore(account)).put(BIG, session_url=session_url, file_id=uploads.file_id)
    account.hang_up()
    assert the_only(google) == BIG
    sent = [call.headers["content-range"] for call in google.calls if call.path.startswith(CHUNKS)]
    assert sent[1].startswith("bytes */") and sent[2].startswith(f"bytes {CHUNK}-")


@pytest.mark.parametrize("status", [404, 410])
def test_16_a_session_that_is_over_is_replaced_for_the_same_file(
    google: GoogleServer, uploads: Uploads, status: int
) -> None:
    google.fail("PUT", CHUNKS, Answer(status))
    done = uploads.put(BIG)
    assert the_only(google) == BIG
    assert done.id == uploads.file_id
    assert google.count("POST", "/upload/") == 2


def test_16_a_session_that_is_over_after_a_restart_is_replaced(google: GoogleServer, uploads: Uploads) -> None:
    uploads.put(BIG, session_url=f"{google.url}/session/gone")
    assert the_only(google) == BIG
    assert uploads.sessions[0] is None


def test_a_session_that_google_does_not_understand_any_more_is_replaced(google: GoogleServer, uploads: Uploads) -> None:
    google.fail("PUT", CHUNKS, Answer(400, error_body(400, "invented")), times=2)
    with pytest.raises(HttpError):
        uploads.put(BIG)
    uploads.put(BIG, session_url=uploads.sessions[-1], file_id=uploads.file_id)
    assert the_only(google) == BIG
    assert google.count("POST", "/upload/") == 2


def test_17_the_answer_lost_after_the_last_chunk_is_asked_for(google: GoogleServer, uploads: Uploads) -> None:
    google.fail("PUT", CHUNKS, Cut(), stage="after", skip=2)
    done = uploads.put(BIG)
    assert the_only(google) == BIG
    assert google.calls[-1].headers["content-range"] == f"bytes */{len(BIG)}"
    assert done.sha256 == hashlib.sha256(BIG).hexdigest()


def test_17_a_small_file_whose_answer_was_lost_is_there_already(google: GoogleServer, uploads: Uploads) -> None:
    google.fail("POST", "/upload/", Cut(), stage="after")
    with pytest.raises(OSError):
        uploads.put(b"small")
    with pytest.raises(HttpError) as caught:
        uploads.put(b"small", file_id=uploads.file_id)
    assert classify(caught.value).kind is Kind.DONE_ALREADY
    assert uploads.drive.stat(uploads.file_id).sha256 == hashlib.sha256(b"small").hexdigest()
    assert len(google.stored()) == 1


def test_a_session_refused_for_now_is_begun_again(google: GoogleServer, uploads: Uploads) -> None:
    google.fail("POST", "/upload/", Answer(503))
    uploads.put(BIG)
    assert the_only(google) == BIG


def test_a_token_that_ends_in_the_middle_is_renewed(google: GoogleServer, uploads: Uploads) -> None:
    google.fail("PUT", CHUNKS, Answer(401, error_body(401, "authError")))
    uploads.put(BIG)
    assert the_only(google) == BIG
    assert google.count("POST", "/token") == 2


def test_the_librarys_own_retry_of_a_chunk_sends_nothing_the_second_time(google: GoogleServer, drive: DriveStore) -> None:
    """Why `num_retries` is never used: the stream is exhausted, the second request announces more than it sends."""
    google.fail("PUT", CHUNKS, Answer(503))
    body = {"id": drive.new_id(), "name": "x", "parents": ["root"]}
    media = MediaIoBaseUpload(io.BytesIO(BIG), "image/jpeg", chunksize=CHUNK, resumable=True)
    request = drive._files().create(body=body, media_body=media)
    request._sleep = lambda seconds: None
    with pytest.raises(TimeoutError):
        drive.call(lambda http: request.next_chunk(http=http, num_retries=3))


def test_reading_fetches_only_the_pieces_that_are_read(google: GoogleServer, drive: DriveStore, uploads: Uploads) -> None:
    done = uploads.put(BIG)
    file = DriveFile(partial(drive.read, done.id), done.size)
    file.seek(5_000_000)
    assert file.read(1000) == BIG[5_000_000:5_001_000]
    assert file.read(1000) == BIG[5_001_000:5_002_000]
    reads = [call for call in google.calls if call.query.get("alt") == "media"]
    assert len(reads) == 1
    file.seek(0)
    assert b"".join(iter(partial(file.read, 1_000_000), b"")) == BIG
