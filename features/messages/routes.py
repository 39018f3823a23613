"""Messages over HTTP: pages of a chat, one message, what a chat has of media, links and documents."""

from __future__ import annotations

from typing import Annotated, Literal

from flask import Blueprint, Response
from pydantic import BeforeValidator, Field

from core import phone
from core.errors import Invalid, NotFound
from features.messages import page_queries
from features.messages.answers import GalleryPage, MessagePage, OneMessage
from features.messages.listing import gallery_page, messages_page
from features.messages.presenting import one_message_json
from web import viewing
from web.openapi import describe
from web.respond import ok
from web.validation import Limit, Query, parse_query
from web.viewing import SeenChat, View

blueprint = Blueprint("messages", __name__)


class _LimitedQuery(Query):
    limit: Limit = 50


def _conversation_id(raw: str) -> int:
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 18):
        raise Invalid("conversation_id must be a number.", code="invalid_id")
    return int(raw)


MessageCursor = Annotated[str, Field(description="A message id, as a cursor.")]


class MessagesQuery(_LimitedQuery):
    """One of `phone` and `conversation_id`; at most one of `before`, `after` and `around`."""

    phone: Annotated[str, Field(description="E.164 or digits.")] = ""
    conversation_id: Annotated[
        Annotated[int, BeforeValidator(_conversation_id)] | None, Field(description="Instead of `phone`.")
    ] = None
    before: MessageCursor | None = None
    after: MessageCursor | None = None
    around: MessageCursor | None = None


class GalleryQuery(_LimitedQuery):
    """At most one of `cursor` and `after`."""

    kind: Annotated[Literal["media", "links", "documents"], Field(description="`media`: photos and videos.")] = "media"
    cursor: Annotated[str, Field(description="`next_cursor`, or any message id of the chat: what is older.")] | None = None
    after: Annotated[str, Field(description="Any message id of the chat: what is newer, the nearest first.")] | None = None


@blueprint.get("/api/messages")
@describe(
    "A page of messages",
    "The newest ones of a chat, or those before, after or around a message; the oldest first. Of a phone number that never"
    " wrote there are none.",
    query=MessagesQuery,
    answers={200: MessagePage},
    errors={
        404: {"not_found": "There is no such conversation."},
        422: {
            "invalid_cursor": "It names no message of this chat, or there are two of them.",
            "invalid_id": "`conversation_id` is no number.",
            "recipient_missing": "Neither `phone` nor `conversation_id`.",
        },
    },
)
def get_messages() -> Response:
    asked = parse_query(MessagesQuery)
    with viewing.view() as view:
        conversation_id = _asked_chat(view, asked)
        if conversation_id is None:
            return ok(MessagePage(messages=[], next_cursor=None, prev_cursor=None, first_unread_id=None))
        return ok(
            messages_page(
                view,
                conversation_id,
                before=asked.before,
                after=asked.after,
                around=asked.around,
                limit=asked.limit,
            )
        )


@blueprint.get("/api/messages/<row:message_id>")
@describe("One message", "As the page of its chat has it.", answers={200: OneMessage})
def get_message(message_id: int) -> Response:
    return message_answer(message_id)


@blueprint.get("/api/chats/<row:chat_id>/media")
@describe(
    "Photos and videos, links, or documents of a chat",
    "The messages that carry them, newest first.",
    query=GalleryQuery,
    answers={200: GalleryPage},
)
def get_chat_media(chat_id: int) -> Response:
    asked = parse_query(GalleryQuery)
    with viewing.view() as view:
        chat = page_queries.chat(view, chat_id)
        if chat is None:
            raise NotFound("There is no such conversation.")
        return ok(gallery_page(view, chat, asked.kind, cursor=asked.cursor, after=asked.after, limit=asked.limit))


def message_answer(message_id: int, status: int = 200) -> Response:
    with viewing.view() as view:
        message = one_message_json(view, message_id)
    if message is None:
        raise NotFound("There is no such message.")
    return ok({"message": message}, status)


def _asked_chat(view: View, asked: MessagesQuery) -> SeenChat | None:
    """By id: 404 when unknown. By phone: None when there is no such chat."""
    if asked.conversation_id is not None:
        chat = page_queries.chat(view, asked.conversation_id)
        if chat is None:
            raise NotFound("There is no such conversation.")
        return chat
    # "+" in a query string arrives as a space.
    if not (raw_phone := asked.phone.strip()):
        raise Invalid("phone or conversation_id is missing.", code="recipient_missing")
    return page_queries.chat_by_phone(view, phone.normalise(raw_phone))
