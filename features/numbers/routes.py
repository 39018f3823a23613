"""HTTP of our numbers, for owners. What these calls change holds after a restart, which they bring about themselves."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from flask import Blueprint, Response, request
from flask.blueprints import BlueprintSetupState
from pydantic import Field

from core.errors import Forbidden
from db_manager import Connection, Row
from features.numbers import actions, probe, queries
from features.numbers.answers import NumberChecks, NumberConnected, NumberDraftKept, Numbers, Restart
from features.numbers.arrivals import Arrivals, arrivals
from features.numbers.checks import Report, read_check
from features.settings.queries import get_setting
from system import clock
from web import guards
from web.openapi import describe
from web.respond import ok
from web.services import services
from web.validation import Body, Text, parse_json

blueprint = Blueprint("numbers", __name__)

Secret = Annotated[Text, Field(max_length=2000)]
Short = Annotated[Text, Field(max_length=200)]
SHOWN_END = 4
FROM_ENVIRONMENT = {"environment_wins": "The number comes from the environment, which wins."}
NOT_THE_DEMO = {"demo_owner": "The demo owner ends with the sandbox: create an account first."}
LONG_ENOUGH = 12  # of a shorter secret four letters would tell too much


class NumberDraft(Body):
    """`verify_token` left out: one is made up."""

    verify_token: Short = ""


class NumberCredentials(Body):
    """What is left out stays as it is kept already."""

    access_token: Secret = ""
    phone_number_id: Short = ""
    business_account_id: Short = ""
    app_secret: Short = ""
    verify_token: Short = ""


@blueprint.record_once
def install(state: BlueprintSetupState) -> None:
    state.app.extensions["arrivals"] = Arrivals()


@blueprint.get("/api/numbers")
@guards.role("owner")
@describe(
    "The connection to WhatsApp",
    "Of what is secret only the last four characters are shown.",
    answers={200: Numbers},
)
def get_numbers() -> Response:
    return ok(state_json())


@blueprint.post("/api/numbers/draft")
@guards.role("owner")
@describe(
    "Prepare the verify token",
    "Meta's question is answered from now on, before the number is connected.",
    body=NumberDraft,
    answers={201: NumberDraftKept},
    errors={403: NOT_THE_DEMO, 409: FROM_ENVIRONMENT},
)
def post_draft() -> Response:
    _refuse_demo()
    token = actions.keep_draft(services(), parse_json(NumberDraft).verify_token.strip() or None)
    return ok(NumberDraftKept(verify_token=token, webhook_url=webhook_url()), 201)


@blueprint.post("/api/numbers")
@guards.role("owner")
@describe(
    "Test a number live at Meta and connect it",
    "In place of the one before, from the next start on.",
    body=NumberCredentials,
    answers={201: NumberConnected},
    errors={
        403: NOT_THE_DEMO,
        409: FROM_ENVIRONMENT,
        422: {
            "missing_credentials": "One of the five is missing.",
            "not_an_id": "An id is no number.",
            "checks_failed": "The test says no: `details.checks` is as in the answer.",
        },
    },
)
def post_number() -> Response:
    _refuse_demo()
    given = {name: value.strip() for name, value in parse_json(NumberCredentials).model_dump().items()}
    report = actions.connect(services(), guards.user().id, given)
    return restarting(checks_json(report), 201)


@blueprint.post("/api/numbers/test")
@guards.role("owner")
@describe(
    "Test the connected number live",
    "Asks Meta; nothing is changed there, except that our app is subscribed to the account when it is not.",
    answers={200: NumberChecks},
    errors={409: {"not_connected": "No number is connected."}},
)
def post_number_test() -> Response:
    return ok(checks_json(actions.test(services())))


@blueprint.delete("/api/numbers/<digits:phone_number_id>")
@guards.role("owner")
@describe(
    "Disconnect a number",
    "Its chats stay.",
    answers={200: Restart},
    errors={403: NOT_THE_DEMO, 404: {"not_found": "It is not connected."}, 409: FROM_ENVIRONMENT},
)
def delete_number(phone_number_id: str) -> Response:
    _refuse_demo()
    actions.disconnect(services(), guards.user().id, phone_number_id)
    return restarting({}, 200)


def restarting(answer: dict[str, Any], status: int) -> Response:
    """`answer`, and once it has left a fresh process, which reads the connection anew."""
    restart = services().restart
    response = ok(answer | {"restart": "now" if restart else "by_hand"}, status)
    if restart:
        response.call_on_close(restart)
    return response


def webhook_url() -> str:
    """What to enter at Meta."""
    return (services().config.public_url or request.host_url.rstrip("/")) + probe.PATH


# ---------------------------------------------------------------- answers


def state_json() -> dict[str, Any]:
    parts = services()
    config = parts.config
    draft = actions.draft(parts)
    with parts.db.read() as connection:
        numbers = [] if config.is_sandbox else [_number_json(connection)]
        asked_at = get_setting(connection, actions.ASKED_AT)
    return {
        "mode": config.mode,
        "run": parts.run,
        "source": None if config.is_sandbox else "stored" if config.is_stored else "environment",
        "numbers": numbers,
        "draft": {"verify_token": _end_of(draft)} if draft else None,
        "asked_at": clock.iso(asked_at),
        "refused_webhooks": arrivals().refused if arrivals().suspicious else 0,
        "webhook_url": webhook_url(),
        "has_public_url": bool(config.public_url),
    }


def _number_json(connection: Connection) -> dict[str, Any]:
    config = services().config
    row = queries.by_phone_number_id(connection, config.whatsapp_phone_number_id)
    return {
        "phone_number_id": config.whatsapp_phone_number_id,
        "business_account_id": config.whatsapp_business_account_id,
        "access_token": _end_of(config.whatsapp_access_token),
        "app_secret": _end_of(config.whatsapp_app_secret),
        "verify_token": _end_of(config.whatsapp_verify_token),
        "templates": queries.count_templates(connection, config.whatsapp_business_account_id),
        "last_webhook_at": clock.iso(queries.last_delivery_at(connection, config.whatsapp_phone_number_id)),
        **(_findings_json(row) if row else {}),
    }


def _findings_json(row: Row) -> dict[str, Any]:
    expires_at = row["token_expires_at"]
    return {
        "phone": row["display_phone_number"],
        "name": row["verified_name"],
        "quality": row["quality"],
        "connected_at": clock.iso(row["connected_at"]),
        "token_expires_at": clock.iso(expires_at) if expires_at else None,
        "token_never_expires": expires_at == 0,
        "checked_at": clock.iso(row["checked_at"]),
        "checks": [read_check(one).as_json() for one in orjson.loads(row["checks"])],
    }


def checks_json(report: Report) -> dict[str, Any]:
    return {"checks": [check.as_json() for check in report.checks]}


def _end_of(secret: str) -> str:
    return f"…{secret[-SHOWN_END:]}" if len(secret) >= LONG_ENOUGH else "…"


def _refuse_demo() -> None:
    if guards.user().is_demo:
        raise Forbidden("Create your own account first: the demo owner ends with the sandbox.", code="demo_owner")
