"""Names from outside: shown and offered, never a path, never another name in disguise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.http import parse_options_header

from features.media.filenames import LONGEST, clean_filename, content_disposition, download_name


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("invoice 12.pdf", "invoice 12.pdf"),
        ("價錢表（新）.pdf", "價錢表(新).pdf"),
        ("Übersicht.pdf", "Übersicht.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Mei\\photo.jpg", "photo.jpg"),
        ("..\u200b/secret", "secret"),
        (".\u200b./.\u2060htaccess", "htaccess"),
        (".htaccess", "htaccess"),
        ("a\uff0fb.txt", "b.txt"),  # a full-width slash is one after normalising
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("photo\u00ad\u061c\u180e\ufeff.jpg", "photo.jpg"),
        ("a\r\nSet-Cookie: x=1.txt", "aSet-Cookie_ x=1.txt"),
        ('say "hi"<b>.txt', "say _hi__b_.txt"),
        ("nul\x00byte.txt", "nulbyte.txt"),
        ("lone\ud800surrogate.txt", "lonesurrogate.txt"),
        ("  two   spaces . ", "two spaces"),
        ("", None),
        ("...", None),
        ("../", None),
        ("\u200b\u200b", None),
    ],
)
def test_a_name_is_made_plain(raw: str, expected: str | None) -> None:
    assert clean_filename(raw) == expected


def test_a_long_name_keeps_its_extension() -> None:
    for letter in ("a", "艇"):
        name = clean_filename(letter * 5000 + ".pdf")
        assert name is None or len(name.encode()) <= LONGEST
    name = clean_filename("艇" * 100 + ".pdf")
    assert name is not None and name.endswith("艇.pdf") and len(name.encode()) <= LONGEST


@given(st.text(max_size=300))
def test_no_name_escapes_hides_or_breaks_a_header(raw: str) -> None:
    name = clean_filename(raw)
    if name is None:
        return
    assert not set(name) & set('/\\<>:"|?*\r\n\x00\u200b\u202e') and name.isprintable()
    assert not name.startswith(".") and 0 < len(name.encode()) <= LONGEST
    header = content_disposition(name, attachment=True)
    header.encode("latin-1")
    kind, options = parse_options_header(header)
    assert kind == "attachment" and options["filename"] == name
    assert "\n" not in header and "\r" not in header


def test_old_clients_get_a_plain_name() -> None:
    assert content_disposition("價錢表.pdf", attachment=True).startswith('attachment; filename="file.pdf"; filename*=')
    assert content_disposition("photo.jpg", attachment=False) == 'inline; filename="photo.jpg"'


def test_a_file_without_a_name_gets_one() -> None:
    assert download_name(None, 7, "audio/ogg") == "file-7.ogg"
    assert download_name(None, 7, "application/x-odd") == "file-7.bin"
    assert download_name("prices.pdf", 7, "audio/ogg") == "prices.pdf"
