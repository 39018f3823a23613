"""What the clock calls."""

from __future__ import annotations

from features.accounts import queries, setup_code
from features.accounts.sessions import IDLE_S
from system import clock
from web.services import Services

AUDIT_KEPT_S = 400 * 24 * 3600
THROTTLE_KEPT_S = 24 * 3600


def make_setup_code(parts: Services) -> None:
    """At the start, while there is no owner."""
    setup_code.prepare(parts.db, parts.config.data_dir)


def forget_what_ended(parts: Services) -> None:
    """Every hour: sessions past their limits, cold counters of failed logins, audit entries older than a year."""
    db, now = parts.db, clock.now()
    db.write(queries.delete_ended_sessions, now, now - IDLE_S)
    db.write(queries.delete_throttle_before, now - THROTTLE_KEPT_S)
    db.write(queries.delete_audit_before, now - AUDIT_KEPT_S)
