"""One item of messages[], message_echoes[] or a history thread -> one event."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from integrations.whatsapp.content import content_of, message_type
from integrations.whatsapp.events import (
    Event,
    Ignored,
    MessageEdited,
    MessageReceived,
    MessageRevoked,
    Origin,
    Reacted,
    Sender,
    Unknown,
)
from integrations.whatsapp.people import group_of, person_changed
from integrations.whatsapp.values import Json, identifier, is_visible, mapping, string, timestamp

Common = dict[str, Any]  # phone_number_id, waba_id, display_phone_number, raw

_DUMMY_CONTEXT = "M0"  # Meta fills it in where an edit has no context
_QUIET_TYPES = ("request_welcome",)


def lost(reason: str, raw: Any, common: Common | None = None) -> Unknown:
    """What is not understood is kept, with the reason."""
    kept = raw if isinstance(raw, dict) else {"value": raw}
    shared = common or {"phone_number_id": "", "waba_id": "", "display_phone_number": ""}
    return Unknown(**(shared | {"raw": kept}), reason=reason)


def message_event(
    message: Json, who: Sender, common: Common, origin: Origin, outgoing: bool, value_errors: Any = None
) -> Event:
    kind = message_type(message)
    if kind in _QUIET_TYPES:
        return Ignored(**common, field=kind)
    if kind == "system":
        changed = person_changed(message, who, common)
        if changed is not None:
            return changed
    special = _SPECIAL.get(kind)
    if special is not None:
        event = special(message, who, common, outgoing)
        if event is not None:
            return event
    context = mapping(message.get("context"))
    forwarded = 2 if context.get("frequently_forwarded") is True else int(context.get("forwarded") is True)
    return MessageReceived(
        **common,
        wamid=wamid_of(message),
        sender=who,
        content=content_of(message, value_errors),
        timestamp=timestamp(message.get("timestamp")),
        origin=origin,
        outgoing=outgoing,
        group_id=group_of(message),
        context_wamid=_context_wamid(context),
        forwarded=forwarded,
    )


def wamid_of(message: Json) -> str:
    """Without an id the content stands for it: a repeat of the same message is still recognised."""
    found = identifier(message.get("id"))
    if found:
        return found
    digest = hashlib.sha256(json.dumps(message, sort_keys=True).encode()).hexdigest()
    return f"missing:{digest[:40]}"


def _context_wamid(context: Json) -> str | None:
    found = identifier(context.get("id"))
    return None if found == _DUMMY_CONTEXT else found


def _reaction(message: Json, who: Sender, common: Common, outgoing: bool) -> Event:
    reaction = mapping(message.get("reaction"))
    target = identifier(reaction.get("message_id"))
    if target is None:
        return lost("a reaction to no message", message, common)
    emoji = string(reaction.get("emoji")).strip()  # "" and absent both take the reaction back
    return Reacted(
        **common,
        wamid=wamid_of(message),
        target_wamid=target,
        sender=who,
        emoji=emoji[:64] if is_visible(emoji) else "",
        timestamp=timestamp(message.get("timestamp")),
        outgoing=outgoing,
        group_id=group_of(message),
    )


def _edit(message: Json, who: Sender, common: Common, outgoing: bool) -> Event | None:
    """None when it names no original: then it is shown as a message of its own."""
    edit = mapping(message.get("edit"))
    original = identifier(edit.get("original_message_id"))
    edited = mapping(edit.get("message"))
    if original is None or not edited:
        return None
    return MessageEdited(
        **common,
        wamid=wamid_of(message),
        original_wamid=original,
        sender=who,
        content=content_of(edited),
        timestamp=timestamp(message.get("timestamp")),
        outgoing=outgoing,
    )


def _revoke(message: Json, who: Sender, common: Common, outgoing: bool) -> Event:
    original = identifier(mapping(message.get("revoke")).get("original_message_id"))
    if original is None:
        return lost("a deletion of no message", message, common)
    return MessageRevoked(
        **common,
        wamid=wamid_of(message),
        original_wamid=original,
        sender=who,
        timestamp=timestamp(message.get("timestamp")),
        outgoing=outgoing,
    )


_SPECIAL: dict[str, Callable[[Json, Sender, Common, bool], Event | None]] = {
    "reaction": _reaction,
    "edit": _edit,
    "revoke": _revoke,
}
