"""Recordings of real programs keep every packet on the way to Ogg; hostile files cost little and give no broken Ogg."""

from __future__ import annotations

import hashlib
import math
import struct
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.sound import mp4, ogg, opus, webm
from core.sound.opus import MOST_PACKETS, OpusHead, Recording, samples_in
from core.sound.voice import LARGEST, NotVoice, Reason, VoiceNote, as_voice_note
from tests.voice_files import (
    EBML,
    FTYP,
    LIVE_SEGMENT,
    TALK,
    element,
    hostile,
    ints,
    minute,
    mp4_fragments,
    mp4_movie,
    mp4_unfragmented,
    ogg_page,
    simple_block,
    slow_checksum,
    webm_file,
    webm_of,
    webm_track,
)

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
READING = {module.__file__ for module in (mp4, ogg, opus, webm)}
SIZE = 64 * 1024
FILES = {name: (FOLDER / name).read_bytes() for name, *_ in RECORDINGS}
TALK_STEREO = b"\x7c"  # as TALK, of two channels
TICK = b"\xe0"  # 2.5 ms


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


@pytest.mark.parametrize("name", hostile(0))
def test_a_hostile_file_costs_little_work_and_memory(name: str) -> None:
    """Work that grows with the square of the size would pass this bound ten times over; benchmarks/voice.py has the clock."""
    data = hostile(SIZE)[name]
    assert steps(data) < 20 * len(data) + 20 * MOST_PACKETS
    tracemalloc.start()
    try:
        check(data)
        assert tracemalloc.get_traced_memory()[1] < 40 * max(SIZE, len(data))
    finally:
        tracemalloc.stop()


def steps(data: bytes) -> int:
    """Lines of the readers run through: the same number whatever else the machine does."""
    count = 0

    def line(frame: FrameType, event: str, _: object) -> Callable[..., Any]:
        nonlocal count
        count += event == "line"
        return line

    before = sys.gettrace()
    sys.settrace(lambda frame, *_: line if frame.f_code.co_filename in READING else None)
    try:
        check(data)
    finally:
        sys.settrace(before)
    return count


def test_there_is_an_end_to_the_number_of_packets() -> None:
    body = b"\xa3\x85\x81\0\0\0" + TALK
    assert as_voice_note(webm_file(webm_track(), body=body * 1000)).duration_ms == 20_000 - math.ceil(312 / 48)
    assert refusal(webm_file(webm_track(), body=body * (MOST_PACKETS + 1))) == Reason.TOO_LARGE


@pytest.mark.parametrize("container", [webm_of, mp4_fragments])
def test_a_minute_costs_a_few_lines_a_packet(container: Callable[[list[bytes]], bytes]) -> None:
    packets = minute()
    assert as_voice_note(container(packets)).duration_ms == 59_993
    few, many = steps(container(packets[:300])), steps(container(packets))
    assert many < 10.2 * few
    assert many < 200 * len(packets)
