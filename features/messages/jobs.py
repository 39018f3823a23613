"""What the clock calls."""

from __future__ import annotations

from features.messages import queries
from system import clock
from web.services import Services

STATUS_KEPT_S = 30 * 24 * 3600
AT_ONCE = 1000


def forget_old_statuses(parts: Services) -> None:
    """Every hour: statuses whose message never came."""
    before = clock.now() - STATUS_KEPT_S
    parts.db.write(queries.forget_old_statuses, before, AT_ONCE)
