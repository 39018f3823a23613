"""Whatever names a chat, a contact or a message says what a merge, the end of the sandbox and an erasure do with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

import sandbox
from db_manager import Connection, Database
from features.references import actions
from features.references.reference import CHAT, CONTACT, MESSAGE, OnMerge, OnRemoval, Reference
from features.sandbox_removal import actions as sandbox_removal
from sandbox.credentials import keep_credentials
from sandbox.graph import GraphDouble
from sandbox.seed import plant
from system import clock
from tests.builders import MEI, NOON, OUR_NUMBER_ID, OUR_WABA_ID, RAJ, contact, inbound, message, post_webhook
from tests.features.numbers.connecting import House

NEW = "85259999999"
TABLES = {"conversation_id": CHAT, "contact_id": CONTACT, "message_id": MESSAGE}

# What a feature of tomorrow may keep: words of staff about a chat, its customer and one message; one mark a chat.
TOY = """
CREATE TABLE toy_notes (
    id INTEGER PRIMARY KEY, text TEXT NOT NULL,
    conversation_id INTEGER NOT NULL REFERENCES conversations(id),
    contact_id INTEGER REFERENCES contacts(id),
    message_id INTEGER REFERENCES messages(id) ON DELETE CASCADE) STRICT;
CREATE INDEX toy_notes_by_chat ON toy_notes(conversation_id);
CREATE INDEX toy_notes_by_contact ON toy_notes(contact_id);
CREATE INDEX toy_notes_by_message ON toy_notes(message_id);
CREATE TABLE toy_marks (conversation_id INTEGER PRIMARY KEY REFERENCES conversations(id), color TEXT NOT NULL) STRICT;
"""
TOY_REFERENCES = (
    Reference("toy_notes", "conversation_id", CHAT, OnMerge.MOVE, OnRemoval.DELETE, OnRemoval.DELETE),
    Reference("toy_notes", "contact_id", CONTACT, OnMerge.MOVE, OnRemoval.DELETE, OnRemoval.DELETE),
    Reference("toy_notes", "message_id", MESSAGE, OnMerge.STAY, OnRemoval.DELETE, OnRemoval.CLEAR),
    Reference("toy_marks", "conversation_id", CHAT, OnMerge.MOVE_OR_DROP, OnRemoval.DELETE, OnRemoval.DELETE),
)


def problems(connection: Connection, references: Iterable[Reference]) -> list[str]:
    """Columns that name a chat, a contact or a message and say nothing; and declarations that the schema contradicts."""
    said = {(one.table, one.column): one for one in references}
    found: list[str] = []
    columns, keys_of = {}, {}
    for table in [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]:
        rows = connection.execute(f"PRAGMA table_info({table})").fetchall()
        columns[table] = {row["name"]: row for row in rows}
        keys = {row["from"]: row["table"] for row in connection.execute(f"PRAGMA foreign_key_list({table})")}
        keys_of[table] = keys
        named = {name: TABLES[name] for name in columns[table] if name in TABLES} | {
            name: to for name, to in keys.items() if to in TABLES.values()
        }
        for name, to in named.items():
            if (table, name) not in said:
                found.append(f"{table}.{name} names {to}: declare it in the references.py of its feature")
            elif said[table, name].to != to:
                found.append(f"{table}.{name} names {to}, not {said[table, name].to}")
    for one in said.values():
        column = columns.get(one.table, {}).get(one.column)
        if column is None:
            found.append(f"{one.table}.{one.column} is declared, and not there")
            continue
        if OnRemoval.CLEAR in (one.on_sandbox_removal, one.on_erasure) and (column["notnull"] or column["pk"]):
            found.append(f"{one.table}.{one.column} cannot be NULL")
        if OnRemoval.STAY in (one.on_sandbox_removal, one.on_erasure) and one.column in keys_of[one.table]:
            found.append(f"{one.table}.{one.column} is a foreign key: the row cannot stay")
        if one.on_merge is OnMerge.MOVE and one.column in _unique_columns(connection, one.table):
            found.append(f"{one.table}.{one.column} is UNIQUE: two rows that become one would fail; say MOVE_OR_DROP")
        if (one.to == MESSAGE) != (one.on_merge is OnMerge.STAY) and one.table != "changes":
            found.append(f"{one.table}.{one.column}: what names a trace is shown nowhere, and messages are never merged")
    return found


def _unique_columns(connection: Connection, table: str) -> set[str]:
    unique = {row["name"] for row in connection.execute(f"PRAGMA table_info({table})") if row["pk"]}
    for index in connection.execute(f"PRAGMA index_list({table})").fetchall():
        if index["unique"]:
            unique |= {row["name"] for row in connection.execute(f"PRAGMA index_info({index['name']})")}
    return unique


def make_toy(db: Database) -> None:
    for statement in TOY.strip().split(";\n"):
        db.write(lambda tx, one=statement: tx.execute(one))  # type: ignore[misc]


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    declared = (*actions.declared(), *TOY_REFERENCES)
    monkeypatch.setattr(actions, "declared", lambda: declared)


@pytest.fixture(autouse=True)
def _an_hour_past_noon() -> Iterator[None]:
    with clock.freeze(NOON + 3600):
        yield


def test_every_reference_of_the_schema_is_declared(empty_database: Database) -> None:
    with empty_database.read() as connection:
        assert problems(connection, actions.declared()) == []


def test_a_new_table_that_declares_nothing_is_found(empty_database: Database) -> None:
    make_toy(empty_database)
    with empty_database.read() as connection:
        found = problems(connection, actions.declared())
        assert [line.split()[0] for line in found] == [
            "toy_notes.conversation_id", "toy_notes.contact_id", "toy_notes.message_id", "toy_marks.conversation_id",
        ]  # fmt: skip
        assert problems(connection, (*actions.declared(), *TOY_REFERENCES)) == []


@pytest.mark.parametrize(
    ("lie", "found"),
    [
        (replace(TOY_REFERENCES[0], column="chat"), "not there"),
        (replace(TOY_REFERENCES[0], to=CONTACT), "names conversations"),
        (replace(TOY_REFERENCES[0], on_erasure=OnRemoval.CLEAR), "cannot be NULL"),
        (replace(TOY_REFERENCES[1], on_sandbox_removal=OnRemoval.STAY), "cannot stay"),
        (replace(TOY_REFERENCES[0], on_merge=OnMerge.STAY), "shown nowhere"),
        (replace(TOY_REFERENCES[2], on_merge=OnMerge.MOVE), "never merged"),
        (replace(TOY_REFERENCES[3], on_merge=OnMerge.MOVE), "UNIQUE"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_declaration_that_the_schema_contradicts_is_found(empty_database: Database, lie: Reference, found: str) -> None:
    make_toy(empty_database)
    true = [one for one in TOY_REFERENCES if (one.table, one.column) != (lie.table, lie.column)]
    with empty_database.read() as connection:
        assert any(found in line for line in problems(connection, (*actions.declared(), *true, lie)))


# ---------------------------------------------------------------- a merge, through the webhook


def moved(before: str, after: str, at: int) -> dict[str, Any]:
    system = {"type": "user_changed_number", "wa_id": after, "body": "changed"}
    return inbound(message(sender=before, at=at, type="system", system=system), contacts=[])


def two_chats(anonymous: FlaskClient) -> None:
    """Chat 1 is MEI's, chat 2 of a number that will turn out to be MEI's new one."""
    post_webhook(anonymous, inbound(message("old")))
    post_webhook(anonymous, inbound(message("new", sender=NEW, at=NOON + 9)))


def rows(db: Database, sql: str) -> list[tuple[Any, ...]]:
    with db.read() as connection:
        return [tuple(row.values()) for row in connection.execute(sql)]


def note(db: Database, text: str, chat: int, person: int | None, said: int | None) -> None:
    values = {"text": text, "chat": chat, "person": person, "said": said}
    db.write(
        lambda tx: tx.execute(
            "INSERT INTO toy_notes (text, conversation_id, contact_id, message_id) VALUES (:text, :chat, :person, :said)", values
        )
    )


def mark(db: Database, chat: int, color: str) -> None:
    db.write(lambda tx: tx.execute("INSERT INTO toy_marks VALUES (:chat, :color)", {"chat": chat, "color": color}))


def test_what_another_feature_says_of_a_chat_follows_the_merge(
    toy: None, anonymous: FlaskClient, agent_client: FlaskClient, db: Database
) -> None:
    make_toy(db)
    two_chats(anonymous)
    note(db, "of the old chat", 1, 1, 1)
    note(db, "of the new chat", 2, 2, 2)
    mark(db, 1, "red")
    mark(db, 2, "blue")
    post_webhook(anonymous, moved(MEI, NEW, NOON + 5))
    assert rows(db, "SELECT count(*) FROM webhook_quarantine") == [(0,)]
    assert rows(db, "SELECT text, conversation_id, contact_id, message_id FROM toy_notes ORDER BY id") == [
        ("of the old chat", 1, 1, 1),
        ("of the new chat", 1, 1, 2),
    ]
    assert rows(db, "SELECT * FROM toy_marks") == [(1, "red")]
    shown = agent_client.get("/api/messages?conversation_id=1").get_json()["messages"]
    assert [one["text"] for one in shown if one["type"] == "text"] == ["old", "new"]


def test_a_mark_that_only_the_absorbed_chat_had_follows(toy: None, anonymous: FlaskClient, db: Database) -> None:
    make_toy(db)
    two_chats(anonymous)
    mark(db, 2, "blue")
    post_webhook(anonymous, moved(MEI, NEW, NOON + 5))
    assert rows(db, "SELECT * FROM toy_marks") == [(1, "blue")]


def test_even_undeclared_words_keep_the_customers_message_out_of_quarantine(
    anonymous: FlaskClient, agent_client: FlaskClient, db: Database
) -> None:
    make_toy(db)
    two_chats(anonymous)
    note(db, "of the new chat", 2, 2, 2)
    post_webhook(anonymous, moved(MEI, NEW, NOON + 5))
    assert rows(db, "SELECT count(*) FROM webhook_quarantine") == [(0,)]
    assert rows(db, "SELECT text, conversation_id FROM toy_notes") == [("of the new chat", 2)]


def test_a_merged_chat_is_a_trace_that_nobody_sees(anonymous: FlaskClient, agent_client: FlaskClient, db: Database) -> None:
    two_chats(anonymous)
    answer = agent_client.post("/api/send", json={"conversation_id": 2, "text": "Hello", "client_msg_id": "c1"})
    sent = answer.get_json()["message"]["id"]
    db.write(lambda tx: tx.execute("UPDATE conversations SET archived_at = 7, assignee_id = 1 WHERE id = 2"))
    before = agent_client.get("/api/updates").get_json()["seq"]
    post_webhook(anonymous, moved(MEI, NEW, NOON + 5))
    assert rows(db, "SELECT id, merged_into FROM conversations ORDER BY id") == [(1, None), (2, 1)]
    assert rows(db, "SELECT recipient FROM outbox") == [("conversation:1",)]
    assert rows(db, f"SELECT conversation_id FROM messages WHERE id = {sent}") == [(1,)]
    for chosen in ("all", "unread", "waiting", "mine", "unassigned", "groups", "archived"):
        listed = agent_client.get(f"/api/chats?filter={chosen}").get_json()["chats"]
        assert [chat["id"] for chat in listed if chat["id"] != 1] == [], chosen
    counts = agent_client.get("/api/chats/counts").get_json()
    assert {name: counts[name] for name in ("all", "unread", "waiting")} == {"all": 1, "unread": 1, "waiting": 0}
    for path in ("/api/chats/2", "/api/chats/2/details", "/api/chats/2/media", "/api/messages?conversation_id=2"):
        assert agent_client.get(path).status_code == 404, path
    assert agent_client.post("/api/chats/2/read", json={"message_id": 2}).status_code == 404
    body = {"conversation_id": 2, "text": "Hello", "client_msg_id": "c2"}
    assert agent_client.post("/api/send", json=body).status_code == 404
    changes = agent_client.get(f"/api/updates?since={before}").get_json()["changes"]
    assert ("conversation.merged", 2) in [(one["kind"], one["conversation_id"]) for one in changes]
    assert rows(db, "SELECT assignee_id FROM conversations ORDER BY id") == [(1,), (None,)]


def test_a_trace_names_the_end_of_the_trail(anonymous: FlaskClient, db: Database) -> None:
    """Raj's chat is merged into NEW's, and that one into Mei's, who was there first."""
    post_webhook(anonymous, inbound(message("old")))
    post_webhook(anonymous, inbound(message("new", sender=NEW)))
    post_webhook(anonymous, inbound(message("third", sender=RAJ, at=NOON + 9), contacts=[contact(RAJ, "Mei Ling Chan")]))
    post_webhook(anonymous, moved(NEW, RAJ, NOON + 5))
    assert rows(db, "SELECT id, merged_into FROM conversations ORDER BY id") == [(1, None), (2, None), (3, 2)]
    post_webhook(anonymous, moved(MEI, RAJ, NOON + 4))
    assert rows(db, "SELECT id, merged_into FROM conversations ORDER BY id") == [(1, None), (2, 1), (3, 1)]
    assert rows(db, "SELECT id, merged_into FROM contacts ORDER BY id") == [(1, None), (2, 1), (3, 1)]
    assert sandbox_removal.remove(db, OUR_NUMBER_ID, OUR_WABA_ID)
    assert rows(db, "SELECT (SELECT count(*) FROM conversations) + (SELECT count(*) FROM contacts)") == [(0,)]


# ---------------------------------------------------------------- removals


def test_the_sandbox_takes_along_what_other_features_said_of_it(toy: None, house: House) -> None:
    client = house.app.test_client()

    def deliver(body: bytes, headers: dict[str, str]) -> int:
        return client.post("/webhook/whatsapp", data=body, headers=headers).status_code

    db = house.parts.db
    make_toy(db)
    with GraphDouble(deliver, credentials=keep_credentials(house.config.data_dir / sandbox.KEPT_IN)) as invented:
        plant(invented)
        assert invented.settle(30)
    [(chat, person, said)] = rows(
        db, "SELECT conversation_id, contact_id, id FROM messages WHERE contact_id IS NOT NULL ORDER BY id LIMIT 1"
    )
    note(db, "with everything", chat, person, said)
    mark(db, chat, "red")
    traces = sandbox.traces(house.config)
    assert traces is not None
    assert sandbox_removal.remove(db, traces.phone_number_id, traces.waba_id)
    assert rows(db, "SELECT (SELECT count(*) FROM toy_notes) + (SELECT count(*) FROM toy_marks)") == [(0,)]


def test_an_erasure_follows_its_own_rule(toy: None, anonymous: FlaskClient, db: Database) -> None:
    make_toy(db)
    post_webhook(anonymous, inbound(message("one")))
    post_webhook(anonymous, inbound(message("two", sender=RAJ), contacts=[contact(RAJ, "Raj")]))
    note(db, "of a message that goes", 2, 2, 1)
    note(db, "of a chat that goes", 1, None, None)
    db.write(lambda tx: actions.remove(tx, CONTACT, [1], "on_erasure"))
    assert rows(db, "SELECT text, message_id FROM toy_notes") == [("of a message that goes", None)]
    assert rows(db, "SELECT id FROM conversations") == [(2,)]
    assert rows(db, "SELECT text FROM messages") == [("two",)]
    assert rows(db, "SELECT count(*) FROM contact_aliases WHERE contact_id = 1") == [(0,)]
