"""Sending over HTTP: a message, again or never, and the chat with a number that never wrote."""

from __future__ import annotations

from typing import Annotated

from flask import Blueprint, Response, request
from pydantic import Field

from features.chats.presenting import one_chat_json
from features.messages.routes import message_answer
from features.outbox import sending
from features.outbox.send_call import FileForm, SendBody, read_file_call, read_json_call, target_of
from web.guards import user
from web.openapi import describe
from web.respond import ok
from web.services import services
from web.validation import Body, parse_json

blueprint = Blueprint("outbox", __name__)


class ChatBody(Body):
    phone: Annotated[str, Field(min_length=1, max_length=40)]


@blueprint.post("/api/chats")
@describe(
    "Open the chat with a phone number, also of somebody who never wrote; a template can begin it.",
    body=ChatBody,
    answers={200: '{"chat": {...}}', 201: "The same, made just now; it is in no list until something is written."},
)
def post_chat() -> Response:
    chat_id, is_new = sending.open_chat(services().db, target_of(None, parse_json(ChatBody).phone))
    with services().db.read() as connection:
        return ok({"chat": one_chat_json(connection, chat_id)}, 201 if is_new else 200)


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
    return message_answer(message_id, 201 if is_new else 200)


@blueprint.post("/api/messages/<row:message_id>/retry")
@describe("Send a failed or unconfirmed message again.", answers={200: '{"message": {...}}', 409: "It is neither."})
def post_retry(message_id: int) -> Response:
    sending.retry(services().db, message_id, user().id)
    return message_answer(message_id)


@blueprint.post("/api/messages/<row:message_id>/discard")
@describe("Give up a message that has not left.", answers={200: '{"message": {...}}', 409: "It has left."})
def post_discard(message_id: int) -> Response:
    sending.discard(services().db, message_id, user().id)
    return message_answer(message_id)
