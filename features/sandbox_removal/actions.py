"""The invented customers leave before a real number speaks: nobody may answer them through it, or take them for real."""

from __future__ import annotations

import logging

from db_manager import Database, Transaction
from features.accounts import audit
from features.sandbox_removal import queries

log = logging.getLogger("inbox.demo")

BATCH = 200  # rows of one transaction


def remove(db: Database, phone_number_id: str, waba_id: str) -> bool:
    """Everything of the sandbox's number, in batches; the number itself last, so that a kill in between is made good at
    the next start. True when there was something. Call it before anything is sent.
    """
    with db.read() as connection:
        number_id = queries.number_id(connection, phone_number_id)
    if number_id is None:
        return False
    removed = 0
    while count := db.write(_some_messages, number_id=number_id):
        removed += count
    while db.write(_some_conversations, number_id=number_id):
        pass
    while db.write(queries.delete_deliveries, phone_number_id, BATCH):
        pass
    db.write(_end, number_id, waba_id, removed)
    log.warning("the sandbox's chats were removed: a real number is connected", extra={"messages": removed})
    return True


def _some_messages(tx: Transaction, *, number_id: int) -> int:
    rows = queries.some_messages(tx.connection, number_id, BATCH)
    queries.delete_messages(tx.connection, [row["id"] for row in rows])
    _delete_lonely(tx, {row["contact_id"] for row in rows})
    return len(rows)


def _some_conversations(tx: Transaction, *, number_id: int) -> int:
    rows = queries.some_conversations(tx.connection, number_id, BATCH)
    queries.delete_conversations(tx.connection, [row["id"] for row in rows])
    _delete_lonely(tx, {row["contact_id"] for row in rows})
    return len(rows)


def _delete_lonely(tx: Transaction, contacts: set[int | None]) -> None:
    queries.delete_lonely_contacts(tx.connection, [contact for contact in contacts if contact is not None])


def _end(tx: Transaction, number_id: int, waba_id: str, removed: int) -> None:
    queries.delete_templates(tx.connection, waba_id)
    queries.delete_demo_sign_ins(tx.connection)
    queries.delete_number(tx.connection, number_id)
    audit.note(tx, None, "demo_removed", messages=removed)
