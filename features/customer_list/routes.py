"""HTTP of the Customer List: its runs, the button that reads it now, search. Choosing a list: list_routes.py."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from flask import Blueprint, Response
from pydantic import Field

from core.paging import decode_cursor, encode_cursor
from core.reason import from_plain, read
from db_manager import Row
from features.customer_list import actions, comparing, queries, searching
from features.customer_list.answers import (
    CustomerListDifference,
    CustomerPage,
    CustomerRun,
    CustomerRunPage,
    CustomerSync,
    ListWarning,
    OneCustomerRun,
)
from features.customer_list.list_routes import UNREADABLE
from features.customer_list.list_routes import blueprint as choosing_routes
from system import clock
from web import guards
from web.openapi import describe
from web.respond import ok
from web.services import services
from web.validation import Body, PageQuery, RowId, parse_json, parse_query
from web.words import word_if

blueprint = Blueprint("customer_list", __name__)
blueprint.register_blueprint(choosing_routes)

NOT_WAITING = {"not_held": "This run waits for nobody.", "no_customer_list": "No list is set up."}
SINCE_CHANGED = {"list_changed": "The list has changed since: read it again."}


class CustomersQuery(PageQuery):
    q: Annotated[str, Field(description="Part of a name or phone number.")] = ""


class SyncBody(Body):
    """`confirm`: the id of a held run whose removals are right."""

    confirm: RowId | None = None


@blueprint.get("/api/customers/runs")
@guards.role("admin")
@describe(
    "What reading the Customer List brought",
    "Newest first.",
    query=PageQuery,
    answers={200: CustomerRunPage},
)
def get_runs() -> Response:
    asked = parse_query(PageQuery)
    before = decode_cursor(asked.cursor, 1)[0] if asked.cursor else None
    with services().db.read() as connection:
        rows = queries.runs(connection, before, asked.limit + 1)
    following = encode_cursor(rows[asked.limit - 1]["id"]) if len(rows) > asked.limit else None
    return ok(CustomerRunPage(runs=[_run(row) for row in rows[: asked.limit]], next_cursor=following))


@blueprint.post("/api/customers/sync")
@guards.role("admin")
@describe(
    "Read the Customer List now",
    "Or confirm the removals of a held run.",
    body=SyncBody,
    answers={200: CustomerSync},
    errors={
        404: {"not_found": "There is no such run."},
        409: NOT_WAITING | SINCE_CHANGED | UNREADABLE | {"sync_running": "It is being read right now."},
    },
)
def post_customer_sync() -> Response:
    confirm = parse_json(SyncBody).confirm
    parts = services()
    run_id = actions.sync(
        parts, confirm=confirm, user_id=guards.user().id, patience=actions.PATIENCE_OF_A_PERSON_S
    )
    with parts.db.read() as connection:
        row = queries.newest_run(connection) if run_id is None else queries.get_run(connection, run_id)
    return ok(CustomerSync(run=_run(row) if row else None, changed=run_id is not None))


@blueprint.get("/api/customers/runs/<row:run_id>/diff")
@guards.role("admin")
@describe(
    "What a held run would do",
    "The list is read anew for it. Counts, and the first hundred of each.",
    answers={200: CustomerListDifference},
    errors={409: NOT_WAITING | SINCE_CHANGED | UNREADABLE},
)
def get_difference(run_id: int) -> Response:
    return ok(comparing.held_difference(services(), run_id))


@blueprint.post("/api/customers/runs/<row:run_id>/keep")
@guards.role("admin")
@describe(
    "Keep the customers whom a held run would remove",
    "The rest of the run is not applied either; the next reading starts anew.",
    answers={200: OneCustomerRun},
    errors={409: NOT_WAITING},
)
def post_keep(run_id: int) -> Response:
    parts = services()
    actions.dismiss(parts, run_id, guards.user().id)
    with parts.db.read() as connection:
        row = queries.get_run(connection, run_id)
    return ok(OneCustomerRun(run=_run(row) if row else None))


@blueprint.get("/api/customers")
@describe(
    "Customers with whom there is no chat yet",
    "In the order of the list.",
    query=CustomersQuery,
    answers={200: CustomerPage},
)
def get_customers() -> Response:
    asked = parse_query(CustomersQuery)
    with services().db.read() as connection:
        return ok(searching.page(connection, asked.q, asked.cursor, asked.limit))


def _run(row: Row) -> CustomerRun:
    return CustomerRun(
        id=row["id"],
        source=row["source"],
        state=row["state"],
        rows_read=row["rows_read"],
        added=row["added"],
        changed=row["changed"],
        removed=row["removed"],
        warnings=[_warning(one) for one in orjson.loads(row["warnings"])],
        error=word_if(read(row["error"])),
        dismissed_at=clock.iso(row["dismissed_at"]),
        started_at=clock.iso_of(row["started_at"]),
        finished_at=clock.iso(row["finished_at"]),
    )


def _warning(stored: dict[str, Any]) -> ListWarning:
    return ListWarning(row=stored["row"], reason=word_if(from_plain(stored["reason"])) or "")
