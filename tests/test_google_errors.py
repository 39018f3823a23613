"""What each error of Google means for us, in the bodies that public issues cite; and one account used by many threads."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import httplib2
import pytest
from google.auth.exceptions import RefreshError, TransportError
from googleapiclient.errors import HttpError, ResumableUploadError

from core.errors import RemoteError
from drive_manager import DriveStore
from integrations.google.auth import SCOPES, GoogleAccount, user_account
from integrations.google.errors import Kind, NotConnected, ReconnectNeeded, classify
from tests.fakes.google_server import CLIENT, OWNER, Answer, GoogleServer, error_body, google_server


def answer(status: int, body: bytes = b"", **headers: str) -> HttpError:
    return HttpError(httplib2.Response({"status": str(status)} | headers), body)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (answer(500), Kind.RETRY),
        (answer(503, b"<html>"), Kind.RETRY),
        (answer(408), Kind.RETRY),
        (answer(429), Kind.RETRY),
        (answer(403, error_body(403, "userRateLimitExceeded")), Kind.RETRY),
        (answer(403, error_body(403, "rateLimitExceeded")), Kind.RETRY),
        (answer(403, error_body(403, "dailyLimitExceeded")), Kind.RETRY),
        (answer(403, error_body(403, "storageQuotaExceeded", domain="usageLimits")), Kind.QUOTA),
        (answer(403, error_body(403, "storageQuotaExceeded", domain="global")), Kind.QUOTA),
        (answer(403, error_body(403, "quotaExceeded")), Kind.QUOTA),
        (answer(401, error_body(401, "authError")), Kind.RECONNECT),
        (answer(403, error_body(403, "accessNotConfigured")), Kind.CONFIG),
        (answer(403, error_body(403, "insufficientFilePermissions")), Kind.CONFIG),
        (answer(403, error_body(403, "publishOutNotPermitted")), Kind.CONFIG),
        (answer(403), Kind.CONFIG),
        (answer(404, error_body(404, "notFound")), Kind.MISSING),
        (answer(410), Kind.MISSING),
        (answer(409, error_body(409, "fileIdInUse")), Kind.DONE_ALREADY),
        (answer(400, error_body(400, "invalid")), Kind.BUG),
        (answer(400, b'{"error": []}'), Kind.BUG),
        (ResumableUploadError(httplib2.Response({"status": "503"}), b""), Kind.RETRY),
        (RefreshError("invalid_grant: Bad", {"error": "invalid_grant"}), Kind.RECONNECT),
        (RefreshError("server_error", {"error": "server_error"}, retryable=True), Kind.RETRY),
        (RefreshError("<html>", "<html>"), Kind.RETRY),
        (RefreshError("invalid_client", {"error": "invalid_client"}), Kind.RECONNECT),
        (TransportError("no route"), Kind.RETRY),
        (httplib2.ServerNotFoundError("www.googleapis.com"), Kind.RETRY),
        (TimeoutError(), Kind.RETRY),
        (ConnectionResetError(), Kind.RETRY),
        (ReconnectNeeded(), Kind.RECONNECT),
        (NotConnected(), Kind.RECONNECT),
        (RemoteError("Away."), Kind.RETRY),
        (KeyError("x"), Kind.BUG),
    ],
    ids=str,
)
def test_the_class_of_an_error(error: Exception, kind: Kind) -> None:
    assert classify(error).kind is kind


def test_the_newer_form_of_errors_is_read_too() -> None:
    details = [{"reason": "SERVICE_DISABLED", "metadata": {"activationUrl": "https://console.cloud.google.com/apis"}}]
    body = json.dumps({"error": {"code": 403, "status": "PERMISSION_DENIED", "details": details}}).encode()
    failure = classify(answer(403, body))
    assert (failure.kind, failure.reason) == (Kind.CONFIG, "SERVICE_DISABLED")
    assert failure.link == "https://console.cloud.google.com/apis"


def test_only_googles_own_console_is_linked() -> None:
    body = error_body(403, "accessNotConfigured", extendedHelp="https://console.cloud.google.com.example.org/")
    assert classify(answer(403, body)).link is None


def test_gspreads_errors_are_understood() -> None:
    class Response:
        status_code = 429
        content = b'{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}'
        headers = {"Retry-After": "9"}

    error: Any = Exception("APIError")
    error.response = Response()
    failure = classify(error)
    assert (failure.kind, failure.reason, failure.retry_after) == (Kind.RETRY, "RESOURCE_EXHAUSTED", 9)


# ---------------------------------------------------------------- the account


@pytest.fixture
def google() -> Iterator[GoogleServer]:
    with google_server() as server:
        yield server


def account_at(google: GoogleServer, **more: Any) -> GoogleAccount:
    tokens = {"refresh_token": "1//r", "scopes": [SCOPES["drive"]]}
    return user_account(CLIENT, tokens, email=OWNER, endpoints=google.endpoints, timeout_s=5, **more)


def test_threads_get_their_own_answers_and_share_one_token(google: GoogleServer) -> None:
    account = account_at(google)
    for number in range(8):
        google.files[f"f{number}"] = google._folder(f"f{number}")
        google.files[f"f{number}"]["_bytes"] = f"body {number}".encode() * 500
    store, wrong = DriveStore(account), []

    def read(number: int) -> None:
        for _ in range(20):
            data = store.read(f"f{number}", 0, 3000)
            if data != f"body {number}".encode() * 500:
                wrong.append(number)
        account.hang_up()

    threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert wrong == []
    assert google.count("POST", "/token") == 1
    assert google.count("GET", "/drive") == 160


def test_every_connection_has_a_time_out(google: GoogleServer) -> None:
    account = account_at(google)
    assert account.http().http.timeout == 5
    account.hang_up()


def test_a_dead_account_is_told_of_once_and_asks_no_more(google: GoogleServer) -> None:
    told: list[str] = []
    account = account_at(google, on_dead=told.append)
    google.refuses_refresh = True
    for _ in range(3):
        with pytest.raises(ReconnectNeeded):
            account.credentials()
    assert len(told) == 1 and google.count("POST", "/token") == 1


def test_a_token_endpoint_that_is_away_is_no_reason_to_reconnect(google: GoogleServer) -> None:
    account = account_at(google)
    google.down = Answer(503)
    with pytest.raises(RemoteError) as caught:
        account.credentials()
    assert not caught.value.permanent
    google.down = None
    assert account.credentials().token


def test_writing_to_a_sheet_covers_reading_it(google: GoogleServer) -> None:
    tokens = {"refresh_token": "1//r", "scopes": [SCOPES["sheet_write"]]}
    account = user_account(CLIENT, tokens, email=OWNER, endpoints=google.endpoints)
    assert account.has("sheet") and account.has("sheet_write") and not account.has("drive")
