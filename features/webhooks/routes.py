"""Meta's webhook, and what administrators see of it."""

from __future__ import annotations

from flask import Blueprint, Response, request

from core.errors import Forbidden, NotFound
from core.paging import decode_cursor, encode_cursor
from features.numbers import actions as numbers
from features.numbers.arrivals import arrivals
from features.webhooks import queries
from features.webhooks.actions import LARGEST_BODY, accept, refuse_while_locked
from features.webhooks.answers import Delivery, DeliveryPage, DeliverySummary, OneDelivery, QuarantinedEvent
from features.webhooks.middleware import REFUSAL
from integrations.http.client import USER_AGENT
from system import clock
from web.guards import public, role, unforgeable
from web.openapi import describe
from web.respond import ok
from web.services import services
from web.validation import LARGEST_ID, PageQuery, parse_query
from whatsapp_handler import answer_challenge

blueprint = Blueprint("webhooks", __name__)


@blueprint.get("/webhook/whatsapp")
@public
@describe(
    "Meta's challenge",
    "Echoed as plain text when `hub.verify_token` is ours.",
    answers={200: "The digits of hub.challenge."},
    errors={
        403: {"wrong_verify_token": "It is not ours.", "wrong_challenge": "`hub.challenge` is not digits."},
        503: {"number_locked": "The key that opens the token is lost: an owner must connect the number again."},
    },
)
def get_webhook() -> Response:
    challenge = _answer_challenge()
    if request.user_agent.string != USER_AGENT:  # our own test asks too
        numbers.note_asked(services())
    return Response(challenge, mimetype="text/plain")


def _answer_challenge() -> str:
    """By the connected number's verify token, or by that of one that is being connected. Raises Forbidden, locked: 503."""
    parts = services()
    try:
        return answer_challenge(request.args, parts.config.whatsapp_verify_token)
    except Forbidden:
        if draft := numbers.draft(parts):
            return answer_challenge(request.args, draft)
        refuse_while_locked(parts)
        raise


@blueprint.post("/webhook/whatsapp")
@public
@unforgeable
@describe(
    "Meta's deliveries",
    "Signed with the app secret (X-Hub-Signature-256). 200 only after the commit; the same body twice is one delivery.",
    answers={200: "Stored."},
    errors={
        401: {"unsigned": "There is no signature."},
        403: {"wrong_signature": "It is not of our app secret."},
        503: {"number_locked": "The key that opens the app secret is lost: Meta keeps the delivery and comes again."},
    },
)
def post_webhook() -> Response:
    if refusal := request.environ.get(REFUSAL):
        raise refusal
    request.max_content_length = LARGEST_BODY
    raw = request.get_data(cache=False)
    accept(services(), arrivals(), raw, request.headers.get("X-Hub-Signature-256"))
    return Response("ok", mimetype="text/plain")


@blueprint.get("/api/deliveries")
@role("admin")
@describe("What Meta delivered", "Newest first, without the bodies.", query=PageQuery, answers={200: DeliveryPage})
def get_deliveries() -> Response:
    asked = parse_query(PageQuery)
    before = decode_cursor(asked.cursor, 1)[0] if asked.cursor else LARGEST_ID
    with services().db.read() as connection:
        rows = queries.deliveries(connection, before, asked.limit + 1)
    page = rows[: asked.limit]
    return ok(
        DeliveryPage(
            deliveries=[DeliverySummary(**dict(row) | {"received_at": clock.iso(row["received_at"])}) for row in page],
            next_cursor=encode_cursor(page[-1]["id"]) if len(rows) > asked.limit else None,
        )
    )


@blueprint.get("/api/deliveries/<row:delivery_id>")
@role("admin")
@describe("One delivery", "With its raw body and the events that were set aside.", answers={200: OneDelivery})
def get_delivery(delivery_id: int) -> Response:
    with services().db.read() as connection:
        row = queries.delivery(connection, delivery_id)
        if row is None:
            raise NotFound("There is no such delivery.")
        aside = queries.quarantined(connection, delivery_id)
    delivery = Delivery(
        id=row["id"],
        received_at=clock.iso_of(row["received_at"]),
        state=row["state"],
        error=row["error"],
        body=row["body"].decode("utf-8", "replace"),
    )
    quarantined = [QuarantinedEvent(event=one["event"], error=one["error"], at=clock.iso_of(one["at"])) for one in aside]
    return ok(OneDelivery(delivery=delivery, quarantined=quarantined))
