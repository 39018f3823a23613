"""What a simulated WhatsApp consists of, beside or instead of a real number. Above all features: it uses them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from flask import current_app

import sandbox
from config import Config
from core.errors import StorageError
from db_manager import Database
from features.messages import queries as messages_queries
from features.sandbox_removal import actions as removal
from runtime.feature import Feature
from web.services import Services
from whatsapp_handler import WhatsAppClient


def configure(config: Config, db: Database) -> Config:
    return sandbox.with_credentials(config) if config.is_sandbox else config


def start(parts: Services) -> Callable[[], None] | None:
    """Serve the double, or remove what an earlier sandbox has left."""
    if not parts.config.is_sandbox:
        with contextlib.suppress(StorageError):  # a full disk: the start must not fail, and the next one does it
            _remove_traces(parts)
        return None
    config = parts.config
    host = "127.0.0.1" if config.host in ("0.0.0.0", "::", "") else config.host
    handle = sandbox.start(config, f"http://{host}:{config.port}/webhook/whatsapp")
    current_app.extensions["sandbox"] = handle
    parts.clients.whatsapp = WhatsAppClient(
        handle.graph_url,
        config.graph_api_version,
        config.whatsapp_access_token,
        config.whatsapp_phone_number_id,
        config.whatsapp_business_account_id,
        media_hosts=config.media_hosts,
    )
    with parts.db.read() as connection:
        is_empty = not messages_queries.has_messages(connection)
    if is_empty:
        handle.seed()
    return handle.stop


def _remove_traces(parts: Services) -> None:
    """An invented customer's number may be a real person's. (The outbox sends from a chat's own number only, too.)"""
    config = parts.config
    invented = sandbox.traces(config)
    if invented is None or invented.phone_number_id == config.whatsapp_phone_number_id:
        return
    if removal.remove(parts.db, invented.phone_number_id, invented.waba_id):
        sandbox.forget_phones(config)


# Its page is registered by app.py, and only in a sandbox: a real installation does not load the double.
FEATURE = Feature(name="sandbox", configure=(configure,), at_start=(start,))
