"""`history` changes: the months before the number was connected, and files that belong to them. Nothing here is new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from integrations.whatsapp.content import content_of
from integrations.whatsapp.events import Event, Ignored, MediaAdded, MessageReceived, Sender
from integrations.whatsapp.message import Common, lost, message_event, wamid_of
from integrations.whatsapp.people import named, person, writer_of
from integrations.whatsapp.values import Json, items, mapping, objects, phone_digits, string, timestamp

_STATUSES = {
    "SENT": "sent",
    "DELIVERED": "delivered",
    "READ": "read",
    "PLAYED": "played",
    "ERROR": "failed",
}


def history_events(value: Json, common: Common) -> Iterator[Event]:
    """All events of one change's value."""
    found = False
    for chunk in objects(value.get("history")):
        for thread in objects(chunk.get("threads")):
            for message in items(thread.get("messages")):
                found = True
                yield _history_message(message, string(thread.get("id")), value, common)
    for array, outgoing in (("messages", None), ("message_echoes", True)):
        for message in items(value.get(array)):
            found = True
            yield _history_file(message, value, common, outgoing)
    if not found:  # an empty phase, or the owner chose not to share
        yield Ignored(**common, field="history")


def _history_message(message: Any, thread_id: str, value: Json, common: Common) -> Event:
    if not isinstance(message, dict):
        return lost("a history message is not an object", message, common)
    who, outgoing = _history_sides(message, thread_id, common)
    who = named(who, value.get("contacts"), alone=False)
    event = message_event(message, who, common | {"raw": message}, "history", outgoing)
    if isinstance(event, MessageReceived):
        status = string(mapping(message.get("history_context")).get("status")).upper()
        return replace(event, history_status=_STATUSES.get(status))
    return event


def _history_sides(message: Json, thread_id: str, common: Common) -> tuple[Sender, bool]:
    """(the customer, is it ours): ours when it comes from our own number."""
    writer = phone_digits(message.get("from"))
    ours = common["display_phone_number"]
    customer = phone_digits(thread_id)
    is_ours = writer is not None and writer == ours
    # The display number may be missing, or differ from `from` by a digit (Brazil): only ours carry `to`.
    if not is_ours and not (message.get("to") and writer != customer):
        who = writer_of(message)
        return (who if who.phone or who.user_id else person(thread_id)), False
    who = person(message.get("to"), message.get("to_user_id"), message.get("to_parent_user_id"))
    return (who if who.phone or who.user_id else person(thread_id)), True


def _history_file(message: Any, value: Json, common: Common, outgoing: bool | None) -> Event:
    if not isinstance(message, dict):
        return lost("a history file is not an object", message, common)
    who, ours = _history_sides(message, "", common)
    return MediaAdded(
        **(common | {"raw": message}),
        wamid=wamid_of(message),
        sender=named(who, value.get("contacts"), alone=False),
        content=content_of(message, value.get("errors")),
        timestamp=timestamp(message.get("timestamp")),
        outgoing=ours if outgoing is None else outgoing,
    )
