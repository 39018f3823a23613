"""Messages over HTTP: pages of a chat, one message, what a chat has of media, links and documents."""

from __future__ import annotations

from flask import Blueprint, Response, request

from core import phone
from core.errors import Invalid, NotFound
from core.paging import page_limit
from db_manager import Connection
from features.messages import page_queries
from features.messages.listing import gallery_page, messages_page
from features.messages.presenting import one_message_json
from web.openapi import describe
from web.respond import ok
from web.services import services

blueprint = Blueprint("messages", __name__)


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
    return message_answer(message_id)


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
    if kind not in page_queries.GALLERY:
        raise Invalid("kind must be media, links or documents.", code="invalid_kind")
    limit = page_limit(args.get("limit"))
    with services().db.read() as connection:
        if not page_queries.has_conversation(connection, chat_id):
            raise NotFound("There is no such conversation.")
        return ok(gallery_page(connection, chat_id, kind, cursor=args.get("cursor"), after=args.get("after"), limit=limit))


def message_answer(message_id: int, status: int = 200) -> Response:
    with services().db.read() as connection:
        message = one_message_json(connection, message_id)
    if message is None:
        raise NotFound("There is no such message.")
    return ok({"message": message}, status)


def _asked_conversation(connection: Connection) -> int | None:
    """By id: 404 when unknown. By phone: None when there is no such chat."""
    if raw_id := request.args.get("conversation_id"):
        if not (raw_id.isascii() and raw_id.isdigit() and len(raw_id) <= 18):
            raise Invalid("conversation_id must be a number.", code="invalid_id")
        if not page_queries.has_conversation(connection, int(raw_id)):
            raise NotFound("There is no such conversation.")
        return int(raw_id)
    # "+" in a query string arrives as a space.
    raw_phone = request.args.get("phone", "").strip()
    if not raw_phone:
        raise Invalid("phone or conversation_id is missing.", code="recipient_missing")
    return page_queries.conversation_by_phone(connection, phone.normalise(raw_phone))
