"""HTTP of choosing the Customer List: look, confirm, columns, write-back."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Blueprint, Response, request
from pydantic import Field

from core.errors import Invalid
from core.headings import Choice
from core.reason import read
from core.tables import SourceError
from features.customer_list import actions, choosing, queries, write_back, write_back_queries
from features.customer_list import chosen as chosen_list
from features.customer_list.answers import CustomerListPreview, CustomerListSource, CustomerListState, SheetTabs
from features.settings import country
from integrations.google.sheets import row_link
from sheet_manager import LARGEST_FILE
from web import guards
from web.openapi import describe
from web.respond import ok
from web.services import services
from web.validation import Body, Query, Text, Whole, check, parse_json, parse_query, with_file
from web.words import word, word_if

blueprint = Blueprint("customer_list", __name__)

Heading = Annotated[Text, Field(max_length=1000)]

BY_ENVIRONMENT = {"set_by_environment": "The environment of the server sets it."}
UNREADABLE = {
    "list_unreadable": "The list cannot be read or used: the message says why.",
    "google_not_connected": "Google is not connected.",
    "google_permission": "Google was not asked for Google Sheets yet.",
    "google_reconnect": "Google does not let us in any more: connect again.",
    "google_switched_off": "The Google Sheets API is switched off.",
    "google_not_shared": "The sheet is not shared with us.",
    "google_missing": "There is no such sheet.",
    "google_excel": "It is an Excel file, not a Google Sheet.",
    "google_refused": "Any other refusal: the message has Google's words.",
    "google_busy": "Google asks us to wait.",
    "google_down": "Google cannot be reached.",
    "google_uncertain": "Google has a problem.",
}
NOT_YOURS = {"forbidden": "Not for this role; from the owner's own Google account only an owner may choose."}
BAD_LIST = {
    "invalid_sheet": "`sheet` is no address or id of a Google Sheet.",
    "file_missing": "multipart without `file`.",
    "file_too_large": "The file is larger than can be read.",
}


class Columns(Body):
    """Headings, as they stand in the list. Left out: found by their words. `last_name` when it has a column of its own."""

    phone: Heading = ""
    name: Heading = ""
    last_name: Heading = ""

    def choice(self) -> Choice:
        return Choice(self.phone.strip(), tuple(name.strip() for name in (self.name, self.last_name) if name.strip()))


class ColumnsForm(Columns):
    """Headings beside the `file` of a multipart call."""

    model_config = with_file("file")


class TabsQuery(Query):
    sheet: Annotated[str, Field(description="Its address or id.")] = ""


class SheetBody(Columns):
    """`sheet`: address or id. The tab by its `gid`, else by its name, else the one of the address, else the first."""

    sheet: Annotated[str, Field(max_length=2000)]
    tab: Annotated[Text, Field(max_length=200)] = ""
    gid: Annotated[int, Field(ge=0, le=2**31), Whole] | None = None
    title: Annotated[Text, Field(max_length=500)] = ""


class WriteBack(Body):
    """`append`: add customers who write. The other two are headings of columns to fill, "" for none."""

    append: bool
    last_contacted: Heading
    status: Heading


class ListChange(Body):
    """`country`: two capital letters, how numbers without country code are read; "" for not at all."""

    columns: Columns | None = None
    country: Annotated[str, Field(max_length=2)] | None = None
    write_back: WriteBack | None = None


@blueprint.get("/api/customers/list")
@guards.role("admin")
@describe(
    "Which Customer List is used",
    "And whom at Google a sheet must be shared with, how phone numbers are read, and what waits to be written back.",
    answers={200: CustomerListState},
)
def get_list() -> Response:
    return _list_answer()


@blueprint.get("/api/customers/source")
@describe("Where a row of the Customer List is opened", "For everybody who works here.", answers={200: CustomerListSource})
def get_source() -> Response:
    with services().db.read() as connection:
        chosen = chosen_list.read(connection, services().config)
    url = None
    if chosen.kind == "sheet":
        url = row_link(chosen.place.sheet_id, chosen.place.gid) + "&range=A{row}:{row}"
    return ok({"kind": chosen.kind or None, "title": chosen.title, "url": url})


@blueprint.get("/api/customers/tabs")
@guards.role("admin")
@describe(
    "The tabs of a Google Sheet",
    "Asks Google.",
    query=TabsQuery,
    answers={200: SheetTabs},
    errors={403: NOT_YOURS, 409: UNREADABLE},
)
def get_tabs() -> Response:
    return ok(choosing.tabs_of(services(), guards.user(), parse_query(TabsQuery).sheet[:2000]))


@blueprint.post("/api/customers/list/preview")
@guards.role("admin")
@describe(
    "Look at a list before it is used",
    "A Google Sheet, or (multipart) a CSV file as `file`. Nothing is kept.",
    body=SheetBody,
    multipart=ColumnsForm,
    answers={200: CustomerListPreview},
    errors={403: NOT_YOURS, 409: UNREADABLE, 422: BAD_LIST},
)
def post_preview() -> Response:
    parts, by = services(), guards.user()
    if request.mimetype == "multipart/form-data":
        raw, name, choice = _file()
        return ok(choosing.look_at_csv(parts, raw, name, choice))
    body = parse_json(SheetBody)
    return ok(choosing.look_at_sheet(parts, by, body.sheet, body.tab, body.gid, body.choice()))


@blueprint.post("/api/customers/list")
@guards.role("admin")
@describe(
    "Use this list from now on",
    "A Google Sheet, or (multipart) a CSV file as `file`. It is read at once.",
    body=SheetBody,
    multipart=ColumnsForm,
    answers={200: CustomerListState},
    errors={403: NOT_YOURS, 409: BY_ENVIRONMENT | UNREADABLE, 422: BAD_LIST},
)
def post_list() -> Response:
    parts, by = services(), guards.user()
    if request.mimetype == "multipart/form-data":
        raw, name, choice = _file()
        choosing.choose_csv(parts, by, raw, name, choice)
    else:
        body = parse_json(SheetBody)
        choosing.choose_sheet(parts, by, body.sheet, body.tab, body.gid, body.title, body.choice())
    actions.sync_soon(parts)
    return _list_answer()


@blueprint.patch("/api/customers/list")
@guards.role("admin")
@describe(
    "Change how the list in use is read and written",
    "Which column is what, how its phone numbers are read, and what may be written into a Google Sheet. What is left out"
    " stays.",
    body=ListChange,
    answers={200: CustomerListState},
    errors={
        403: NOT_YOURS,
        409: BY_ENVIRONMENT | UNREADABLE | {"no_sheet": "Only a Google Sheet can be written into."},
        422: {"invalid_country": "There is no such country."},
    },
)
def patch_list() -> Response:
    parts, by, change = services(), guards.user(), parse_json(ListChange)
    if change.columns:
        choosing.choose_columns(parts, by, change.columns.choice())
    if change.country is not None:
        choosing.choose_country(parts, by, change.country)
    if change.write_back:
        write_back.switch(parts, by, **change.write_back.model_dump())
    actions.sync_soon(parts)
    return _list_answer()


@blueprint.delete("/api/customers/list")
@guards.role("admin")
@describe(
    "Use no list any more",
    "The customers stay as they were last read.",
    answers={200: CustomerListState},
    errors={409: BY_ENVIRONMENT},
)
def delete_list() -> Response:
    choosing.leave(services(), guards.user())
    return _list_answer()


def _file() -> tuple[bytes, str, Choice]:
    upload = request.files.get("file")
    if upload is None:
        raise Invalid("file is missing.", code="file_missing")
    columns = check(Columns, request.form.to_dict())
    return upload.stream.read(LARGEST_FILE + 1), upload.filename or "customers.csv", columns.choice()


def _list_answer() -> Response:
    parts = services()
    with parts.db.read() as connection:
        chosen = chosen_list.read(connection, parts.config)
        held = queries.held_run(connection) if chosen.kind else None
        waiting = write_back_queries.waiting(connection)
    url = row_link(chosen.place.sheet_id, chosen.place.gid) if chosen.kind == "sheet" else None
    return ok(
        {
            "list": chosen_list.as_json(chosen) | {"url": url},
            "google": _google(),
            "country": country.as_json(parts),
            "held_run": held["id"] if held and not held["dismissed_at"] else None,
            "kept_run": held["id"] if held and held["dismissed_at"] else None,
            "to_write": {"count": waiting["count"], "problem": word_if(read(waiting["problem"]))},
        }
    )


def _google() -> dict[str, Any]:
    none = {"connected": False, "kind": None, "email": None, "may_read": False, "may_write": False, "problem": None}
    try:
        account = chosen_list.google(services())
    except SourceError as error:
        return none | {"problem": word(error.reason)}
    if account is None:
        return none
    is_service = account.kind == "service_account"
    return {
        "connected": True,
        "kind": account.kind,
        "email": account.email,
        "may_read": is_service or account.has("sheet"),
        "may_write": is_service or account.has("sheet_write"),
        "problem": None,
    }
