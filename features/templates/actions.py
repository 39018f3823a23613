"""Keeping the cache of templates like Meta's list, and finding the one to send."""

from __future__ import annotations

import logging
import threading
from typing import Any, Protocol

import orjson

from core.errors import AppError, Conflict, Invalid, NotFound, RemoteError
from core.reason import verbatim
from core.text import storable
from db_manager import Connection, Database, Transaction
from features.changes.actions import record
from features.templates import queries
from features.templates.template import Template, read_template
from system import clock

log = logging.getLogger("inbox.replies")

STALE_AFTER_S = 6 * 3600
THROTTLE_S = 10  # a button that staff may press as often as they like
RETRY_AFTER_S = 300  # of the job, after a failure

_one_at_a_time = threading.Lock()  # of two lists fetched at once the older could be stored last


class TemplateSource(Protocol):
    def templates(self) -> list[dict[str, Any]]:
        """All pages. Raises RemoteError."""


def sync_templates(db: Database, client: TemplateSource, waba_id: str, *, throttle_s: int = 0) -> bool:
    """Fetch the list and store it; True when something changed.

    Nothing is called while another fetch is under way, or when the last try is less than `throttle_s` seconds ago.
    A failing call keeps the cache and raises AppError `whatsapp_unreachable` (503).
    """
    if not _one_at_a_time.acquire(blocking=False):
        return False
    try:
        with db.read() as connection:
            state = queries.sync_state(connection)
        if 0 <= clock.now() - state["tried_at"] < throttle_s and state["waba_id"] == waba_id:
            return False
        try:
            found = client.templates()
        except RemoteError as error:
            db.write(_note_failure, waba_id)
            wait = max(THROTTLE_S, int(error.retry_after or 0))
            raise AppError(
                "WhatsApp did not give us the templates, so the last list stays: {reason}",
                code="whatsapp_unreachable",
                status=503,
                retry_after=wait,
                reason=error.reason,
            ) from error
        return db.write(_store, waba_id, found, state["marks"])
    finally:
        _one_at_a_time.release()


def is_stale(connection: Connection, waba_id: str) -> bool:
    """Older than six hours, of another account, or changed by Meta's word; after a failure not for five minutes."""
    state = queries.sync_state(connection)
    now = clock.now()
    fresh = state["waba_id"] == waba_id and state["marks_seen"] == state["marks"]
    if fresh and 0 <= now - state["synced_at"] < STALE_AFTER_S:
        return False
    failed_lately = state["tried_at"] > state["synced_at"] and 0 <= now - state["tried_at"] < RETRY_AFTER_S
    return not failed_lately


def mark_stale(tx: Transaction) -> None:
    """For webhooks about templates: the next run of the job fetches the list anew."""
    queries.add_mark(tx.connection, clock.now())


def find_sendable(connection: Connection, name: str, language: str) -> Template:
    """Raises NotFound, Conflict (Meta does not allow it now) or Invalid (a kind we cannot send yet)."""
    wanted = _folded(language)
    rows = [row for row in queries.by_name(connection, name) if _folded(row["language"]) == wanted]
    if not rows:
        raise NotFound(
            "There is no template “{name}” in the language “{language}”.",
            code="template_not_found",
            name=name[:80],
            language=language[:20],
        )
    template = read_template(rows[0])
    if template.why_not is None:
        return template
    if template.status != "APPROVED":
        raise Conflict(verbatim(template.why_not), code="template_not_approved")
    raise Invalid(verbatim(template.why_not), code="template_not_supported")


def _store(tx: Transaction, waba_id: str, found: list[dict[str, Any]], marks: int) -> bool:
    now = clock.now()
    rows = [values for one in found if (values := _row_values(waba_id, one, now))]
    changed = sum(queries.upsert(tx.connection, values) for values in rows)
    changed += queries.delete_others(tx.connection, waba_id, (values["meta_id"] for values in rows))
    state = {"waba_id": waba_id, "synced_at": now, "tried_at": now, "marks_seen": marks}
    queries.keep_sync(tx.connection, state, now)
    if changed:
        record(tx, "templates.updated", "sync")
    return changed > 0


def _note_failure(tx: Transaction, waba_id: str) -> None:
    state = queries.sync_state(tx.connection)
    del state["marks"]
    if state["waba_id"] != waba_id:  # what is stored is another account's: not fresh, however new
        state |= {"synced_at": 0}
    queries.keep_sync(tx.connection, state | {"waba_id": waba_id, "tried_at": clock.now()}, clock.now())


def _row_values(waba_id: str, raw: dict[str, Any], now: int) -> dict[str, Any] | None:
    """None for what cannot be a template."""
    meta_id, name, language = (str(raw.get(key) or "") for key in ("id", "name", "language"))
    if not (meta_id and name and language):
        log.warning("a template without id, name or language was left out")
        return None
    components = raw.get("components")
    return {
        "waba_id": waba_id,
        "meta_id": meta_id,
        "name": storable(name),
        "language": storable(language),
        "category": storable(str(raw.get("category") or "")),
        "status": storable(str(raw.get("status") or "UNKNOWN")).upper(),
        "parameter_format": "NAMED" if str(raw.get("parameter_format")).upper() == "NAMED" else "POSITIONAL",
        "components": orjson.dumps(_storable(components if isinstance(components, list) else [])).decode(),
        "now": now,
    }


def _storable(value: Any) -> Any:
    """Lone surrogates and NULs have no place in our JSON."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_storable(one) for one in value]
    if isinstance(value, dict):
        return {storable(str(key)): _storable(one) for key, one in value.items()}
    return value if isinstance(value, bool | float | None) or _fits(value) else str(value)


def _fits(value: Any) -> bool:
    return isinstance(value, int) and -(2**63) <= value < 2**63


def _folded(language: str) -> str:
    """Webhooks say en-US where the API says en_US."""
    return language.replace("-", "_").casefold()
