"""The record of who did what: signing in, staff, tokens, settings. Other features add their own lines."""

from __future__ import annotations

from typing import Any

from db_manager import Transaction
from features.accounts import queries
from system import clock


def note(tx: Transaction, by: int | None, action: str, /, **detail: Any) -> None:
    """One line of the record of who did what; never a secret, never a message."""
    queries.insert_audit(tx.connection, user_id=by, action=action, detail=detail, at=clock.now())
