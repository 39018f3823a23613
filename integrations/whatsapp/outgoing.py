"""Bodies of the messages we send: `POST /{phone_number_id}/messages`, and the multipart body of an upload."""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from core import phone

_LINK = re.compile(r"https?://", re.IGNORECASE)
_CAPTIONED = ("image", "video", "document")
_CALLBACK_LIMIT = 512
_BLOCK = 64 * 1024


@dataclass(frozen=True)
class Recipient:
    """Who a message goes to. `phone` in digits; a group wins over a phone, a phone over a user id."""

    phone: str | None = None
    user_id: str | None = None
    group_id: str | None = None

    def address(self) -> dict[str, str]:
        """The addressing part of a body. Raises ValueError when there is nobody to send to."""
        if self.group_id:
            return {"recipient_type": "group", "to": self.group_id}
        if self.phone:
            # Without "+" Meta may put our own country code in front: a stranger would get the message.
            return {"recipient_type": "individual", "to": phone.e164(self.phone)}
        if self.user_id:
            # A user id in `to` is answered with 200 and silently dropped.
            return {"recipient_type": "individual", "recipient": self.user_id}
        raise ValueError("a recipient needs a phone, a user id or a group id")


def build_message(
    recipient: Recipient,
    content: dict[str, Any],
    *,
    context_wamid: str | None = None,
    callback_data: str | None = None,
) -> dict[str, Any]:
    """A whole body around the `content` made by a function below. `callback_data`: our id, up to 512 characters."""
    if callback_data is not None and len(callback_data) > _CALLBACK_LIMIT:
        raise ValueError("callback data is limited to 512 characters")
    body: dict[str, Any] = {"messaging_product": "whatsapp", **recipient.address(), **content}
    if context_wamid and content.get("type") != "reaction":
        body["context"] = {"message_id": context_wamid}
    if callback_data:
        body["biz_opaque_callback_data"] = callback_data
    return body


def text_content(text: str) -> dict[str, Any]:
    return {"type": "text", "text": {"body": text, "preview_url": bool(_LINK.search(text))}}


def media_content(
    kind: str, media_id: str, *, caption: str = "", filename: str | None = None, voice: bool = False
) -> dict[str, Any]:
    """`kind`: image, video, audio, document or sticker. What a kind cannot carry is left out (no caption on audio)."""
    media: dict[str, Any] = {"id": media_id}
    if caption and kind in _CAPTIONED:
        media["caption"] = caption
    if filename and kind == "document":
        media["filename"] = filename
    if voice and kind == "audio":
        media["voice"] = True
    return {"type": kind, kind: media}


def template_content(name: str, language: str, components: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """`components` as Meta wants them, one for each part that has parameters."""
    template: dict[str, Any] = {"name": name, "language": {"code": language}}
    if components:
        template["components"] = components
    return {"type": "template", "template": template}


def reaction_content(target_wamid: str, emoji: str) -> dict[str, Any]:
    """An empty emoji takes the reaction back."""
    return {"type": "reaction", "reaction": {"message_id": target_wamid, "emoji": emoji}}


class Multipart:
    """A multipart body that streams its file: `requests` alone would hold a 100 MB document in memory twice.

    No `tell`: `requests` would subtract the position from the length.
    """

    def __init__(self, fields: dict[str, str], file: BinaryIO, size: int, mime_type: str, filename: str) -> None:
        boundary = secrets.token_hex(16)
        self.content_type = f"multipart/form-data; boundary={boundary}"
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        parts.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{_quoted(filename)}"\r\n'
            f"Content-Type: {_one_line(mime_type)}\r\n\r\n"
        )
        head = "".join(parts).encode()
        tail = f"\r\n--{boundary}--\r\n".encode()
        self._length = len(head) + size + len(tail)
        self._parts: list[tuple[BinaryIO, int]] = [(io.BytesIO(head), len(head)), (file, size), (io.BytesIO(tail), len(tail))]

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.read(_BLOCK), b"")

    def read(self, size: int) -> bytes:
        while self._parts:
            part, left = self._parts[0]
            block = part.read(min(size, left))
            if block:
                self._parts[0] = (part, left - len(block))
                return block
            self._parts.pop(0)
        return b""


def _quoted(value: str) -> str:
    return _one_line(value).replace('"', "%22")


def _one_line(value: str) -> str:
    return value.replace("\r", "%0D").replace("\n", "%0A")
