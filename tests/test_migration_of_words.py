"""Migration 0010: what was kept as finished English sentences reads the same after it, and is codes and values."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest

from core.reason import from_plain, read
from db.connection import connect
from db.migrations import MIGRATIONS_DIR, migrate
from features.messages.summaries import shown
from features.webhooks.receiving import change_line
from integrations.whatsapp.errors import RULES, describe
from integrations.whatsapp.events import Content, MediaAdded, MessageReceived, PersonChanged
from tests.test_whatsapp_payloads import EXPECTED, load, understood, words

NEW_KEYS = ("file", "phone")  # of a payload


@pytest.fixture
def before(tmp_path: Path) -> Any:
    """A database as 0009 left it: a chat, no messages."""
    older = tmp_path / "older"
    older.mkdir()
    for file in MIGRATIONS_DIR.glob("*.sql"):
        if file.name < "0010":
            shutil.copy(file, older)
    connection = connect(tmp_path / "old.db", "WAL")
    migrate(connection, older)
    connection.execute("INSERT INTO numbers (id, phone_number_id, created_at) VALUES (1, '100', 1)")
    connection.execute("INSERT INTO contacts (id, created_at, updated_at) VALUES (1, 1, 1)")
    connection.execute(
        "INSERT INTO conversations (id, number_id, contact_id, last_message_at, created_at) VALUES (1, 1, 1, 1, 1)"
    )
    return connection


def insert(connection: Any, **values: Any) -> int:
    row = {"direction": "in", "type": "text", "text": "", "payload": None, "error_code": None, "error_message": None} | values
    cursor = connection.execute(
        """
        INSERT INTO messages (conversation_id, direction, type, text, payload, origin, timestamp, created_at, error_code,
                              error_message)
        VALUES (1, :direction, :type, :text, :payload, 'live', 1, 1, :error_code, :error_message)
        """,
        row,
    )
    return int(cursor.lastrowid or 0)


def row(connection: Any, message_id: int) -> Any:
    return connection.execute("SELECT * FROM messages WHERE id = ?", (message_id,)).fetchone()


def contents() -> list[Content]:
    found = []
    for name in EXPECTED:
        for event in understood(load(name)):
            if isinstance(event, MessageReceived | MediaAdded):
                found.append(event.content)
            elif isinstance(event, PersonChanged):
                found.append(change_line(event))
    return found


def test_every_known_payload_reads_as_before(before: Any) -> None:
    was: dict[int, str] = {}
    for content in contents():
        payload = {key: value for key, value in (content.payload or {}).items() if key not in NEW_KEYS}
        if content.type == "system":
            payload.pop("name", None)
        text = words(content)
        kept = orjson.dumps(payload).decode() if payload else None
        was[insert(before, type=content.type, text=text, payload=kept)] = text
    migrate(before)
    for message_id, text in was.items():
        now = row(before, message_id)
        assert shown(now["type"], now["text"], now["payload"]) == text
    finished = [text for message_id, text in was.items() if row(before, message_id)["text"] == text and len(text) > 12]
    assert not [text for text in finished if text.startswith(("Location", "Contact", "Form", "Order", "This message", "A kind"))]


def test_what_a_person_wrote_is_not_touched(before: Any) -> None:
    texts = ["Location: the pier", "Order", "Contact: Raj", "A button was pressed", "Form answered: yes", "Photo: x"]
    ids = {insert(before, text=text): text for text in texts}
    migrate(before)
    assert {message_id: row(before, message_id)["text"] for message_id in ids} == ids


def test_what_failed_is_a_code_with_metas_number(before: Any) -> None:
    cases = [(code, describe(code)) for code in RULES] + [(999, describe(999, "Odd (very) thing")), (133005, describe(133005))]
    ids = [insert(before, direction="out", error_code=code, error_message=str(why)) for code, why in cases]
    strange = insert(before, direction="out", error_message="A sentence of long ago.")
    migrate(before)
    for message_id, (code, why) in zip(ids, cases, strict=True):
        found = read(row(before, message_id)["error_message"])
        assert found is not None and (found.code, str(found)) == ("meta.numbered", str(why)), code
    kept = read(row(before, strange)["error_message"])
    assert kept is not None and (kept.code, str(kept)) == ("text", "A sentence of long ago.")


def test_reasons_in_other_tables_and_inside_json(before: Any) -> None:
    before.execute("INSERT INTO drive_state (id, trouble, reason) VALUES (1, 'quota', 'The Google storage is full.')")
    before.execute(
        """
        INSERT INTO customer_sync_runs (id, source, digest, state, warnings, error, started_at)
        VALUES (1, 'x', 'y', 'held', '[{"row": 7, "reason": "no phone number"}, {"row": 8, "reason": "odd"}]',
                '30 of 40 customers are not in the list any more.', 1)
        """
    )
    before.execute(
        """UPDATE numbers SET checks = '[{"name": "token", "state": "ok", "words": "The access token is accepted.", "advice": ""}]'
        """
    )
    before.execute(
        """INSERT INTO settings (key, value, updated_at) VALUES ('whatsapp_line', '{"whatsapp": "paused", "message": "Gone."}', 1)
        """
    )
    message_id = insert(before)
    before.execute(
        """
        INSERT INTO media (message_id, state, last_error, created_at)
        VALUES (:id, 'failed', 'WhatsApp did not hand over this file (404).', 1)
        """,
        {"id": message_id},
    )
    migrate(before)
    refused = read(before.execute("SELECT last_error FROM media").fetchone()["last_error"])
    assert refused is not None
    assert (refused.code, str(refused)) == ("media.refused", "WhatsApp did not hand over this file (404).")
    drive = before.execute("SELECT reason FROM drive_state").fetchone()["reason"]
    assert drive == '{"code":"google.full"}'
    run = before.execute("SELECT * FROM customer_sync_runs").fetchone()
    assert str(read(run["error"])) == "30 of 40 customers are not in the list any more." and "many_gone" in run["error"]
    assert [one["reason"]["code"] for one in orjson.loads(run["warnings"])] == ["list.no_phone", "text"]
    [check] = orjson.loads(before.execute("SELECT checks FROM numbers").fetchone()["checks"])
    assert (check["words"], check["advice"]) == ({"code": "check.token_ok"}, None)
    line = orjson.loads(before.execute("SELECT value FROM settings WHERE key = 'whatsapp_line'").fetchone()["value"])
    assert str(from_plain(line["message"])) == "Gone."
