"""What a file is, by its bytes; only what cannot run script is ever shown in a page."""

from __future__ import annotations

import pytest

from features.media.sniffing import INLINE_TYPES, sniff
from tests.features.media import samples
from tests.features.media.samples import iso

HARMLESS = [
    (samples.picture("JPEG"), "image/jpeg"),
    (samples.picture("PNG"), "image/png"),
    (samples.picture("WEBP"), "image/webp"),
    (samples.animated("WEBP"), "image/webp"),
    (samples.picture("GIF"), "image/gif"),
    (iso(b"isom", b"iso2", b"avc1", b"mp41"), "video/mp4"),
    (iso(b"mp42"), "video/mp4"),
    (iso(b"avc1"), "video/mp4"),
    (iso(b"3gp4", b"isom"), "video/3gpp"),
    (iso(b"3g2a"), "video/3gpp"),
    (iso(b"M4A ", b"mp42"), "audio/mp4"),
    (iso(b"isom", b"M4A "), "audio/mp4"),
    (samples.opus(), "audio/ogg"),
    (samples.vorbis(), "audio/ogg"),
    (samples.MP3, "audio/mpeg"),
    (samples.MP3_TAGGED, "audio/mpeg"),
    (samples.AAC, "audio/aac"),
    (samples.AMR, "audio/amr"),
]
DOWNLOADS = [
    (samples.HTML, "text/plain"),
    (samples.SVG, "text/plain"),
    (b"\xef\xbb\xbf" + samples.SVG, "text/plain"),
    (samples.PDF + samples.HTML, "application/pdf"),
    (b"\n\n" + samples.PDF, "application/pdf"),
    (samples.WEBM, "video/webm"),
    (samples.ogg(b"\x80theora" + bytes(30)), "application/ogg"),
    (b"OggS", "application/ogg"),
    (iso(b"qt  "), "video/quicktime"),
    (iso(b"heic", b"mif1"), "image/heic"),
    (iso(b"avif", b"mif1"), "image/avif"),
    (iso(b"odd?"), "application/octet-stream"),
    (b"\x00\x00\x00\x00ftyp", "application/octet-stream"),
    (samples.ZIP, "application/octet-stream"),
    (samples.EXE, "application/octet-stream"),
    (b"RIFF\x00\x00\x00\x00AVI LIST", "application/octet-stream"),
    (b"\xff\xff\xff\xff", "application/octet-stream"),
    (b"", "application/octet-stream"),
]


@pytest.mark.parametrize(("data", "expected"), HARMLESS)
def test_sound_and_pictures_are_known_by_their_bytes(data: bytes, expected: str) -> None:
    found = sniff(data, "text/html", "page.html")
    assert (found.mime_type, found.inline) == (expected, True)


@pytest.mark.parametrize(("data", "expected"), DOWNLOADS)
def test_everything_else_is_a_download_whatever_the_sender_says(data: bytes, expected: str) -> None:
    found = sniff(data, "image/jpeg", "photo.jpg")
    assert (found.mime_type, found.inline, found.inline_type) == (expected, False, None)


def test_a_pdf_opens_in_a_tab_and_never_in_a_page() -> None:
    found = sniff(samples.PDF, "image/jpeg", "photo.jpg")
    assert (found.mime_type, found.inline, found.opens, found.inline_type) == ("application/pdf", False, True, "application/pdf")


@pytest.mark.parametrize(
    "data", [samples.jpeg_that_is_a_page(), samples.gif_that_is_a_script(), b"ID3\x03<HTML>", b"#!AMR\n< script >"]
)
def test_a_picture_or_sound_that_is_also_a_page_is_a_download(data: bytes) -> None:
    assert sniff(data).mime_type in INLINE_TYPES
    assert not sniff(data).inline


def test_the_senders_word_counts_only_between_sound_and_film_in_one_container() -> None:
    assert sniff(iso(b"isom"), "audio/mp4").mime_type == "audio/mp4"
    assert sniff(iso(b"isom"), "text/html").mime_type == "video/mp4"
    assert sniff(iso(b"qt  "), "audio/mp4").mime_type == "video/quicktime"


def test_ogg_tells_codec_and_channels() -> None:
    assert (sniff(samples.opus(2)).codec, sniff(samples.opus(2)).channels) == ("opus", 2)
    assert sniff(samples.vorbis()).codec == "vorbis"


@pytest.mark.parametrize(
    ("data", "filename", "expected"),
    [
        (samples.ZIP, "Prices.DOCX", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (samples.ZIP, "prices.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (samples.OLE, "prices.xls", "application/vnd.ms-excel"),
        (samples.OLE, "prices.docx", "application/octet-stream"),
        (samples.ZIP, "archive.zip", "application/octet-stream"),
        (samples.EXE, "prices.docx", "application/octet-stream"),
        ("價錢表\n單人艇".encode(), "prices.txt", "text/plain"),
        ("價錢表".encode("big5"), "prices.txt", "text/plain"),
        (b"text\x00with a hole", "prices.txt", "application/octet-stream"),
    ],
)
def test_documents_need_the_right_container_and_name(data: bytes, filename: str, expected: str) -> None:
    assert sniff(data, "application/msword", filename).mime_type == expected
