"""How the lines to WhatsApp and Google are, as the API answers it."""

from __future__ import annotations

from typing import Literal

from web.answers import Answer, Time

Mode = Literal["sandbox", "live", "locked"]


class StorageStatus(Answer):
    """How the message store is."""

    ok: bool
    journal_mode: str


class GoogleNotice(Answer):
    """What the owner has to do about Google, and at which address."""

    state: Literal["needs_reconnect", "quota", "config", "folder", "reconnect", "almost_full"]
    message: str
    url: str


class Status(Answer):
    """The banner of every page. `message` says what is wrong; `google` is for the owner alone."""

    mode: Mode
    whatsapp: Literal["ok", "unreachable", "token_dead", "paused"]
    message: str | None
    last_webhook_at: Time | None
    storage: StorageStatus
    google: GoogleNotice | None


class About(Answer):
    """How this installation is doing."""

    mode: Mode
    database: Literal["ok", "failing"]
    journal_mode: str
    last_webhook_at: Time | None
    public_url: str | None
