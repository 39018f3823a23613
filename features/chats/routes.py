"""The chat list over HTTP: chats, who they are with, reading."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from flask import Blueprint, Response, redirect, render_template, request
from pydantic import Field

from core import phone
from core.errors import Invalid, NotFound
from core.paging import page_limit
from db_manager import Connection, Transaction
from features.changes.actions import record
from features.chats import list_queries, queries
from features.chats.listing import chats_page
from features.chats.presenting import one_chat_json
from features.chats.reading import mark_read
from features.contacts import actions as contacts
from features.contacts import queries as contacts_queries
from features.messages import page_queries
from features.settings import country
from system import clock
from web.guards import user
from web.openapi import describe
from web.respond import ok
from web.services import services
from web.validation import Body, RowId, Text, parse_json

blueprint = Blueprint("chats", __name__)


class ReadBody(Body):
    message_id: RowId


class NameBody(Body):
    typed_name: Annotated[Text, Field(max_length=200)] | None


@blueprint.get("/")
def get_root() -> Any:
    return redirect("/inbox")


@blueprint.get("/inbox")
def get_inbox() -> str:
    return render_template("inbox.html")


@blueprint.get("/api/chats")
@describe(
    "The chat list, newest first.",
    query={
        "filter": "all, unread, waiting, mine, unassigned, groups or archived",
        "q": "part of a name or phone",
        "limit": "1 to 100",
        "cursor": "next_cursor of the page before",
    },
    answers={200: '{"chats": [...], "next_cursor"}'},
)
def get_chats() -> Response:
    args = request.args
    chosen = args.get("filter") or "all"
    if chosen not in list_queries.FILTERS:
        raise Invalid("There is no such filter.", code="invalid_filter")
    limit = page_limit(args.get("limit"))
    with services().db.read() as connection:
        return ok(chats_page(connection, chosen, user().id, args.get("q") or "", args.get("cursor"), limit))


@blueprint.get("/api/phones")
@describe(
    "Whom a number that staff typed without country code would reach, read in the country of the shop.",
    query={"typed": "as it was typed"},
    answers={200: '{"phone": "+85251234567"}', 422: "No such number there, or no country is chosen."},
)
def get_phone() -> Response:
    typed, chosen = (request.args.get("typed") or "")[:40], country.in_force(services())
    digits = phone.as_dialled(typed, chosen, whole=True) if chosen else None
    if digits is None:
        raise Invalid("Type + and the country code first, such as +852 5123 4567.", code="invalid_phone")
    return ok({"phone": phone.e164(digits)})


@blueprint.get("/api/chats/counts")
@describe("How many chats stand behind each chip.", answers={200: '{"all", "unread", "waiting"}'})
def get_counts() -> Response:
    with services().db.read() as connection:
        return ok(dict(list_queries.counts(connection)))


@blueprint.get("/api/chats/<row:chat_id>")
@describe("One chat.", answers={200: '{"chat": {...}}'})
def get_chat(chat_id: int) -> Response:
    with services().db.read() as connection:
        return ok({"chat": one_chat_json(connection, chat_id)})


@blueprint.get("/api/chats/<row:chat_id>/details")
@describe(
    "Who this is: names, aliases, the Customer List's fields, counts.",
    answers={200: '{"contact": {...}|null, "customer": {...}|null, "counts": {"in": number, "out": number}, '
                  '"first_message_at", "last_message_at"}'},
)
def get_details(chat_id: int) -> Response:
    with services().db.read() as connection:
        chat = one_chat_json(connection, chat_id)
        counted = page_queries.message_counts(connection, chat_id)
        return ok(
            {
                **_person(connection, chat["contact_id"]),
                "counts": {"in": counted["received"], "out": counted["sent"]},
                "first_message_at": clock.iso(counted["first_at"]),
                "last_message_at": clock.iso(counted["last_at"]),
            }
        )


@blueprint.post("/api/chats/<row:chat_id>/read")
@describe("Mark read up to a message, for the whole team.", body=ReadBody, answers={200: '{"chat": {...}}'})
def post_read(chat_id: int) -> Response:
    body = parse_json(ReadBody)
    mark_read(services().db, chat_id, body.message_id, user().id)
    return get_chat(chat_id)


@blueprint.patch("/api/contacts/<row:contact_id>")
@describe("Give the contact a name of ours, or take it away with null.", body=NameBody,
          answers={200: '{"contact": {...}, "customer": {...}|null}'})  # fmt: skip
def patch_contact(contact_id: int) -> Response:
    body = parse_json(NameBody)
    user_id = user().id

    def rename(tx: Transaction) -> None:
        if contacts_queries.get(tx.connection, contact_id) is None:
            raise NotFound("There is no such contact.")
        if contacts.name_contact(tx, contact_id, body.typed_name, "staff", user_id):
            for row in queries.conversations_of_contact(tx.connection, contact_id):
                record(tx, "conversation.updated", "user", conversation_id=row["id"], user_id=user_id)

    services().db.write(rename)
    with services().db.read() as connection:
        return ok(_person(connection, contact_id))


def _person(connection: Connection, contact_id: int | None) -> dict[str, Any]:
    row = contacts_queries.get(connection, contact_id) if contact_id else None
    if row is None:
        return {"contact": None, "customer": None}
    customer = contacts_queries.customer_of(connection, row["id"])
    return {
        "contact": {
            "id": row["id"],
            "name": row["shown_name"],
            "names": {source: row[f"{source}_name"] for source in ("sheet", "typed", "google", "profile")},
            "aliases": [
                {"kind": a["kind"], "value": a["value"], "retired_at": clock.iso(a["retired_at"])}
                for a in contacts_queries.aliases(connection, row["id"])
            ],
            "phone": phone.e164(row["phone"]) if row["phone"] else None,
            "username": row["username"],
        },
        "customer": {
            "name": customer["name"],
            "row_number": customer["row_number"],
            "fields": orjson.loads(customer["fields"]),
        }
        if customer
        else None,
    }
