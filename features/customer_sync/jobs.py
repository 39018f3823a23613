"""What the clock calls."""

from __future__ import annotations

from core.errors import Conflict
from features.customer_sync import actions
from web.services import Services


def sync_customers(parts: Services) -> None:
    """Every minute: reads the Customer List only when it changed."""
    if actions.is_due(parts):
        try:
            actions.sync(parts)
        except Conflict:  # somebody pressed the button just now
            return
