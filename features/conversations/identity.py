"""From a webhook's sender to the conversation: one person on one of our numbers, or one group."""

from __future__ import annotations

from core import clock
from db_manager import Transaction
from features.changes.actions import record
from features.contacts import actions as contacts
from features.contacts.actions import Person
from features.conversations import queries
from integrations.whatsapp_events import Event, PersonChanged, Sender


def number_of(tx: Transaction, event: Event) -> int:
    """The row of our number that the event came for."""
    return queries.ensure_number(
        tx.connection, event.phone_number_id, event.waba_id, event.display_phone_number, clock.now()
    )


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
    queries.move_authorship(connection, absorbed, kept)
    for source in queries.conversations_of_contact(connection, absorbed):
        target = queries.find_conversation(connection, source["number_id"], kept, None)
        if target is None:
            queries.move_conversation(connection, source["id"], kept)
            record(tx, "conversation.updated", "live", conversation_id=source["id"])
            continue
        queries.move_messages(connection, source["id"], target["id"])
        queries.take_times(connection, source["id"], target["id"])
        queries.delete_conversation(connection, source["id"])
        queries.recompute(connection, target["id"])
        record(tx, "conversation.merged", "live", conversation_id=source["id"])
        record(tx, "conversation.updated", "live", conversation_id=target["id"])
