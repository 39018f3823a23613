"""A webhook's way: stored and applied in one commit, each event in its own savepoint, a poison one set aside."""

from __future__ import annotations

import hashlib
import logging

import orjson

from core.errors import AppError, Forbidden
from core.text import storable
from db_manager import Database, Transaction
from features.numbers.arrivals import Arrivals
from features.outbox import statuses
from features.templates import actions as replies
from features.webhooks import queries, receiving
from integrations.whatsapp import events
from system import clock
from web.services import Services
from whatsapp_handler import parse, parse_history, verify_signature

log = logging.getLogger("inbox.webhooks")

LARGEST_BODY = 4 * 1024 * 1024  # Meta sends 3 MB at the most
HISTORY_BATCH = 200


def accept(parts: Services, arrivals: Arrivals, raw: bytes, signature: str | None) -> None:
    """Raises Unauthorized or Forbidden (nothing is stored), and StorageError when it was not committed: Meta retries."""
    refuse_while_locked(parts)
    try:
        verify_signature(raw, signature, parts.config.whatsapp_app_secret)
    except Forbidden:
        arrivals.note_refused()
        raise
    arrivals.note_good()
    deliver(parts.db, raw)


def refuse_while_locked(parts: Services) -> None:
    """Nothing can be checked without the app secret. Meta keeps its messages for seven days."""
    if parts.config.is_locked:
        raise AppError(
            "The keys of the connected number are lost: an owner must connect it again.",
            code="number_locked", status=503, retry_after=60,
        )  # fmt: skip


def deliver(db: Database, raw: bytes) -> None:
    """Keep an authentic body and everything it says. Raises StorageError when it could not be committed (Meta retries)."""
    digest = hashlib.sha256(raw).digest()
    parsed = parse(raw)
    db.write(_keep_and_apply, digest, raw, parsed)


def apply(tx: Transaction, event: events.Event) -> None:
    """The one place to see every kind of event."""
    match event:
        case events.MessageReceived():
            receiving.receive(tx, event)
        case events.StatusChanged():
            statuses.apply_status(tx, event)
        case events.MessageEdited():
            receiving.edit(tx, event)
        case events.MessageRevoked():
            receiving.revoke(tx, event)
        case events.Reacted():
            receiving.react(tx, event)
        case events.PersonChanged():
            receiving.change_person(tx, event)
        case events.ContactNamed():
            receiving.name_person(tx, event)
        case events.GroupChanged():
            receiving.name_group(tx, event)
        case events.MediaAdded():
            receiving.add_history_media(tx, event)
        case events.Ignored(field=field) if "template" in field:
            replies.mark_stale(tx)
        case events.Unknown(reason=reason):
            raise ValueError(reason or "a shape that we do not know")


def apply_next_history(db: Database) -> bool:
    """Apply one stored `history` body, some rows a transaction. True when there was one. Repeating it is harmless."""
    with db.read() as connection:
        row = queries.next_pending(connection)
    if row is None:
        return False
    delivery_id = row["id"]
    pieces = [event for event in parse(row["body"]) if isinstance(event, events.HistoryReceived)]
    imported = [event for piece in pieces for event in parse_history(piece.raw)]
    for start in range(0, len(imported), HISTORY_BATCH):
        db.write(_apply_all, delivery_id, imported[start : start + HISTORY_BATCH])
    db.write(queries.set_state, delivery_id, "applied")
    log.info("history applied", extra={"delivery": delivery_id, "events": len(imported)})
    return True


def _keep_and_apply(tx: Transaction, digest: bytes, raw: bytes, parsed: list[events.Event]) -> None:
    delivery_id = queries.keep(tx.connection, digest, raw, clock.now())
    if delivery_id is None:
        return  # this very body came before, and all of it was applied with it
    failures = _apply_all(tx, delivery_id, parsed)
    if any(isinstance(event, events.HistoryReceived) for event in parsed):
        queries.set_state(tx.connection, delivery_id, "pending")
        tx.wake("history")
    elif failures:
        queries.set_state(tx.connection, delivery_id, "quarantined", failures[0])


def _apply_all(tx: Transaction, delivery_id: int, parsed: list[events.Event]) -> list[str]:
    failures = []
    for event in parsed:
        error = tx.attempt(lambda event=event: apply(tx, event))  # type: ignore[misc]
        if error is not None:
            reason = f"{type(error).__name__}: {error}"
            queries.quarantine(tx.connection, delivery_id, _as_text(event), storable(reason)[:500], clock.now())
            log.warning("an event was set aside", extra={"delivery": delivery_id, "reason": reason[:200]})
            failures.append(storable(reason)[:500])
    return failures


def _as_text(event: events.Event) -> str:
    try:
        return orjson.dumps({"event": type(event).__name__, "raw": event.raw}).decode()
    except (TypeError, orjson.JSONEncodeError):  # integers beyond 64 bits, lone surrogates: the body has them as they came
        return orjson.dumps({"event": type(event).__name__}).decode()
