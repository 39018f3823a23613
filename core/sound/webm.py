"""Opus packets out of WebM, as Chromium, Safari 18.4 and later, and some Android apps record it.

Sources: RFC 8794 (EBML: numbers, unknown sizes), RFC 9559 (Matroska: elements, blocks, lacing), RFC 7845 (the header).

A recording made live names no sizes for its outer elements. So the walk is flat: outer elements are entered, not
measured, and nothing is lost by it, for no element that matters here can stand in two places. Nesting costs no stack.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.sound.opus import RATE, NotVoice, OpusHead, Packets, Reason, Recording

MOST_ELEMENTS = 1_000_000  # three for a packet; an element may be of two bytes only, and would cost as much time
MOST_TRACKS = 100

_SEGMENT, _CLUSTER, _BLOCK_GROUP = 0x18538067, 0x1F43B675, 0xA0
_TRACKS, _TRACK_ENTRY, _AUDIO = 0x1654AE6B, 0xAE, 0xE1
_ENTERED = frozenset((_SEGMENT, _CLUSTER, _BLOCK_GROUP, _TRACKS, _TRACK_ENTRY, _AUDIO))
_TRACK_NUMBER, _CODEC, _CODEC_PRIVATE, _CHANNELS, _ENCODINGS = 0xD7, 0x86, 0x63A2, 0x9F, 0x6D80
_SIMPLE_BLOCK, _BLOCK, _DISCARD_PADDING = 0xA3, 0xA1, 0x75A2
_LACING = 0x06  # in a block's flags
_NANOSECONDS = 1_000_000_000


@dataclass
class _Track:
    number: int = 0
    codec: bytes = b""
    head: bytes = b""
    channels: int = 1
    is_encoded: bool = False  # compressed or encrypted


def read(data: bytes) -> Recording:
    """The first Opus track. A cut end is the end of the recording. Raises NotVoice."""
    tracks: list[_Track] = []
    opus: _Track | None = None
    packets = Packets(len(data))
    end_trim = 0
    for kind, start, end in _elements(data):
        if kind in (_SIMPLE_BLOCK, _BLOCK):
            opus = opus or _choose(tracks)
            packet = _packet(data, start, end, opus.number)
            if packet is not None:
                packets.add(packet)
                end_trim = 0
        elif kind == _DISCARD_PADDING:
            end_trim = int.from_bytes(data[start : min(end, start + 8)], "big", signed=True) * RATE // _NANOSECONDS
        elif kind == _TRACK_ENTRY:
            if len(tracks) == MOST_TRACKS:
                raise NotVoice(Reason.UNSUPPORTED)
            tracks.append(_Track())
        elif tracks:
            _note(tracks[-1], kind, data[start : min(end, start + 64)])
    opus = opus or _choose(tracks)
    head = OpusHead.parse(opus.head) if opus.head else OpusHead(opus.channels)
    return packets.finish(head, end_trim)


def _elements(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(identifier, start and end of the content), in the order of the file, outer elements before what is in them."""
    at = 0
    for _ in range(MOST_ELEMENTS):
        kind, after_kind = _number(data, at, longest=4, with_marker=True)
        size, start = _number(data, after_kind, longest=8)
        if start > len(data):
            return
        if kind in _ENTERED:
            at = start
            yield kind, start, start
            continue
        is_unknown = size == (1 << 7 * (start - after_kind)) - 1
        if is_unknown:
            raise NotVoice(Reason.DAMAGED)
        at = start + size
        if at > len(data):
            return
        yield kind, start, at
    raise NotVoice(Reason.TOO_LARGE)


def _number(data: bytes, at: int, *, longest: int, with_marker: bool = False) -> tuple[int, int]:
    """A number of variable length and where it ends, which is beyond the data when it is cut. Raises NotVoice.

    The zero bits in front of the first set bit, the marker, tell how many bytes follow the first (RFC 8794, section 4).
    """
    if at >= len(data):
        return 0, len(data) + 1
    length = 9 - data[at].bit_length()
    if length > longest:
        raise NotVoice(Reason.DAMAGED)
    value = int.from_bytes(data[at : at + length], "big")
    return value if with_marker else value & ((1 << 7 * length) - 1), at + length


def _note(track: _Track, kind: int, content: bytes) -> None:
    if kind == _TRACK_NUMBER:
        track.number = int.from_bytes(content[:8], "big")
    elif kind == _CODEC:
        track.codec = content.rstrip(b"\0")
    elif kind == _CODEC_PRIVATE:
        track.head = content
    elif kind == _CHANNELS:
        track.channels = int.from_bytes(content[:8], "big")
    elif kind == _ENCODINGS:
        track.is_encoded = True


def _choose(tracks: list[_Track]) -> _Track:
    """Asked once, at the first block: tracks are announced before."""
    opus = next((track for track in tracks if track.codec == b"A_OPUS"), None)
    if opus is None:
        raise NotVoice(Reason.AAC if any(track.codec.startswith(b"A_AAC") for track in tracks) else Reason.NO_OPUS)
    if opus.is_encoded:
        raise NotVoice(Reason.UNSUPPORTED)
    return opus


def _packet(data: bytes, start: int, end: int, wanted: int) -> bytes | None:
    """Of a block: track number, time (2 bytes), flags, packet. None when it is of another track. Raises NotVoice."""
    track, at = _number(data, start, longest=8)
    if at + 3 > end:
        raise NotVoice(Reason.DAMAGED)
    if track != wanted:
        return None
    if data[at + 2] & _LACING:
        raise NotVoice(Reason.UNSUPPORTED)
    return data[at + 3 : end]
