"""No JSON value of any shape breaks the reader, blanks a bubble, or yields what cannot be stored."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.reason import Reason, plain
from features.messages import summaries
from features.webhooks.receiving import change_line
from integrations.whatsapp import values
from integrations.whatsapp.events import (
    Content,
    Event,
    HistoryReceived,
    MediaAdded,
    MessageEdited,
    MessageReceived,
    PersonChanged,
    StatusChanged,
)
from whatsapp_handler import parse, parse_history

PAYLOADS = [json.loads(path.read_bytes()) for path in sorted((Path(__file__).parent / "payloads").glob("*.json"))]

# Strings as a hostile client makes them: NUL, lone surrogates, invisible characters, digits, ids.
texts = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=20),
    st.sampled_from(
        ["", " ", "\x00", "\ud83d", "\u200b\u3164", "85251234567", "HK.1100220033", "1795300000", "9" * 30, "{}", "nan",
         "M0", "javascript:alert(1)", "wamid.X==", "true", "\u0663", "1e999", "{0}", "{name}"]
    ),
)  # fmt: skip
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts, st.sampled_from([10**40, -(10**40), 2**63]))
anything = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))

TYPES = [
    "text", "image", "video", "audio", "document", "sticker", "location", "contacts", "interactive", "button", "reaction",
    "order", "system", "unsupported", "request_welcome", "edit", "revoke", "media_placeholder", "hologram",
]  # fmt: skip
KEYS = [
    "id", "from", "to", "type", "timestamp", "body", "caption", "mime_type", "sha256", "name", "phones", "message_id",
    "emoji", "product_items", "quantity", "item_price", "wa_id", "user_id", "previous_user_id", "errors", "code", "title",
    "button_reply", "list_reply", "nfm_reply", "response_json", "call_permission_reply", "original_message_id",
    "message", "latitude", "longitude", "formatted_name", "context", "referral", "unsupported", "filename", "currency",
]  # fmt: skip
parts = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=5,
)
FIELDS = [
    "messages", "smb_message_echoes", "history", "smb_app_state_sync", "group_lifecycle_update", "user_id_update",
]  # fmt: skip


def few(keys: list[str], content: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Some of the keys: to draw for each of thirty whether it is there took ten times as long and reached fewer lines."""
    return st.dictionaries(st.sampled_from(keys), content, max_size=4)


def message_of(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    others = few([*TYPES, "id", "from", "timestamp", "context", "referral", "errors", "group_id"], parts)
    return st.builds(lambda other, content: {"type": kind} | other | {kind: content}, others, few(KEYS, parts) | parts)


messages = st.sampled_from(TYPES).flatmap(message_of)
histories = st.lists(
    st.fixed_dictionaries({"threads": st.lists(st.fixed_dictionaries({"id": parts, "messages": st.lists(messages, max_size=3)}), max_size=2)}),
    max_size=1,
)
changes = st.builds(
    lambda field, others, value: {"field": field, "value": others | value},
    st.sampled_from(FIELDS),
    few(["metadata", "contacts", "messages", "statuses", "errors", "state_sync", "groups", "user_id_update"], parts),
    st.fixed_dictionaries(
        {},
        optional={
            "messages": st.lists(messages, max_size=3),
            "message_echoes": st.lists(messages, max_size=2),
            "statuses": st.lists(few(["id", "status", "errors", "timestamp", "recipient_id"], parts), max_size=2),
            "history": histories,
        },
    ),
)
envelopes = st.fixed_dictionaries({"entry": st.lists(st.fixed_dictionaries({"changes": st.lists(changes)}), max_size=2)})


def check(body: Any) -> list[Event]:
    """Everything that must hold for the events of any body."""
    events = parse(body)
    assert events, "something is always said about a body"
    for event in [*events, *parse_history(body)]:
        storable(event)
        if isinstance(event, HistoryReceived):
            parse_history(event.raw)
        if isinstance(event, MessageReceived | MediaAdded | MessageEdited):
            not_blank(event.content)
            assert event.wamid
        if isinstance(event, PersonChanged):
            not_blank(change_line(event))
            assert event.before != event.after
        if isinstance(event, StatusChanged) and event.status == "failed":
            assert event.error
    return events


def not_blank(content: Content) -> None:
    payload = orjson.dumps(content.payload).decode() if content.payload else None
    assert content.media is not None or values.is_visible(summaries.shown(content.type, content.text, payload))


def storable(event: Event) -> None:
    """SQLite takes every text and number, and the strict JSON encoder takes the rest."""
    orjson.dumps(event, default=plain)
    with memory() as connection:
        for value in leaves(dataclasses.asdict(event)):
            stored = connection.execute("SELECT :value", {"value": value}).fetchone()[0]
            assert stored == value
            assert not isinstance(value, str) or "\x00" not in value


_CONNECTION = sqlite3.connect(":memory:")


def memory() -> Any:
    return _CONNECTION


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value.stored() if isinstance(value, Reason) else value


@given(anything)
def test_any_json_value_is_survived(body: Any) -> None:
    check(body)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(envelopes)
def test_any_content_in_a_likely_envelope_is_survived(body: Any) -> None:
    check(body)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PAYLOADS), st.data())
def test_a_real_payload_with_a_few_values_replaced_is_survived(payload: Any, data: st.DataObject) -> None:
    body = json.loads(json.dumps(payload))
    for _ in range(data.draw(st.integers(1, 3))):
        poison(body, data)
    check(body)


def poison(value: Any, data: st.DataObject) -> None:
    """Replace or remove one value somewhere inside."""
    while isinstance(value, dict | list) and value:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = data.draw(st.sampled_from(keys))
        inner = value[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.integers(0, 5)) == 0:
            if data.draw(st.booleans()):
                value[key] = data.draw(parts)
            else:
                del value[key]
            return
        value = inner


@given(st.binary(max_size=200))
def test_any_bytes_are_survived(body: bytes) -> None:
    check(body)


def test_absurd_bytes_are_survived() -> None:
    for body in (b"", b"{", b"[" * 100_000, b'{"a":' * 50_000, b"1" * 10_000, b"\xef\xbb\xbf{}", b"\xff\xfe{", b"NaN"):
        check(body)
    check({"entry": [{"id": 10**5000, "changes": [{"field": "messages", "value": {"messages": [{"timestamp": 10**5000}]}}]}]})


@given(st.dictionaries(st.sampled_from(["a", "b"]), anything))
def test_a_poisonous_neighbour_costs_nothing(neighbour: Any) -> None:
    good = {"id": "wamid.GOOD", "from": "85251234567", "timestamp": "1795300000", "type": "text", "text": {"body": "kept"}}
    value = {"messages": [neighbour, good, neighbour], "statuses": [neighbour]}
    events = check({"entry": [neighbour, {"id": "1", "changes": [neighbour, {"field": "messages", "value": value}]}]})
    assert [event.content.text for event in events if isinstance(event, MessageReceived) and event.wamid == "wamid.GOOD"] == [
        "kept"
    ]


def test_what_draws_nothing_is_not_visible() -> None:
    for blank in ("", " \n\t", "\u200b\u200d\u2060", "\u3164\uffa0", "\u2800", "\ufe0f", "\x00", "\u202e"):
        assert not values.is_visible(blank)
    for shown in (
        "a",
        "謝",
        "🙏",
        "\u2764\ufe0f",
        "\U0001fae9",
        "\U0001faee",
        ".",
    ):  # the last emoji are newer than Python 3.11
        assert values.is_visible(shown)


@given(texts | scalars)
def test_the_lenient_readers_never_raise(value: Any) -> None:
    clean = values.scrubbed(value)
    for read in (
        values.string, values.identifier, values.line, values.integer, values.number, values.amount, values.timestamp,
        values.phone_digits, values.business_scoped_id, values.sha256_hex, values.mime_type, values.web_url,
    ):  # fmt: skip
        read(clean)
    assert 0 <= values.timestamp(clean) < 4_102_444_800
