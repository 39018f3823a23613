"""The chat list over HTTP: chats, who they are with, reading."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import orjson
from flask import Blueprint, Response, redirect, render_template
from pydantic import Field

from core import phone
from core.errors import Invalid, NotFound
from db_manager import Transaction
from features.changes.actions import record
from features.chats import list_queries, queries
from features.chats.answers import (
    ChatCounts,
    ChatDetails,
    ChatPage,
    Contact,
    ContactAlias,
    ContactDetails,
    ContactNames,
    CustomerRow,
    MessageCounts,
    OneChat,
    PhoneNumber,
)
from features.chats.listing import chats_page
from features.chats.presenting import one_chat_json
from features.chats.reading import mark_read
from features.contacts import actions as contacts
from features.contacts import queries as contacts_queries
from features.contacts.naming import called
from features.settings import country
from system import clock
from web import viewing
from web.openapi import describe
from web.respond import ok
from web.services import services
from web.validation import Body, PageQuery, Query, RowId, Text, parse_json, parse_query
from web.viewing import SeenChat, View

blueprint = Blueprint("chats", __name__)


class ChatsQuery(PageQuery):
    filter: Annotated[
        Literal["all", "unread", "waiting", "mine", "unassigned", "groups", "archived"],
        Field(description="Which chats; only `archived` has archived ones."),
    ] = "all"
    q: Annotated[str, Field(description="Part of a name or phone number.")] = ""


class PhoneQuery(Query):
    typed: Annotated[str, Field(description="As it was typed.")] = ""


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
    "The chat list, newest first",
    "With `q` only chats with a person or group whose name or phone number contains it.",
    query=ChatsQuery,
    answers={200: ChatPage},
)
def get_chats() -> Response:
    asked = parse_query(ChatsQuery)
    with viewing.view() as view:
        return ok(chats_page(view, asked.filter, asked.q, asked.cursor, asked.limit))


@blueprint.get("/api/phones")
@describe(
    "Whom a number that staff typed would reach",
    "A number without country code is read in the country of the shop. Nothing is looked up: it need not be a chat.",
    query=PhoneQuery,
    answers={200: PhoneNumber},
    errors={422: {"invalid_phone": "There is no such number there, or no country is chosen."}},
)
def get_phone() -> Response:
    typed, chosen = parse_query(PhoneQuery).typed[:40], country.in_force(services())
    digits = phone.as_dialled(typed, chosen, whole=True) if chosen else None
    if digits is None:
        raise Invalid("Type + and the country code first, such as +852 5123 4567.", code="invalid_phone")
    return ok(PhoneNumber(phone=phone.e164(digits)))


@blueprint.get("/api/chats/counts")
@describe(
    "How many chats stand behind each filter",
    "Of the whole team, without archived chats.",
    answers={200: ChatCounts},
)
def get_chat_counts() -> Response:
    with viewing.view() as view:
        return ok(dict(list_queries.counts(view)))


@blueprint.get("/api/chats/<row:chat_id>")
@describe("One chat", "As the list has it, also when it is archived.", answers={200: OneChat})
def get_chat(chat_id: int) -> Response:
    with viewing.view() as view:
        return ok({"chat": one_chat_json(view, chat_id)})


@blueprint.get("/api/chats/<row:chat_id>/details")
@describe(
    "Who a chat is with",
    "All names and aliases of the person, the row of the Customer List, and how much was said.",
    answers={200: ChatDetails},
)
def get_chat_details(chat_id: int) -> Response:
    with viewing.view() as view:
        chat = one_chat_json(view, chat_id)
        counted = list_queries.figures(view.connection, SeenChat(chat_id))
        contact, customer = _person(view, chat["contact_id"])
    return ok(
        ChatDetails(
            contact=contact,
            customer=customer,
            counts=MessageCounts(received=counted["received"], sent=counted["sent"]),
            first_message_at=clock.iso(counted["first_at"]),
            last_message_at=clock.iso(counted["last_at"]),
        )
    )


@blueprint.post("/api/chats/<row:chat_id>/read")
@describe(
    "Mark read up to a message",
    "For the whole team. The customer is told when the setting `tell_customers_read` is on.",
    body=ReadBody,
    answers={200: OneChat},
    errors={422: {"unknown_message": "There is no such message in this chat."}},
)
def post_chat_read(chat_id: int) -> Response:
    body = parse_json(ReadBody)
    mark_read(services().db, chat_id, body.message_id, viewing.viewer())
    return get_chat(chat_id)


@blueprint.patch("/api/contacts/<row:contact_id>")
@describe(
    "Name a contact",
    "The name is shown before Google's and the customer's own, after the one of the Customer List; null takes it away.",
    body=NameBody,
    answers={200: ContactDetails},
)
def patch_contact(contact_id: int) -> Response:
    body = parse_json(NameBody)
    viewer = viewing.viewer()

    def rename(tx: Transaction) -> None:
        if contacts_queries.seen(View(tx, viewer), contact_id) is None:
            raise NotFound("There is no such contact.")
        if contacts.name_contact(tx, contact_id, body.typed_name, "staff", viewer.id):
            for row in queries.conversations_of_contact(tx.connection, contact_id):
                record(tx, "conversation.updated", "user", conversation_id=row["id"], user_id=viewer.id)

    services().db.write(rename)
    with viewing.view() as view:
        contact, customer = _person(view, contact_id)
    return ok(ContactDetails(contact=contact, customer=customer))


def _person(view: View, contact_id: int | None) -> tuple[Contact | None, CustomerRow | None]:
    row = contacts_queries.seen(view, contact_id) if contact_id else None
    if row is None:
        return None, None
    contact = Contact(
        id=row["id"],
        name=called(row["shown_name"], row["id"]),
        names=ContactNames(**{source: row[f"{source}_name"] for source in ("sheet", "typed", "google", "profile")}),
        aliases=[
            ContactAlias(kind=one["kind"], value=one["value"], retired_at=clock.iso(one["retired_at"]))
            for one in contacts_queries.aliases(view.connection, row["id"])
        ],
        phone=phone.e164(row["phone"]) if row["phone"] else None,
        username=row["username"],
    )
    customer = contacts_queries.customer_of(view.connection, row["id"])
    if customer is None:
        return contact, None
    fields = orjson.loads(customer["fields"])
    return contact, CustomerRow(name=customer["name"], row_number=customer["row_number"], fields=fields)
