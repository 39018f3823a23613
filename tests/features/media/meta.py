"""Meta's side of files, with a memory: addresses work once, and calls go wrong as told."""

from __future__ import annotations

import hashlib
import itertools
from collections import deque
from typing import Any

from whatsapp_handler import MediaGone, MediaInfo, TooLarge

Fault = Exception | None


class MetaFiles:
    """`info_faults` and `download_faults`: what the coming calls raise (None: that one is answered well)."""

    phone_number_id = "100000000000001"
    waba_id = "200000000000002"

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.says: dict[str, dict[str, Any]] = {}  # by id, fields of MediaInfo that are not the truth
        self.info_faults: deque[Fault] = deque()
        self.download_faults: deque[Fault] = deque()
        self.asked: list[str] = []
        self.downloaded: list[str] = []
        self._addresses: dict[str, str] = {}
        self._numbers = itertools.count(1)

    def put(self, data: bytes, **says: Any) -> str:
        media_id = f"meta{len(self.files) + 1}"
        self.files[media_id], self.says[media_id] = data, says
        return media_id

    def media_info(self, media_id: str) -> MediaInfo:
        self.asked.append(media_id)
        _raise_next(self.info_faults)
        if media_id not in self.files:
            raise MediaGone("WhatsApp does not have this file.", code=100, permanent=True)
        data = self.files[media_id]
        url = f"https://lookaside.fbsbx.com/{next(self._numbers)}"
        self._addresses[url] = media_id
        truth: dict[str, Any] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "mime_type": "image/jpeg"}
        return MediaInfo(url=url, **(truth | self.says[media_id]))

    def download(self, url: str, sink: Any, max_bytes: int, size: int | None = None) -> int:
        media_id = self._addresses.pop(url, None)
        if media_id is None:
            raise MediaGone("The link to this file has run out.")
        self.downloaded.append(media_id)
        data = self.files[media_id]
        for start in range(0, len(data), 65536):
            if start + 65536 > max_bytes:
                raise TooLarge("The answer is too large.", permanent=True)
            sink.write(data[start : start + 65536])
            _raise_next(self.download_faults)
        return len(data)


def _raise_next(faults: deque[Fault]) -> None:
    fault = faults.popleft() if faults else None
    if fault is not None:
        raise fault
