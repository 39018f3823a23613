"""Meta's webhook, and what administrators see of it."""

from __future__ import annotations

from flask import Blueprint, Response, request

from core.errors import Forbidden, NotFound
from core.paging import decode_cursor, encode_cursor, page_limit
from features.numbers import actions as numbers
from features.numbers.arrivals import arrivals
from features.webhooks import queries
from features.webhooks.actions import LARGEST_BODY, accept, refuse_while_locked
from features.webhooks.middleware import REFUSAL
from integrations.http.client import USER_AGENT
from system import clock
from web.guards import public, role, unforgeable
from web.openapi import describe
from web.respond import ok
from web.services import services
from web.validation import LARGEST_ID
from whatsapp_handler import answer_challenge

blueprint = Blueprint("webhooks", __name__)


@blueprint.get("/webhook/whatsapp")
@public
@describe("Meta's challenge, echoed as plain text.", answers={200: "The digits of hub.challenge.", 403: "A wrong token."})
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
@describe("Meta's deliveries. 200 only after the commit.", answers={200: "Stored.", 401: "Unsigned.", 403: "Wrongly signed."})
def post_webhook() -> Response:
    if refusal := request.environ.get(REFUSAL):
        raise refusal
    request.max_content_length = LARGEST_BODY
    raw = request.get_data(cache=False)
    accept(services(), arrivals(), raw, request.headers.get("X-Hub-Signature-256"))
    return Response("ok", mimetype="text/plain")


@blueprint.get("/api/deliveries")
@role("admin")
@describe("What Meta delivered, newest first.", query={"limit": "1 to 100", "cursor": "next_cursor of the page before"},
          answers={200: '{"deliveries": [...], "next_cursor"}'})  # fmt: skip
def get_deliveries() -> Response:
    limit = page_limit(request.args.get("limit"))
    cursor = request.args.get("cursor")
    before = decode_cursor(cursor, 1)[0] if cursor else LARGEST_ID
    with services().db.read() as connection:
        rows = queries.deliveries(connection, before, limit + 1)
    page = rows[:limit]
    return ok(
        {
            "deliveries": [dict(row) | {"received_at": clock.iso(row["received_at"])} for row in page],
            "next_cursor": encode_cursor(page[-1]["id"]) if len(rows) > limit else None,
        }
    )


@blueprint.get("/api/deliveries/<row:delivery_id>")
@role("admin")
@describe("One delivery with its raw body and the events that were set aside.",
          answers={200: '{"delivery": {"id", "received_at", "state", "error", "body"},'
                        ' "quarantined": [{"event", "error", "at"}]}'})  # fmt: skip
def get_delivery(delivery_id: int) -> Response:
    with services().db.read() as connection:
        row = queries.delivery(connection, delivery_id)
        if row is None:
            raise NotFound("There is no such delivery.")
        aside = queries.quarantined(connection, delivery_id)
    return ok(
        {
            "delivery": {
                "id": row["id"],
                "received_at": clock.iso(row["received_at"]),
                "state": row["state"],
                "error": row["error"],
                "body": row["body"].decode("utf-8", "replace"),
            },
            "quarantined": [{"event": one["event"], "error": one["error"], "at": clock.iso(one["at"])} for one in aside],
        }
    )
