"""An application whose Google account is connected to our own model of Google."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from features.google_account import actions, consent
from integrations.google.auth import SCOPES, Google
from integrations.google.consent import Grant
from tests.fakes.google_server import CLIENT, OWNER, SHARED_FOLDER, GoogleServer, key_file
from web.services import Services


def point_at(parts: Services, google: GoogleServer) -> None:
    parts.clients.google = Google(google.endpoints)


def connect(parts: Services, google: GoogleServer, *, scopes: tuple[str, ...] = tuple(SCOPES.values()), **on: Any) -> None:
    """As after a consent to everything; `on` are switches."""
    point_at(parts, google)
    with parts.db.read() as connection:
        is_new = not connection.execute("SELECT 1 FROM users WHERE id = 1").fetchone()
    if is_new:
        parts.db.write(
            lambda tx: tx.execute(
                "INSERT INTO users (id, email, name, role, password_hash, created_at)"
                " VALUES (1, 'first@example.com', 'First', 'owner', 'x', 0)"
            )
        )
    consent.keep_client(parts, 1, CLIENT["client_id"], CLIENT["client_secret"])
    consent.keep(parts, Grant("1//refresh", scopes, OWNER), by=1)
    switch(parts, **on)


def connect_service_account(parts: Services, google: GoogleServer, folder: str = SHARED_FOLDER, **on: Any) -> None:
    point_at(parts, google)
    path = Path(parts.config.data_dir) / "key.json"
    path.write_bytes(orjson.dumps(key_file(google)))
    parts.config = replace(parts.config, google_credentials_file=str(path), drive_folder_id=folder)
    switch(parts, **on)


def switch(parts: Services, **on: Any) -> None:
    parts.db.write(lambda tx: actions.put_switches(tx, on))


def hang_up(parts: Services) -> None:
    """All connections to the server, so that no socket is left to the garbage collector."""
    parts.clients.google.close()
