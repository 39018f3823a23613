"""The invented customers leave before a real number speaks: nobody may answer them through it, or take them for real."""

from __future__ import annotations

import logging

from db_manager import Database, Transaction
from features.accounts import audit
from features.accounts import queries as accounts_queries
from features.media import archive_queries
from features.numbers import queries as numbers_queries
from features.references import actions as references
from features.references.reference import CHAT, CONTACT, MESSAGE
from features.sandbox_removal import queries
from features.templates import queries as templates_queries
from features.webhooks import queries as webhooks_queries

log = logging.getLogger("inbox.sandbox_removal")

BATCH = 200  # rows of one transaction


def remove(db: Database, phone_number_id: str, waba_id: str) -> bool:
    """Everything of the sandbox's number, in batches; the number itself last, so that a kill in between is made good at
    the next start. True when there was something. Call it before anything is sent.
    """
    with db.read() as connection:
        number = numbers_queries.by_phone_number_id(connection, phone_number_id)
    if number is None:
        return False
    number_id = number["id"]
    removed = 0
    while count := db.write(_some_messages, number_id=number_id):
        removed += count
    while db.write(_some_conversations, number_id=number_id):
        pass
    while db.write(webhooks_queries.delete_deliveries, phone_number_id, BATCH):
        pass
    db.write(_end, number_id, waba_id, removed)
    log.warning("the sandbox's chats were removed: a real number is connected", extra={"messages": removed})
    return True


def _some_messages(tx: Transaction, *, number_id: int) -> int:
    rows = queries.some_messages(tx.connection, number_id, BATCH)
    ids = [row["id"] for row in rows]
    archive_queries.delete_of_messages(tx.connection, ids)  # else an invented picture would wait for the owner's Drive
    references.remove(tx, MESSAGE, ids, "on_sandbox_removal")
    _delete_lonely(tx, {row["contact_id"] for row in rows})
    return len(rows)


def _some_conversations(tx: Transaction, *, number_id: int) -> int:
    rows = queries.some_conversations(tx.connection, number_id, BATCH)
    references.remove(tx, CHAT, [row["id"] for row in rows], "on_sandbox_removal")
    _delete_lonely(tx, {row["contact_id"] for row in rows})
    return len(rows)


def _delete_lonely(tx: Transaction, contacts: set[int | None]) -> None:
    lonely = queries.lonely_contacts(tx.connection, [contact for contact in contacts if contact is not None])
    references.remove(tx, CONTACT, lonely, "on_sandbox_removal")


def _end(tx: Transaction, number_id: int, waba_id: str, removed: int) -> None:
    templates_queries.delete_of_account(tx.connection, waba_id)
    accounts_queries.delete_demo_sign_ins(tx.connection)
    numbers_queries.delete(tx.connection, number_id)
    audit.note(tx, None, "demo_removed", messages=removed)
