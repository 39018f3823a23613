"""What a call of POST /api/send asks for: JSON for words and templates, multipart for a file."""

from __future__ import annotations

import uuid
from typing import Annotated, BinaryIO, Literal, cast

from flask import request
from pydantic import Field
from werkzeug.datastructures import FileStorage

from core import phone
from core.errors import Invalid
from features.media import actions as media
from features.media.files import StoredFile
from features.media.voice import store_recording
from features.outbox import sending
from features.outbox.sending import Outgoing, Target
from features.templates import actions as replies
from features.templates import rendering
from integrations.whatsapp.values import is_visible
from web.services import services
from web.validation import Body, RowId, Text, check, parse_json, with_file

ClientId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_.:-]+$")]


class TemplateChoice(Body):
    name: Annotated[Text, Field(min_length=1, max_length=512)]
    language: Annotated[Text, Field(min_length=2, max_length=20)]
    variables: dict[str, Text] = {}


class SendBody(Body):
    phone: Annotated[str, Field(max_length=40)] | None = None
    conversation_id: RowId | None = None
    client_msg_id: ClientId | None = None
    type: Literal["text", "template"] = "text"
    text: Text | None = None
    context_wamid: Annotated[str, Field(max_length=512)] | None = None
    template: TemplateChoice | None = None


class FileForm(Body):
    """The fields beside `file` in a multipart call; all are strings there."""

    model_config = with_file("file")

    phone: Annotated[str, Field(max_length=40)] | None = None
    conversation_id: Annotated[str, Field(pattern=r"^[0-9]{1,18}$")] | None = None
    client_msg_id: ClientId | None = None
    caption: Annotated[Text, Field(max_length=sending.LONGEST_CAPTION)] = ""
    context_wamid: Annotated[str, Field(max_length=512)] | None = None
    as_document: Literal["0", "1", "false", "true"] = "0"
    voice: Literal["0", "1", "false", "true"] = "0"  # a recording of the browser: sent as a voice message


def read_json_call() -> tuple[Outgoing, Target]:
    body = parse_json(SendBody)
    target = target_of(body.conversation_id, body.phone)
    client_msg_id = body.client_msg_id or uuid.uuid4().hex
    if body.type == "template":
        return _template(body, client_msg_id), target
    text = body.text or ""
    if not is_visible(text):
        raise Invalid("The message is empty.", code="empty_text")
    if len(text) > sending.LONGEST_TEXT:
        raise Invalid("A message can have 4,096 characters at the most.", code="text_too_long")
    return Outgoing(client_msg_id, "text", text, context_wamid=body.context_wamid), target


def _template(body: SendBody, client_msg_id: str) -> Outgoing:
    if body.template is None:
        raise Invalid("template is missing.", code="template_missing")
    choice = body.template
    with services().db.read() as connection:
        template = replies.find_sendable(connection, choice.name, choice.language)
    payload = {
        "template": {
            "name": template.name,
            "language": template.language,
            "variables": choice.variables,
            "components": rendering.build_components(template, choice.variables),
            "buttons": [button.text for button in template.buttons],  # for the bubble; Meta knows them
        }
    }
    text = rendering.render_text(template, choice.variables)
    return Outgoing(client_msg_id, "template", text, payload, body.context_wamid, needs_window=False)


def read_file_call() -> tuple[Outgoing, Target]:
    form = check(FileForm, request.form.to_dict())
    target = target_of(int(form.conversation_id) if form.conversation_id else None, form.phone)
    client_msg_id = form.client_msg_id or uuid.uuid4().hex
    upload = request.files.get("file")
    if upload is None:
        raise Invalid("file is missing.", code="file_missing")
    stored, filename, is_voice = _store(upload, form)
    kind = media.kind_for_sending(stored, as_document=form.as_document in ("1", "true"))
    if kind in ("audio", "sticker") and form.caption:
        raise Invalid("WhatsApp shows no caption with this kind of file.", code="no_caption_here")
    outgoing = Outgoing(
        client_msg_id,
        kind,
        form.caption,
        context_wamid=form.context_wamid,
        attach=lambda tx, message_id: media.add_outbound(tx, message_id, stored, filename, voice=is_voice),
    )
    return outgoing, target


def _store(upload: FileStorage, form: FileForm) -> tuple[StoredFile, str, bool]:
    """What was uploaded, its name, and whether it is a voice message."""
    store, stream, filename = services().clients.store, cast(BinaryIO, upload.stream), upload.filename or ""
    if form.voice in ("1", "true"):
        recording = store_recording(store, stream, filename, upload.mimetype)
        return recording.stored, recording.filename, recording.is_voice
    return media.store_upload(store, stream, filename, upload.mimetype), filename, False


def target_of(conversation_id: int | None, raw_phone: str | None) -> Target:
    config = services().config
    if conversation_id is None and not raw_phone:
        raise Invalid("phone or conversation_id is missing.", code="recipient_missing")
    return Target(
        conversation_id=conversation_id,
        phone=phone.normalise(raw_phone) if raw_phone and conversation_id is None else None,
        phone_number_id=config.whatsapp_phone_number_id,
        waba_id=config.whatsapp_business_account_id,
    )
