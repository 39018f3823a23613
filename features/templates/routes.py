"""HTTP of templates."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any

from flask import Blueprint, Response
from pydantic import Field

from core.errors import Invalid
from core.paging import decode_cursor, encode_cursor
from core.text import fold
from db_manager import Connection
from features.templates import queries
from features.templates.actions import THROTTLE_S, sync_templates
from features.templates.answers import TemplatePage
from features.templates.template import Template, as_json, read_template
from web.openapi import describe
from web.respond import ok
from web.services import services
from web.validation import PageQuery, parse_query

blueprint = Blueprint("replies", __name__)

class TemplatesQuery(PageQuery):
    q: Annotated[str, Field(description="Part of the name or the text.")] = ""
    status: Annotated[str, Field(description="Meta's word, such as APPROVED.")] = ""


@blueprint.get("/api/templates")
@describe(
    "Message templates, by name",
    "As Meta last gave them to us. Also those that cannot be sent: `why_not` says why.",
    query=TemplatesQuery,
    answers={200: TemplatePage},
)
def get_templates() -> Response:
    with services().db.read() as connection:
        return ok(_page(connection))


@blueprint.post("/api/templates/sync")
@describe(
    "Fetch the templates from Meta now",
    "Within ten seconds of the last time it answers what is known.",
    query=TemplatesQuery,
    answers={200: TemplatePage},
    errors={503: {"whatsapp_unreachable": "WhatsApp could not be reached; the last list stays."}},
)
def post_template_sync() -> Response:
    parts = services()
    sync_templates(
        parts.db, parts.clients.whatsapp, parts.config.whatsapp_business_account_id, throttle_s=THROTTLE_S
    )
    return get_templates()


def _page(connection: Connection) -> dict[str, Any]:
    asked = parse_query(TemplatesQuery)
    after = decode_cursor(asked.cursor, 1)[0] if asked.cursor else None
    if after is not None and not queries.exists(connection, after):
        raise Invalid("This list has changed meanwhile. Load it again.", code="invalid_cursor")
    rows = queries.listed(connection, asked.status.upper() or None, after)
    matching = (one for row in rows if _matches(one := read_template(row), fold(asked.q.strip())))
    found = list(islice(matching, asked.limit + 1))
    page = found[: asked.limit]
    following = encode_cursor(page[-1].id) if len(found) > asked.limit else None
    return {"templates": [as_json(template) for template in page], "next_cursor": following}


def _matches(template: Template, wanted: str) -> bool:
    return wanted in fold(f"{template.name}\n{template.body}")
