"""How the lines to WhatsApp and Google are, for the banner of every page, and how the installation is doing."""

from __future__ import annotations

from flask import Blueprint, Response

from core.reason import Reason
from features.google_account.status import for_banner
from features.outbox import line
from features.status.answers import About, GoogleNotice, Status, StorageStatus
from features.webhooks import queries as webhooks_queries
from system import clock
from web.guards import role, user
from web.openapi import describe
from web.respond import ok
from web.services import services
from web.words import word_if

blueprint = Blueprint("status", __name__)


@blueprint.get("/api/status")
@describe(
    "How the lines to WhatsApp and Google are",
    "For the banner of every page. Asks nobody: it says what the last calls met.",
    answers={200: Status},
)
def get_status() -> Response:
    parts = services()
    with parts.db.read() as connection:
        state = line.read(connection)
        last_delivery_at = webhooks_queries.last_delivery_at(connection)
        about_google = for_banner(parts, connection) if user().may("owner") else None
    if parts.config.is_locked:
        state = line.Line("paused", Reason("line.key_lost"))
    return ok(
        Status(
            mode=parts.config.mode,
            whatsapp=state.whatsapp,
            message=word_if(state.reason),
            last_webhook_at=clock.iso(last_delivery_at),
            storage=StorageStatus(ok=parts.db.last_storage_error is None, journal_mode=parts.db.journal_mode),
            google=GoogleNotice(**about_google) if about_google else None,
        )
    )


@blueprint.get("/api/about")
@role("admin")
@describe("How this installation is doing", "Asks nobody: it says what is known here.", answers={200: About})
def get_about() -> Response:
    parts = services()
    with parts.db.read() as connection:
        last_delivery_at = webhooks_queries.last_delivery_at(connection)
    return ok(
        About(
            mode=parts.config.mode,
            database="failing" if parts.db.last_storage_error else "ok",
            journal_mode=parts.db.journal_mode,
            last_webhook_at=clock.iso(last_delivery_at),
            public_url=parts.config.public_url or None,
        )
    )
