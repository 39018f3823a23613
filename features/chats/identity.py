"""From a webhook's sender to the conversation: one person on one of our numbers, or one group."""

from __future__ import annotations

from dataclasses import dataclass

from core.text import clean_name, fold
from db_manager import Transaction
from features.changes.actions import record
from features.chats import queries
from features.contacts import actions as contacts
from features.contacts.actions import Person
from features.numbers import queries as numbers_queries
from features.references import actions as references
from features.references.reference import CHAT
from integrations.whatsapp.events import Event, MessageReceived, PersonChanged, Sender
from system import clock


def number_of(tx: Transaction, event: Event) -> int:
    """The row of our number that the event came for."""
    return numbers_queries.ensure_number(
        tx.connection, event.phone_number_id, event.waba_id, event.display_phone_number, clock.now()
    )


@dataclass(frozen=True)
class Chat:
    """Where a message belongs. `contact_id`: the customer who wrote it, in a group the participant, if anybody is named."""

    conversation_id: int
    contact_id: int | None


def known_chat(tx: Transaction, event: MessageReceived, at: int) -> Chat | None:
    """The short way, taken by nearly every message: of somebody known, about whom it says nothing new."""
    aliases = contacts.identities(event.sender)
    if event.group_id is not None or not aliases or aliases[0][0] == "username":
        return None
    kind, value = aliases[0]
    others = dict(aliases[1:])
    row = queries.find_known(
        tx.connection,
        {
            "phone_number_id": event.phone_number_id,
            "waba_id": event.waba_id,
            "display": event.display_phone_number,
            "kind": kind,
            "value": value,
            "bsuid": others.get("bsuid"),
            "parent_bsuid": others.get("parent_bsuid"),
            "username": fold(event.sender.username) if event.sender.username else None,
            "profile_name": clean_name(event.sender.profile_name or "") or None,
            "at": at,
        },
    )
    return Chat(int(row["id"]), int(row["contact_id"])) if row else None


def find_chat(tx: Transaction, event: MessageReceived, at: int) -> Chat:
    """The long way: whoever and whatever is new is made. Raises ValueError when the message names nobody."""
    number_id = number_of(tx, event)
    contact_id = person_of(tx, event.sender, at)
    if contact_id is None and event.group_id is None:
        raise ValueError("a message that names nobody")
    return Chat(conversation_for(tx, number_id, contact_id, event.group_id, at), contact_id)


def person_of(tx: Transaction, sender: Sender, at: int) -> int | None:
    """The contact; conversations of contacts that turned out to be the same person are joined."""
    person = contacts.resolve(tx, sender, at)
    return _settle(tx, person) if person else None


def follow(tx: Transaction, event: PersonChanged, at: int) -> int | None:
    """The person changed number or user id at `at`: the history follows."""
    person = contacts.change_identity(tx, event.before, event.after, at)
    return _settle(tx, person) if person else None


def conversation_for(tx: Transaction, number_id: int, contact_id: int | None, group_id: str | None, at: int) -> int:
    """Found or made."""
    row = queries.find_conversation(tx.connection, number_id, contact_id, group_id)
    if row:
        return int(row["id"])
    return queries.insert_conversation(tx.connection, number_id, contact_id, group_id, at, clock.now())


def _settle(tx: Transaction, person: Person) -> int:
    for absorbed in person.absorbed:
        _join_conversations(tx, absorbed, person.contact_id)
    return person.contact_id


def _join_conversations(tx: Transaction, absorbed: int, kept: int) -> None:
    connection = tx.connection
    for source in queries.conversations_of_contact(connection, absorbed):
        target = queries.find_conversation(connection, source["number_id"], kept, None)
        if target is None:
            queries.move_conversation(connection, source["id"], kept)
            record(tx, "conversation.updated", "live", conversation_id=source["id"])
            continue
        references.merge(tx, CHAT, source["id"], target["id"])
        queries.take_over(connection, source["id"], target["id"])
        queries.leave_trace(connection, source["id"], target["id"])
        queries.recompute(connection, target["id"])
        record(tx, "conversation.merged", "live", conversation_id=source["id"])
        record(tx, "conversation.updated", "live", conversation_id=target["id"])
