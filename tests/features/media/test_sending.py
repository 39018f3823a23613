"""Files that staff send: kept, known by their bytes, and refused early with words that help."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from core.errors import Conflict, Invalid
from db_manager import Database, Row
from drive_manager import LARGEST_FILE, MEGABYTE, FileTooLarge, LocalStore
from features.media import actions, queries
from features.media.files import StoredFile
from features.media.sniffing import HEAD, sniff
from tests.features.media import samples
from tests.features.media.conftest import Arrive
from tests.features.media.meta import MetaFiles
from web.viewing import Viewer

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def plain_store(tmp_path: object) -> LocalStore:
    return LocalStore(tmp_path / "media")  # type: ignore[operator]


def upload(store: LocalStore, data: bytes, filename: str = "", declared: str = "") -> StoredFile:
    return actions.store_upload(store, io.BytesIO(data), filename, declared)


def of_size(data: bytes, size: int, filename: str = "") -> StoredFile:
    """As if padded to `size`: only the beginning counts for the type."""
    sniffed = sniff(data[:HEAD], "", filename)
    return StoredFile("0" * 64, size, sniffed, sniffed.inline_type)


@pytest.mark.parametrize(
    ("data", "filename", "kind"),
    [
        (samples.picture(), "a.jpg", "image"),
        (samples.picture("PNG"), "a.html", "image"),
        (samples.iso(b"isom"), "a.mp4", "video"),
        (samples.iso(b"3gp5"), "a.3gp", "video"),
        (samples.iso(b"M4A "), "a.m4a", "audio"),
        (samples.MP3, "a.mp3", "audio"),
        (samples.AAC, "a.aac", "audio"),
        (samples.AMR, "a.amr", "audio"),
        (samples.opus(), "a.ogg", "audio"),
        (samples.sticker(), "a.webp", "sticker"),
        (samples.animated("WEBP"), "a.webp", "sticker"),
        (samples.PDF, "a.pdf", "document"),
        (samples.ZIP, "a.docx", "document"),
        (samples.OLE, "a.xls", "document"),
        (b"one, two\n", "a.csv", "document"),
    ],
)
def test_the_bytes_decide_how_it_is_sent(plain_store: LocalStore, data: bytes, filename: str, kind: str) -> None:
    assert actions.kind_for_sending(upload(plain_store, data, filename, "text/html")) == kind


@pytest.mark.parametrize(
    "data",
    [
        samples.picture(), samples.picture("GIF"), samples.picture("WEBP"), samples.sticker(), samples.iso(b"heic", b"mif1"),
        samples.iso(b"isom"), samples.iso(b"qt  "), samples.WEBM, samples.MP3, samples.vorbis(), samples.opus(channels=2), samples.PDF,
    ],
)  # fmt: skip
def test_pictures_films_and_sounds_of_any_type_go_as_documents(data: bytes) -> None:
    def send(size: int) -> str:
        return actions.kind_for_sending(of_size(data, size), as_document=True)

    assert send(100 * MEGABYTE) == "document"
    with pytest.raises(Invalid) as caught:
        send(100 * MEGABYTE + 1)
    assert caught.value.code == "file_too_large" and "100 MB" in caught.value.message


AS_A_DOCUMENT = "or send it as a document."
PICTURES, GIF = "JPEG or PNG", samples.picture("GIF")


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (GIF, PICTURES),
        (samples.picture("WEBP"), PICTURES),
        (samples.iso(b"heic", b"mif1"), PICTURES),
        (samples.iso(b"qt  "), "MP4"),
        (samples.WEBM, "MP4"),
        (samples.vorbis(), "MP3"),
        (samples.opus(channels=2), "mono"),
    ],
)
def test_what_whatsapp_does_not_show_is_refused_with_two_ways_out(plain_store: LocalStore, data: bytes, hint: str) -> None:
    with pytest.raises(Invalid) as caught:
        actions.kind_for_sending(upload(plain_store, data, "a.bin"))
    assert hint in caught.value.message and caught.value.message.endswith(AS_A_DOCUMENT)
    assert caught.value.status == 422


@pytest.mark.parametrize(
    ("data", "hint"), [(samples.ZIP, "PDF"), (samples.EXE, "PDF"), (b"{\\rtf1 hello}", "PDF"), (b"", "empty")]
)
@pytest.mark.parametrize("as_document", [False, True])
def test_a_foreign_file_is_refused_however_it_is_sent(
    plain_store: LocalStore, data: bytes, hint: str, as_document: bool
) -> None:
    with pytest.raises(Invalid) as caught:
        actions.kind_for_sending(upload(plain_store, data, "a.bin"), as_document=as_document)
    assert hint in caught.value.message and AS_A_DOCUMENT not in caught.value.message


@pytest.mark.parametrize(
    ("data", "filename", "most"),
    [
        (samples.picture(), "", 5 * MEGABYTE),
        (samples.iso(b"isom"), "", 16 * MEGABYTE),
        (samples.MP3, "", 16 * MEGABYTE),
        (samples.PDF, "", 100 * MEGABYTE),
        (samples.ZIP, "a.xlsx", 100 * MEGABYTE),
    ],
)
def test_each_kind_has_its_limit(data: bytes, filename: str, most: int) -> None:
    actions.kind_for_sending(of_size(data, most, filename))
    with pytest.raises(Invalid) as caught:
        actions.kind_for_sending(of_size(data, most + 1, filename))
    assert caught.value.code == "file_too_large" and f"{most // MEGABYTE} MB" in caught.value.message


def test_the_browser_says_the_same_before_anything_is_uploaded() -> None:
    browser = (ROOT / "static/js/lib/files.js").read_text()
    refused = [of_size(data, 1) for data in (GIF, samples.iso(b"qt  "), samples.ogg(b"theora"), samples.ZIP)]
    large = [
        of_size(data, 101 * MEGABYTE) for data in (samples.picture(), samples.iso(b"isom"), samples.MP3, samples.PDF)
    ]
    for stored in refused + large + [of_size(samples.PDF, 0)]:
        with pytest.raises(Invalid) as caught:
            actions.kind_for_sending(stored)
        assert f'"{caught.value.message}"' in browser


@pytest.mark.parametrize(("moving", "most"), [(False, 100 * 1024), (True, 500 * 1024)])
def test_a_sticker_is_small(moving: bool, most: int) -> None:
    def sticker(size: int) -> StoredFile:
        return StoredFile("0" * 64, size, sniff(samples.sticker()), "image/webp", 512, 512, moving)

    assert actions.kind_for_sending(sticker(most)) == "sticker"
    with pytest.raises(Invalid):
        actions.kind_for_sending(sticker(most + 1))


def test_an_upload_is_cut_at_whatsapps_largest_file(plain_store: LocalStore) -> None:
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            return bytes(size)

    with pytest.raises(FileTooLarge) as caught:
        actions.store_upload(plain_store, Endless(), "a.bin", "")  # type: ignore[arg-type]
    assert caught.value.status == 413 and f"{LARGEST_FILE // MEGABYTE} MB" in caught.value.message
    assert [path for path in plain_store.folder.rglob("*") if path.is_file()] == []


def test_an_upload_becomes_the_file_of_a_message(
    db: Database, store: LocalStore, meta: MetaFiles, arrive: Arrive
) -> None:
    """Hung on a customer's message here: which one does not matter."""
    message_id = _row(db, arrive(meta.put(b"x")))["message_id"]
    stored = upload(store, samples.opus(), "C:\\voice\u202e.ogg", "audio/ogg; codecs=opus")
    media_id = db.write(lambda tx: actions.add_outbound(tx, message_id, stored, "C:\\voice\u202e.ogg", voice=True))
    row = _row(db, media_id)
    assert (row["state"], row["mime_type"], row["inline_type"]) == ("stored", "audio/ogg", "audio/ogg")
    assert (row["filename"], row["voice"], row["duration_ms"]) == ("voice.ogg", 1, 4000)
    assert (row["sha256"], row["size"], row["expires_at"]) == (stored.sha256, stored.size, None)
    db.write(lambda tx: queries.set_uploaded(tx.connection, media_id, "meta9", 123))
    assert (_row(db, media_id)["meta_media_id"], _row(db, media_id)["meta_uploaded_at"]) == ("meta9", 123)


def test_there_is_nothing_to_fetch_of_a_file_that_was_never_at_meta(
    db: Database, store: LocalStore, meta: MetaFiles, arrive: Arrive
) -> None:
    media_id = arrive(meta.put(b"x"))
    db.write(lambda tx: tx.execute("UPDATE media SET meta_media_id = NULL, state = 'failed'") and None)
    with pytest.raises(Conflict) as caught:
        actions.retry(db, media_id, Viewer(1))
    assert caught.value.code == "not_at_whatsapp"


def _row(db: Database, media_id: int) -> Row:
    with db.read() as connection:
        row = queries.get(connection, media_id)
    assert row is not None
    return row
