"""HTTP of the Google account: consent at /auth/google, and what the owner sees and switches at /api/google."""

from __future__ import annotations

from typing import Annotated

from flask import Blueprint, Response, redirect, request
from pydantic import Field
from werkzeug.wrappers import Response as AnyResponse

from core.errors import AppError, Conflict, RemoteError
from features.accounts.actions import refuse_demo
from features.google_account import actions, consent, drive, settings, status
from features.google_account.answers import GoogleStatus
from features.settings import values
from features.settings.models import change_model
from features.vault.sealing import SecretUnreadable
from integrations.google.errors import Kind, classify
from web import guards
from web.openapi import describe
from web.respond import ok
from web.services import services
from web.validation import Body, Text, parse_json

blueprint = Blueprint("google_account", __name__)
NOT_THE_DEMO = {"demo_account": "The demo owner connects nothing."}

_PERMANENT = [kind for kind in Kind if kind is not Kind.RETRY]
CALLBACK = "/auth/google/callback"
SETTINGS = "/settings/google"

Word = Annotated[Text, Field(min_length=1, max_length=300)]


class GoogleClient(Body):
    client_id: Word
    client_secret: Word


GoogleSwitches = change_model("GoogleSwitches", settings.SWITCHES)


# ---------------------------------------------------------------- consent


@blueprint.get("/auth/google")
@guards.role("owner")
def get_auth() -> AnyResponse:
    """To Google's consent page."""
    refuse_demo(guards.user())
    address = redirect_uri()
    if address is None:
        raise Conflict("Google sends people back only to https addresses: set PUBLIC_URL first.", code="no_public_url")
    try:
        return redirect(consent.begin(services(), guards.user(), address))
    except SecretUnreadable:
        raise Conflict("The client ID cannot be read any more: enter it again.", code="no_client") from None


@blueprint.get(CALLBACK)
@guards.role("owner")
def get_callback() -> AnyResponse:
    """Back from Google, with a code or with a refusal."""
    if "error" in request.args:
        raise AppError("Google was not given the permission. Nothing has changed.", code="consent_refused")
    state, code = request.args.get("state", ""), request.args.get("code", "")
    try:
        once_more = consent.finish(services(), guards.user(), state, code)
    except RemoteError as error:
        raise AppError(error.reason, code="consent_failed") from error
    return redirect(once_more or SETTINGS)


def redirect_uri() -> str | None:
    """Where Google sends the owner back to; None when there is no address that Google accepts."""
    public_url = services().config.public_url
    if public_url:
        return public_url + CALLBACK
    return request.host_url.rstrip("/") + CALLBACK if guards.is_loopback_host(request.host) else None


# ---------------------------------------------------------------- state and switches


@blueprint.get("/api/google")
@guards.role("owner")
@describe("The Google account", "Asks nobody: it says what is known here.", answers={200: GoogleStatus})
def get_google() -> Response:
    return ok(status.as_json(services(), redirect_uri()))


@blueprint.patch("/api/google")
@guards.role("owner")
@describe(
    "Switch parts of Google on or off",
    "What is left out stays. What needs another permission works when the owner has given it (GET /auth/google).",
    body=GoogleSwitches,
    answers={200: GoogleStatus},
    errors={
        409: NOT_THE_DEMO
        | {
            "service_account_my_drive": "A service account needs a folder on a shared drive.",
            "credentials_file": "The file of the service account cannot be used.",
            "no_contacts": "A service account has no contacts.",
        }
    },
)
def patch_google() -> Response:
    refuse_demo(guards.user())
    parts, by = services(), guards.user()
    chosen = parse_json(GoogleSwitches).model_dump(exclude_none=True)
    if chosen.get("archive") or chosen.get("backups"):
        drive.refuse_my_drive(parts)
    values.check(parts, by, values.named(settings.SWITCHES, chosen))
    actions.switch(parts, by, chosen)
    return get_google()


@blueprint.post("/api/google/client")
@guards.role("owner")
@describe(
    "Set the OAuth client",
    "Of the owner's own project at Google Cloud. Its secret is sealed and never shown again.",
    body=GoogleClient,
    answers={200: GoogleStatus},
    errors={409: NOT_THE_DEMO | {"set_by_environment": "The environment of the server sets it."}},
)
def post_client() -> Response:
    refuse_demo(guards.user())
    body = parse_json(GoogleClient)
    consent.keep_client(services(), guards.user().id, body.client_id.strip(), body.client_secret.strip())
    return get_google()


@blueprint.post("/api/google/disconnect")
@guards.role("owner")
@describe("Give the permissions back", "Files stay in Drive.", answers={200: GoogleStatus}, errors={409: NOT_THE_DEMO})
def post_disconnect() -> Response:
    refuse_demo(guards.user())
    consent.disconnect(services(), guards.user().id)
    return get_google()


@blueprint.post("/api/google/test")
@guards.role("owner")
@describe(
    "Ask Google how our Drive is",
    "Is our folder there, how much room is left? What comes of it is in the answer, also when Google says no.",
    answers={200: GoogleStatus},
    errors={409: NOT_THE_DEMO},
)
def post_google_test() -> Response:
    refuse_demo(guards.user())
    drive.ask_now(services())
    return get_google()


@blueprint.post("/api/google/folder")
@guards.role("owner")
@describe(
    "Make our folder in Drive anew",
    "Because the old one is gone. What was in it stays there.",
    answers={200: GoogleStatus},
    errors={
        409: NOT_THE_DEMO | {f"google_{kind.value}": "Google does not do it: the message says why." for kind in _PERMANENT},
        503: {"google_unavailable": "Google does not answer."},
    },
)
def post_folder() -> Response:
    refuse_demo(guards.user())
    try:
        drive.make_root(services(), guards.user().id)
    except AppError:
        raise
    except Exception as error:
        failure = classify(error)
        if failure.kind is Kind.RETRY:
            raise AppError(failure.why, code="google_unavailable", status=503, retry_after=30) from error
        raise Conflict(failure.why, code=f"google_{failure.kind.value}") from error
    return get_google()
