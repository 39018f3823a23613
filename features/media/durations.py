"""How long a voice message is: known before it is played, so the bubble can say it."""

from __future__ import annotations

import os
from typing import BinaryIO

_TAIL = 128 * 1024  # the largest page of Ogg is 64 KB, so the last one begins in here
_OPUS_RATE = 48_000  # granule positions of Opus count at this rate whatever was recorded (RFC 7845, section 4)
_LONGEST_MS = 24 * 3600 * 1000


def opus_duration_ms(file: BinaryIO) -> int | None:
    """Of an Ogg Opus file: the last page's position without the encoder's pre-skip. None when it cannot be told."""
    file.seek(0)
    head = file.read(512)
    at = head.find(b"OpusHead")
    if at < 0:
        return None
    pre_skip = int.from_bytes(head[at + 10 : at + 12], "little")
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL))
    tail = file.read(_TAIL)
    page = tail.rfind(b"OggS\x00")
    if page < 0 or len(tail) < page + 14:
        return None
    position = int.from_bytes(tail[page + 6 : page + 14], "little", signed=True)
    duration = (position - pre_skip) * 1000 // _OPUS_RATE
    return duration if 0 < duration < _LONGEST_MS else None
