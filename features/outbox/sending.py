"""A reply's first half: one row a click, whatever the browser repeats. The second half is outbox.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from core.errors import Conflict, Invalid, NotFound
from db_manager import Database, Row, Transaction
from features.changes.actions import record
from features.chats import queries as chats_queries
from features.chats import window
from features.chats.identity import conversation_for, person_of
from features.contacts import queries as contacts_queries
from features.messages import page_queries
from features.messages import queries as messages_queries
from features.numbers import queries as numbers_queries
from features.outbox import queries
from integrations.whatsapp.events import Sender
from system import clock
from web.viewing import View, Viewer, may_see

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
_CLOCK_SKEW_S = 24 * 3600


@dataclass(frozen=True)
class Target:
    """Where to: a conversation, or a phone (digits) on our number `phone_number_id`."""

    conversation_id: int | None
    phone: str | None
    phone_number_id: str
    waba_id: str = ""


@dataclass(frozen=True)
class Outgoing:
    """What to send. `attach` adds the media row in the same transaction; `needs_window`: free-form, not a template."""

    client_msg_id: str
    type: str
    text: str
    payload: dict[str, Any] | None = None
    context_wamid: str | None = None
    needs_window: bool = True
    attach: Callable[[Transaction, int], object] | None = None


def send(db: Database, viewer: Viewer, target: Target, outgoing: Outgoing) -> tuple[int, bool]:
    """(message id, True when it is new). The same `client_msg_id` is the same message, however often it is posted.

    Raises NotFound (conversation), Conflict `window_closed`, Invalid (quote of another conversation).
    """
    with db.read() as connection:  # a repeat is answered without waiting for the writer
        known = messages_queries.message_by_client_id(connection, outgoing.client_msg_id)
    if known:
        return int(known["id"]), False
    return db.write(_insert, viewer, target, outgoing)


def open_chat(db: Database, viewer: Viewer, target: Target) -> tuple[int, bool]:
    """(conversation id, True when it is new): with somebody who may never have written. Only a template can begin it."""

    def find_or_make(tx: Transaction) -> tuple[int, bool]:
        newest = chats_queries.newest_conversation_id(tx.connection)
        conversation = _conversation(tx, viewer, target, needs_window=False)
        return int(conversation["id"]), conversation["id"] > newest

    return db.write(find_or_make)


def retry(db: Database, message_id: int, viewer: Viewer) -> None:
    """A person's choice, for failed and unconfirmed messages: a new attempt of the same message."""

    def again(tx: Transaction) -> None:
        otherwise = Conflict("Only a failed message can be sent again.", code="wrong_status")
        message = _ours(tx, viewer, message_id, ("failed", "unconfirmed", "cancelled"), otherwise)
        conversation = chats_queries.get_conversation(tx.connection, message["conversation_id"])
        if message["type"] != "template":
            _refuse_closed_window(conversation)
        messages_queries.start_over(tx.connection, message_id)
        queries.enqueue(tx.connection, message_id, f"conversation:{message['conversation_id']}", clock.now())
        _announce(tx, message, viewer)
        tx.wake("outbox")

    db.write(again)


def discard(db: Database, message_id: int, viewer: Viewer) -> None:
    """Give it up. What is in the air cannot be taken back."""

    def give_up(tx: Transaction) -> None:
        otherwise = Conflict("This message has left already.", code="wrong_status")
        message = _ours(tx, viewer, message_id, ("queued", "failed", "unconfirmed", "cancelled"), otherwise)
        queries.remove(tx.connection, message_id)
        messages_queries.set_plain_status(tx.connection, message_id, "cancelled")
        _announce(tx, message, viewer)
        tx.wake("outbox")

    db.write(give_up)


def _insert(tx: Transaction, viewer: Viewer, target: Target, outgoing: Outgoing) -> tuple[int, bool]:
    connection = tx.connection
    known = messages_queries.message_by_client_id(connection, outgoing.client_msg_id)
    if known:
        return int(known["id"]), False
    conversation = _conversation(tx, viewer, target, outgoing.needs_window)
    if outgoing.needs_window:
        _refuse_closed_window(conversation)
    if outgoing.context_wamid:
        _refuse_foreign_quote(tx, conversation["id"], outgoing.context_wamid)
    now = clock.now()
    # Never before what is on the screen already, even when our clock is behind Meta's.
    newest = conversation["last_message_at"]
    timestamp = max(now, newest) if newest - now < _CLOCK_SKEW_S else now
    stored = messages_queries.insert_message(
        connection,
        {
            "conversation_id": conversation["id"],
            "wamid": None,
            "client_msg_id": outgoing.client_msg_id,
            "direction": "out",
            "type": outgoing.type,
            "text": outgoing.text,
            "payload": orjson.dumps(outgoing.payload).decode() if outgoing.payload else None,
            "context_wamid": outgoing.context_wamid,
            "forwarded": 0,
            "contact_id": None,
            "user_id": viewer.id,
            "origin": "user",
            "timestamp": timestamp,
            "is_unread": 0,
            "status": "queued",
            "created_at": now,
        },
    )
    assert stored is not None  # the client id was looked up in this very transaction
    message_id = int(stored["id"])
    if outgoing.attach:
        outgoing.attach(tx, message_id)
    queries.enqueue(connection, message_id, f"conversation:{conversation['id']}", now)
    chats_queries.add(connection, conversation["id"], message_id, timestamp, received=False, sent=True)
    chats_queries.refresh_waiting(connection, conversation["id"])
    record(
        tx, "message.created", "user", conversation_id=conversation["id"], message_id=message_id, user_id=viewer.id
    )
    tx.wake("outbox")
    return message_id, True


def _conversation(tx: Transaction, viewer: Viewer, target: Target, needs_window: bool) -> Row:
    connection = tx.connection
    if target.conversation_id is not None:
        row = chats_queries.get_conversation(connection, target.conversation_id)
        if row is None or not may_see(viewer, row):
            raise NotFound("There is no such conversation.")
        if numbers_queries.phone_number_id_of(connection, row["number_id"]) != target.phone_number_id:
            raise Conflict(
                "This chat belongs to another WhatsApp number, which is not connected.", code="number_not_connected"
            )
        return row
    now = clock.now()
    number_id = numbers_queries.ensure_number(connection, target.phone_number_id, target.waba_id, "", now)
    contact_id = contacts_queries.find_by_phone(connection, target.phone or "")
    row = chats_queries.find_conversation(connection, number_id, contact_id, None) if contact_id else None
    if row is None:
        if needs_window:
            raise _window_closed()
        person = person_of(tx, Sender(phone=target.phone), now)
        conversation_id = conversation_for(tx, number_id, person, None, now)
        row = chats_queries.get_conversation(connection, conversation_id)
    assert row is not None
    if not may_see(viewer, row):
        raise NotFound("There is no such conversation.")
    return row


def _refuse_closed_window(conversation: Row | None) -> None:
    if conversation is None or not window.is_open(
        conversation["last_inbound_at"], is_group=conversation["group_id"] is not None
    ):
        raise _window_closed()


def _window_closed() -> Conflict:
    return Conflict(
        "The customer has not written in the last 24 hours: only a template can be sent now.", code="window_closed"
    )


def _refuse_foreign_quote(tx: Transaction, conversation_id: int, wamid: str) -> None:
    quoted = messages_queries.message_by_wamid(tx.connection, wamid)
    if quoted is None or quoted["conversation_id"] != conversation_id:
        raise Invalid("The quoted message is not part of this conversation.", code="unknown_quote")


def _ours(tx: Transaction, viewer: Viewer, message_id: int, states: tuple[str, ...], otherwise: Conflict) -> Row:
    message = page_queries.message(View(tx, viewer), message_id)
    if message is None or message["direction"] != "out":
        raise NotFound("There is no such message of ours.")
    if message["status"] not in states:
        raise otherwise
    return message


def _announce(tx: Transaction, message: Row, viewer: Viewer) -> None:
    record(
        tx,
        "message.updated",
        "user",
        conversation_id=message["conversation_id"],
        message_id=message["id"],
        user_id=viewer.id,
    )
