"""What the clock calls."""

from __future__ import annotations

from core.errors import Conflict
from features.customer_list import actions, write_back
from web.services import Services


def sync_customers(parts: Services) -> None:
    """Every minute: reads the Customer List only when it changed."""
    if actions.is_due(parts):
        try:
            actions.sync(parts)
        except Conflict:  # somebody pressed the button just now
            return


def write_to_sheet(parts: Services) -> None:
    """Every minute: what was written since then, and what could not be told to the sheet before. Off by default."""
    write_back.run(parts)
