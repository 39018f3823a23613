"""What the clock calls."""

from __future__ import annotations

from db_manager import Database
from features.accounts import queries
from features.accounts.sessions import IDLE_S
from system import clock

AUDIT_KEPT_S = 400 * 24 * 3600
THROTTLE_KEPT_S = 24 * 3600


def forget_what_ended(db: Database) -> None:
    """Daily: sessions past their limits, cold counters of failed logins, audit entries older than a year."""
    now = clock.now()
    db.write(queries.delete_ended_sessions, now, now - IDLE_S)
    db.write(queries.delete_throttle_before, now - THROTTLE_KEPT_S)
    db.write(queries.delete_audit_before, now - AUDIT_KEPT_S)
