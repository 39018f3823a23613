"""The part of a call that says what is sent. Files are uploaded to Meta first; that may be repeated without harm."""

from __future__ import annotations

from typing import Any

import orjson

from core.errors import AppError, StorageError
from core.reason import Reason, define, verbatim
from db_manager import Row
from features.media import queries as media_queries
from features.media.reading import open_bytes
from features.outbox import queries
from system import clock
from web.services import Services
from whatsapp_handler import media_content, template_content, text_content

define({"outbox.file_gone": "The file of this message is no longer here."})

UPLOAD_LIVES_S = 25 * 24 * 3600  # Meta keeps an upload for 30 days


class ContentGone(Exception):
    """It cannot be sent any more, and why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


class ContentAway(ContentGone):
    """For now: the file lies in Google Drive alone, and Drive does not hand it over."""


def content_of(parts: Services, message: Row) -> dict[str, Any]:
    """For `whatsapp_handler.build_message`. Raises ContentGone, ContentAway, RemoteError (of the upload)."""
    if message["type"] == "text":
        return text_content(message["text"])
    payload = orjson.loads(message["payload"]) if message["payload"] else {}
    if message["type"] == "template":
        template = payload["template"]
        return template_content(template["name"], template["language"], template["components"])
    return _media(parts, message)


def _media(parts: Services, message: Row) -> dict[str, Any]:
    with parts.db.read() as connection:
        row = queries.media_of(connection, message["id"])
    if row is None or row["sha256"] is None:
        raise ContentGone(Reason("outbox.file_gone"))
    media_id = row["meta_media_id"]
    if media_id is None or (row["meta_uploaded_at"] or 0) < clock.now() - UPLOAD_LIVES_S:
        media_id = _upload(parts, row)
    return media_content(
        message["type"], media_id, caption=message["text"], filename=row["filename"], voice=bool(row["voice"])
    )


def _upload(parts: Services, row: Row) -> str:
    try:
        file = open_bytes(parts, row["sha256"])
    except FileNotFoundError:
        raise ContentGone(Reason("outbox.file_gone")) from None
    # Without the codec Meta takes an Ogg for something else and refuses the voice message (131053).
    mime_type = f"{row['mime_type']}; codecs=opus" if row["voice"] else row["mime_type"]
    try:
        with file:
            media_id: str = parts.clients.whatsapp.upload_media(file, row["size"], mime_type, row["filename"] or "file")
    except StorageError:
        raise
    except AppError as error:  # of reading it from Drive, in the middle of the upload: nothing has been sent
        raise (ContentAway if error.status == 503 else ContentGone)(error.reason or verbatim(error.message)) from error
    parts.db.write(media_queries.set_uploaded, row["id"], media_id, clock.now())
    return media_id
