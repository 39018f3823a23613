"""What comes in: messages, edits, revokes and reactions, in any order and any number of times, to one same end."""

from __future__ import annotations

import orjson

from core.text import clean_name
from db_manager import Row, Transaction
from features.changes.actions import record
from features.chats import queries as chats_queries
from features.chats.identity import conversation_for, find_chat, follow, known_chat, number_of, person_of
from features.contacts import actions as contacts
from features.media import actions as media
from features.messages import queries as messages_queries
from features.outbox import statuses
from integrations.whatsapp.events import (
    ContactNamed,
    Content,
    GroupChanged,
    MediaAdded,
    MessageEdited,
    MessageReceived,
    MessageRevoked,
    Origin,
    PersonChanged,
    Reacted,
    Sender,
)
from system import clock

# Not new mail from the customer: no unread, no window. That `unsupported` opens the window is unverified, so it does not.
_QUIET_TYPES = frozenset({"system"})
_WINDOWLESS_TYPES = frozenset({"system", "unsupported"})
_CLOCK_SKEW_S = 2 * 24 * 3600


def receive(tx: Transaction, event: MessageReceived) -> int | None:
    """Store one message; None when it was there already. Order is Meta's time stamp, then arrival."""
    timestamp = _sane(event.timestamp)
    chat = known_chat(tx, event, timestamp)
    if chat is None:
        if messages_queries.has_wamid(tx.connection, event.wamid):
            return None  # before anybody is looked for: a repeat must not make a contact or an empty chat
        chat = find_chat(tx, event, timestamp)
    is_new_mail = event.origin == "live" and not event.outgoing and event.content.type not in _QUIET_TYPES
    stored = messages_queries.insert_message(
        tx.connection,
        {
            "conversation_id": chat.conversation_id,
            "wamid": event.wamid,
            "client_msg_id": None,
            "direction": "out" if event.outgoing else "in",
            "type": event.content.type,
            "text": event.content.text,
            "payload": _json(event.content.payload),
            "context_wamid": event.context_wamid,
            "forwarded": event.forwarded,
            "contact_id": None if event.outgoing else chat.contact_id,
            "user_id": None,
            "origin": event.origin,
            "timestamp": timestamp,
            "is_unread": int(is_new_mail),
            "status": (event.history_status or "sent") if event.outgoing else None,
            "created_at": clock.now(),
        },
    )
    if stored is None:
        return None
    message_id = int(stored["id"])
    if event.content.media:
        media.add_inbound(tx, message_id, event.content.media, timestamp)
    if is_new_mail:
        opens_window = event.content.type not in _WINDOWLESS_TYPES
        if chats_queries.take_in(tx.connection, chat.conversation_id, message_id, timestamp, opens_window):
            _see_on_the_phone(tx, chat.conversation_id)
    else:
        _place(tx, chat.conversation_id, message_id, event, timestamp)
    if stored["is_awaited"]:
        _catch_up(tx, message_id, event.wamid)
    record(tx, "message.created", event.origin, conversation_id=chat.conversation_id, message_id=message_id)
    return message_id


def add_history_media(tx: Transaction, event: MediaAdded) -> None:
    """The file of a history placeholder: fills it in, or stands for it until it comes. Never new mail."""
    row = messages_queries.message_by_wamid(tx.connection, event.wamid)
    if row is None:
        receive(tx, _as_message(event, event.sender, event.content, "history", outgoing=event.outgoing))
        return
    if row["type"] != "media_placeholder" or event.content.media is None:
        return
    messages_queries.set_type(tx.connection, row["id"], event.content.type, event.content.text, _json(event.content.payload))
    media.add_inbound(tx, row["id"], event.content.media, _sane(event.timestamp))
    record(tx, "message.updated", "history", conversation_id=row["conversation_id"], message_id=row["id"])


def edit(tx: Transaction, event: MessageEdited) -> None:
    """Keep the edit; apply it now, or when its message comes."""
    kept = messages_queries.keep_revision(
        tx.connection,
        {
            "wamid": event.wamid,
            "original_wamid": event.original_wamid,
            "kind": "edit",
            "text": event.content.text,
            "payload": _json(event.content.payload),
            "timestamp": _sane(event.timestamp),
        },
    )
    if kept:
        _revise(tx, event.original_wamid)


def revoke(tx: Transaction, event: MessageRevoked) -> None:
    """The customer took it back. The text stays, marked."""
    kept = messages_queries.keep_revision(
        tx.connection,
        {
            "wamid": event.wamid,
            "original_wamid": event.original_wamid,
            "kind": "revoke",
            "text": "",
            "payload": None,
            "timestamp": _sane(event.timestamp),
        },
    )
    if kept:
        _revise(tx, event.original_wamid)


def react(tx: Transaction, event: Reacted) -> None:
    """A reaction is never a message; one whose target is unknown waits for it."""
    timestamp = _sane(event.timestamp)
    contact_id = None if event.outgoing else person_of(tx, event.sender, timestamp)
    if contact_id is None and not event.outgoing:
        raise ValueError("a reaction that names nobody")
    sender = "business" if event.outgoing else f"contact:{contact_id}"
    kept = messages_queries.keep_reaction(
        tx.connection,
        {
            "wamid": event.wamid,
            "target_wamid": event.target_wamid,
            "sender": sender,
            "emoji": event.emoji,
            "timestamp": timestamp,
        },
    )
    target = messages_queries.message_by_wamid(tx.connection, event.target_wamid) if kept else None
    if target:
        record(
            tx, "message.updated", "live", conversation_id=target["conversation_id"], message_id=target["id"]
        )


def change_person(tx: Transaction, event: PersonChanged) -> None:
    """History follows the person; a quiet line in the conversation says what happened."""
    contact_id = follow(tx, event, _sane(event.timestamp))
    if contact_id is None or event.wamid is None:
        return
    receive(tx, _as_message(event, event.after, change_line(event), "live"))


def change_line(event: PersonChanged) -> Content:
    """What the conversation says of it; where Meta sent no sentence, who and what is kept for ours."""
    who: dict[str, object] = {"kind": event.kind}
    if not event.text:
        who |= {"name": event.after.profile_name, "phone": f"+{event.after.phone}" if event.after.phone else None}
    return Content(type="system", text=event.text, payload=who)


def name_person(tx: Transaction, event: ContactNamed) -> None:
    """A name from the owner's phone book."""
    contact_id = person_of(tx, event.person, _sane(event.timestamp))
    if contact_id is not None and contacts.name_contact(tx, contact_id, event.name, "phone_app"):
        for row in chats_queries.conversations_of_contact(tx.connection, contact_id):
            record(tx, "conversation.updated", "sync", conversation_id=row["id"])


def name_group(tx: Transaction, event: GroupChanged) -> None:
    subject = clean_name(event.subject or "")
    conversation_id = conversation_for(tx, number_of(tx, event), None, event.group_id, _sane(event.timestamp))
    if subject and chats_queries.set_subject(tx.connection, conversation_id, subject):
        record(tx, "conversation.updated", "live", conversation_id=conversation_id)


def _place(tx: Transaction, conversation_id: int, message_id: int, event: MessageReceived, timestamp: int) -> None:
    """Whatever is not new mail: ours from the phone, an imported history, a system line."""
    connection = tx.connection
    is_received = not event.outgoing and event.content.type not in _QUIET_TYPES
    chats_queries.add(connection, conversation_id, message_id, timestamp, received=is_received, sent=event.outgoing)
    if event.outgoing:
        chats_queries.refresh_waiting(connection, conversation_id)
    if event.origin == "echo":
        chats_queries.note_echo(connection, conversation_id, timestamp)
        _see_on_the_phone(tx, conversation_id)


def _see_on_the_phone(tx: Transaction, conversation_id: int) -> None:
    if messages_queries.seen_on_the_phone(tx.connection, conversation_id):
        chats_queries.refresh_unread(tx.connection, conversation_id)


def _catch_up(tx: Transaction, message_id: int, wamid: str) -> None:
    """What came before the message: its edits, its statuses. Reactions find it by wamid when it is read."""
    _revise(tx, wamid, announce=False)
    statuses.apply_pending(tx, message_id, wamid)


def _revise(tx: Transaction, original_wamid: str, *, announce: bool = True) -> None:
    """The newest edit is shown, the original is kept, whatever order they came in."""
    message = messages_queries.message_by_wamid(tx.connection, original_wamid)
    revisions = messages_queries.revisions_of(tx.connection, original_wamid)
    if message is None or not revisions:
        return
    edits = [row for row in revisions if row["kind"] == "edit"]
    revokes = [row for row in revisions if row["kind"] == "revoke"]
    if edits:
        _keep_original(tx, message, revisions)
        newest = edits[-1]
        # An edited caption may come empty beside its file; an emptied text is shown as such.
        text = newest["text"] or ("" if message["type"] == "text" else message["text"])
        payload = newest["payload"] or message["payload"]  # the ad that a text came from is not in its edit
        messages_queries.set_content(tx.connection, message["id"], text, payload, newest["timestamp"])
    if revokes:
        messages_queries.set_deleted(tx.connection, message["id"], revokes[0]["timestamp"])
    if announce:
        record(
            tx, "message.updated", "live", conversation_id=message["conversation_id"], message_id=message["id"]
        )


def _keep_original(tx: Transaction, message: Row, revisions: list[Row]) -> None:
    if any(row["kind"] == "original" for row in revisions):
        return
    messages_queries.keep_revision(
        tx.connection,
        {
            "wamid": message["wamid"],
            "original_wamid": message["wamid"],
            "kind": "original",
            "text": message["text"],
            "payload": message["payload"],
            "timestamp": message["timestamp"],
        },
    )


def _as_message(
    event: MediaAdded | PersonChanged, sender: Sender, content: Content, origin: Origin, *, outgoing: bool = False
) -> MessageReceived:
    return MessageReceived(
        phone_number_id=event.phone_number_id,
        waba_id=event.waba_id,
        display_phone_number=event.display_phone_number,
        raw=event.raw,
        wamid=event.wamid or "",
        sender=sender,
        content=content,
        timestamp=event.timestamp,
        origin=origin,
        outgoing=outgoing,
    )


def _sane(timestamp: int) -> int:
    """Meta's stamp, unless it is missing or lies days ahead (it would stay on top of the list for ever)."""
    now = clock.now()
    return timestamp if 0 < timestamp <= now + _CLOCK_SKEW_S else now


def _json(value: dict[str, object] | None) -> str | None:
    return orjson.dumps(value).decode() if value else None
