"""HTTP of templates."""

from __future__ import annotations

from itertools import islice
from typing import Any

from flask import Blueprint, Response, request

from core.errors import Invalid
from core.paging import decode_cursor, encode_cursor, page_limit
from core.text import fold
from db_manager import Connection
from features.templates import queries
from features.templates.actions import THROTTLE_S, sync_templates
from features.templates.template import Template, as_json, read_template
from web.openapi import describe
from web.respond import ok
from web.services import services

blueprint = Blueprint("replies", __name__)

_QUERY = {
    "q": "Part of the name or the text.",
    "status": "Meta's word, such as APPROVED.",
    "limit": "1 to 100, 50 when left out.",
    "cursor": "The `next_cursor` of the page before.",
}


@blueprint.get("/api/templates")
@describe("Message templates, by name.", query=_QUERY, answers={200: '{"templates": [...], "next_cursor"}'})
def get_templates() -> Response:
    with services().db.read() as connection:
        return ok(_page(connection))


@blueprint.post("/api/templates/sync")
@describe(
    "Fetch the templates from Meta now; within ten seconds of the last time it answers what is known.",
    query=_QUERY,
    answers={200: '{"templates": [...], "next_cursor"}', 503: "WhatsApp could not be reached; the cache stays."},
)
def post_template_sync() -> Response:
    parts = services()
    sync_templates(
        parts.db, parts.clients.whatsapp, parts.config.whatsapp_business_account_id, throttle_s=THROTTLE_S
    )
    return get_templates()


def _page(connection: Connection) -> dict[str, Any]:
    args = request.args
    limit = page_limit(args.get("limit"))
    after = decode_cursor(args["cursor"], 1)[0] if args.get("cursor") else None
    if after is not None and not queries.exists(connection, after):
        raise Invalid("This list has changed meanwhile. Load it again.", code="invalid_cursor")
    rows = queries.listed(connection, args["status"].upper() if args.get("status") else None, after)
    matching = (one for row in rows if _matches(one := read_template(row), fold(args.get("q", "").strip())))
    found = list(islice(matching, limit + 1))
    page = found[:limit]
    following = encode_cursor(page[-1].id) if len(found) > limit else None
    return {"templates": [as_json(template) for template in page], "next_cursor": following}


def _matches(template: Template, wanted: str) -> bool:
    return wanted in fold(f"{template.name}\n{template.body}")
