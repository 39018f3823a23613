"""Verbs of our numbers: prepare, connect, test, let go. What they change holds from the next start of the process."""

from __future__ import annotations

import secrets as random_source
from dataclasses import fields

import orjson

from core.errors import Conflict, Invalid, NotFound
from core.reason import Reason, define
from core.text import storable
from db_manager import Transaction
from features.accounts import audit
from features.numbers import checks, probe, queries
from features.numbers.checks import Report
from features.numbers.connection import DRAFT, LINE, SECRET, Credentials
from features.settings.queries import delete_setting, put_setting
from features.vault import actions as secrets
from features.vault.sealing import SecretUnreadable
from integrations.http.client import HttpClient
from system import clock, logs
from web.services import Services
from whatsapp_handler import WhatsAppClient

LONGEST_ID = 25
ASKED_AT = "webhook_verified_at"  # setting: when Meta last asked for the verify token and got the right answer


def keep_draft(parts: Services, verify_token: str | None) -> str:
    """Meta asks for the verify token while the number is still being connected: from now on it gets the answer.

    Returns the token, a new one when none was given.
    """
    _refuse_beside_environment(parts)
    token = verify_token or random_source.token_urlsafe(24)
    logs.hide(token)
    sealed = secrets.seal(parts, {"verify_token": token})
    parts.db.write(secrets.keep, SECRET.format(DRAFT), sealed)
    return token


def draft(parts: Services) -> str | None:
    """The verify token that was prepared, None when there is none (or when its key was lost)."""
    try:
        kept = secrets.read(parts, SECRET.format(DRAFT))
    except SecretUnreadable:
        return None
    return kept["verify_token"] if kept else None


def note_asked(parts: Services) -> None:
    parts.db.write(put_setting, ASKED_AT, clock.now(), clock.now())


def connect(parts: Services, by: int, given: dict[str, str]) -> Report:
    """Test the five live and keep them, in place of the number that was connected before. What is left out of `given`
    stays as it was. Raises Invalid `checks_failed` with the lines of the test: then nothing was kept.
    """
    _refuse_beside_environment(parts)
    wanted = _complete(parts, given)
    logs.hide(wanted.access_token, wanted.app_secret, wanted.verify_token)
    if wanted.verify_token not in (parts.config.whatsapp_verify_token, draft(parts)):
        keep_draft(parts, wanted.verify_token)  # for the call that we are about to make to ourselves
    report = checks.inspect(_client(parts, wanted), wanted)
    report.checks += probe.call_ourselves(HttpClient(), parts.config.public_url, wanted.verify_token, None)
    if not report.works:
        reason = next(check.words for check in report.checks if check.state == "bad")
        raise Invalid(
            "The number was not connected: {reason}",
            code="checks_failed",
            details={"checks": [check.as_json() for check in report.checks]}, reason=reason,
        )
    sealed = secrets.seal(parts, vars(wanted))
    parts.db.write(_keep, by, wanted, sealed, report)
    return report


def test(parts: Services) -> Report:
    """The connected number, asked about at Meta and by way of our own public address."""
    config = parts.config
    if config.is_sandbox or config.is_locked:
        raise Conflict("No number is connected.", code="not_connected")
    current = Credentials(**{one.name: getattr(config, f"whatsapp_{one.name}") for one in fields(Credentials)})
    report = checks.inspect(_client(parts, current), current)
    report.checks += probe.call_ourselves(HttpClient(), config.public_url, current.verify_token, current.app_secret)
    parts.db.write(_keep_findings, current, report)
    return report


def disconnect(parts: Services, by: int, phone_number_id: str) -> None:
    """Its chats stay. Meta keeps what it cannot deliver for seven days."""
    _refuse_beside_environment(parts)

    def let_go(tx: Transaction) -> None:
        row = queries.by_phone_number_id(tx.connection, phone_number_id)
        if not queries.disconnect(tx.connection, phone_number_id) or row is None:
            raise NotFound("This number is not connected.")
        secrets.forget(tx, SECRET.format(phone_number_id))
        audit.note(tx, by, "number_disconnected", name=row["display_phone_number"] or phone_number_id)

    parts.db.write(let_go)


def _keep(tx: Transaction, by: int, wanted: Credentials, sealed: bytes, report: Report) -> None:
    before = queries.connected(tx.connection)
    if before is not None and before["phone_number_id"] != wanted.phone_number_id:
        queries.disconnect(tx.connection, before["phone_number_id"])
        secrets.forget(tx, SECRET.format(before["phone_number_id"]))
    delete_setting(tx.connection, LINE)  # its "token refused" was about the token before
    queries.connect(tx.connection, wanted.phone_number_id, wanted.business_account_id, clock.now())
    _keep_findings(tx, wanted, report)
    secrets.keep(tx, SECRET.format(wanted.phone_number_id), sealed)
    secrets.forget(tx, SECRET.format(DRAFT))
    audit.note(tx, by, "number_connected", name=report.display or wanted.phone_number_id)


def _keep_findings(tx: Transaction, number: Credentials, report: Report) -> None:
    queries.know(tx.connection, number.phone_number_id, number.business_account_id, clock.now())
    found = {
        "app_id": report.app_id if report.app_id.isdigit() else "",
        "display": storable(report.display),
        "name": storable(report.name),
        "quality": storable(report.quality),
        "token_expires_at": report.token_expires_at,
        "checks": orjson.dumps([check.stored() for check in report.checks]).decode(),
        "now": clock.now(),
    }
    queries.keep_findings(tx.connection, number.phone_number_id, found)


def _complete(parts: Services, given: dict[str, str]) -> Credentials:
    """What was entered, and for the rest what is kept already. Raises Invalid naming what is missing or odd."""
    config = parts.config
    kept: dict[str, str] = {"verify_token": draft(parts) or ""}
    if config.is_stored and given.get("phone_number_id") in (None, "", config.whatsapp_phone_number_id):
        names = [one.name for one in fields(Credentials)]
        kept = {name: getattr(config, f"whatsapp_{name}") for name in names} | {k: v for k, v in kept.items() if v}
    values = kept | {name: value for name, value in given.items() if value}
    missing = [WORDS[one.name] for one in fields(Credentials) if not values.get(one.name)]
    if missing:
        raise Invalid("Still missing: {names}.", code="missing_credentials", names=tuple(missing))
    for name in ("phone_number_id", "business_account_id"):
        if not (values[name].isascii() and values[name].isdigit() and len(values[name]) <= LONGEST_ID):
            raise Invalid(
                "The {name} is a long number of digits only, not the phone number itself.", code="not_an_id", name=WORDS[name]
            )
    return Credentials(**values)


define(
    {
        "credential.access_token": "access token",
        "credential.phone_number_id": "phone number ID",
        "credential.business_account_id": "WhatsApp Business Account ID",
        "credential.app_secret": "app secret",
        "credential.verify_token": "verify token",
    }
)
WORDS = {one.name: Reason(f"credential.{one.name}") for one in fields(Credentials)}


def _client(parts: Services, number: Credentials) -> WhatsAppClient:
    config = parts.config
    return WhatsAppClient(
        config.graph_api_url,
        config.graph_api_version,
        number.access_token,
        number.phone_number_id,
        number.business_account_id,
    )


def _refuse_beside_environment(parts: Services) -> None:
    config = parts.config
    if not config.is_sandbox and not config.is_stored:
        raise Conflict(
            "The number is set by the WHATSAPP_ settings of this server (.env). Remove them there and restart first.",
            code="environment_wins",
        )
