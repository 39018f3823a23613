"""People whose chats are named by a list."""

from __future__ import annotations

from features.contacts import actions as contacts
from features.contacts import queries
from integrations.whatsapp.events import Sender
from system import clock
from web.services import Services


def chat_with(parts: Services, phone: str, profile_name: str = "~") -> int:
    person = parts.db.write(lambda tx: contacts.resolve(tx, Sender(phone=phone, profile_name=profile_name), clock.now()))
    assert person is not None
    return person.contact_id


def shown_name(parts: Services, contact_id: int) -> str:
    with parts.db.read() as connection:
        row = queries.get(connection, contact_id)
    assert row is not None
    return str(row["shown_name"])
