"""Connecting: the owner goes to Google's consent page and comes back; what comes back is kept sealed."""

from __future__ import annotations

import logging
import secrets as randomness

from core.errors import AppError, Conflict, RemoteError
from core.reason import Reason, define
from db_manager import Transaction
from features.accounts.audit import note
from features.changes.actions import record
from features.google_account import actions, drive, drive_queries, queries
from features.google_account.actions import CLIENT, TOKENS
from features.settings.queries import get_setting, put_setting
from features.vault import actions as secrets
from features.vault.sealing import SecretUnreadable
from integrations.google import consent as google_consent
from integrations.google.auth import SCOPES, Google, Pending
from integrations.google.consent import Grant
from system import clock
from web.guards import User
from web.services import Services

log = logging.getLogger("inbox.google")

PENDING_S = 15 * 60
MOST_PENDING = 20
OWNER = "google.owner"  # whose Drive our folders are in; outlives a disconnection, for the same person may come back

define(
    {
        "google.no_lasting_token": "Google gave no lasting token. Remove our access in your Google account, then connect"
        " again.",
    }
)



class BadReturn(AppError):
    """Back from Google with something that we did not begin, or began too long ago."""

    status, code = 400, "consent_unknown"

    def __init__(self) -> None:
        super().__init__("This consent was not started here, or too long ago. Please connect again in the settings.")


def begin(parts: Services, user: User, redirect_uri: str, *, again: bool = False) -> str:
    """The address of Google's page, asking for what is switched on and nothing else. Raises Conflict without a client ID."""
    client = actions.client_of(parts)
    if client is None:
        raise Conflict("Enter the client ID and its secret first.", code="no_client")
    wanted = actions.wants(parts)
    if not wanted:
        raise Conflict("Switch on what Google shall be used for first.", code="nothing_wanted")
    google: Google = parts.clients.google
    started = google_consent.start(client, sorted(wanted), redirect_uri, google.endpoints)
    with google.lock:
        now = clock.now()
        kept = [entry for entry in google.pending.items() if entry[1].until > now][-MOST_PENDING:]
        pending = Pending(user.id, started.verifier, redirect_uri, now + PENDING_S, again)
        google.pending = dict(kept) | {started.state: pending}
    return started.url


def finish(parts: Services, user: User, state: str, code: str) -> str | None:
    """Keep what Google gave. None, or the address to go to once more because no refresh token came.

    Raises BadReturn, RemoteError.
    """
    google: Google = parts.clients.google
    with google.lock:
        pending = google.pending.pop(state, None)  # for one use, whatever comes of it
    if pending is None or pending.until < clock.now() or not same_person(pending, user):
        log.warning("a consent came back that was not started here")
        raise BadReturn
    try:
        client = actions.client_of(parts)
    except SecretUnreadable:  # the key was lost meanwhile
        client = None
    if client is None:
        raise BadReturn
    grant = google_consent.finish(client, code, pending.verifier, pending.redirect_uri, google.endpoints)
    if grant.refresh_token is None:
        if pending.again:
            raise RemoteError(Reason("google.no_lasting_token"))
        return begin(parts, user, pending.redirect_uri, again=True)
    keep(parts, grant, by=user.id)
    return None


def same_person(pending: Pending, user: User) -> bool:
    return randomness.compare_digest(str(pending.user_id), str(user.id))


def keep(parts: Services, grant: Grant, *, by: int) -> None:
    """The account is connected from now on; what was held back goes on."""
    ours = set(SCOPES.values()) & set(grant.scopes)
    sealed = secrets.seal(parts, {"refresh_token": grant.refresh_token, "scopes": sorted(ours)})

    def change(tx: Transaction) -> None:
        if get_setting(tx.connection, OWNER, grant.email) != grant.email:  # those folders are not this person's
            _forget_place(tx)
        put_setting(tx.connection, OWNER, grant.email, clock.now())
        secrets.keep(tx, TOKENS, sealed)
        queries.put(tx.connection, email=grant.email, scopes=sorted(ours), now=clock.now())
        drive.release(tx)
        note(tx, by, "google_connected", email=grant.email)
        record(tx, "status.updated", "user", user_id=by)
        tx.wake("archive")

    parts.db.write(change)
    _drop(parts)


def keep_client(parts: Services, by: int, client_id: str, client_secret: str) -> None:
    """The OAuth client of the owner's Google Cloud project. Raises Conflict when the environment sets it."""
    if parts.config.google_client_id:
        raise Conflict("The client ID is set in the environment of the server.", code="set_by_environment")
    sealed = secrets.seal(parts, {"client_id": client_id, "client_secret": client_secret})

    def change(tx: Transaction) -> None:
        secrets.keep(tx, CLIENT, sealed)
        note(tx, by, "google_client_set", client_id=client_id)

    parts.db.write(change)
    _drop(parts)


def disconnect(parts: Services, by: int) -> None:
    """Forget the tokens here even if Google cannot be told. Files stay where they are."""
    account_tokens = None
    try:
        account_tokens = secrets.read(parts, TOKENS)
    except SecretUnreadable:  # then there is nothing to take back
        log.warning("the stored token of Google cannot be read")
    parts.db.write(_forget, by=by)
    _drop(parts)
    if account_tokens:
        try:
            google_consent.revoke(account_tokens["refresh_token"], parts.clients.google.endpoints)
        except RemoteError as error:
            log.warning("google could not be told of the end", extra={"reason": error.message})


def _forget(tx: Transaction, *, by: int) -> None:
    secrets.forget(tx, TOKENS)
    queries.delete(tx.connection)
    drive.release(tx)
    note(tx, by, "google_disconnected")
    record(tx, "status.updated", "user", user_id=by)


def _forget_place(tx: Transaction) -> None:
    drive_queries.set_folder(tx.connection, None, None)
    drive_queries.forget_folders(tx.connection)
    drive_queries.forget_uploads(tx.connection)


def _drop(parts: Services) -> None:
    google: Google = parts.clients.google
    with google.lock:
        google.use(None)
