"""Sound files made by hand, byte by byte: sound ones, and hostile ones of any size."""

from __future__ import annotations

import struct

from core.sound.opus import OpusHead

TALK = b"\x78"  # TOC: SILK and CELT together, 20 ms, mono, one frame


def number(value: int, length: int = 8) -> bytes:
    return (value | 1 << 7 * length).to_bytes(length, "big")


def element(kind: int, content: bytes) -> bytes:
    return kind.to_bytes((kind.bit_length() + 7) // 8, "big") + number(len(content)) + content


def box(kind: bytes, *content: bytes) -> bytes:
    inside = b"".join(content)
    return struct.pack(">I", 8 + len(inside)) + kind + inside


def ints(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


EBML = element(0x1A45DFA3, element(0x4282, b"webm"))
LIVE_SEGMENT, LIVE_CLUSTER = (bytes.fromhex(kind) + b"\x01" + b"\xff" * 7 for kind in ("18538067", "1F43B675"))
FTYP = box(b"ftyp", b"isom", ints(512))


def webm_track(codec: bytes = b"A_OPUS", track: int = 1, more: bytes = b"") -> bytes:
    return element(0xAE, element(0xD7, bytes([track])) + element(0x86, codec) + more)


def webm_file(*tracks: bytes, body: bytes = b"") -> bytes:
    return EBML + LIVE_SEGMENT + element(0x1654AE6B, b"".join(tracks)) + LIVE_CLUSTER + body


def simple_block(packet: bytes, track: int = 1, flags: int = 0x80) -> bytes:
    return element(0xA3, number(track, 1) + bytes(2) + bytes([flags]) + packet)


def mp4_movie(*tables: bytes, codec: bytes = b"Opus", mvex: bytes = b"", family: int = 0) -> bytes:
    entry = box(codec, bytes(28), box(b"dOps", struct.pack(">BBHIhB", 0, 1, 312, 48000, 0, family)))
    stbl = box(b"stbl", box(b"stsd", ints(0, 1), entry), *tables)
    trak = box(b"trak", box(b"tkhd", ints(0, 0, 0, 7), bytes(64)), box(b"mdia", box(b"minf", stbl)))
    return FTYP + box(b"moov", trak, mvex)


def mp4_fragments(packets: list[bytes], *, same_size: int = 0, old: bool = False) -> bytes:
    """One `moof` and `mdat` for every three packets, as Chromium writes them.

    `old`: positions count from the file's beginning, and only the first of two runs has one.
    """
    file = mp4_movie(mvex=box(b"mvex", box(b"trex", ints(0, 7, 1, 0, 0 if old else same_size, 0))))
    for at in range(0, len(packets), 3):
        part = packets[at : at + 3]
        for_size = fragment_head(part, same_size, old, 0, 0)
        file += fragment_head(part, same_size, old, len(file), len(for_size)) + box(b"mdat", *part)
    return file


def fragment_head(part: list[bytes], same_size: int, old: bool, start: int, length: int) -> bytes:
    def run(packets: list[bytes], flags: int, *fields: int) -> bytes:
        records = [] if same_size else [ints(960, len(packet)) for packet in packets]
        return box(b"trun", ints(flags if same_size else flags | 0x300, len(packets), *fields), *records)

    if old:
        base = struct.pack(">Q", start + length + 8)
        tfhd = box(b"tfhd", ints(0x13, 7), base, ints(1, same_size)) if same_size else box(b"tfhd", ints(0x1, 7), base)
        runs = run(part[:1], 0x4, 0) + run(part[1:], 0)
    else:
        tfhd = box(b"tfhd", ints(0x20000, 7))
        runs = run(part, 0x1, length + 8)
    other = box(b"traf", box(b"tfhd", ints(0, 99)), box(b"trun", ints(0x1, 5, 0)))
    return box(b"moof", other, box(b"traf", tfhd, runs))


def mp4_unfragmented(packets: list[bytes], *, wide: bool = False, same_size: int = 0, moov_first: bool = False) -> bytes:
    """Chunks of two packets, the last of what is left; other bytes lie between the chunks."""
    chunks = [packets[at : at + 2] for at in range(0, len(packets), 2)]

    def moov(base: int) -> bytes:
        offsets, at = [], base
        for chunk in chunks:
            offsets.append(at)
            at += sum(map(len, chunk)) + 1
        runs = ints(1, 2, 1) + (ints(len(chunks), len(packets) % 2, 1) if len(packets) % 2 else b"")
        table = b"".join(struct.pack(">Q" if wide else ">I", offset) for offset in offsets)
        sizes = ints(0, same_size, len(packets)) + (b"" if same_size else ints(*map(len, packets)))
        return mp4_movie(
            box(b"stsc", ints(0, len(runs) // 12), runs),
            box(b"stsz", sizes),
            box(b"co64" if wide else b"stco", ints(0, len(chunks)), table),
        )[len(FTYP) :]

    mdat = ints(1) + b"mdat" + struct.pack(">Q", 16 + sum(map(len, packets)) + len(chunks))
    mdat += b"".join(b"".join(chunk) + b"!" for chunk in chunks)
    start = len(FTYP) + 16
    return FTYP + moov(start + len(moov(0))) + mdat if moov_first else FTYP + mdat + moov(start)


def slow_checksum(data: bytes) -> int:
    """As RFC 3533 describes it, bit by bit."""
    register = 0
    for byte in data:
        register ^= byte << 24
        for _ in range(8):
            register = (register << 1 ^ (0x04C11DB7 if register >> 31 else 0)) & 0xFFFFFFFF
    return register


def ogg_page(laces: bytes, body: bytes, *, page: int, flags: int = 0, position: int = -1, stream: int = 5) -> bytes:
    header = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, position, stream, page, 0, len(laces))
    crc = slow_checksum(header + laces + body)
    return header[:22] + struct.pack("<I", crc) + header[26:] + laces + body


def webm_of(packets: list[bytes]) -> bytes:
    return webm_file(webm_track(), body=b"".join(map(simple_block, packets)))


def minute() -> list[bytes]:
    """3000 packets of 20 ms, no two neighbours alike."""
    return [TALK + bytes([n % 256]) * 59 for n in range(3000)]


def hostile(size: int) -> dict[str, bytes]:
    """Files of about `size` bytes by which somebody would make a careless reader work for long."""
    run_of_nothing = box(b"trun", ints(0x1, 0, 0))
    chunks = size * 3 // 4
    chunks_of_the_same = (
        box(b"stsz", ints(0, 60_000, 2**32 - 1)),
        box(b"stsc", ints(0, 1, 1, 1, 1)),
        box(b"stco", ints(0, chunks), bytes(4 * chunks)),
    )
    ogg_head = ogg_page(b"\x13", OpusHead(1).to_bytes(), page=0, flags=2)
    return {
        "webm of empty elements": webm_file(webm_track(), body=b"\xec\x80" * (size // 2)),
        "webm in webm in webm": webm_file(webm_track(), body=LIVE_CLUSTER * (size // 12)),
        "webm of tiny packets": webm_file(webm_track(), body=b"\xa3\x86\x81\0\0\0\xe0\x01" * (size // 8)),
        "webm with huge numbers": webm_file(*[element(0xD7, b"\xff" * (size // 26))] * 100),
        "mp4 of empty boxes": FTYP + box(b"free") * (size // 8),
        "mp4 in mp4 in mp4": FTYP + b"".join(ints(inner) + b"moov" for inner in range(size, 8, -8)),
        "mp4 of empty tracks": FTYP + box(b"moov", box(b"trak") * (size // 8)),
        "mp4 of fragments without end": mp4_movie() + box(b"moof", box(b"traf") * (size // 8)),
        "mp4 of empty runs": mp4_movie()
        + box(b"moof", box(b"traf", box(b"tfhd", ints(0, 7)), run_of_nothing * (size // 22))),
        "mp4 of four billion packets of nothing": mp4_movie()
        + box(b"moof", box(b"traf", box(b"tfhd", ints(0, 7)), box(b"trun", ints(0, 2**32 - 1)) * 1000)),
        "mp4 of the same packet again and again": mp4_movie(*chunks_of_the_same) + bytes(70_000),
        "ogg of empty pages": ogg_head + ogg_page(b"", b"", page=1) * (size // 27),
        "ogg of a packet without end": ogg_head + ogg_page(b"\xff" * 255, bytes(65_025), page=1, flags=1) * (size // 16_384),
    }
