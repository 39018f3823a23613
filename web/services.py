"""What a running application is made of; `app.create_app` builds it, routes reach it through `services()`."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import current_app

from config import Config
from db_manager import Database
from integrations.google.auth import Google
from web.live import LiveFeed


@dataclass
class Clients:
    """The outside world, replaceable in tests. `whatsapp` speaks to Meta, `store` keeps media bytes, `google` knows the way."""

    whatsapp: Any  # whatsapp_handler.WhatsAppClient
    store: Any  # drive_manager.LocalStore
    google: Google = field(default_factory=Google)


@dataclass
class Services:
    config: Config
    db: Database
    clients: Clients
    feed: LiveFeed
    restart: Callable[[], None] | None = None  # ends this process so that a fresh one starts; None: only a person can
    run: str = field(default_factory=lambda: secrets.token_hex(4))  # names this process: a page sees that a fresh one answers


def services() -> Services:
    return current_app.extensions["services"]  # type: ignore[no-any-return]
