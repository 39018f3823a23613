"""The inbox over HTTP: chats, messages, sending, reading."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from flask import Blueprint, Response, redirect, render_template, request
from pydantic import Field

from core import clock, phone
from core.errors import Invalid, NotFound
from core.paging import page_limit
from db_manager import Connection, Transaction
from features.changes.actions import record
from features.contacts import actions as contacts
from features.contacts import queries as contacts_queries
from features.conversations import inbox_queries, line, presenting, queries, sending
from features.conversations.listing import chats_page, gallery_page, messages_page
from features.conversations.reading import mark_read
from features.conversations.send_call import FileForm, SendBody, read_file_call, read_json_call, target_of
from features.google_account.status import for_banner
from features.settings import country
from web.guards import user
from web.openapi import describe
from web.respond import ok
from web.services import services
from web.strings import t
from web.validation import Body, RowId, Text, parse_json

blueprint = Blueprint("conversations", __name__)

class ChatBody(Body):
    phone: Annotated[str, Field(min_length=1, max_length=40)]


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


# ---------------------------------------------------------------- chats


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
    if chosen not in inbox_queries.FILTERS:
        raise Invalid("There is no such filter.", code="invalid_filter")
    limit = page_limit(args.get("limit"))
    with services().db.read() as connection:
        return ok(chats_page(connection, chosen, user().id, args.get("q") or "", args.get("cursor"), limit))


@blueprint.post("/api/chats")
@describe(
    "Open the chat with a phone number, also of somebody who never wrote; a template can begin it.",
    body=ChatBody,
    answers={200: '{"chat": {...}}', 201: "The same, made just now; it is in no list until something is written."},
)
def post_chat() -> Response:
    chat_id, is_new = sending.open_chat(services().db, target_of(None, parse_json(ChatBody).phone))
    with services().db.read() as connection:
        return ok({"chat": _chat(connection, chat_id)}, 201 if is_new else 200)


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
        raise Invalid(t("Type + and the country code first, such as +852 5123 4567."), code="invalid_phone")
    return ok({"phone": phone.e164(digits)})


@blueprint.get("/api/chats/counts")
@describe("How many chats stand behind each chip.", answers={200: '{"all", "unread", "waiting"}'})
def get_counts() -> Response:
    with services().db.read() as connection:
        return ok(dict(inbox_queries.counts(connection)))


@blueprint.get("/api/chats/<row:chat_id>")
@describe("One chat.", answers={200: '{"chat": {...}}'})
def get_chat(chat_id: int) -> Response:
    with services().db.read() as connection:
        return ok({"chat": _chat(connection, chat_id)})


@blueprint.get("/api/chats/<row:chat_id>/details")
@describe(
    "Who this is: names, aliases, the Customer List's fields, counts.",
    answers={200: '{"contact": {...}|null, "customer": {...}|null, "counts": {"in": number, "out": number}, '
                  '"first_message_at", "last_message_at"}'},
)
def get_details(chat_id: int) -> Response:
    with services().db.read() as connection:
        chat = _chat(connection, chat_id)
        counted = inbox_queries.message_counts(connection, chat_id)
        return ok(
            {
                **_person(connection, chat["contact_id"]),
                "counts": {"in": counted["received"], "out": counted["sent"]},
                "first_message_at": clock.iso(counted["first_at"]),
                "last_message_at": clock.iso(counted["last_at"]),
            }
        )


@blueprint.get("/api/chats/<row:chat_id>/media")
@describe(
    "What a chat has of photos and videos, of links, or of documents: the messages that carry them, newest first.",
    query={
        "kind": "media, links or documents",
        "limit": "1 to 100",
        "cursor": "next_cursor of the page before, or any message of the chat: what is older",
        "after": "any message of the chat: what is newer, the nearest first",
    },
    answers={200: '{"messages": [...], "next_cursor", "prev_cursor"}'},
)
def get_gallery(chat_id: int) -> Response:
    args = request.args
    kind = args.get("kind") or "media"
    if kind not in inbox_queries.GALLERY:
        raise Invalid("kind must be media, links or documents.", code="invalid_kind")
    limit = page_limit(args.get("limit"))
    with services().db.read() as connection:
        _chat(connection, chat_id)
        return ok(gallery_page(connection, chat_id, kind, cursor=args.get("cursor"), after=args.get("after"), limit=limit))


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


# ---------------------------------------------------------------- messages


@blueprint.get("/api/messages")
@describe(
    "A page of messages, oldest first: the newest ones, or before, after or around a message.",
    query={
        "phone": "E.164 or digits",
        "conversation_id": "instead of phone",
        "before": "next_cursor of a newer page",
        "after": "a message id",
        "around": "a message id",
        "limit": "1 to 100",
    },
    answers={200: '{"messages": [...], "next_cursor", "prev_cursor"}', 404: "There is no such conversation."},
)
def get_messages() -> Response:
    args = request.args
    limit = page_limit(args.get("limit"))
    with services().db.read() as connection:
        conversation_id = _asked_conversation(connection)
        if conversation_id is None:
            return ok({"messages": [], "next_cursor": None, "prev_cursor": None, "first_unread_id": None})
        return ok(
            messages_page(
                connection,
                conversation_id,
                before=args.get("before"),
                after=args.get("after"),
                around=args.get("around"),
                limit=limit,
            )
        )


@blueprint.get("/api/messages/<row:message_id>")
@describe("One message.", answers={200: '{"message": {...}}'})
def get_message(message_id: int) -> Response:
    return _message_answer(message_id)


@blueprint.post("/api/messages/<row:message_id>/retry")
@describe("Send a failed or unconfirmed message again.", answers={200: '{"message": {...}}', 409: "It is neither."})
def post_retry(message_id: int) -> Response:
    sending.retry(services().db, message_id, user().id)
    return _message_answer(message_id)


@blueprint.post("/api/messages/<row:message_id>/discard")
@describe("Give up a message that has not left.", answers={200: '{"message": {...}}', 409: "It has left."})
def post_discard(message_id: int) -> Response:
    sending.discard(services().db, message_id, user().id)
    return _message_answer(message_id)


@blueprint.post("/api/send")
@describe(
    "Send a text, a template, or (multipart) a file. The same client_msg_id is the same message.",
    body=SendBody,
    multipart=FileForm,
    answers={
        201: '{"message": {...}}',
        200: '{"message": {...}}: the one of this client_msg_id, which was there already',
        404: "There is no such conversation or template.",
        409: "window_closed, or a template that Meta has not approved.",
    },
)
def post_send() -> Response:
    outgoing, target = read_file_call() if request.mimetype == "multipart/form-data" else read_json_call()
    message_id, is_new = sending.send(services().db, user().id, target, outgoing)
    return _message_answer(message_id, 201 if is_new else 200)


@blueprint.get("/api/status")
@describe(
    "How the line to WhatsApp is, and for the owner what Google asks for, for the banner.",
    answers={
        200: '{"mode": "sandbox|live|locked", "whatsapp", "message", "last_webhook_at",'
             ' "storage": {"ok": bool, "journal_mode"}, "google": {...}|null}'
    },
)
def get_status() -> Response:
    parts = services()
    with parts.db.read() as connection:
        state = line.read(connection)
        last_delivery_at = inbox_queries.last_delivery_at(connection)
        about_google = for_banner(parts, connection) if user().may("owner") else None
    if parts.config.is_locked:
        state = line.Line("paused", t("The key that opens the access token is lost. An owner must connect the number again."))
    return ok(
        {
            "mode": parts.config.mode,
            "whatsapp": state.whatsapp,
            "message": state.message,
            "last_webhook_at": clock.iso(last_delivery_at),
            "storage": {"ok": parts.db.last_storage_error is None, "journal_mode": parts.db.journal_mode},
            "google": about_google,
        }
    )


# ---------------------------------------------------------------- reading the request


def _asked_conversation(connection: Connection) -> int | None:
    """By id: 404 when unknown. By phone: None when there is no such chat."""
    if raw_id := request.args.get("conversation_id"):
        if not (raw_id.isascii() and raw_id.isdigit() and len(raw_id) <= 18):
            raise Invalid("conversation_id must be a number.", code="invalid_id")
        if queries.get_conversation(connection, int(raw_id)) is None:
            raise NotFound("There is no such conversation.")
        return int(raw_id)
    # "+" in a query string arrives as a space.
    raw_phone = request.args.get("phone", "").strip()
    if not raw_phone:
        raise Invalid("phone or conversation_id is missing.", code="recipient_missing")
    return inbox_queries.conversation_by_phone(connection, phone.normalise(raw_phone))


# ---------------------------------------------------------------- answers


def _message_answer(message_id: int, status: int = 200) -> Response:
    with services().db.read() as connection:
        message = presenting.one_message_json(connection, message_id)
    if message is None:
        raise NotFound("There is no such message.")
    return ok({"message": message}, status)


def _chat(connection: Connection, chat_id: int) -> dict[str, Any]:
    row = inbox_queries.chat(connection, chat_id)
    if row is None:
        raise NotFound("There is no such conversation.")
    return presenting.chat_json(row)


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
