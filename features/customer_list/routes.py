"""HTTP of the Customer List: its runs, the button that reads it now, search. Choosing a list: list_routes.py."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response, request

from core.paging import decode_cursor, encode_cursor, page_limit
from core.reason import from_plain, read
from db_manager import Row
from features.customer_list import actions, comparing, queries, searching
from features.customer_list.list_routes import blueprint as choosing_routes
from system.clock import iso
from web import guards
from web.openapi import describe
from web.respond import ok
from web.services import services
from web.validation import Body, RowId, parse_json
from web.words import word_if

blueprint = Blueprint("customer_list", __name__)
blueprint.register_blueprint(choosing_routes)

NOT_WAITING = "This run waits for nobody, or no list is set up."


class SyncBody(Body):
    """`confirm`: the id of a held run whose removals are right."""

    confirm: RowId | None = None


@blueprint.get("/api/customers/runs")
@guards.role("admin")
@describe(
    "What reading the Customer List brought, newest first.",
    query={"limit": "1 to 100, 50 when left out.", "cursor": "The `next_cursor` of the page before."},
    answers={200: '{"runs": [{"id", "source", "state": "running|done|held|failed", "rows_read", "added", "changed",'
             ' "removed", "warnings": [{"row", "reason"}], "error", "started_at", "finished_at"}], "next_cursor"}'},
)
def get_runs() -> Response:
    limit = page_limit(request.args.get("limit"))
    cursor = request.args.get("cursor")
    before = decode_cursor(cursor, 1)[0] if cursor else None
    with services().db.read() as connection:
        rows = queries.runs(connection, before, limit + 1)
    following = encode_cursor(rows[limit - 1]["id"]) if len(rows) > limit else None
    return ok({"runs": [_as_json(row) for row in rows[:limit]], "next_cursor": following})


@blueprint.post("/api/customers/sync")
@guards.role("admin")
@describe(
    "Read the Customer List now, or confirm the removals of a held run.",
    body=SyncBody,
    answers={200: '{"run": {...}|null, "changed": bool}: the newest run; `changed` is false when the list was as before',
             404: "There is no such run.", 409: "No list is set up, it is being read, or there is nothing to confirm."},
)
def post_customer_sync() -> Response:
    confirm = parse_json(SyncBody).confirm
    parts = services()
    run_id = actions.sync(
        parts, confirm=confirm, user_id=guards.user().id, patience=actions.PATIENCE_OF_A_PERSON_S
    )
    with parts.db.read() as connection:
        row = queries.newest_run(connection) if run_id is None else queries.get_run(connection, run_id)
    return ok({"run": _as_json(row) if row else None, "changed": run_id is not None})


@blueprint.get("/api/customers/runs/<row:run_id>/diff")
@guards.role("admin")
@describe(
    "What a held run would do: counts, and the first hundred of each.",
    answers={200: '{"active", "removed": {"count", "first": [{"phone", "name", "row"}]}, "added": {...},'
             ' "changed": {"count", "first": [{"phone", "name", "row", "fields": {...}}]}}',
             409: NOT_WAITING},
)
def get_difference(run_id: int) -> Response:
    return ok(comparing.held_difference(services(), run_id))


@blueprint.post("/api/customers/runs/<row:run_id>/keep")
@guards.role("admin")
@describe("Keep the customers whom a held run would remove.", answers={200: '{"run": {...}}', 409: NOT_WAITING})
def post_keep(run_id: int) -> Response:
    parts = services()
    actions.dismiss(parts, run_id, guards.user().id)
    with parts.db.read() as connection:
        row = queries.get_run(connection, run_id)
    return ok({"run": _as_json(row) if row else None})


@blueprint.get("/api/customers")
@describe(
    "Customers of the list with whom there is no chat yet, in the order of the list.",
    query={"q": "part of a name or phone", "limit": "1 to 100", "cursor": "next_cursor of the page before"},
    answers={200: '{"customers": [{"phone", "name", "row_number"}], "next_cursor"}'},
)
def get_customers() -> Response:
    args = request.args
    limit = page_limit(args.get("limit"))
    with services().db.read() as connection:
        return ok(searching.page(connection, args.get("q") or "", args.get("cursor"), limit))


def _as_json(row: Row) -> dict[str, Any]:
    counts = {name: row[name] for name in ("rows_read", "added", "changed", "removed")}
    return {
        "id": row["id"],
        "source": row["source"],
        "state": row["state"],
        **counts,
        "warnings": [_warning(one) for one in orjson.loads(row["warnings"])],
        "error": word_if(read(row["error"])),
        "dismissed_at": iso(row["dismissed_at"]),
        "started_at": iso(row["started_at"]),
        "finished_at": iso(row["finished_at"]),
    }


def _warning(stored: dict[str, Any]) -> dict[str, Any]:
    return {"row": stored["row"], "reason": word_if(from_plain(stored["reason"]))}
