"""Opus in Ogg, both ways: pages to packets, packets to pages.

Sources: RFC 3533 (pages, lacing, checksum), RFC 7845 (Opus: the two headers, positions, pre-skip and end trimming).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from core.sound.opus import LARGEST_PACKET, RATE, NotVoice, OpusHead, Packets, Reason, Recording, samples_in

_HEADER = struct.Struct("<4sBBqIIIB")  # "OggS", version, flags, position, stream, page number, checksum, lace count
_CHECKSUM = slice(22, 26)
_CONTINUED, _FIRST, _LAST = 1, 2, 4  # flags
_NO_POSITION = -1  # no packet ends on this page
_MOST_LACES = 255
_LONGEST_PAGE = RATE  # a second of sound, so that players seek and start quickly (RFC 7845, section 3)
_STREAM = 1  # any number will do: there is no other stream in the file
_VENDOR = b"whatsapp-inbox"
_TAGS = b"OpusTags" + struct.pack("<I", len(_VENDOR)) + _VENDOR + struct.pack("<I", 0)
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def checksum(data: bytes) -> int:
    """CRC-32 with polynomial 0x04C11DB7, highest bit first, from 0, nothing inverted (RFC 3533, section 6).

    zlib has the same polynomial in tables and in C, but lowest bit first and inverted at both ends: mirror the bits of
    every byte on the way in and of the result on the way out. A loop over our own table is 200 times as slow.
    """
    mirrored = zlib.crc32(data.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(mirrored.to_bytes(4, "little").translate(_MIRRORED), "big")


def write(recording: Recording) -> bytes:
    """The whole file. The same recording always gives the same bytes."""
    pages = [_page(0, _FIRST, 0, [recording.head.to_bytes()]), _page(1, 0, 0, [_TAGS])]
    position = laces = page_samples = 0
    waiting: list[bytes] = []
    for packet in recording.packets:
        needed = len(packet) // 255 + 1
        if waiting and (laces + needed > _MOST_LACES or page_samples >= _LONGEST_PAGE):
            pages.append(_page(len(pages), 0, position, waiting))
            waiting, laces, page_samples = [], 0, 0
        waiting.append(packet)
        laces += needed
        page_samples += samples_in(packet)
        position += samples_in(packet)
    pages.append(_page(len(pages), _LAST, position - recording.end_trim, waiting))
    return b"".join(pages)


def _page(number: int, flags: int, position: int, packets: list[bytes]) -> bytes:
    laces = b"".join(b"\xff" * (len(packet) // 255) + bytes((len(packet) % 255,)) for packet in packets)
    header = _HEADER.pack(b"OggS", 0, flags, position, _STREAM, number, 0, len(laces))
    page = bytearray(b"".join((header, laces, *packets)))
    page[_CHECKSUM] = checksum(bytes(page)).to_bytes(4, "little")
    return bytes(page)


@dataclass(frozen=True)
class _Page:
    flags: int
    position: int
    stream: int
    pieces: list[bytes]  # of packets, in order
    is_open: bool  # the last piece goes on on the next page


def read(data: bytes) -> Recording:
    """The first Opus stream; others beside or behind it are left out. A cut end is the end. Raises NotVoice."""
    head: OpusHead | None = None
    tags_passed = False
    stream = -1
    packets = Packets(len(data))
    origin: int | None = None
    end_trim = 0
    unfinished = b""
    for page in _pages(data):
        if head is None:
            if page.flags & _FIRST and page.pieces and page.pieces[0].startswith(b"OpusHead"):
                head, stream = OpusHead.parse(page.pieces[0]), page.stream
            continue
        if page.stream != stream:
            continue
        whole, unfinished = _join(page, unfinished)
        before = packets.samples
        for packet in whole[0 if tags_passed else 1 :]:
            packets.add(packet)
        tags_passed = tags_passed or bool(whole)
        if page.position == _NO_POSITION or packets.samples == before:
            continue
        if origin is None:  # a stream that was joined late does not count from 0
            origin = 0 if page.flags & _LAST else page.position - packets.samples
        if page.flags & _LAST:
            surplus = origin + packets.samples - page.position
            end_trim = surplus if 0 < surplus < packets.samples - before else 0
            break
    if head is None:
        raise NotVoice(Reason.NO_OPUS)
    return packets.finish(head, end_trim)


def _pages(data: bytes) -> Iterator[_Page]:
    """Raises NotVoice at the first damage, for a recording with a hole in it is not sent in silence."""
    at = 0
    while at + _HEADER.size <= len(data):
        mark, version, flags, position, stream, _, expected, lace_count = _HEADER.unpack_from(data, at)
        if mark != b"OggS" or version != 0:
            raise NotVoice(Reason.DAMAGED)
        body = at + _HEADER.size + lace_count
        laces = data[at + _HEADER.size : body]
        end = body + sum(laces)
        if end > len(data):
            return
        page = data[at:end]
        if checksum(page[:22] + bytes(4) + page[26:]) != expected:
            raise NotVoice(Reason.DAMAGED)
        yield _Page(flags, position, stream, list(_pieces(data, body, laces)), laces.endswith(b"\xff"))
        at = end


def _pieces(data: bytes, at: int, laces: bytes) -> Iterator[bytes]:
    """255 means that the packet goes on; any smaller number ends it."""
    length = 0
    for lace in laces:
        length += lace
        if lace < 255:
            yield data[at : at + length]
            at += length
            length = 0
    if laces.endswith(b"\xff"):
        yield data[at : at + length]


def _join(page: _Page, unfinished: bytes) -> tuple[list[bytes], bytes]:
    """(the packets that end on this page, the start of one that does not). A piece whose start is missing is dropped.

    What grows beyond any Opus packet (tags with a picture in them) is not kept whole: nobody reads it.
    """
    pieces = page.pieces
    if not pieces:
        return [], unfinished
    if page.flags & _CONTINUED:
        first = [(unfinished + pieces[0])[: LARGEST_PACKET + 1]] if unfinished else []
        pieces = first + pieces[1:]
    if page.is_open and pieces:
        return pieces[:-1], pieces[-1]
    return pieces, b""
