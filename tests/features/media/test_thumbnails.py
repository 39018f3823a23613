"""Pictures from outside are looked at by a process of their own, with little memory and little time."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from PIL import Image

from features.media import thumbnails
from features.media.thumbnails import Look, look_at
from tests.features.media import samples

MEGABYTE = 1024 * 1024


def look(data: bytes, mime_type: str = "image/jpeg") -> Look:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        return look_at(file, mime_type)


def opened(found: Look) -> Image.Image:
    assert found.thumbnail is not None
    return Image.open(io.BytesIO(found.thumbnail))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_gets_its_size_and_a_thumbnail(kind: str) -> None:
    found = look(samples.picture(kind, (1200, 800)), f"image/{kind.lower()}")
    assert (found.width, found.height, found.animated) == (1200, 800, False)
    assert opened(found).size == (480, 320)


def test_a_small_picture_is_not_blown_up() -> None:
    assert opened(look(samples.picture(size=(60, 40)))).size == (60, 40)


def test_a_picture_taken_sideways_stands_upright_and_tells_nothing_of_its_sender() -> None:
    found = look(samples.sideways_jpeg())
    assert (found.width, found.height) == (400, 640)
    thumbnail = opened(found)
    assert thumbnail.size == (300, 480)
    assert not thumbnail.getexif()
    assert "exif" not in thumbnail.info and "xmp" not in thumbnail.info and "icc_profile" not in thumbnail.info


@pytest.mark.parametrize("kind", ["WEBP", "GIF"])
def test_a_moving_picture_is_shown_by_its_first_frame(kind: str) -> None:
    found = look(samples.animated(kind), f"image/{kind.lower()}")
    assert found.animated and (found.width, found.height) == (512, 512)
    assert not getattr(opened(found), "is_animated", False)


def test_a_see_through_picture_stays_so() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (100, 100), (0, 0, 0, 0)).save(file, "PNG")
    assert opened(look(file.getvalue(), "image/png")).convert("RGBA").getpixel((50, 50)) == (0, 0, 0, 0)


def test_a_picture_of_absurd_size_is_not_decoded() -> None:
    started = time.monotonic()
    assert look(samples.png_claiming(50_000, 50_000), "image/png") == Look(too_many_pixels=True)
    assert look(samples.png_claiming(8_000, 8_000), "image/png") == Look(too_many_pixels=True)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xd8\xff", b"\xff\xd8\xff" + bytes(5000), samples.picture()[:400], samples.picture("PNG")],
)
def test_a_picture_that_cannot_be_read_has_no_thumbnail(data: bytes) -> None:
    assert look(data).thumbnail is None


def test_what_is_no_picture_is_not_even_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: pytest.fail("a process was started"))
    assert look(samples.PDF, "application/pdf") == Look()


def test_a_picture_that_takes_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = tmp_path / "sleeper.py"
    script.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(thumbnails, "_SCRIPT", script)
    monkeypatch.setattr(thumbnails, "_LONGEST_S", 0.3)
    started = time.monotonic()
    assert look(samples.picture()) == Look()
    assert time.monotonic() - started < 5


def test_the_process_learns_nothing_from_our_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script, told = tmp_path / "spy.py", tmp_path / "told"
    script.write_text(f"import os; open({str(told)!r}, 'w').write(repr(dict(os.environ)))")
    monkeypatch.setattr(thumbnails, "_SCRIPT", script)
    monkeypatch.setenv("WHATSAPP_ACCESS_TOKEN", "EAAsecret")
    look(samples.picture())
    assert told.exists() and "EAAsecret" not in told.read_text()


@pytest.mark.parametrize(
    "data",
    [samples.png_claiming(7_000, 7_000), samples.picture("JPEG", (4_000, 3_000), progressive=True)],
    ids=["just under the cap", "progressive"],
)
def test_no_picture_takes_more_than_100_mb(data: bytes, tmp_path: Path) -> None:
    """Measured from a small process: a child's peak counts what its parent was before the child began."""
    file = tmp_path / "picture"
    file.write_bytes(data)
    kind = "PNG" if data.startswith(b"\x89PNG") else "JPEG"
    measure = (
        "import resource, subprocess, sys\n"
        "subprocess.run([sys.executable, '-I', *sys.argv[1:3]], stdin=open(sys.argv[3], 'rb'), capture_output=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = [sys.executable, "-c", measure, str(thumbnails._SCRIPT), kind, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    peak = int(done.stdout) * 1024
    assert 10 * MEGABYTE < peak < 100 * MEGABYTE
