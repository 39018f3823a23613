"""The live test of a number: one line a question, in plain words, with what to do when the answer is no.

Asked of Meta with the very values that were entered; nothing is changed there except that our app is subscribed to
the account when it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from core.errors import RemoteError
from core.reason import Reason, define, from_plain, plain, verbatim
from features.numbers.connection import Credentials
from integrations.whatsapp.values import integer, string
from system import clock
from web.words import word, word_if
from whatsapp_handler import Refused, WhatsAppClient

T = TypeVar("T")

NEEDED = ("whatsapp_business_management", "whatsapp_business_messaging")
_LATEST = 4_102_444_800  # the year 2100: what lies beyond is no time stamp
_TOKEN_CODES = (0, 190)
_ABSENT_CODES = (33, 100)  # no such object, as far as this token sees
_PERMISSION_CODES = (3, 10, 131005, *range(200, 300))

define(
    {
        "check.token_unknown": "Meta does not tell how long the access token lasts.",
        "check.token_lacks": "The access token lacks a permission: {names}.",
        "check.tick_both": "Generate a new token for the system user and tick both WhatsApp permissions.",
        "check.token_ends": "The access token works, and ends on {day}.",
        "check.make_lasting": "Generate one for a system user with “Never” as its expiry; a token of the API Setup page ends"
        " after a day.",
        "check.token_ok": "The access token is accepted.",
        "check.number_absent": "There is no number with this phone number ID, or the token may not see it.",
        "check.number_is": "The number is {number}, {name}.",
        "check.account_absent": "There is no WhatsApp Business Account with this ID, or the token may not see it.",
        "check.account_ok": "The number belongs to this account.",
        "check.account_other": "This account does not own the number.",
        "check.copy_both": "Copy both IDs from the same page: WhatsApp → API Setup, with your number chosen in “From”.",
        "check.templates_unreadable": "The message templates of this account cannot be read.",
        "check.templates_ok": "{count} message templates can be read.",
        "check.secret_open": "Whether the app secret is right shows when the first webhook comes.",
        "check.secret_ok": "The app secret belongs to the app of the token.",
        "check.secret_other": "The app secret does not belong to the app that the access token was made for.",
        "check.copy_secret": "Copy it from App settings → Basic of that very app. With a wrong one every webhook would be"
        " refused.",
        "check.subscribed": "The app is subscribed to the account.",
        "check.not_subscribed": "The app is not subscribed to the account, so nothing would arrive: {reason}",
        "check.give_control": "Give the system user full control of the app and of the WhatsApp account, then generate a new"
        " token.",
        "check.now_subscribed": "The app was not subscribed to the account. Now it is.",
        "check.compare": "Compare it with WhatsApp → API Setup, and check that the system user has full control of the"
        " account.",
        "check.refused": "Meta refused this: {reason}",
        "check.not_asked": "Meta could not be asked: {reason}",
        "check.check_way": "Check this machine's way to graph.facebook.com, then try again.",
        "check.token_may_not": "The access token may not do this ({number}).",
        "check.assign": "Assign the app and the WhatsApp account to the system user with full control, and generate a new"
        " token.",
        "check.token_dead": "Meta does not accept the access token: it is wrong, cut short, withdrawn or has ended.",
        "check.paste_new": "Generate a new one for the system user and paste all of it.",
    }
)


@dataclass(frozen=True)
class Check:
    """`state`: ok, bad (does not work), warn (works, but), open (cannot be told yet). `advice`: what to do now."""

    name: str
    state: str
    words: Reason
    advice: Reason | None = None

    def as_json(self) -> dict[str, str]:
        """In the reader's language."""
        return {"name": self.name, "state": self.state, "words": word(self.words), "advice": word_if(self.advice) or ""}

    def stored(self) -> dict[str, Any]:
        return {"name": self.name, "state": self.state, "words": plain(self.words), "advice": plain(self.advice)}


def read_check(stored: dict[str, Any]) -> Check:
    words = from_plain(stored["words"]) or verbatim("")
    return Check(stored["name"], stored["state"], words, from_plain(stored.get("advice")))


@dataclass
class Report:
    """What a test found: its lines, and what Meta says of the number."""

    checks: list[Check] = field(default_factory=list)
    app_id: str = ""
    display: str = ""
    name: str = ""
    quality: str = ""
    token_expires_at: int | None = None

    @property
    def works(self) -> bool:
        return not any(check.state == "bad" for check in self.checks)


class _Stop(Exception):
    """After this line the others can only fail too."""


def inspect(client: WhatsAppClient, given: Credentials) -> Report:
    """Ask Meta everything that it can tell about `given`; `client` speaks with its token."""
    report = Report()
    try:
        for check in _ask(client, given, report):
            report.checks.append(check)
    except _Stop as stop:
        report.checks.append(stop.args[0])
    return report


def _ask(client: WhatsAppClient, given: Credentials, report: Report) -> Iterator[Check]:
    yield _token(client, report)
    yield _number(client, report)
    yield _account(client, given)
    yield _templates(client)
    yield _secret(client, given)
    yield _subscription(client, report.app_id)


def _token(client: WhatsAppClient, report: Report) -> Check:
    try:
        info = client.token_info()
    except RemoteError as error:
        if (trouble := _common("token", error)) is not None:
            raise _Stop(trouble) from error
        return Check("token", "open", Reason("check.token_unknown"))
    if info.get("is_valid") is False:
        raise _Stop(_dead_token())
    expires_at = integer(info.get("expires_at"))
    report.token_expires_at = expires_at if expires_at is not None and 0 <= expires_at < _LATEST else None
    scopes = info.get("scopes")
    missing = [scope for scope in NEEDED if isinstance(scopes, list) and scope not in scopes]
    report.app_id = string(info.get("app_id"))
    return _judge_token(missing, report.token_expires_at)


def _judge_token(missing: list[str], expires_at: int | None) -> Check:
    if missing:
        return Check(
            "token", "bad", Reason("check.token_lacks", names=", ".join(missing)),
            Reason("check.tick_both"),
        )  # fmt: skip
    if expires_at:
        day = (clock.iso(expires_at) or "")[:10]
        return Check(
            "token", "warn", Reason("check.token_ends", day=day),
            Reason("check.make_lasting"),
        )  # fmt: skip
    return Check("token", "ok", Reason("check.token_ok"))


def _number(client: WhatsAppClient, report: Report) -> Check:
    found = _or_stop("number", client.check, Reason("check.number_absent"))
    report.display = string(found.get("display_phone_number"))
    report.name = string(found.get("verified_name"))
    report.quality = string(found.get("quality_rating"))
    return Check("number", "ok", Reason("check.number_is", number=report.display, name=report.name or "?"))


def _account(client: WhatsAppClient, given: Credentials) -> Check:
    ids = _or_stop(
        "account", client.number_ids, Reason("check.account_absent")
    )
    if given.phone_number_id in ids:
        return Check("account", "ok", Reason("check.account_ok"))
    return Check(
        "account", "bad", Reason("check.account_other"),
        Reason("check.copy_both"),
    )  # fmt: skip


def _templates(client: WhatsAppClient) -> Check:
    found = _or_stop("templates", client.templates, Reason("check.templates_unreadable"))
    return Check("templates", "ok", Reason("check.templates_ok", count=len(found)))


def _secret(client: WhatsAppClient, given: Credentials) -> Check:
    try:
        accepted = client.accepts_secret(given.app_secret)
    except RemoteError:
        words = Reason("check.secret_open")
        return Check("secret", "open", words)
    if accepted:
        return Check("secret", "ok", Reason("check.secret_ok"))
    return Check(
        "secret", "bad", Reason("check.secret_other"),
        Reason("check.copy_secret"),
    )  # fmt: skip


def _subscription(client: WhatsAppClient, app_id: str) -> Check:
    try:
        known = client.subscribed_app_ids()
        if app_id in known or (known and not app_id):
            return Check("subscription", "ok", Reason("check.subscribed"))
        client.subscribe()
    except RemoteError as error:
        return _common("subscription", error) or Check(
            "subscription", "bad", Reason("check.not_subscribed",
                                     reason=error.reason),
            Reason("check.give_control"),
        )  # fmt: skip
    return Check("subscription", "ok", Reason("check.now_subscribed"))


def _or_stop(name: str, ask: Callable[[], T], absent: Reason) -> T:
    try:
        return ask()
    except RemoteError as error:
        trouble = _common(name, error)
        if trouble is None and isinstance(error, Refused) and error.code in _ABSENT_CODES:
            trouble = Check(
                name, "bad", absent,
                Reason("check.compare"),
            )  # fmt: skip
        raise _Stop(trouble or Check(name, "bad", Reason("check.refused", reason=_said(error)))) from error


def _common(name: str, error: RemoteError) -> Check | None:
    """What may happen to any of the questions."""
    if not isinstance(error, Refused):
        return Check(
            name, "bad", Reason("check.not_asked", reason=error.reason),
            Reason("check.check_way"),
        )  # fmt: skip
    if error.code in _TOKEN_CODES:
        return _dead_token()
    if error.code in _PERMISSION_CODES and name != "token":
        return Check(
            name, "bad", Reason("check.token_may_not", number=error.code or "?"),
            Reason("check.assign"),
        )  # fmt: skip
    return None


def _dead_token() -> Check:
    return Check(
        "token", "bad", Reason("check.token_dead"),
        Reason("check.paste_new"),
    )  # fmt: skip


def _said(error: RemoteError) -> Reason:
    return verbatim(error.details) if isinstance(error, Refused) and error.details else error.reason
