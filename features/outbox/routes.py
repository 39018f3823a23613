"""Sending over HTTP: a message, again or never, and the chat with a number that never wrote."""

from __future__ import annotations

from typing import Annotated

from flask import Blueprint, Response, request
from pydantic import Field

from features.chats.answers import OneChat
from features.chats.presenting import one_chat_json
from features.messages.answers import OneMessage
from features.messages.routes import message_answer
from features.outbox import sending
from features.outbox.send_call import FileForm, SendBody, read_file_call, read_json_call, target_of
from web import viewing
from web.openapi import describe
from web.respond import ok
from web.services import services
from web.validation import Body, parse_json

blueprint = Blueprint("outbox", __name__)


class ChatBody(Body):
    phone: Annotated[str, Field(min_length=1, max_length=40)]


NOT_A_NUMBER = {"invalid_phone": "This is no phone number."}


@blueprint.post("/api/chats")
@describe(
    "Open the chat with a phone number",
    "Also of somebody who never wrote; a template can begin it. 201: it was made just now, and is in no list until something"
    " is written.",
    body=ChatBody,
    answers={200: OneChat, 201: OneChat},
    errors={404: {"not_found": "There is no such conversation."}, 422: NOT_A_NUMBER},
)
def post_chat() -> Response:
    chat_id, is_new = sending.open_chat(services().db, viewing.viewer(), target_of(None, parse_json(ChatBody).phone))
    with viewing.view() as view:
        return ok({"chat": one_chat_json(view, chat_id)}, 201 if is_new else 200)


@blueprint.post("/api/send")
@describe(
    "Send a text, a template, or (multipart) a file",
    "To `conversation_id` or to `phone`. The same `client_msg_id` is the same message: 200 is the one that was there already."
    " It is stored when this answers, and leaves in the order of the calls; `status` of the message tells what became of it.",
    body=SendBody,
    multipart=FileForm,
    answers={200: OneMessage, 201: OneMessage},
    errors={
        404: {"not_found": "There is no such conversation.", "template_not_found": "There is no such template."},
        409: {
            "window_closed": "The customer wrote more than 24 hours ago: only templates may be sent.",
            "template_not_approved": "Meta does not allow this template now.",
            "number_not_connected": "The chat belongs to another number of ours, which is not connected.",
        },
        413: {"file_too_large": "The file is larger than anything WhatsApp takes."},
        422: NOT_A_NUMBER
        | {
            "recipient_missing": "Neither `phone` nor `conversation_id`.",
            "empty_text": "There is nothing to read in it.",
            "text_too_long": "More than 4,096 characters.",
            "unknown_quote": "`context_wamid` is no message of this chat.",
            "template_missing": "`type` is template, and there is no `template`.",
            "template_not_supported": "A kind of template that cannot be sent from here.",
            "missing_variable": "A variable of the template has no value.",
            "unknown_variable": "The template has no such variable.",
            "invalid_variable": "A value that Meta would refuse.",
            "too_long": "The text with its variables is longer than Meta takes.",
            "file_missing": "multipart without `file`.",
            "file_empty": "There is nothing in the file.",
            "file_type_refused": "WhatsApp does not take this kind of file.",
            "file_too_large": "WhatsApp takes no file of this kind that is so large.",
            "no_caption_here": "WhatsApp shows no caption with this kind of file.",
            "not_a_recording": "`voice`, and the file is no sound.",
        },
        503: {"disk_low": "There is no room for files; messages still fit."},
    },
)
def post_send() -> Response:
    outgoing, target = read_file_call() if request.mimetype == "multipart/form-data" else read_json_call()
    message_id, is_new = sending.send(services().db, viewing.viewer(), target, outgoing)
    return message_answer(message_id, 201 if is_new else 200)


@blueprint.post("/api/messages/<row:message_id>/retry")
@describe(
    "Send a message again",
    "One that failed, or of which is unknown whether it left: the customer may then get it twice.",
    answers={200: OneMessage},
    errors={409: {"wrong_status": "It is neither."}},
)
def post_message_retry(message_id: int) -> Response:
    sending.retry(services().db, message_id, viewing.viewer())
    return message_answer(message_id)


@blueprint.post("/api/messages/<row:message_id>/discard")
@describe(
    "Give up a message that has not left",
    "It stays in the chat, as cancelled.",
    answers={200: OneMessage},
    errors={409: {"wrong_status": "It has left, or is leaving."}},
)
def post_message_discard(message_id: int) -> Response:
    sending.discard(services().db, message_id, viewing.viewer())
    return message_answer(message_id)
