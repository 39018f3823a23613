"""What the clock calls."""

from __future__ import annotations

import logging

from core.errors import AppError
from features.templates.actions import is_stale, sync_templates
from web.services import Services

log = logging.getLogger("inbox.replies")


def refresh_templates(parts: Services) -> None:
    """At start and every minute or so; calls Meta only when the cache is stale, and not for a while after a failure."""
    waba_id = parts.config.whatsapp_business_account_id
    with parts.db.read() as connection:
        if not is_stale(connection, waba_id):
            return
    try:
        sync_templates(parts.db, parts.clients.whatsapp, waba_id)
    except AppError as error:
        log.warning("templates not fetched", extra={"reason": error.message})
