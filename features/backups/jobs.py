"""What the clock calls."""

from __future__ import annotations

from features.backups import actions
from web.services import Services


def make_copy(parts: Services) -> None:
    """Daily."""
    actions.make_daily(parts.db, parts.config.data_dir)


def check_database(parts: Services) -> None:
    """Nightly: the full integrity check."""
    actions.check_nightly(parts.db)


def send_to_drive(parts: Services) -> None:
    """Every hour: what Google did not take comes again by itself."""
    actions.send_to_drive(parts)
