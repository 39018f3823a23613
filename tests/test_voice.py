"""Recordings of real programs keep every packet on the way to Ogg; hostile files cost little and give no broken Ogg."""

from __future__ import annotations

import hashlib
import math
import struct
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.sound import mp4, ogg, webm
from core.sound.opus import MOST_PACKETS, OpusHead, Recording, samples_in
from core.sound.voice import LARGEST, NotVoice, Reason, VoiceNote, as_voice_note

FOLDER = Path(__file__).parent / "fixtures" / "voice"
READERS: dict[str, Callable[[bytes], Recording]] = {".webm": webm.read, ".mp4": mp4.read, ".ogg": ogg.read}
# File, packets, milliseconds, channels, digest of all packets: as FFmpeg reads them.
RECORDINGS = [
    ("chromium.webm", 25, 1500, 1, "74be67a9008e3705"),
    ("chromium.mp4", 25, 1420, 1, "f93ec4d98ca6826f"),
    ("chromium-slices.webm", 25, 1500, 1, "f93ec4d98ca6826f"),
    ("chromium-slices.mp4", 25, 1420, 1, "90dfef5fd2efdaac"),
    ("chromium-stereo.webm", 16, 960, 2, "23ae3a9bb8b83b96"),
    ("ffmpeg-trimmed.ogg", 13, 250, 1, "3b9a69b2520769c3"),
    ("ffmpeg-trimmed.webm", 13, 250, 1, "3b9a69b2520769c3"),
    ("ffmpeg-unfragmented.mp4", 25, 1500, 1, "74be67a9008e3705"),
]
FILES = {name: (FOLDER / name).read_bytes() for name, *_ in RECORDINGS}
TALK = b"\x78"  # TOC: SILK and CELT together, 20 ms, mono, one frame
TALK_STEREO = b"\x7c"
TICK = b"\xe0"  # 2.5 ms


# ---------------------------------------------------------------- files made by hand


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


def note_of(recording: Recording) -> VoiceNote:
    return VoiceNote(ogg.write(recording), recording.duration_ms, recording.head.channels)


def refusal(data: bytes) -> Reason:
    with pytest.raises(NotVoice) as refused:
        as_voice_note(data)
    return refused.value.reason


# ---------------------------------------------------------------- recordings of real programs


@pytest.mark.parametrize(("name", "count", "duration", "channels", "digest"), RECORDINGS)
def test_every_packet_of_a_recording_arrives_in_the_voice_note(
    name: str, count: int, duration: int, channels: int, digest: str
) -> None:
    before = READERS[Path(name).suffix](FILES[name])
    assert (len(before.packets), hashlib.sha256(b"".join(before.packets)).hexdigest()[:16]) == (count, digest)
    note = as_voice_note(FILES[name])
    assert (note.duration_ms, note.channels) == (duration, channels)
    assert ogg.read(note.ogg) == before


def test_the_same_recording_gives_the_same_bytes_whatever_it_came_in() -> None:
    assert as_voice_note(FILES["chromium.webm"]).ogg == as_voice_note(FILES["chromium.webm"]).ogg
    assert as_voice_note(FILES["ffmpeg-trimmed.ogg"]) == as_voice_note(FILES["ffmpeg-trimmed.webm"])
    note = as_voice_note(FILES["chromium.mp4"])
    assert as_voice_note(note.ogg) == note


@pytest.mark.parametrize("name", FILES)
def test_the_ogg_is_as_the_rfcs_want_it(name: str) -> None:
    note = as_voice_note(FILES[name])
    pages: list[tuple[int, int, bytes]] = []
    at = 0
    while at < len(note.ogg):
        mark, version, flags, position, _, page, crc, count = struct.unpack_from("<4sBBqIIIB", note.ogg, at)
        end = at + 27 + count + sum(note.ogg[at + 27 : at + 27 + count])
        assert (mark, version, page) == (b"OggS", 0, len(pages))
        assert slow_checksum(note.ogg[at : at + 22] + bytes(4) + note.ogg[at + 26 : end]) == crc
        pages.append((flags, position, note.ogg[at + 27 + count : end]))
        at = end
    flags_seen, positions, bodies = zip(*pages, strict=True)
    assert flags_seen == (2, *(0,) * (len(pages) - 2), 4)
    assert positions[:2] == (0, 0) and list(positions) == sorted(positions)
    assert max(b - a for a, b in zip(positions[1:], positions[2:], strict=False)) <= 48_000 + 5760
    assert bodies[0][:8] == b"OpusHead" and bodies[1][:8] == b"OpusTags"
    pre_skip = int.from_bytes(bodies[0][10:12], "little")
    assert (positions[-1] - pre_skip) * 1000 // 48_000 == note.duration_ms


def test_nothing_of_the_recordings_own_words_goes_along() -> None:
    assert b"Chrome" in FILES["chromium.webm"]
    assert b"Chrome" not in as_voice_note(FILES["chromium.webm"]).ogg


@pytest.mark.parametrize("name", FILES)
def test_a_cut_recording_is_heard_up_to_the_cut(name: str) -> None:
    whole = ogg.read(as_voice_note(FILES[name]).ogg).packets
    heard = set()
    for length in range(len(FILES[name])):
        try:
            packets = ogg.read(as_voice_note(FILES[name][:length]).ogg).packets
        except NotVoice:
            continue
        assert packets == whole[: len(packets)]
        heard.add(len(packets))
    if name == "ffmpeg-unfragmented.mp4":
        assert heard == {len(whole)}  # its tables stand at the end: without all of them there is nothing
    elif name.endswith(".ogg"):
        assert heard == set()  # it is of one page
    else:
        assert len(heard) >= 5


# ---------------------------------------------------------------- packets and pages


@pytest.mark.parametrize(
    ("packet", "milliseconds"),
    [
        (b"\x00", 10), (b"\x18", 60), (b"\x60", 10), (b"\x68", 20), (b"\x80", 2.5), (b"\xf8", 20),
        (b"\xf9", 40), (b"\xfa", 40), (b"\xff\x03", 60), (b"\x1b\x02", 120), (b"\x83\x30", 120),
        (b"", 0), (b"\xff", 0), (b"\xff\x00", 0), (b"\x1b\x03", 0), (b"\x83\x31", 0), (b"\xf8" * 61_441, 0),
    ],
)  # fmt: skip
def test_the_first_bytes_of_a_packet_tell_its_length(packet: bytes, milliseconds: float) -> None:
    assert samples_in(packet) == milliseconds * 48


@given(st.binary(max_size=600))
def test_the_quick_checksum_is_the_checksum(data: bytes) -> None:
    assert ogg.checksum(data) == slow_checksum(data)


packets_of_any_size = st.lists(
    st.builds(lambda size: (TALK + bytes(range(256)) * 240)[:size], st.sampled_from([1, 2, 60, 254, 255, 256, 511, 61_440])),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(packets_of_any_size)
def test_packets_survive_every_container(packets: list[bytes]) -> None:
    blocks = b"".join(map(simple_block, packets))
    groups = b"".join(element(0xA0, element(0xA1, b"\x81\0\0\0" + packet)) for packet in packets)
    written = ogg.write(Recording(OpusHead(1), packets, 960 * len(packets), 0))
    ways = [
        webm_file(webm_track(), body=blocks),
        webm_file(webm_track(), body=groups),
        mp4_fragments(packets),
        mp4_fragments(packets, old=True),
        mp4_unfragmented(packets),
        mp4_unfragmented(packets, wide=True, moov_first=True),
        written,
    ]
    for data in ways:
        assert ogg.read(as_voice_note(data).ogg).packets == packets


def test_packets_of_one_size_need_no_table() -> None:
    packets = [TALK + bytes([n]) * 39 for n in range(7)]
    assert mp4.read(mp4_fragments(packets, same_size=40)).packets == packets
    assert mp4.read(mp4_fragments(packets, same_size=40, old=True)).packets == packets
    assert mp4.read(mp4_unfragmented(packets, same_size=40)).packets == packets


def test_a_packet_that_goes_on_on_the_next_page_is_put_together() -> None:
    packet = TALK + bytes(999)  # laces 255 255 255 235
    head = ogg_page(b"\x13", OpusHead(1).to_bytes(), page=0, flags=2, position=0)
    tags = [ogg_page(b"\xff", b"OpusTags" + bytes(247), page=1), ogg_page(b"\x05", bytes(5), page=2, flags=1, position=0)]
    middle = ogg_page(b"\xff\xff", packet[:510], page=3)
    rest = ogg_page(b"\xff\xeb\x02", packet[510:] + TALK * 2, page=4, flags=1 | 4, position=1920)
    assert ogg.read(b"".join([head, *tags, middle, rest])).packets == [packet, TALK * 2]
    assert ogg.read(b"".join([head, *tags, rest])).packets == [TALK * 2]  # its start is missing


def test_other_streams_in_an_ogg_are_left_out() -> None:
    own = ogg.write(Recording(OpusHead(1), [TALK] * 3, 2880, 0))
    first, video = len(ogg_page(b"\x13", bytes(19), page=0)), ogg_page(b"\x07", b"\x80theora", page=0, flags=2, stream=9)
    picture = ogg_page(b"\x05", TALK * 5, page=1, stream=9)
    assert ogg.read(video + own[:first] + video + picture + own[first:]).packets == [TALK] * 3
    assert refusal(video) == Reason.NO_OPUS


def test_a_stream_that_was_joined_late_is_not_trimmed() -> None:
    pages = [
        ogg_page(b"\x13", OpusHead(1).to_bytes(), page=0, flags=2, position=0),
        ogg_page(b"\x08", b"OpusTags", page=1, position=0),
        ogg_page(b"\x01\x01", TALK * 2, page=70, position=900_000),
        ogg_page(b"\x01\x01", TALK * 2, page=71, flags=4, position=901_800),
    ]
    recording = ogg.read(b"".join(pages))
    assert (len(recording.packets), recording.end_trim) == (4, 120)


def test_packets_that_nobody_would_hear_go() -> None:
    padding = element(0x75A2, (50_000_000).to_bytes(4, "big"))  # 50 ms
    blocks = simple_block(TALK) * 9 + element(0xA0, element(0xA1, b"\x81\0\0\0" + TALK) + padding)
    recording = webm.read(webm_file(webm_track(), body=blocks))
    assert (len(recording.packets), recording.end_trim) == (8, 480)
    recording = webm.read(webm_file(webm_track(), body=blocks + simple_block(TALK)))  # it was not the end
    assert (len(recording.packets), recording.end_trim) == (11, 0)


# ---------------------------------------------------------------- channels


def stereo_head() -> bytes:
    return element(0x63A2, OpusHead(2).to_bytes())


def test_two_announced_channels_of_which_one_is_coded_are_mono() -> None:
    coded_as_one = webm_file(webm_track(more=stereo_head()), body=simple_block(TALK) * 5)
    assert as_voice_note(coded_as_one).channels == 1
    coded_as_two = webm_file(webm_track(more=stereo_head()), body=simple_block(TALK) * 5 + simple_block(TALK_STEREO))
    assert as_voice_note(coded_as_two).channels == 2


def test_without_a_header_the_track_tells_the_channels() -> None:
    audio = element(0xE1, element(0x9F, b"\x02"))
    recording = webm.read(webm_file(webm_track(more=audio), body=simple_block(TALK_STEREO) * 5))
    assert recording.head == OpusHead(channels=2, pre_skip=312)


# ---------------------------------------------------------------- refusals


def test_sound_beside_pictures_is_found() -> None:
    tracks = webm_track(b"V_VP8", 1), webm_track(b"A_OPUS", 2)
    body = (simple_block(b"picture", 1, flags=0x06) + simple_block(TALK, 2)) * 4
    assert webm.read(webm_file(*tracks, body=body)).packets == [TALK] * 4


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.UNKNOWN_FORMAT),
        (b"ID3\x04" + bytes(100), Reason.UNKNOWN_FORMAT),
        (EBML, Reason.NO_OPUS),
        (webm_file(webm_track(b"V_VP8"), webm_track(b"A_VORBIS", 2), body=simple_block(TALK)), Reason.NO_OPUS),
        (webm_file(webm_track(b"A_AAC"), body=simple_block(TALK)), Reason.AAC),
        (webm_file(webm_track()), Reason.EMPTY),
        (webm_file(webm_track(), body=simple_block(TICK)), Reason.EMPTY),  # shorter than the pre-skip
        (webm_file(webm_track(), body=simple_block(TALK, flags=0x82)), Reason.UNSUPPORTED),
        (webm_file(webm_track(), body=simple_block(TALK, flags=0x84)), Reason.UNSUPPORTED),
        (webm_file(webm_track(), body=simple_block(TALK, flags=0x86)), Reason.UNSUPPORTED),
        (webm_file(webm_track(more=element(0x6D80, b"")), body=simple_block(TALK)), Reason.UNSUPPORTED),
        (webm_file(webm_track(more=element(0x63A2, b"OpusHead")), body=simple_block(TALK)), Reason.DAMAGED),
        (webm_file(webm_track(), body=simple_block(TALK) * 5 + b"\xa3\xff" + TALK * 20), Reason.DAMAGED),  # no size
        (webm_file(webm_track(), body=simple_block(TALK) * 5 + b"\0" + simple_block(TALK)), Reason.DAMAGED),
        (webm_file(webm_track(), body=b"\xa0\x80" * 1_000_000), Reason.TOO_LARGE),
        (webm_file(*[webm_track()] * 101), Reason.UNSUPPORTED),
        ((FOLDER / "ffmpeg-aac.m4a").read_bytes(), Reason.AAC),
        (mp4_movie(codec=b"enca"), Reason.UNSUPPORTED),
        (mp4_movie(codec=b"alac"), Reason.NO_OPUS),
        (mp4_movie(family=1), Reason.UNSUPPORTED),
        (mp4_movie(), Reason.EMPTY),
        (FTYP, Reason.DAMAGED),
        (FTYP + ints(7) + b"moov", Reason.DAMAGED),
        (as_voice_note(FILES["chromium.webm"]).ogg.replace(b"OpusTags", b"OpusTogs"), Reason.DAMAGED),  # checksum
        (FILES["ffmpeg-trimmed.ogg"][:47] + b"OggX" + FILES["ffmpeg-trimmed.ogg"][51:], Reason.DAMAGED),
        (EBML + bytes(LARGEST), Reason.TOO_LARGE),
    ],
)
def test_what_is_no_voice_is_refused_with_its_reason(data: bytes, reason: Reason) -> None:
    assert refusal(data) == reason


# ---------------------------------------------------------------- hostile files


def check(data: bytes) -> None:
    try:
        note = as_voice_note(data)
    except NotVoice:
        return
    recording = ogg.read(note.ogg)
    assert recording.packets and note.duration_ms > 0 and note.channels in (1, 2)
    assert note_of(recording) == note
    assert sum(map(len, recording.packets)) <= len(data)


names = st.sampled_from(sorted(FILES))
quiet = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quiet
@given(names, st.data())
def test_flipped_bytes_break_nothing(name: str, data: st.DataObject) -> None:
    file = bytearray(FILES[name])
    for at in data.draw(st.lists(st.integers(0, len(file) - 1), min_size=1, max_size=6)):
        file[at] = data.draw(st.integers(0, 255))
    check(bytes(file))


@quiet
@given(names, st.data())
def test_lying_sizes_break_nothing(name: str, data: st.DataObject) -> None:
    """The headers get numbers that are huge, zero, negative, or just beside the truth; Ogg's checksums are set right."""
    file = bytearray(FILES[name])
    lies = [b"\xff", b"\x00", b"\x01", b"\x7f", b"\x80", b"\x81", b"\x08", b"\x40", b"\x10"]
    for at in data.draw(st.lists(st.integers(0, min(len(file), 900) - 1), min_size=1, max_size=3)):
        lie = data.draw(st.sampled_from(lies)) * data.draw(st.sampled_from([1, 2, 4, 8]))
        file[at : at + len(lie)] = lie
    check(with_right_checksums(bytes(file)) if name.endswith(".ogg") else bytes(file))


def with_right_checksums(data: bytes) -> bytes:
    at = 0
    while data[at : at + 4] == b"OggS" and at + 27 <= len(data):
        end = at + 27 + data[at + 26] + sum(data[at + 27 : at + 27 + data[at + 26]])
        crc = ogg.checksum(data[at : at + 22] + bytes(4) + data[at + 26 : end])
        data = data[: at + 22] + struct.pack("<I", crc) + data[at + 26 :]
        at = end
    return data


@quiet
@given(names, st.data())
def test_pieces_put_together_wrongly_break_nothing(name: str, data: st.DataObject) -> None:
    file = FILES[name]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(file)), min_size=2, max_size=2)))
    times = data.draw(st.integers(0, 3))
    check(file[: cuts[0]] + file[cuts[0] : cuts[1]] * times + file[cuts[1] :])


@quiet
@given(st.sampled_from([b"\x1a\x45\xdf\xa3", b"OggS\0\x02", FTYP, EBML + LIVE_SEGMENT, b""]), st.binary(max_size=400))
def test_random_bytes_break_nothing(start: bytes, rest: bytes) -> None:
    check(start + rest)


SIZE = 256 * 1024
RUN_OF_NOTHING = box(b"trun", ints(0x1, 0, 0))
CHUNKS_OF_THE_SAME = (
    box(b"stsz", ints(0, 60_000, 2**32 - 1)),
    box(b"stsc", ints(0, 1, 1, 1, 1)),
    box(b"stco", ints(0, 200_000), bytes(800_000)),
)
HOSTILE = {
    "webm of empty elements": webm_file(webm_track(), body=b"\xec\x80" * (SIZE // 2)),
    "webm in webm in webm": webm_file(webm_track(), body=LIVE_CLUSTER * (SIZE // 12)),
    "webm of tiny packets": webm_file(webm_track(), body=b"\xa3\x86\x81\0\0\0\xe0\x01" * (SIZE // 8)),
    "webm with huge numbers": webm_file(*[element(0xD7, b"\xff" * 10_000)] * 100),
    "mp4 of empty boxes": FTYP + box(b"free") * (SIZE // 8),
    "mp4 in mp4 in mp4": FTYP + b"".join(ints(size) + b"moov" for size in range(SIZE, 8, -8)),
    "mp4 of empty tracks": FTYP + box(b"moov", box(b"trak") * (SIZE // 8)),
    "mp4 of fragments without end": mp4_movie() + box(b"moof", box(b"traf") * (SIZE // 8)),
    "mp4 of empty runs": mp4_movie() + box(b"moof", box(b"traf", box(b"tfhd", ints(0, 7)), RUN_OF_NOTHING * 12_000)),
    "mp4 of four billion packets of nothing": mp4_movie()
    + box(b"moof", box(b"traf", box(b"tfhd", ints(0, 7)), box(b"trun", ints(0, 2**32 - 1)) * 1000)),
    "mp4 of the same packet again and again": mp4_movie(*CHUNKS_OF_THE_SAME) + bytes(70_000),
    "ogg of empty pages": ogg_page(b"\x13", OpusHead(1).to_bytes(), page=0, flags=2)
    + ogg_page(b"", b"", page=1) * (SIZE // 27),
    "ogg of a packet without end": ogg_page(b"\x13", OpusHead(1).to_bytes(), page=0, flags=2)
    + ogg_page(b"\xff" * 255, bytes(65_025), page=1, flags=1) * 16,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_costs_little_time_and_memory(name: str) -> None:
    data = HOSTILE[name]
    started = time.perf_counter()
    check(data)
    assert time.perf_counter() - started < 2  # 0.05 s, but for a busy machine
    tracemalloc.start()
    try:
        check(data)
        assert tracemalloc.get_traced_memory()[1] < 40 * SIZE
    finally:
        tracemalloc.stop()


def test_there_is_an_end_to_the_number_of_packets() -> None:
    body = b"\xa3\x85\x81\0\0\0" + TALK
    assert as_voice_note(webm_file(webm_track(), body=body * 1000)).duration_ms == 20_000 - math.ceil(312 / 48)
    assert refusal(webm_file(webm_track(), body=body * (MOST_PACKETS + 1))) == Reason.TOO_LARGE


def test_a_minute_takes_no_time() -> None:
    packets = [TALK + bytes([n % 256]) * 59 for n in range(3000)]
    for data in (webm_file(webm_track(), body=b"".join(map(simple_block, packets))), mp4_fragments(packets)):
        took = []
        for _ in range(5):
            started = time.perf_counter()
            note = as_voice_note(data)
            took.append(time.perf_counter() - started)
        assert note.duration_ms == 59_993
        assert min(took) < 0.06
