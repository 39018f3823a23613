"""Ticks. They only climb; `failed` stands beside them and shows only while nothing was delivered or read.

The shown status is computed from a set of facts (one time a status), so the order of arrival cannot matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from db_manager import Row, Transaction
from features.changes.actions import record
from features.messages import queries as messages_queries
from features.outbox import queries
from integrations.whatsapp.events import StatusChanged
from system import clock

_LADDER = ("queued", "sending", "unconfirmed", "accepted", "sent", "delivered", "read", "played")
RANK = {name: rank for rank, name in enumerate(_LADDER)}
_REACHED = RANK["delivered"]


@dataclass(frozen=True)
class Fact:
    """One thing Meta said of a message."""

    status: str
    timestamp: int
    error_code: int | None = None
    error_message: str | None = None  # a reason, as the database keeps it


def apply_status(tx: Transaction, event: StatusChanged) -> None:
    """Found by our own id or by wamid; one that comes before its message waits; unknown ones are harmless."""
    fact = Fact(event.status, event.timestamp or clock.now(), event.error_code, event.error.stored() if event.error else None)
    attempt = queries.attempt(tx.connection, event.callback_data) if event.callback_data else None
    attempt = attempt or queries.attempt_by_wamid(tx.connection, event.wamid)
    if attempt:
        _apply_to_attempt(tx, attempt, event.wamid, fact)
        return
    message = messages_queries.message_by_wamid(tx.connection, event.wamid)
    if message is None:
        messages_queries.keep_status(
            tx.connection, {"wamid": event.wamid, "received_at": clock.now()} | _values(fact)
        )
    elif message["direction"] == "out":
        learn(tx, message, [fact])


def apply_pending(tx: Transaction, message_id: int, wamid: str) -> None:
    """Statuses that were waiting for this wamid."""
    rows = messages_queries.pending_statuses(tx.connection, wamid)
    if not rows:
        return
    messages_queries.forget_statuses(tx.connection, wamid)
    facts = [Fact(r["status"], r["timestamp"], r["error_code"], r["error_message"]) for r in rows]
    message = messages_queries.get_message(tx.connection, message_id)
    if queries.attempt_by_wamid(tx.connection, wamid):
        for fact in facts:
            attempt = queries.attempt_by_wamid(tx.connection, wamid)
            if attempt:
                _apply_to_attempt(tx, attempt, wamid, fact)
    elif message and message["direction"] == "out":
        learn(tx, message, facts)


def learn(tx: Transaction, message: Row, facts: list[Fact]) -> bool:
    """Add facts to a message of ours; True when something that is shown has changed."""
    before = _shown(message)
    after = dict(before)
    for fact in facts:
        _add(after, fact)
    after["status"] = _status_of(after, message["status"])
    if after["status"] != "failed" and RANK.get(after["status"], 0) >= _REACHED:
        after["error_code"] = after["error_message"] = None
    if after == before:
        return False
    messages_queries.set_status(tx.connection, message["id"], after)
    record(
        tx, "message.updated", "live", conversation_id=message["conversation_id"], message_id=message["id"]
    )
    return True


def _apply_to_attempt(tx: Transaction, attempt: Row, wamid: str, fact: Fact) -> None:
    """A status with our id settles an unconfirmed send, and tells when a first attempt arrived after all."""
    connection = tx.connection
    message = messages_queries.get_message(connection, attempt["message_id"])
    if message is None:
        return
    queries.adopt_wamid(connection, attempt["id"], wamid)
    messages_queries.set_wamid(connection, message["id"], wamid)
    queries.note_fate(connection, attempt["id"], fact.status)
    if _is_repeated(tx, attempt) and (
        fact.status == "failed" or (fact.status == "sent" and attempt["outcome"] == "failed")
    ):
        return  # what became of an attempt that a person has repeated since
    if fact.status != "failed" and queries.count_arrived(connection, message["id"]) > 1:
        messages_queries.set_delivered_twice(connection, message["id"])
    queries.settle(connection, message["id"])
    facts = [Fact("sent", fact.timestamp)] if fact.status in ("delivered", "read", "played") else []
    learn(tx, messages_queries.get_message(connection, message["id"]) or message, [*facts, fact])


def _is_repeated(tx: Transaction, attempt: Row) -> bool:
    """A later attempt has been made, or waits in the queue."""
    row = queries.get(tx.connection, attempt["message_id"])
    if row is not None and row["state"] == "queued":
        return True
    return queries.latest_attempt(tx.connection, attempt["message_id"]) != attempt["id"]


def is_settled(message: Row) -> bool:
    """Meta has told of it already: whatever our own call met no longer matters."""
    return message["status"] == "failed" or RANK.get(message["status"], 0) > RANK["accepted"]


def _add(shown: dict[str, Any], fact: Fact) -> None:
    name = f"{fact.status}_at"
    if name not in shown:
        return
    known = shown[name]
    if fact.status == "failed" and (known is None or fact.timestamp < known):
        shown["error_code"], shown["error_message"] = fact.error_code, fact.error_message
    shown[name] = fact.timestamp if known is None else min(known, fact.timestamp)


def _status_of(facts: dict[str, Any], before: str) -> str:
    highest = before if before in RANK else "accepted"
    for status in ("sent", "delivered", "read", "played"):
        if facts[f"{status}_at"] is not None and RANK[status] > RANK[highest]:
            highest = status
    if facts["failed_at"] is not None and RANK[highest] < _REACHED:
        return "failed"
    if before in ("failed", "cancelled") and RANK[highest] < RANK["sent"]:
        return before
    return highest


def _shown(message: Row) -> dict[str, Any]:
    names = ("status", "sent_at", "delivered_at", "read_at", "played_at", "failed_at", "error_code", "error_message")
    return {name: message[name] for name in names}


def _values(fact: Fact) -> dict[str, Any]:
    return {
        "status": fact.status,
        "timestamp": fact.timestamp,
        "error_code": fact.error_code,
        "error_message": fact.error_message,
    }
