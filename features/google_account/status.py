"""How Google is doing, for the settings page and for the banner of the inbox."""

from __future__ import annotations

from typing import Any

from core.errors import SetupError
from core.reason import read
from db_manager import Connection
from features.google_account import actions, drive, queries
from features.vault.sealing import SecretUnreadable
from integrations.google.auth import SCOPES
from system import clock
from web.services import Services
from web.words import t, word, word_if


def for_banner(parts: Services, connection: Connection) -> dict[str, Any] | None:
    """`{"state", "message", "url"}` when the owner has to do something: `url` is where."""
    row = None if parts.config.google_credentials_file else queries.get(connection)
    if row is not None and row["dead_reason"]:
        return {"state": "needs_reconnect", "message": word_if(read(row["dead_reason"])) or "", "url": "/auth/google"}
    chosen = actions.switches(connection)
    if not (chosen["archive"] or chosen["backups"]):
        return None
    place = drive.state(connection)
    if place.trouble in ("quota", "config", "folder", "reconnect"):
        return {"state": place.trouble, "message": word_if(place.reason) or "", "url": "/settings/google"}
    if drive.level(place) == "almost_full":
        words = t("The Google storage is {percent} % full.", percent=round(place.fullness * 100))
        return {"state": "almost_full", "message": words, "url": "/settings/google"}
    return None


def as_json(parts: Services, redirect_uri: str | None) -> dict[str, Any]:
    """The whole state, for the owner. Asks nobody."""
    with parts.db.read() as connection:
        row, chosen, place = queries.get(connection), actions.switches(connection), drive.state(connection)
        backup = actions.last_backup(connection)
    state, message = "not_connected", None
    account = None
    try:
        account = actions.account(parts)
        if account is not None:
            state = "connected"
    except SetupError as error:
        state, message = "broken", word(error.reason)
    if account is not None and account.dead_reason is not None:
        state, message = "needs_reconnect", word(account.dead_reason)
    wanted = actions.wants(parts)
    return {
        "kind": "service_account" if parts.config.google_credentials_file else "user",
        "state": state,
        "message": message,
        "email": account.email if account else None,
        "connected_at": clock.iso(row["connected_at"]) if row else None,
        "client": _client(parts),
        "redirect_uri": redirect_uri,
        "switches": chosen,
        "parts": {
            part: {"wanted": part in wanted, "granted": account is not None and account.has(part)} for part in SCOPES
        },
        "drive": drive.as_json(place),
        "last_backup_at": clock.iso(backup["at"]) if backup else None,
    }


def _client(parts: Services) -> dict[str, Any]:
    try:
        client = actions.client_of(parts)
    except SecretUnreadable:
        client = None
    return {
        "id": client["client_id"] if client else None,
        "from_environment": bool(parts.config.google_client_id),
    }
