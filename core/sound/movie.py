"""Size and length of an MP4 film, from the header of its file alone: the place of a film is known before it is loaded.

Source: ISO/IEC 14496-12, 8.2.2 (`mvhd`), 8.3.2 (`tkhd`), 8.4.3 (`hdlr`). Whatever the file says, time and memory are bounded.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import BinaryIO

from core.sound.mp4 import Span, boxes, find, u32
from core.sound.opus import NotVoice

_LARGEST_HEADER = 4 * 1024 * 1024  # bytes; of an hour's film it is about two
_MOST_TOP_BOXES = 1000  # before the header; a film has about four
_MOST_TRACKS = 16
_LARGEST_EDGE = 16_384  # pixels
_LONGEST_MS = 24 * 3600 * 1000


@dataclass(frozen=True)
class Movie:
    """Width and height as it is seen (turned, if the camera was), in pixels; what is not known is None."""

    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None


def look_at(file: BinaryIO) -> Movie:
    """`file` can seek. A file that cannot be understood gives an empty Movie."""
    try:
        header = _header(file)
        size = _size(header)
        return Movie(*size, _duration_ms(header))
    except NotVoice:  # more boxes than any film has, or damaged ones
        return Movie()


def _header(file: BinaryIO) -> bytes:
    """The content of `moov`, b"" when there is none."""
    end, at = file.seek(0, io.SEEK_END), 0
    for _ in range(_MOST_TOP_BOXES):
        file.seek(at)
        head = file.read(16)
        size, content = u32(head, 0), 8
        if size == 1:
            size, content = int.from_bytes(head[8:16], "big"), 16
        elif size == 0:
            size = end - at
        if len(head) < 16 or size < content:
            return b""
        if head[4:8] == b"moov":
            file.seek(at + content)
            return file.read(size - content) if size <= _LARGEST_HEADER else b""
        at += size
    return b""


def _size(header: bytes) -> tuple[int | None, int | None]:
    """Of the first track with pictures."""
    tracks = [(start, end) for kind, start, end in boxes(header, (0, len(header))) if kind == b"trak"][:_MOST_TRACKS]
    for track in tracks:
        handler, handler_end = find(header, track, b"mdia", b"hdlr")
        if header[handler + 8 : min(handler + 12, handler_end)] == b"vide":
            return _seen_size(header, find(header, track, b"tkhd"))
    return None, None


def _seen_size(header: bytes, span: Span) -> tuple[int | None, int | None]:
    start, end = span
    if end - start < 84:
        return None, None
    matrix = start + (52 if header[start] == 1 else 40)  # times have 64 bits or 32
    width, height = u32(header, matrix + 36) >> 16, u32(header, matrix + 40) >> 16  # 16.16
    if matrix + 44 > end or not (0 < width <= _LARGEST_EDGE and 0 < height <= _LARGEST_EDGE):
        return None, None
    is_sideways = u32(header, matrix) == 0 and u32(header, matrix + 4) != 0  # phones film upright by a quarter turn
    return (height, width) if is_sideways else (width, height)


def _duration_ms(header: bytes) -> int | None:
    """Films in fragments do not say: 0."""
    start, end = find(header, (0, len(header)), b"mvhd")
    if end - start < 32:
        return None
    is_long = header[start] == 1
    scale = u32(header, start + (20 if is_long else 12))
    length = int.from_bytes(header[start + 24 : start + 32], "big") if is_long else u32(header, start + 16)
    duration = length * 1000 // scale if scale else 0
    return duration if 0 < duration < _LONGEST_MS else None
