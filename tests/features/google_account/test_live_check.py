"""`bin/live-check` itself, against our own model of Google: it must say what worked, and leave nothing behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from features.google_account import live_check
from tests.fakes.google_account import connect, hang_up, point_at
from tests.fakes.google_server import Answer, GoogleServer, error_body, google_server
from web.services import Services


@pytest.fixture
def google(services: Services) -> Iterator[GoogleServer]:
    with google_server() as server:
        point_at(services, server)
        yield server
        hang_up(services)


def test_every_call_is_made_and_nothing_is_left(services: Services, google: GoogleServer) -> None:
    connect(services, google, archive=True)
    said: list[str] = []
    assert live_check.run(live_check.check_google(services), said.append)
    assert all(line.startswith("ok ") for line in said) and len(said) == 15
    assert google.stored("live-check") == []
    assert "live-check" not in google.folders()


def test_what_is_not_connected_is_skipped(services: Services, google: GoogleServer) -> None:
    said: list[str] = []
    assert live_check.run(live_check.check_google(services), said.append)
    assert said == ["Skipped: no Google account is connected."]


def test_a_call_that_fails_is_named(services: Services, google: GoogleServer) -> None:
    connect(services, google, archive=True)
    google.fail("POST", "/upload/", Answer(403, error_body(403, "storageQuotaExceeded")))
    said: list[str] = []
    assert not live_check.run(live_check.check_google(services), said.append)
    assert said[-1].startswith("FAILED  upload in one request") and "storageQuotaExceeded" in said[-1]


def test_the_command_is_there(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["live-check", "google"])
    assert done.exit_code == 0 and "Skipped" in done.output
