"""Webhook bodies -> events. Pure, and never raises for any JSON value: what is not understood becomes `Unknown`.

Every level is a list and every element stands alone: a poisonous one costs nothing but itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from integrations.whatsapp.errors import describe
from integrations.whatsapp.events import (
    ContactNamed,
    Event,
    GroupChanged,
    HistoryReceived,
    Ignored,
    PersonChanged,
    StatusChanged,
)
from integrations.whatsapp.history import history_events
from integrations.whatsapp.message import Common, lost, message_event
from integrations.whatsapp.people import (
    all_from_one,
    contact_of_phone_book,
    linked_by_card,
    named,
    person,
    status_recipient,
    user_id_updates,
    writer_of,
)
from integrations.whatsapp.values import (
    Json,
    first,
    identifier,
    integer,
    items,
    line,
    mapping,
    objects,
    phone_digits,
    scrubbed,
    string,
    timestamp,
)

_STATUSES = ("sent", "delivered", "read", "played", "failed")
_ECHO_FIELDS = ("smb_message_echoes", "message_echoes")


def parse(body: Any) -> list[Event]:
    """A webhook body (bytes as they came, or the decoded value) -> its events, in order. Never raises, never empty."""
    if isinstance(body, bytes | bytearray | str):
        body = _decoded(body)
    root = scrubbed(body)
    if not isinstance(root, dict):
        return [lost("the body is not a JSON object", root)]
    if string(root.get("object")) not in ("", "whatsapp_business_account"):
        return [lost(f"object {line(root.get('object'), 60)}", root)]
    events = [event for entry in items(root.get("entry")) for event in _entry(entry)]
    return events or [lost("no entries", root)]


def parse_history(raw: Any) -> list[Event]:
    """The messages inside `history` changes: of a `HistoryReceived.raw`, or of every history change in a whole body.

    MessageReceived(origin="history") for threads (edits, revokes and reactions as their own events), MediaAdded for the
    files that come later for a placeholder. Never raises.
    """
    if isinstance(raw, bytes | bytearray | str):
        raw = _decoded(raw)
    root = mapping(scrubbed(raw))
    entries = objects(root.get("entry")) or [root]
    return [
        event
        for entry in entries
        for change in objects(entry.get("changes"))
        if change.get("field") == "history"
        for event in history_events(mapping(change.get("value")), _common(entry, change))
    ]


def _decoded(body: bytes | bytearray | str) -> Any:
    try:
        text = body if isinstance(body, str) else bytes(body).decode("utf-8", "replace")
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _entry(entry: Any) -> list[Event]:
    if not isinstance(entry, dict):
        return [lost("an entry is not an object", entry)]
    events = [event for change in items(entry.get("changes")) for event in _change(entry, change)]
    return events or [lost("an entry without changes", entry)]


def _common(entry: Json, change: Json) -> Common:
    metadata = mapping(mapping(change.get("value")).get("metadata"))
    return {
        "phone_number_id": string(metadata.get("phone_number_id")).strip(),
        "waba_id": string(entry.get("id")).strip(),
        "display_phone_number": phone_digits(metadata.get("display_phone_number")) or "",
        "raw": change,
    }


def _change(entry: Json, change: Any) -> list[Event]:
    if not isinstance(change, dict):
        return [lost("a change is not an object", change)]
    common = _common(entry, change)
    value = change.get("value")
    field = line(change.get("field"), 100)
    if not field or not isinstance(value, dict):
        return [lost("a change without field or value", change, common)]
    if field == "history":  # before looking at its messages[]: those are not new mail
        # In the shape of an entry, so that the account is known when it is read again.
        return [HistoryReceived(**(common | {"raw": {"id": entry.get("id"), "changes": [change]}}))]
    events = list(_FIELDS.get(field, _nothing)(value, common))
    # Echoes have been seen under other fields than their own.
    events += [event for echo in items(value.get("message_echoes")) for event in _echo(echo, value, common)]
    return events or [Ignored(**common, field=field)]


def _nothing(value: Json, common: Common) -> Iterator[Event]:
    return iter(())


# ---------------------------------------------------------------- messages and statuses


def _messages(value: Json, common: Common) -> Iterator[Event]:
    messages = items(value.get("messages"))
    alone = all_from_one([writer_of(message) for message in messages if isinstance(message, dict)])
    for message in messages:
        if not isinstance(message, dict):
            yield lost("a message is not an object", message, common)
            continue
        who = linked_by_card(named(writer_of(message), value.get("contacts"), alone=alone), message)
        yield message_event(message, who, common | {"raw": message}, "live", False, value.get("errors"))
    for status in items(value.get("statuses")):
        yield _status(status, value, common)


def _echo(echo: Any, value: Json, common: Common) -> Iterator[Event]:
    if not isinstance(echo, dict):
        yield lost("an echo is not an object", echo, common)
        return
    who = person(echo.get("to"), echo.get("to_user_id"), echo.get("to_parent_user_id"))
    who = named(who, value.get("contacts"), alone=len(items(value.get("message_echoes"))) == 1)
    yield message_event(echo, who, common | {"raw": echo}, "echo", True, value.get("errors"))


def _echo_field(value: Json, common: Common) -> Iterator[Event]:
    """The array may also be called messages[] here."""
    for echo in items(value.get("messages")):
        yield from _echo(echo, value, common)
    for status in items(value.get("statuses")):
        yield _status(status, value, common)


def _status(status: Any, value: Json, common: Common) -> Event:
    if not isinstance(status, dict):
        return lost("a status is not an object", status, common)
    common = common | {"raw": status}
    if line(status.get("type")) == "call":
        return Ignored(**common, field="calls")
    kind = line(status.get("status"), 40).lower()
    wamid = identifier(status.get("id"))
    if kind not in _STATUSES or wamid is None:
        return lost(f"status {kind or 'without a name'}", status, common)
    recipient, group_id = status_recipient(status)
    error = first(status.get("errors")) if kind == "failed" else {}
    code = integer(error.get("code"))
    return StatusChanged(
        **common,
        wamid=wamid,
        status=kind,
        timestamp=timestamp(status.get("timestamp")),
        recipient=named(recipient, value.get("contacts"), alone=False),
        callback_data=identifier(status.get("biz_opaque_callback_data")),
        error_code=code,
        error=describe(code, _error_details(error)) if kind == "failed" else None,
        group_id=group_id,
    )


def _error_details(error: Json) -> str:
    data = error.get("error_data")
    return string(mapping(data).get("details")) or string(data) or string(error.get("message") or error.get("title"))


# ---------------------------------------------------------------- other fields


def _phone_book(value: Json, common: Common) -> Iterator[Event]:
    for entry in objects(value.get("state_sync")):
        who, name = contact_of_phone_book(entry)
        removed = line(entry.get("action")).lower() == "remove"
        if (who.phone or who.user_id) and (name or removed):
            at = timestamp(mapping(entry.get("metadata")).get("timestamp"))
            yield ContactNamed(**(common | {"raw": entry}), person=who, name=name, timestamp=at)


def _groups(value: Json, common: Common) -> Iterator[Event]:
    for group in objects(value.get("groups")):
        group_id, subject = identifier(group.get("group_id")), _subject(group.get("subject"))
        if group_id and subject:
            at = timestamp(group.get("timestamp"))
            yield GroupChanged(**(common | {"raw": group}), group_id=group_id, subject=subject, timestamp=at)


def _subject(value: Any) -> str:
    """A plain text, or {text: ...} as the settings field nests it."""
    return line(mapping(value).get("text") if isinstance(value, dict) else value, 200)


def _user_ids(value: Json, common: Common) -> Iterator[PersonChanged]:
    return iter(user_id_updates(value, common))


_FIELDS: dict[str, Callable[[Json, Common], Iterator[Event]]] = {
    "messages": _messages,
    **dict.fromkeys(_ECHO_FIELDS, _echo_field),
    "smb_app_state_sync": _phone_book,
    "group_lifecycle_update": _groups,
    "group_participants_update": _groups,
    "group_settings_update": _groups,
    "group_status_update": _groups,
    "user_id_update": _user_ids,
}
