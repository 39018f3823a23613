"""Who a piece of a webhook is about: any of phone, user id and username may be missing, empty or in an odd place."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from integrations.whatsapp.events import PersonChanged, Sender
from integrations.whatsapp.values import (
    Json,
    business_scoped_id,
    first,
    identifier,
    is_visible,
    line,
    mapping,
    objects,
    phone_digits,
    string,
    timestamp,
)

_NUMBER_CHANGES = ("user_changed_number", "customer_changed_number")
_USER_ID_CHANGES = ("user_changed_user_id",)
# Until August 2026 only Meta's sentence named the old and the new id. Its end counts: a name chosen by a customer stands
# before it.
_FROM_TO = re.compile(r"from ([A-Z]{2}\.[A-Za-z0-9]{4,}) to ([A-Z]{2}\.[A-Za-z0-9]{4,})\.?\s*\Z")


def person(phone: Any, user_id: Any = None, parent_user_id: Any = None, username: Any = None) -> Sender:
    """A user id that stands where the phone belongs is taken for what it is."""
    handle = line(username, 64).removeprefix("@")
    return Sender(
        phone=phone_digits(phone),
        user_id=identifier(user_id) or business_scoped_id(phone),
        parent_user_id=identifier(parent_user_id),
        username=handle or None,
    )


def writer_of(message: Json) -> Sender:
    return person(message.get("from"), message.get("from_user_id"), message.get("from_parent_user_id"))


def named(who: Sender, contacts: Any, *, alone: bool) -> Sender:
    """`who` with what contacts[] knows, matched by phone or user id, never by place.

    `alone`: everything in this value is from one sender, so a single contact that contradicts nothing is theirs even if
    no key is shared (username-only senders come with no key on the message).
    """
    known = [(_of_contact(contact), contact) for contact in objects(contacts)]
    for found, contact in known:
        if _same(who.phone, found.phone) or _same(who.user_id, found.user_id):
            return _filled(who, found, contact)
    if alone and len(known) == 1:
        found, contact = known[0]
        if not (who.phone and found.phone) and not (who.user_id and found.user_id):
            return _filled(who, found, contact)
    return who


def all_from_one(senders: list[Sender]) -> bool:
    return len(set(senders)) <= 1


def linked_by_card(who: Sender, message: Json) -> Sender:
    """A card sent for our "share your number" button is the one trustworthy link from a user id to a phone."""
    cards = objects(message.get("contacts"))
    if who.phone or len(cards) != 1 or cards[0].get("origin") != "contact_request":
        return who
    phones = objects(cards[0].get("phones"))
    if len(phones) != 1:
        return who
    return replace(who, phone=phone_digits(phones[0].get("wa_id")) or phone_digits(phones[0].get("phone")))


def person_changed(message: Json, who: Sender, common: dict[str, Any]) -> PersonChanged | None:
    """A system message that moves a person to another number or user id; None if it does not say from what to what."""
    system = mapping(message.get("system"))
    kind = line(system.get("type"), 60)
    new_phone = phone_digits(system.get("wa_id")) or phone_digits(system.get("new_wa_id"))
    if kind not in (*_NUMBER_CHANGES, *_USER_ID_CHANGES) and not (new_phone and "identity" not in kind):
        return None
    old_id, new_id = _user_ids(system, kind)
    old_phone = who.phone if who.phone != new_phone else None
    before = Sender(
        phone=old_phone or phone_digits(system.get("customer")),
        user_id=old_id,
        parent_user_id=identifier(system.get("previous_parent_user_id")),
    )
    after = Sender(
        phone=new_phone,
        user_id=new_id or (who.user_id if who.user_id != old_id else None),
        parent_user_id=identifier(system.get("parent_user_id")),
        username=who.username,
        profile_name=who.profile_name,
    )
    if not (before.phone or before.user_id):
        return None
    if new_phone and new_phone != before.phone:
        change = "number_changed"
    elif after.user_id and after.user_id != before.user_id and kind in _USER_ID_CHANGES:
        change = "user_id_changed"
    else:
        return None
    return PersonChanged(
        **common,
        wamid=identifier(message.get("id")),
        kind=change,
        before=before,
        after=after,
        text=_visible(string(system.get("body"))),
        timestamp=timestamp(message.get("timestamp")),
    )


def _user_ids(system: Json, kind: str) -> tuple[str | None, str | None]:
    old, new = identifier(system.get("previous_user_id")), identifier(system.get("user_id"))
    if old is None and new is None and kind in _USER_ID_CHANGES:
        told = _FROM_TO.search(string(system.get("body")))
        if told:
            return told[1], told[2]
    return old, new


def user_id_updates(value: Json, common: dict[str, Any]) -> list[PersonChanged]:
    """The announced and withdrawn `user_id_update` field: {wa_id?, user_id {previous, current}, parent_user_id?}."""
    found = []
    for update in objects(value.get("user_id_update")):
        ids, parents = mapping(update.get("user_id")), mapping(update.get("parent_user_id"))
        before = person(update.get("wa_id"), ids.get("previous"), parents.get("previous"))
        after = person(update.get("wa_id"), ids.get("current"), parents.get("current"))
        if before.user_id and after.user_id:
            found.append(
                PersonChanged(
                    **(common | {"raw": update}),
                    wamid=None,
                    kind="user_id_changed",
                    before=before,
                    after=after,
                    text="",
                    timestamp=timestamp(update.get("timestamp")),
                )
            )
    return found


def _visible(body: str) -> str:
    return body if is_visible(body) else ""


def _of_contact(contact: Json) -> Sender:
    profile = mapping(contact.get("profile"))
    username = profile.get("username") or contact.get("username")
    return person(contact.get("wa_id"), contact.get("user_id"), contact.get("parent_user_id"), username)


def _filled(who: Sender, found: Sender, contact: Json) -> Sender:
    profile_name = line(mapping(contact.get("profile")).get("name"), 256)
    return Sender(
        phone=who.phone or found.phone,
        user_id=who.user_id or found.user_id,
        parent_user_id=who.parent_user_id or found.parent_user_id,
        username=who.username or found.username,
        profile_name=profile_name or who.profile_name,
    )


def _same(one: str | None, other: str | None) -> bool:
    return one is not None and one == other


def group_of(message: Json) -> str | None:
    return identifier(message.get("group_id"))


def status_recipient(status: Json) -> tuple[Sender, str | None]:
    """(recipient, group id): in a group the recipient is the participant."""
    if line(status.get("recipient_type")) == "group":
        participant = person(
            status.get("recipient_participant_id"),
            status.get("recipient_participant_user_id"),
            status.get("recipient_participant_parent_user_id"),
        )
        return participant, identifier(status.get("recipient_id"))
    recipient = person(status.get("recipient_id"), status.get("recipient_user_id"), status.get("recipient_parent_user_id"))
    return recipient, None


def contact_of_phone_book(entry: Json) -> tuple[Sender, str | None]:
    """(person, name) of an item of state_sync[]; the name is None when it was removed."""
    contact = first(entry.get("contact"))
    who = person(
        contact.get("phone_number") or contact.get("wa_id"),
        contact.get("user_id"),
        contact.get("parent_user_id"),
        contact.get("username"),
    )
    if line(entry.get("action")).lower() == "remove":
        return who, None
    return who, line(contact.get("full_name"), 256) or line(contact.get("first_name"), 256) or None
