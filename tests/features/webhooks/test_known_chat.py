"""The short way to a known person's chat ends where the long way ends, whoever writes under whatever names and when."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import orjson
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from db_manager import Connection, Database, Row
from features.chats import queries as chats_queries
from features.webhooks.actions import deliver
from system import clock
from tests.builders import MEI, NOON, RAJ, inbound, message

TABLES = ("contacts", "contact_aliases", "conversations", "messages", "changes", "numbers")

names = st.sampled_from([None, "Mei", "Mei Ling", "Raj"])
writers = st.tuples(
    st.sampled_from([MEI, RAJ, None]),
    st.sampled_from([None, None, "HK.1", "HK.2"]),
    st.sampled_from([None, None, "mei", "raj"]),
    names,
    st.integers(0, 40),
).filter(lambda writer: any(writer[:3]))


def body(number: int, writer: tuple[Any, ...]) -> bytes:
    phone, user_id, username, name, at = writer
    item = message(f"m{number}", at=NOON + at, wamid=f"wamid.{number}")
    profile = {key: value for key, value in (("name", name), ("username", username)) if value}
    who: dict[str, Any] = {"profile": profile}
    del item["from"]
    if phone:
        item["from"] = who["wa_id"] = phone
    if user_id:
        item["from_user_id"] = who["user_id"] = user_id
    return orjson.dumps(inbound(item, contacts=[who]))


def tables_after(writers: list[tuple[Any, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    with tempfile.TemporaryDirectory() as folder, clock.freeze(NOON + 100):
        db = Database(Path(folder) / "chat_history.db").open()
        try:
            for number, writer in enumerate(writers):
                deliver(db, body(number, writer))
            deliver(db, body(0, writers[0])[:-1] + b" }")  # a repeat in another wrapping
            with db.read() as connection:
                return {table: [tuple(row.values()) for row in connection.execute(f"SELECT * FROM {table}")] for table in TABLES}
        finally:
            db.close()


@contextmanager
def watched() -> Iterator[list[bool]]:
    """Whether each look found the chat the short way."""
    looks: list[bool] = []
    find_known = chats_queries.find_known

    def look(connection: Connection, values: dict[str, Any]) -> Row | None:
        row = find_known(connection, values)
        looks.append(row is not None)
        return row

    with patch.object(chats_queries, "find_known", look):
        yield looks


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(writers, min_size=1, max_size=12))
@example(  # one user id joins two people, who bring a username each: only the newest counts as known
    [(MEI, None, "mei", None, 0), (MEI, "HK.2", None, None, 0), (RAJ, None, "raj", None, 0), (RAJ, "HK.2", None, None, 0),
     (MEI, None, "mei", None, 0)]
)  # fmt: skip
def test_both_ways_end_alike(writers: list[tuple[Any, ...]]) -> None:
    short = tables_after(writers)
    with patch.object(chats_queries, "find_known", lambda *_: None):
        assert short == tables_after(writers)
    assert len(short["messages"]) == len(writers)


def test_what_says_nothing_new_takes_the_short_way() -> None:
    with watched() as looks:
        tables_after([(MEI, "HK.1", "mei", "Mei", 1), (MEI, "HK.1", "mei", "Mei", 2), (MEI, None, None, None, 3)])
    assert looks == [False, True, True, True]
