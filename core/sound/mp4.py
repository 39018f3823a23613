"""Opus packets out of MP4: written at one go, or in fragments as Chromium's recorder does. AAC is recognised only.

Sources: ISO/IEC 14496-12 (ISO base media file format: boxes, sample tables, fragments), "Encapsulation of Opus in ISO
Base Media File Format" 0.8.1 (`Opus`, `dOps`; opus-codec.org/docs/opus_in_isobmff.html).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, repeat

from core.sound.opus import MOST_PACKETS, NotVoice, OpusHead, Packets, Reason, Recording

MOST_BOXES = 200_000  # beside each other in one place; a fragment of a recording has two on the top level

Span = tuple[int, int]  # start and end of a box's content
_SAMPLE_ENTRY = 28  # bytes of an AudioSampleEntry before the boxes in it
# Flags of `tfhd` and `trun`: which of their fields are there.
_BASE_OFFSET, _DESCRIPTION, _DEFAULT_DURATION, _DEFAULT_SIZE = 0x01, 0x02, 0x08, 0x10
_DATA_OFFSET, _FIRST_FLAGS, _DURATION, _SIZE, _FLAGS, _COMPOSITION = 0x001, 0x004, 0x100, 0x200, 0x400, 0x800


@dataclass(frozen=True)
class _Track:
    number: int
    codec: bytes
    head: OpusHead | None
    tables: Span  # `stbl`


def read(data: bytes) -> Recording:
    """The first Opus track. A cut end is the end of the recording. Raises NotVoice."""
    packets = Packets(len(data))
    track: _Track | None = None
    default_size = 0
    for kind, start, end in boxes(data, (0, len(data))):
        if kind == b"moov" and track is None:
            track = _choose(_tracks(data, (start, end)))
            default_size = _default_size(data, (start, end), track.number)
            for packet in _from_tables(data, track.tables):
                packets.add(packet)
        elif kind == b"moof" and track is not None:
            for packet in _from_fragment(data, (start, end), track.number, default_size):
                packets.add(packet)
    if track is None or track.head is None:
        raise NotVoice(Reason.DAMAGED)
    return packets.finish(track.head)


def boxes(data: bytes, span: Span) -> Iterator[tuple[bytes, int, int]]:
    """(type, start and end of the content) of the boxes beside each other in the span; the last may be cut."""
    at, end = span
    for _ in range(MOST_BOXES):
        if end - at < 8:
            return
        size, content = u32(data, at), at + 8
        if size == 1:  # the real size has 64 bits and stands behind the type
            size, content = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
        elif size == 0:
            size = end - at
        if content > end:
            return
        if at + size < content:
            raise NotVoice(Reason.DAMAGED)
        yield data[at + 4 : at + 8], content, min(at + size, end)
        at += size
    raise NotVoice(Reason.TOO_LARGE)


def u32(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")


def find(data: bytes, span: Span, *path: bytes) -> Span:
    """The first box of every name, one within the other; an empty span when one is missing."""
    for name in path:
        span = next(((start, end) for kind, start, end in boxes(data, span) if kind == name), (0, 0))
    return span


def _tracks(data: bytes, movie: Span) -> Iterator[_Track]:
    for kind, start, end in boxes(data, movie):
        if kind != b"trak":
            continue
        header, _ = find(data, (start, end), b"tkhd")
        number = u32(data, header + (20 if data[header : header + 1] == b"\x01" else 12))  # times have 64 bits or 32
        tables = find(data, (start, end), b"mdia", b"minf", b"stbl")
        described, described_end = find(data, tables, b"stsd")
        for codec, entry, entry_end in boxes(data, (described + 8, described_end)):
            head = _head(data, find(data, (entry + _SAMPLE_ENTRY, entry_end), b"dOps")) if codec == b"Opus" else None
            yield _Track(number, codec, head, tables)


def _head(data: bytes, span: Span) -> OpusHead:
    """`dOps` is OpusHead with its numbers the other way round."""
    start, end = span
    if end - start < 11 or data[start] != 0:
        raise NotVoice(Reason.DAMAGED)
    return OpusHead(*struct.unpack_from(">BHIhB", data, start + 1))


def _choose(tracks: Iterable[_Track]) -> _Track:
    codecs = set()
    for track in tracks:
        if track.codec == b"Opus":
            return track
        codecs.add(track.codec)
    raise NotVoice(Reason.AAC if b"mp4a" in codecs else Reason.UNSUPPORTED if b"enca" in codecs else Reason.NO_OPUS)


def _default_size(data: bytes, movie: Span, number: int) -> int:
    for kind, start, end in boxes(data, find(data, movie, b"mvex")):
        if kind == b"trex" and end - start >= 24 and u32(data, start + 4) == number:
            return u32(data, start + 16)
    return 0


def _from_tables(data: bytes, tables: Span) -> Iterator[bytes]:
    """Where chunks begin, how many packets each has, how long each is: three tables. Fragmented files have them empty."""
    offsets = _chunk_offsets(data, tables)
    sizes = _sizes(data, find(data, tables, b"stsz"))
    start, end = find(data, tables, b"stsc")
    runs = struct.iter_unpack(">III", data[start + 8 : end - (end - start - 8) % 12]) if end - start > 8 else iter(())
    count, upcoming = 0, next(runs, None)
    for chunk, at in enumerate(offsets, 1):
        while upcoming and upcoming[0] <= chunk:
            count, upcoming = upcoming[1], next(runs, None)
        for size in islice(sizes, count):
            if at + size > len(data):
                return
            yield data[at : at + size]
            at += size


def _chunk_offsets(data: bytes, tables: Span) -> Iterator[int]:
    for name, width in ((b"stco", 4), (b"co64", 8)):
        start, end = find(data, tables, name)
        if (end - start - 8) // width > MOST_PACKETS:
            raise NotVoice(Reason.TOO_LARGE)
        yield from (int.from_bytes(data[at : at + width], "big") for at in range(start + 8, end - width + 1, width))


def _sizes(data: bytes, span: Span) -> Iterator[int]:
    start, end = span
    if end - start < 12:
        return iter(())
    if same := u32(data, start + 4):
        return repeat(same, u32(data, start + 8))
    return (u32(data, at) for at in range(start + 12, end - 3, 4))


def _from_fragment(data: bytes, fragment: Span, number: int, default_size: int) -> Iterator[bytes]:
    for kind, start, end in boxes(data, fragment):
        header, header_end = find(data, (start, end), b"tfhd") if kind == b"traf" else (0, 0)
        if header_end - header < 8 or u32(data, header + 4) != number:
            continue
        flags, at = u32(data, header), header + 8
        base = fragment[0] - 8  # where the fragment begins, unless it says otherwise
        if flags & _BASE_OFFSET:
            base, at = int.from_bytes(data[at : at + 8], "big"), at + 8
        at += 4 * bool(flags & _DESCRIPTION) + 4 * bool(flags & _DEFAULT_DURATION)
        size = u32(data, at) if flags & _DEFAULT_SIZE else default_size
        position = base
        for inner, run, run_end in boxes(data, (start, end)):
            if inner != b"trun":
                continue
            if u32(data, run) & _DATA_OFFSET:
                position = base + int.from_bytes(data[run + 8 : run + 12], "big", signed=True)
            for packet in _run(data, (run, run_end), position, size):
                yield packet
                position += len(packet)


def _run(data: bytes, span: Span, at: int, default_size: int) -> Iterator[bytes]:
    """The packets of a `trun`, which lie one behind the other from `at`."""
    start, end = span
    flags = u32(data, start)
    record = start + 8 + 4 * bool(flags & _DATA_OFFSET) + 4 * bool(flags & _FIRST_FLAGS)
    width = 4 * sum(bool(flags & field) for field in (_DURATION, _SIZE, _FLAGS, _COMPOSITION))
    size_at = 4 * bool(flags & _DURATION)
    count = min(u32(data, start + 4), (end - record) // width if width else MOST_PACKETS + 1)
    for _ in range(count):
        size = u32(data, record + size_at) if flags & _SIZE else default_size
        if at < 0 or at + size > len(data):
            return
        yield data[at : at + size]
        at += size
        record += width
