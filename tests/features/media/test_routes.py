"""`GET /media/<id>`: the bytes for staff, in parts if they like, and never as a page that could act."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.http import parse_options_header
from werkzeug.test import TestResponse

from db_manager import Database, Row
from drive_manager import LocalStore
from features.media import queries
from features.media.worker import MediaWorker
from tests.features.media import samples
from tests.features.media.conftest import Arrive
from tests.features.media.meta import MetaFiles

PHOTO = samples.picture()
SIZE = len(PHOTO)
Keep = Callable[..., int]


@pytest.fixture
def keep(worker: MediaWorker, meta: MetaFiles, arrive: Arrive) -> Keep:
    """A customer's file that has been fetched; gives the media id."""

    def do(data: bytes, kind: str = "image", **fields: str) -> int:
        media_id = arrive(meta.put(data), kind, **fields)
        worker.work_next()
        return media_id

    return do


def assert_harmless(answer: TestResponse) -> None:
    headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def disposition(answer: TestResponse) -> tuple[str, str]:
    kind, options = parse_options_header(answer.headers["Content-Disposition"])
    return kind, options["filename"]


def test_a_photo_is_shown(agent_client: FlaskClient, keep: Keep) -> None:
    media_id = keep(PHOTO)
    answer = agent_client.get(f"/media/{media_id}")
    assert (answer.status_code, answer.data) == (200, PHOTO)
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Length"] == str(SIZE)
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Cache-Control"] == "private, max-age=86400, immutable"
    assert disposition(answer) == ("inline", f"file-{media_id}.jpg")
    assert_harmless(answer)


def test_without_login_there_is_nothing(anonymous: FlaskClient, keep: Keep) -> None:
    media_id = keep(PHOTO)
    for path in (f"/media/{media_id}", f"/media/{media_id}/thumbnail", "/media/999999", "/media/x"):
        assert anonymous.get(path).status_code == 401
    assert anonymous.post(f"/api/media/{media_id}/retry", json={}).status_code == 401


@pytest.mark.parametrize("path", ["999999", "0", "x", "-1", "1.5", "9" * 19, "9" * 40, "../chat_history.db", "%2e%2e%2fx"])
def test_an_unknown_file_is_404(agent_client: FlaskClient, path: str) -> None:
    for url in (f"/media/{path}", f"/media/{path}/thumbnail"):
        answer = agent_client.get(url)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=100-", 100, SIZE),
        ("bytes=-20", SIZE - 20, SIZE),
        (f"bytes=-{SIZE + 500}", 0, SIZE),
        (f"bytes=5-{SIZE * 3}", 5, SIZE),
        ("Bytes= 3-7", 3, 8),
    ],
)
def test_a_part_is_a_206(agent_client: FlaskClient, keep: Keep, asked: str, start: int, stop: int) -> None:
    answer = agent_client.get(f"/media/{keep(PHOTO)}", headers={"Range": asked})
    assert (answer.status_code, answer.data) == (206, PHOTO[start:stop])
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{SIZE}"
    assert answer.headers["Content-Length"] == str(stop - start)
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert_harmless(answer)


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE + 5}-{SIZE + 9}", "bytes=-0"])
def test_a_part_that_does_not_exist_is_a_416(agent_client: FlaskClient, keep: Keep, asked: str) -> None:
    answer = agent_client.get(f"/media/{keep(PHOTO)}", headers={"Range": asked})
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{SIZE}")
    assert answer.get_json()["error"]["code"] == "range_not_satisfiable"


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=0-1,4-5", "items=0-1", "bytes=", "bytes=-", "bytes=a-b", "٣"])
def test_what_is_no_single_range_gives_the_whole(agent_client: FlaskClient, keep: Keep, asked: str) -> None:
    answer = agent_client.get(f"/media/{keep(PHOTO)}", headers={"Range": asked})
    assert (answer.status_code, answer.data) == (200, PHOTO)


def test_what_the_browser_has_is_not_sent_again(agent_client: FlaskClient, keep: Keep) -> None:
    url = f"/media/{keep(PHOTO)}"
    etag = agent_client.get(url).headers["ETag"]
    again = agent_client.get(url, headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    assert agent_client.get(url, headers={"If-None-Match": '"other"'}).status_code == 200
    part = {"Range": "bytes=0-3"}
    assert agent_client.get(url, headers=part | {"If-Range": etag}).status_code == 206
    assert agent_client.get(url, headers=part | {"If-Range": '"other"'}).status_code == 200


def test_head_tells_size_and_type_without_bytes(agent_client: FlaskClient, keep: Keep) -> None:
    answer = agent_client.head(f"/media/{keep(PHOTO)}", headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.data) == (200, b"")
    assert (answer.headers["Content-Length"], answer.headers["Content-Type"]) == (str(SIZE), "image/jpeg")


def test_a_file_of_no_bytes_is_served(agent_client: FlaskClient, keep: Keep) -> None:
    url = f"/media/{keep(b'', 'document', mime_type='text/plain')}"
    assert (agent_client.get(url).status_code, agent_client.get(url).data) == (200, b"")
    assert agent_client.get(url, headers={"Range": "bytes=0-"}).status_code == 416


def test_a_photo_can_be_had_as_a_download(agent_client: FlaskClient, keep: Keep) -> None:
    media_id = keep(PHOTO)
    answer = agent_client.get(f"/media/{media_id}?download=1")
    assert disposition(answer) == ("attachment", f"file-{media_id}.jpg")
    assert answer.headers["Content-Type"] == "image/jpeg"


HOSTILE = {
    "svg": (samples.SVG, "image/svg+xml", "logo.svg"),
    "svg as a photo": (samples.SVG, "image/jpeg", "photo.jpg"),
    "html": (samples.HTML, "text/html", "page.html"),
    "html as a photo": (samples.HTML, "image/png", "photo.png"),
    "jpeg that is a page": (samples.jpeg_that_is_a_page(), "text/html", "photo.jpg"),
    "gif that is a script": (samples.gif_that_is_a_script(), "image/gif", "x.gif"),
    "htaccess": (b"AddType text/html .jpg", "text/plain", ".htaccess"),
    "dots and an invisible mark": (samples.EXE, "image/jpeg", "..\u200b/..\u200b/evil.exe"),
    "written backwards": (samples.EXE, "image/jpeg", "photo\u202egpj.exe"),
    "50,000 x 50,000": (samples.png_claiming(50_000, 50_000), "image/png", "big.png"),
    "zip bomb": (samples.ZIP, "application/zip", "42.zip"),
    "pdf that begins with something else": (b"\n" + samples.PDF, "application/pdf", "prices.pdf"),
    "pdf that is a page": (samples.PDF + samples.HTML, "application/pdf", "prices.pdf"),
    "xml": (b"<?xml version='1.0'?><x/>", "text/xml", "x.xml"),
    "exe as a sound": (samples.EXE, "audio/mpeg", "song.mp3"),
    "type with a header in it": (samples.HTML, "text/html\r\nX-Evil: 1", "a\r\nX-Evil: 1.html"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_could_do_harm_is_only_ever_a_download(
    agent_client: FlaskClient, keep: Keep, store: LocalStore, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    data, mime_type, filename = HOSTILE[name]
    media_id = keep(data, "document", mime_type=mime_type, filename=filename)
    answer = agent_client.get(f"/media/{media_id}")
    kind, shown = disposition(answer)
    assert (answer.status_code, answer.data, kind) == (200, data, "attachment")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert "X-Evil" not in answer.headers
    assert not set(shown) & set("/\\\u200b\u202e\r\n") and not shown.startswith(".")
    assert_harmless(answer)
    names = {path.name for path in store.folder.rglob("*") if path.is_file()}
    assert all(len(name.removesuffix(".thumbnail")) == 64 for name in names)


def test_a_pdf_by_its_bytes_opens_in_the_browsers_viewer(agent_client: FlaskClient, keep: Keep) -> None:
    media_id = keep(samples.PDF, "document", mime_type="text/html", filename="prices.html")
    answer = agent_client.get(f"/media/{media_id}")
    assert (answer.headers["Content-Type"], disposition(answer)[0]) == ("application/pdf", "inline")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';") and "script-src" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert disposition(agent_client.get(f"/media/{media_id}?download=1"))[0] == "attachment"


def test_a_file_that_is_not_here_yet_says_so(agent_client: FlaskClient, arrive: Arrive, meta: MetaFiles) -> None:
    media_id = arrive(meta.put(PHOTO))
    for path in (f"/media/{media_id}", f"/media/{media_id}/thumbnail"):
        answer = agent_client.get(path)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "media_pending")


@pytest.mark.parametrize("state", ["failed", "expired", "too_large"])
def test_a_file_that_never_came_says_why(
    agent_client: FlaskClient, arrive: Arrive, meta: MetaFiles, db: Database, state: str
) -> None:
    media_id = arrive(meta.put(PHOTO))
    db.write(lambda tx: queries.claim(tx.connection, 2**40, 0))
    db.write(lambda tx: queries.give_up(tx.connection, media_id, claimed_at=2**40, state=state, reason="Because."))
    answer = agent_client.get(f"/media/{media_id}")
    assert answer.status_code == 409
    assert answer.get_json()["error"] == {"code": f"media_{state}", "message": "Because."}


def test_a_file_that_vanished_from_the_disk_is_a_404(agent_client: FlaskClient, keep: Keep, store: LocalStore) -> None:
    media_id = keep(PHOTO)
    for path in store.folder.rglob("*"):
        if path.is_file():
            path.unlink()
    assert agent_client.get(f"/media/{media_id}").get_json()["error"]["code"] == "media_missing"
    assert agent_client.get(f"/media/{media_id}/thumbnail").get_json()["error"]["code"] == "no_thumbnail"


def test_a_thumbnail_is_small_and_harmless_too(agent_client: FlaskClient, keep: Keep) -> None:
    url = f"/media/{keep(PHOTO)}/thumbnail"
    answer = agent_client.get(url)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/webp")
    assert 0 < len(answer.data) < SIZE
    assert_harmless(answer)
    assert agent_client.get(url, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert agent_client.get(f"/media/{keep(samples.PDF, 'document')}/thumbnail").status_code == 404


def test_the_message_carries_the_file(agent_client: FlaskClient, keep: Keep, row: Callable[[int], Row]) -> None:
    media_id = keep(PHOTO)
    message_id = row(media_id)["message_id"]
    media = agent_client.get(f"/api/messages/{message_id}").get_json()["message"]["media"]
    assert media == {
        "id": media_id,
        "url": f"/media/{media_id}",
        "thumbnail_url": f"/media/{media_id}/thumbnail",
        "mime_type": "image/jpeg",
        "inline": True,
        "filename": None,
        "size": SIZE,
        "state": "stored",
        "error": None,
        "voice": False,
        "animated": False,
        "width": 640,
        "height": 400,
        "duration_ms": None,
        "opens": False,
        "peaks": None,
        "stored_in": "here",
        "drive_url": None,
        "public_url": None,
    }


def test_retry_brings_a_file_that_had_been_given_up(
    agent_client: FlaskClient, worker: MediaWorker, arrive: Arrive, meta: MetaFiles, db: Database, row: Callable[[int], Row]
) -> None:
    media_id = arrive("meta1")
    db.write(lambda tx: queries.claim(tx.connection, 2**40, 0))
    db.write(lambda tx: queries.give_up(tx.connection, media_id, claimed_at=2**40, state="expired", reason="Gone."))
    meta.put(PHOTO)
    answer = agent_client.post(f"/api/media/{media_id}/retry", json={})
    assert answer.status_code == 200
    media = answer.get_json()["media"]
    assert (media["id"], media["state"], media["error"]) == (media_id, "pending", None)
    assert worker.work_next()
    assert row(media_id)["state"] == "stored"
    with db.read() as connection:
        origins = [r[0] for r in connection.execute("SELECT origin FROM changes WHERE kind = 'message.updated'")]
    assert origins == ["user", "live"]


def test_retry_does_not_wait_for_the_pause_to_end(
    agent_client: FlaskClient, worker: MediaWorker, arrive: Arrive, meta: MetaFiles, row: Callable[[int], Row]
) -> None:
    media_id = arrive("meta1")
    worker.work_next()
    meta.put(PHOTO)
    assert not worker.work_next()
    agent_client.post(f"/api/media/{media_id}/retry", json={})
    worker.work_next()
    assert row(media_id)["state"] == "stored"


def test_retry_of_a_file_that_is_here_changes_nothing(agent_client: FlaskClient, keep: Keep, db: Database) -> None:
    media_id = keep(PHOTO)
    answer = agent_client.post(f"/api/media/{media_id}/retry", json={})
    assert (answer.status_code, answer.get_json()["media"]["state"]) == (200, "stored")
    assert agent_client.get(f"/media/{media_id}").data == PHOTO
    assert agent_client.post("/api/media/999999/retry", json={}).status_code == 404
