"""A WhatsApp client that never calls anybody: it remembers what was sent and answers as told. Our own model of Meta."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable
from typing import Any, BinaryIO

from whatsapp_handler import Accepted, MediaInfo

Answer = Accepted | Exception | Callable[[dict[str, Any]], Accepted]


class FakeWhatsApp:
    """`sent`: every body that would have reached Meta. `next_answers`: what the coming sends answer, then all succeed."""

    phone_number_id = "100000000000001"
    waba_id = "200000000000002"

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.next_answers: deque[Answer] = deque()
        self.read: list[str] = []
        self.uploads: list[tuple[bytes, str, str]] = []
        self.files: dict[str, tuple[bytes, str]] = {}
        self.template_list: list[dict[str, Any]] = []
        self._numbers = itertools.count(1)

    def send(self, body: dict[str, Any]) -> Accepted:
        self.sent.append(body)
        answer = self.next_answers.popleft() if self.next_answers else None
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            return answer(body)
        return answer or Accepted(f"wamid.sent{next(self._numbers)}")

    def mark_read(self, wamid: str) -> None:
        self.read.append(wamid)

    def upload_media(self, file: BinaryIO, size: int, mime_type: str, filename: str) -> str:
        self.uploads.append((file.read(), mime_type, filename))
        return f"upload{len(self.uploads)}"

    def media_info(self, media_id: str) -> MediaInfo:
        data, mime_type = self.files[media_id]
        return MediaInfo(f"https://lookaside.fbsbx.com/{media_id}", mime_type, None, len(data))

    def download(self, url: str, sink: Any, max_bytes: int, size: int | None = None) -> int:
        data = self.files[url.rsplit("/", 1)[1]][0]
        sink.write(data)
        return len(data)

    def templates(self) -> list[dict[str, Any]]:
        return self.template_list

    def check(self) -> dict[str, Any]:
        return {"display_phone_number": "+852 5800 0100"}
