"""The short way of a delivery gives the route's own answers, and never tries anything twice."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.errors import StorageError
from db_manager import Database
from features.webhooks import middleware
from tests.builders import inbound, message, post_webhook, sign
from web.services import Services


def count(db: Database, table: str) -> int:
    with db.read() as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_the_short_way_and_the_route_answer_alike(app: Flask, anonymous: FlaskClient, monkeypatch: Any) -> None:
    short = post_webhook(anonymous, inbound(message("by the door")))
    monkeypatch.setattr(middleware, "LARGEST_BODY", 0)  # every body is too large for it
    long = post_webhook(anonymous, inbound(message("by the route")))
    assert (short.status_code, short.data) == (long.status_code, long.data) == (200, b"ok")
    assert dict(short.headers) == dict(long.headers)


@pytest.mark.parametrize("failure", [StorageError("The disk is full."), RuntimeError("a bug")])
def test_a_failure_is_worded_by_the_route_after_one_try(
    anonymous: FlaskClient, services: Services, monkeypatch: Any, failure: Exception
) -> None:
    tries = []

    def write(fn: object, *_: object) -> None:
        tries.append(fn)
        raise failure

    monkeypatch.setattr(services.db, "write", write)
    answer = post_webhook(anonymous, inbound(message()))
    assert answer.status_code == (503 if isinstance(failure, StorageError) else 500)
    assert set(answer.get_json()["error"]) == {"code", "message"}
    assert len(tries) == 1


def test_a_body_that_was_cut_short_is_refused(anonymous: FlaskClient, db: Database) -> None:
    raw = json.dumps(inbound(message())).encode()
    answer = anonymous.open(
        "/webhook/whatsapp", method="POST", input_stream=io.BytesIO(raw[:-1]), headers=sign(raw), content_length=len(raw)
    )
    assert answer.status_code in (400, 403)
    assert count(db, "webhook_deliveries") == 0


@pytest.mark.parametrize("length", ["", "-5", "ten", "9" * 30])
def test_an_odd_length_is_left_to_flask(anonymous: FlaskClient, db: Database, length: str) -> None:
    raw = json.dumps(inbound(message())).encode()
    environ = {"CONTENT_LENGTH": length}
    answer = anonymous.open(
        "/webhook/whatsapp", method="POST", data=raw, headers=sign(raw), environ_overrides=environ
    )
    assert answer.status_code in (400, 401, 403, 413)
    assert count(db, "messages") == 0
