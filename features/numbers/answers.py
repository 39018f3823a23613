"""Our WhatsApp numbers, and what Meta says of them, as the API answers them."""

from __future__ import annotations

from typing import Literal

from web.answers import Answer, Time


class NumberCheck(Answer):
    """A line of the live test. `state`: bad does not work, warn works, but; open cannot be told yet. `advice`: what to do."""

    name: str
    state: Literal["ok", "bad", "warn", "open"]
    words: str
    advice: str


class NumberChecks(Answer):
    """The live test of a number, line by line."""

    checks: list[NumberCheck]


class Restart(Answer):
    """Whether the process starts anew by itself, or a person has to do it."""

    restart: Literal["now", "by_hand"]


class NumberConnected(NumberChecks, Restart):
    """What the test said, and that the number is used from the next start on."""


class NumberDraftKept(Answer):
    """What to enter at Meta. The verify token is shown this once."""

    verify_token: str
    webhook_url: str


class WhatsAppNumber(Answer):
    """A connected number. Of what is secret only the end is shown. What Meta says is missing until it was asked."""

    phone_number_id: str
    business_account_id: str
    access_token: str
    app_secret: str
    verify_token: str
    templates: int
    last_webhook_at: Time | None
    phone: str | None = None
    name: str | None = None
    quality: str | None = None
    connected_at: Time | None = None
    token_expires_at: Time | None = None
    token_never_expires: bool = False
    checked_at: Time | None = None
    checks: list[NumberCheck] = []


class VerifyTokenEnd(Answer):
    """The end of the verify token of a number that is being connected."""

    verify_token: str


class Numbers(Answer):
    """The connection to WhatsApp. `run` names the process: another one has started anew.

    `asked_at`: when Meta last asked for the verify token. `refused_webhooks`: so many came wrongly signed.
    """

    mode: Literal["sandbox", "live", "locked"]
    run: str
    source: Literal["environment", "stored"] | None
    numbers: list[WhatsAppNumber]
    draft: VerifyTokenEnd | None
    asked_at: Time | None
    refused_webhooks: int
    webhook_url: str
    has_public_url: bool
