"""The Google account of this installation, for every feature that calls Google; connecting, switching parts, disconnecting."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import orjson

from core.reason import Reason, define, read
from db_manager import Connection, Transaction
from features.accounts.audit import note
from features.changes.actions import record
from features.google_account import drive_queries, queries, settings
from features.settings.queries import get_setting, put_setting
from features.settings.values import keep, named, value
from features.vault import actions as secrets
from features.vault.sealing import SecretUnreadable
from integrations.google import auth as google_auth
from integrations.google.auth import GoogleAccount
from system import clock
from web.guards import User
from web.services import Services

TOKENS = "google"  # names of secrets
CLIENT = "google_client"
_BACKUP = "google.backup"  # of a row that is kept, and no setting
define(
    {
        "google.key_gone": "The key that opens the stored Google token is gone: connect again.",
        "google.every_week": "{why} If this happens every week: publish the app on Google's consent screen"
        ' ("In production").',
    }
)

TESTING_LASTS_S = 8 * 24 * 3600  # tokens of a consent screen in "Testing" die after 7 days


def switches(connection: Connection) -> dict[str, Any]:
    """All of them by key."""
    return {one.key: value(connection, one) for one in settings.SWITCHES}


def wants(parts: Services) -> set[str]:
    """The parts (keys of google_auth.SCOPES) that are switched on: their permissions are asked for, no others."""
    with parts.db.read() as connection:
        chosen = switches(connection)
    wanted = {
        "drive": chosen["archive"] or chosen["backups"],
        "sheet": chosen["sheet"] or bool(parts.config.customer_sheet_id),
        "sheet_write": chosen["sheet_write"],
        "contacts": chosen["contacts"] and not parts.config.google_credentials_file,
    }
    return {part for part, is_on in wanted.items() if is_on}


def sees_links(connection: Connection, user: User | None) -> bool:
    """May this member of staff see links into Google Drive?"""
    return user is not None and user.may(value(connection, settings.LINKS_FOR))


def account(parts: Services) -> GoogleAccount | None:
    """The connected account, None without one. The same object until somebody connects anew: its token is shared.

    One that Google refuses is returned too: its `credentials()` raises ReconnectNeeded without a call.
    Raises SetupError when GOOGLE_CREDENTIALS_FILE is no key.
    """
    google = parts.clients.google
    with google.lock:
        if parts.config.google_credentials_file:
            path = Path(parts.config.google_credentials_file)
            source: object = (str(path), tuple(sorted(wants(parts))))
            make = partial(google_auth.service_account, path, wants(parts), endpoints=google.endpoints)
        else:
            with parts.db.read() as connection:
                row = queries.get(connection)
            if row is None:
                google.use(None)
                return None
            source, make = tuple(row.values()), partial(_user_account, parts, dict(row))
        if google.account is None or google.made_from != source:
            google.use(make(), source)
        return google.account  # type: ignore[no-any-return]


def client_of(parts: Services) -> dict[str, str] | None:
    """{client_id, client_secret} of the environment, else of /settings. Raises SecretUnreadable."""
    config = parts.config
    if config.google_client_id and config.google_client_secret:
        return {"client_id": config.google_client_id, "client_secret": config.google_client_secret}
    return secrets.read(parts, CLIENT)


def _user_account(parts: Services, row: dict[str, Any]) -> GoogleAccount:
    scopes = orjson.loads(row["scopes"])
    try:
        tokens, client = secrets.read(parts, TOKENS), client_of(parts)
    except SecretUnreadable:
        tokens = client = None
    dead = read(row["dead_reason"])
    if tokens is None or client is None:
        dead = dead or Reason("google.key_gone")
    return google_auth.user_account(
        client or {"client_id": "", "client_secret": ""},
        {"refresh_token": "", "scopes": scopes, **(tokens or {})},
        email=row["email"],
        endpoints=parts.clients.google.endpoints,
        dead=dead,
        on_dead=lambda why: _note_dead(parts, why, row["connected_at"]),
    )


def _note_dead(parts: Services, why: Reason, connected_at: int) -> None:
    if clock.now() - connected_at < TESTING_LASTS_S:
        why = Reason("google.every_week", why=why)
    parts.db.write(_set_dead, why=why, connected_at=connected_at)


def _set_dead(tx: Transaction, *, why: Reason, connected_at: int) -> None:
    if queries.set_dead(tx.connection, why.stored(), connected_at):
        note(tx, None, "google_refused", reason=str(why))
        record(tx, "status.updated", "live")


def switch(parts: Services, by: User, values: dict[str, Any]) -> None:
    """Change some of the switches, by key; the rest stays."""

    def change(tx: Transaction) -> None:
        put_switches(tx, values)
        note(tx, by.id, "google_switched", **values)
        record(tx, "status.updated", "user", user_id=by.id)

    parts.db.write(change)


def note_backup(tx: Transaction, name: str) -> None:
    """This copy of the database lies in Drive now; the first time that this is seen counts."""
    known = last_backup(tx.connection)
    if known is None or known["name"] != name:
        put_setting(tx.connection, _BACKUP, {"name": name, "at": clock.now()}, clock.now())


def last_backup(connection: Connection) -> dict[str, Any] | None:
    """{name, at} of the last database backup that reached Drive."""
    return get_setting(connection, _BACKUP)  # type: ignore[no-any-return]


def put_switches(tx: Transaction, values: dict[str, Any]) -> None:
    keep(tx.connection, named(settings.SWITCHES, values))
    if values.get("public_links"):
        drive_queries.forget_refused_links(tx.connection)
    tx.wake("archive")
