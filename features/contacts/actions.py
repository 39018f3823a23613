"""People: found by any of their aliases, made when unknown, joined when two turn out to be one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from core.text import clean_name, fold
from db_manager import Connection, Row, Transaction
from features.changes.actions import record
from features.contacts import queries
from features.references import actions as references
from features.references.reference import CONTACT
from integrations.whatsapp.events import Sender
from system import clock

NameSource = Literal["staff", "phone_app"]


@dataclass(frozen=True)
class Person:
    """`absorbed`: contacts that turned out to be the same person. What named them names `contact_id` by now; their chats are
    joined by chats/identity.py.
    """

    contact_id: int
    absorbed: tuple[int, ...] = ()


def resolve(tx: Transaction, sender: Sender, at: int) -> Person | None:
    """The contact behind `sender` at the time `at` (unix seconds); made when unknown. None when nothing identifies anybody."""
    known = identities(sender)
    if not known:
        return None
    holders = {pair: queries.find_alias(tx.connection, *pair, at) for pair in known}
    holders |= _met_by_username(tx, sender, at)
    found = list(dict.fromkeys(row["contact_id"] for row in holders.values() if row is not None))
    absorbed: tuple[int, ...] = ()
    if found:
        kept, absorbed = _join(tx, found, holders, at)
    else:
        kept = queries.insert(tx.connection, clock.now())
    changed = bool(absorbed) or not found
    for kind, value in known:
        is_held = holders[kind, value] is not None and len(found) == 1  # joining people may have moved it
        if not is_held and queries.find_alias(tx.connection, kind, value, at) is None:
            queries.add_alias(tx.connection, kept, kind, value, at, clock.now())
            changed = True
    changed = _learn_username(tx, kept, sender.username, at) or changed
    if sender.profile_name and (name := clean_name(sender.profile_name)):
        changed = bool(queries.set_profile_name(tx.connection, kept, name, at)) or changed
    if changed:
        refresh(tx, kept)
    return Person(kept, absorbed)


def change_identity(tx: Transaction, before: Sender, after: Sender, at: int) -> Person | None:
    """The person behind `before` goes by `after` now: history follows, the old number may one day be somebody else's."""
    old = _who_changed(tx, before, at)
    if old is None:
        return resolve(tx, after, at)
    absorbed = list(old.absorbed)
    for kind, value in identities(before):
        if (kind, value) not in identities(after):
            queries.retire_alias(tx.connection, old.contact_id, kind, value, at)
    for kind, value in identities(after):
        holder = queries.find_alias(tx.connection, kind, value, at)
        if holder is not None and holder["contact_id"] == old.contact_id:
            queries.hold_since(tx.connection, old.contact_id, kind, value, at)
        elif holder is None:
            queries.add_alias(tx.connection, old.contact_id, kind, value, at, clock.now())
        elif holder["since"] < at:
            _take_over(tx, holder, old.contact_id, kind, value, at)
        else:  # wrote under the new alias before we were told of the change
            _absorb(tx, holder["contact_id"], old.contact_id)
            absorbed.append(holder["contact_id"])
    refresh(tx, old.contact_id)
    return Person(old.contact_id, tuple(absorbed))


def learn_alias(tx: Transaction, contact_id: int, kind: str, value: str) -> None:
    """Meta's answer to a send may know the person by another spelling (Brazil's ninth digit)."""
    now = clock.now()
    if queries.find_alias(tx.connection, kind, value, now) is None:
        primary = queries.active_alias(tx.connection, contact_id, kind)
        queries.add_alias(tx.connection, contact_id, kind, value, now, now)
        refresh(tx, contact_id, phone=primary["value"] if primary and kind == "phone" else None)


def name_contact(tx: Transaction, contact_id: int, name: str | None, source: NameSource, user_id: int | None = None) -> bool:
    """A name typed by staff (source 'staff') or from the owner's phone book ('phone_app'); None takes it away."""
    cleaned = clean_name(name or "") or None
    if not queries.set_typed_name(tx.connection, contact_id, cleaned, source, clock.now()):
        return False
    refresh(tx, contact_id)
    record(tx, "contact.updated", "user" if source == "staff" else "sync", user_id=user_id)
    return True


def refresh_holders(tx: Transaction, phones: Iterable[str]) -> bool:
    """After what is known of these phones has changed. True when a contact changed by it."""
    now = clock.now()
    holders = {row["contact_id"] for phone in phones if (row := queries.find_alias(tx.connection, "phone", phone, now))}
    return any([refresh(tx, contact_id) for contact_id in sorted(holders)])


def refresh(tx: Transaction, contact_id: int, *, phone: str | None = None) -> bool:
    """Recompute what is derived from aliases and names: the phone to show, the names of the sheet and of Google, the text
    to search. True when something changed.
    """
    connection = tx.connection
    numbered = queries.active_alias(connection, contact_id, "phone")
    handle = queries.active_alias(connection, contact_id, "username")
    sheet = queries.customer_of(connection, contact_id)
    sheet_name = (sheet["name"] or None) if sheet else None
    google_name = queries.google_name_of(connection, contact_id)
    return queries.set_derived(
        connection,
        contact_id,
        phone=phone or (numbered["value"] if numbered else None),
        username=handle["value"] if handle else None,
        sheet_name=sheet_name,
        google_name=google_name,
        search_text=_search_text(connection, contact_id, (sheet_name, google_name)),
        now=clock.now(),
    )


def _search_text(connection: Connection, contact_id: int, derived: tuple[str | None, ...]) -> str:
    row = queries.get(connection, contact_id)
    names = [*derived, row["typed_name"], row["profile_name"]] if row else [*derived]
    values = [alias["value"] for alias in queries.aliases(connection, contact_id) if alias["kind"] in ("phone", "username")]
    return fold("\n".join([name for name in names if name] + values))


def identities(sender: Sender) -> list[tuple[str, str]]:
    """(kind, value), the surest first. A username can pass to somebody else at any time: it counts when there is no other."""
    pairs = [("phone", sender.phone), ("bsuid", sender.user_id), ("parent_bsuid", sender.parent_user_id)]
    known = [(kind, value) for kind, value in pairs if value]
    if not known and sender.username:
        return [("username", fold(sender.username))]
    return known


def _met_by_username(tx: Transaction, sender: Sender, at: int) -> dict[tuple[str, str], Row | None]:
    """Somebody of whom nothing but this username was known until now."""
    if not sender.username:
        return {}
    pair = ("username", fold(sender.username))
    row = queries.find_alias(tx.connection, *pair, at)
    if row is None or queries.has_identity(tx.connection, row["contact_id"]):
        return {}
    return {pair: row}


def _who_changed(tx: Transaction, before: Sender, at: int) -> Person | None:
    """Who went by `before` until `at`, made when unknown; the user id says it better than a number that changes hands."""
    by_user_id = queries.find_alias(tx.connection, "bsuid", before.user_id, at - 1) if before.user_id else None
    by_phone = queries.find_alias(tx.connection, "phone", before.phone, at - 1) if before.phone else None
    if by_user_id and by_phone and by_phone["contact_id"] != by_user_id["contact_id"]:
        if _has_own_user_id(tx, by_phone["contact_id"]):
            return Person(by_user_id["contact_id"])
    return resolve(tx, before, at - 1) if identities(before) else None


def _take_over(tx: Transaction, holder: Row, contact_id: int, kind: str, value: str, at: int) -> None:
    """It was somebody else's before, whose history stays where it is."""
    if holder["retired_at"] is not None:
        return  # an old event: the alias has moved on since
    queries.retire_alias(tx.connection, holder["contact_id"], kind, holder["value"], at)
    refresh(tx, holder["contact_id"])
    queries.add_alias(tx.connection, contact_id, kind, value, at, clock.now())


def _join(
    tx: Transaction, found: list[int], holders: dict[tuple[str, str], Row | None], at: int
) -> tuple[int, tuple[int, ...]]:
    """One message names several known people: they are one, unless a phone number has simply passed to another user id."""
    if len(found) == 1:
        return found[0], ()
    by_user_id = next((row["contact_id"] for (kind, _), row in holders.items() if kind == "bsuid" and row), None)
    if by_user_id is not None:
        for (kind, _), row in holders.items():
            if kind != "phone" or row is None or row["contact_id"] == by_user_id:
                continue
            if _has_own_user_id(tx, row["contact_id"]):
                queries.retire_alias(tx.connection, row["contact_id"], kind, row["value"], at)
                refresh(tx, row["contact_id"])
                found = [one for one in found if one != row["contact_id"]]
    kept = min(found)
    absorbed = tuple(one for one in found if one != kept)
    for one in absorbed:
        _absorb(tx, one, kept)
    return kept, absorbed


def _has_own_user_id(tx: Transaction, contact_id: int) -> bool:
    return queries.active_alias(tx.connection, contact_id, "bsuid") is not None


def _absorb(tx: Transaction, absorbed: int, kept: int) -> None:
    references.merge(tx, CONTACT, absorbed, kept)
    queries.absorb(tx.connection, absorbed, kept)


def _learn_username(tx: Transaction, contact_id: int, username: str | None, at: int) -> bool:
    """The newest message's username counts; it may have been somebody else's before."""
    if not username:
        return False
    value = fold(username)
    own = queries.active_alias(tx.connection, contact_id, "username")
    holder = queries.find_alias(tx.connection, "username", value, at)
    if own and (own["value"] == value or own["since"] > at):
        return False
    if holder and (holder["retired_at"] is not None or holder["since"] > at):
        return False
    if holder:
        queries.retire_alias(tx.connection, holder["contact_id"], "username", value, at)
        refresh(tx, holder["contact_id"])
    if own:
        queries.retire_alias(tx.connection, contact_id, "username", own["value"], at)
    queries.add_alias(tx.connection, contact_id, "username", value, at, clock.now())
    return True
