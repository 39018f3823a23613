"""The composed application: health, errors, headers, commands, and standing in for a database that must not be touched."""

from __future__ import annotations

import gzip
import logging
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from config import Config
from db_manager import Database, check
from features.backups import actions as backups
from system import clock, logs
from tests.builders import inbound, message, post_webhook
from web.services import Services


def test_health_judges_database_writer_and_clock(anonymous: FlaskClient, services: Services) -> None:
    assert anonymous.get("/healthz").get_json() == {"status": "ok"}
    services.db.last_storage_error = "disk full"
    answer = anonymous.get("/healthz")
    assert (answer.status_code, answer.get_json()["failing"]) == (503, ["writer"])
    services.db.try_writing()
    assert anonymous.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/api/chats", "/api/me", "/api/send", "/api/nothing", "/media/1", "/api/openapi.json"])
def test_a_stranger_is_told_to_sign_in(anonymous: FlaskClient, path: str) -> None:
    answer = anonymous.post(path, json={"rubbish": True}) if path == "/api/send" else anonymous.get(path)
    assert answer.status_code == 401
    assert set(answer.get_json()["error"]) == {"code", "message"}


def test_pages_lead_to_the_login(anonymous: FlaskClient) -> None:
    answer = anonymous.get("/inbox")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login")


def test_a_page_that_is_not_there_is_a_plain_page(anonymous: FlaskClient) -> None:
    answer = anonymous.get("/no/such/page")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html" and "Traceback" not in answer.text


def test_a_bug_is_a_500_without_a_stack_trace(app: Flask, agent_client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def broken(*_: object) -> None:
        raise RuntimeError("inner words")

    monkeypatch.setattr("features.chats.list_queries.counts", broken)
    answer = agent_client.get("/api/chats/counts")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (500, "internal")
    assert "inner words" not in answer.text


def test_every_answer_carries_the_security_headers(anonymous: FlaskClient) -> None:
    for path in ("/login", "/healthz", "/api/chats", "/no/such/page"):
        headers = anonymous.get(path).headers
        assert "require-trusted-types-for 'script'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"


def test_static_files_come_packed_and_for_ever(anonymous: FlaskClient) -> None:
    plain = anonymous.get("/static/abc/static/js/inbox/main.js", buffered=True)
    packed = anonymous.get("/static/abc/static/js/inbox/main.js", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Content-Type"] == plain.headers["Content-Type"]
    assert "immutable" in packed.headers["Cache-Control"] and packed.headers["Vary"] == "Accept-Encoding"
    for path in ("../app.py", "..%2fapp.py", "app.py", "static/../app.py", "static/%2e%2e/app.py", "static//../app.py", "static/js/none.js",
                 "features/media/static/../queries.py", "features/media/queries.py", "js/inbox/main.js"):  # fmt: skip
        assert anonymous.get(f"/static/abc/{path}", headers={"Accept-Encoding": "gzip"}).status_code == 404


@pytest.mark.parametrize("damage", [b"", b"garbage" * 1000])
def test_a_database_that_must_not_be_touched_is_answered_503(config: Config, damage: bytes) -> None:
    create_app(config).extensions["inbox"].stop()
    config.database_path.write_bytes(damage)
    stand_in = create_app(config)
    client = stand_in.test_client()
    for path in ("/inbox", "/healthz", "/api/chats"):
        assert client.get(path).status_code == 503
    assert post_webhook(client, inbound(message())).status_code == 503
    assert "chat_history.db" in client.get("/inbox").text
    assert config.database_path.read_bytes() == damage
    result = stand_in.test_cli_runner().invoke(args=["db", "migrate"])
    assert result.exit_code != 0 and "chat_history.db" in result.output


def test_backup_check_and_restore_by_command(app: Flask, anonymous: FlaskClient, config: Config, tmp_path: Path) -> None:
    post_webhook(anonymous, inbound(message("keep me")))
    runner = app.test_cli_runner()
    assert runner.invoke(args=["db", "backup", str(tmp_path / "copy.db")]).exit_code == 0
    assert runner.invoke(args=["db", "check"]).output == "ok\n"
    post_webhook(anonymous, inbound(message("after the copy")))
    restored = runner.invoke(args=["db", "restore", str(tmp_path / "copy.db")])
    assert restored.exit_code == 0, restored.output
    database = Database(config.database_path).open()
    with database.read() as connection:
        assert [row[0] for row in connection.execute("SELECT text FROM messages")] == ["keep me"]
    database.close()


def test_daily_backups_are_sound_and_seven_are_kept(services: Services, config: Config) -> None:
    for day in range(10):
        with clock.freeze(1_790_000_000 + day * 86_400):
            newest = backups.make_daily(services.db, config.data_dir)
    kept = sorted((config.data_dir / "backups").glob("*.db"))
    assert len(kept) == 7 and kept[-1] == newest
    assert check(newest) == []
    assert backups.check_nightly(services.db) == []


def test_logs_hide_secrets(caplog: pytest.LogCaptureFixture) -> None:
    logs.hide("my-very-secret-value")
    text = logs.JsonFormatter().format(
        logging.makeLogRecord(
            {
                "msg": "Bearer abc.def hub.verify_token=tok&x=1 my-very-secret-value EAA" + "x" * 30,
                "cookie": "Cookie: __Host-session=abcdef",
            }
        )
    )
    for secret in ("abc.def", "=tok", "my-very-secret-value", "EAAx", "abcdef"):
        assert secret not in text
