"""Size and length of films, from headers made here box by box; damaged ones tell nothing and take no time."""

from __future__ import annotations

import io
import random
import struct
from pathlib import Path

import pytest

from core.sound.movie import Movie, look_at

FIXTURES = Path(__file__).parent / "fixtures" / "voice"
STRAIGHT = (0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
TURNED = (0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)


def box(name: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I", len(body) + 8) + name + body


def movie_header(length: int = 12_500, scale: int = 1000, *, version: int = 0) -> bytes:
    times = struct.pack(">QQIQ" if version else ">IIII", 0, 0, scale, length)
    return box(b"mvhd", bytes([version, 0, 0, 0]), times, bytes(80))


def track(width: int, height: int, *, handler: bytes = b"vide", matrix: tuple[int, ...] = STRAIGHT, version: int = 0) -> bytes:
    times = struct.pack(">QQIIQ" if version else ">IIIII", 0, 0, 1, 0, 0)
    place = bytes(16) + struct.pack(">9i", *matrix) + struct.pack(">II", width << 16, height << 16)
    header = box(b"tkhd", bytes([version, 0, 0, 0]), times, place)
    return box(b"trak", header, box(b"mdia", box(b"hdlr", bytes(8), handler, bytes(12))))


def film(*boxes: bytes, first: bytes = b"") -> bytes:
    return box(b"ftyp", b"isom", bytes(4)) + first + box(b"moov", *boxes)


def seen(data: bytes) -> Movie:
    return look_at(io.BytesIO(data))


@pytest.mark.parametrize("version", [0, 1])
def test_size_and_length_of_a_film(version: int) -> None:
    sound = track(0, 0, handler=b"soun")
    data = film(movie_header(version=version), sound, track(1280, 720, version=version))
    assert seen(data) == Movie(1280, 720, 12_500)
    assert seen(film(movie_header(version=version), sound)) == Movie(None, None, 12_500)


def test_a_film_taken_upright_is_higher_than_wide() -> None:
    assert seen(film(movie_header(), track(1920, 1080, matrix=TURNED))) == Movie(1080, 1920, 12_500)


def test_the_header_is_found_behind_the_pictures_and_behind_a_box_of_64_bits() -> None:
    long = struct.pack(">I", 1) + b"mdat" + struct.pack(">Q", 16 + 5000) + bytes(5000)
    assert seen(film(movie_header(), track(640, 360), first=long)) == Movie(640, 360, 12_500)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x00\x00\x08moov",
        b"\x00\x00\x00\x00ftyp" + bytes(100),
        b"\x00\x00\x00\x01ftyp" + bytes(100),
        b"\x00\x00\x00\x02ftyp" + bytes(100),
        b"\xff\xff\xff\xffmoov" + bytes(100),
        box(b"free", bytes(8)) * 2000 + film(track(640, 360)),
        film(box(b"free", bytes(5_000_000)), track(640, 360)),
        film(track(0, 0)),
        film(track(20_000, 20)),
        film(movie_header(scale=0)),
        film(movie_header(length=0)),
        film(movie_header(length=2**32 - 1, scale=1)),
        film(box(b"free") * 300_000),
    ],
)
def test_what_no_film_says_is_not_believed(data: bytes) -> None:
    assert seen(data) == Movie()


def test_sound_in_the_same_container_has_a_length() -> None:
    assert 500 < (seen((FIXTURES / "ffmpeg-unfragmented.mp4").read_bytes()).duration_ms or 0) < 60_000


def test_damage_never_raises() -> None:
    dice = random.Random(7)
    whole = film(movie_header(), track(0, 0, handler=b"soun"), track(1280, 720))
    for _ in range(3000):
        damaged = bytearray(whole[: dice.randrange(len(whole)) or None])
        for _ in range(dice.randrange(6)):
            if damaged:
                damaged[dice.randrange(len(damaged))] = dice.choice((0, 1, 8, 127, 255))
        seen(bytes(damaged))
