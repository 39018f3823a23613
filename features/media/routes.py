"""HTTP of files: the bytes behind the login, never able to act as a page of ours."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Annotated, BinaryIO

from flask import Blueprint, Response, request
from pydantic import Field
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from core.errors import Conflict, NotFound
from core.reason import Reason, read
from db_manager import Row
from features.media import actions, archive_queries, queries
from features.media.answers import ArchiveCounts, OneMedia
from features.media.filenames import content_disposition, download_name
from features.media.reading import open_bytes
from features.media.sniffing import INLINE_TYPES, TAB_TYPES, UNKNOWN
from features.media.thumbnails import THUMBNAIL_TYPE
from web import guards, viewing
from web.openapi import describe
from web.respond import ok
from web.services import services
from web.validation import Body, Query, Whole, parse_json, parse_query
from web.words import word_if

blueprint = Blueprint("media", __name__)


class PeaksBody(Body):
    """Loudness of each 64th of the sound, 255 the loudest."""

    peaks: Annotated[list[Annotated[int, Field(ge=0, le=255), Whole]], Field(min_length=64, max_length=64)]


_BLOCK = 64 * 1024
_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))", re.IGNORECASE)
_HEADERS = {
    # A file is never a page of ours, even if somebody opens its address: no script, no frame, an origin of its own.
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    # The bytes of an id never change. Not for ever, all the same: what is erased here should leave browsers soon.
    "Cache-Control": "private, max-age=86400, immutable",
}
# Without the sandbox, in which older Chromium refuses to start its PDF viewer, and with what that viewer's own frame needs.
# No page of ours comes of it all the same: the type is that of a PDF, nothing is sniffed, no script may load.
_PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_ANSWERS = {200: "The bytes.", 206: "The part that was asked for.", 304: "Unchanged."}
_ERRORS = {
    404: {"media_missing": "The file is nowhere any more."},
    409: {
        "media_pending": "It is still being fetched from WhatsApp.",
        "media_failed": "It could not be fetched.",
        "media_expired": "WhatsApp does not have it any more.",
        "media_too_large": "It is larger than can be kept.",
        "media_blocked": "Google Drive has marked it as harmful.",
        "drive_disconnected": "It is in Google Drive, which has to be connected again.",
    },
    416: {"range_not_satisfiable": "There is no such part."},
    503: {"drive_unavailable": "It is in Google Drive, which does not answer."},
}


class FileQuery(Query):
    download: Annotated[bool, Field(description="As an attachment, whatever it is.")] = False


@blueprint.get("/media/<row:media_id>")
@describe(
    "The bytes of a file",
    "Types that cannot run script are inline, decided by the bytes; everything else is a download. Ranges are served.",
    query=FileQuery,
    answers=_ANSWERS,
    errors=_ERRORS,
)
def get_media(media_id: int) -> Response:
    asked, row = parse_query(FileQuery), _stored_row(media_id)
    try:
        file = open_bytes(services(), row["sha256"])
    except FileNotFoundError:
        raise NotFound("The file of this message is no longer here.", code="media_missing") from None
    inline_type = row["inline_type"] if row["inline_type"] in INLINE_TYPES | TAB_TYPES else None
    response = _bytes_of(file, row["sha256"])
    if inline_type in TAB_TYPES:
        response.headers["Content-Security-Policy"] = _PDF_POLICY
    response.headers["Content-Type"] = inline_type or UNKNOWN
    is_attachment = inline_type is None or asked.download
    name = download_name(row["filename"], row["id"], inline_type or row["mime_type"])
    response.headers["Content-Disposition"] = content_disposition(name, attachment=is_attachment)
    return response


@blueprint.get("/media/<row:media_id>/thumbnail")
@describe(
    "A small picture of a picture",
    "WebP, 480 pixels at the longer side.",
    answers=_ANSWERS,
    errors=_ERRORS | {404: {"no_thumbnail": "This file has none."}},
)
def get_media_thumbnail(media_id: int) -> Response:
    row = _stored_row(media_id)
    try:
        if not row["thumbnail"]:
            raise FileNotFoundError
        file = services().clients.store.open_thumbnail(row["sha256"])
    except FileNotFoundError:
        raise NotFound("This file has no thumbnail.", code="no_thumbnail") from None
    response = _bytes_of(file, f"{row['sha256']}-thumbnail")
    response.headers["Content-Type"] = THUMBNAIL_TYPE
    response.headers["Content-Disposition"] = "inline"
    return response


@blueprint.post("/api/media/<row:media_id>/peaks")
@describe(
    "Keep the waveform of a sound",
    "As a browser has computed it. The first one counts; the answer tells which that was.",
    body=PeaksBody,
    answers={200: OneMedia},
    errors={409: {"no_waveform": "It is no sound that is stored here, or a long one."}},
)
def post_media_peaks(media_id: int) -> Response:
    parts = services()
    actions.keep_peaks(parts.db, media_id, bytes(parse_json(PeaksBody).peaks), viewing.viewer())
    return ok({"media": actions.as_json(_row(media_id))})


@blueprint.get("/api/media/archive")
@guards.role("owner")
@describe(
    "How far the archive in Google Drive is",
    "Contents are counted, not messages: the same picture sent twice is one.",
    answers={200: ArchiveCounts},
)
def get_media_archive() -> Response:
    with services().db.read() as connection:
        counts = dict(archive_queries.counts(connection))
    return ok(counts | {"reason": word_if(read(counts["reason"]))})


@blueprint.post("/api/media/archive/retry")
@guards.role("owner")
@describe(
    "Try the archive again at once",
    "Both what waits and what was given up, after something was repaired at Google.",
    answers={200: ArchiveCounts},
)
def post_media_archive_retry() -> Response:
    actions.retry_archive(services().db)
    return get_media_archive()


@blueprint.post("/api/media/<row:media_id>/retry")
@describe(
    "Fetch a file from WhatsApp again, now",
    "Nothing happens to a file that is here already.",
    answers={200: OneMedia},
    errors={409: {"not_at_whatsapp": "There is nothing to fetch."}},
)
def post_media_retry(media_id: int) -> Response:
    parts = services()
    actions.retry(parts.db, media_id, viewing.viewer())
    return ok({"media": actions.as_json(_row(media_id))})


def _row(media_id: int) -> Row:
    with viewing.view() as view:
        row = queries.seen(view, media_id)
    if row is None:
        raise NotFound("There is no such file.")
    return row


def _stored_row(media_id: int) -> Row:
    row = _row(media_id)
    if row["state"] != "stored":
        reason = actions.why_not_here(row) or Reason("media.pending")
        raise Conflict(reason, code=f"media_{row['state']}")
    return row


def _bytes_of(file: BinaryIO, tag: str) -> Response:
    """200, 206, 304 or 416 by the request's headers; `file` is closed at the end of the answer. `tag`: the ETag."""
    size = file.seek(0, os.SEEK_END)
    etag = f'"{tag}"'
    try:
        part = _asked_part(size, etag)
    except RequestedRangeNotSatisfiable:
        file.close()
        raise
    start, stop = part or (0, size)
    response = Response(_slice(file, start, stop), status=206 if part else 200)
    response.call_on_close(file.close)  # of an answer that nobody read to its end
    response.content_length = stop - start
    if part:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = etag
    response.headers.update(_HEADERS)
    response.make_conditional(request.environ)
    if response.status_code == 304 or request.method == "HEAD":
        file.close()
    else:  # from Drive: what goes wrong should do so before the answer has begun
        file.seek(start)
        file.read(1)
    return response


def _asked_part(size: int, etag: str) -> tuple[int, int] | None:
    """[start, stop) of a single range; None for the whole (also for what RFC 9110, 14.2 lets a server ignore)."""
    found = _RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if found is None or request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        start, stop = max(size - int(suffix), 0), size
    else:
        if last and int(last) < int(first):
            return None
        start, stop = int(first), min(int(last) + 1 if last else size, size)
    if start >= stop:
        raise RequestedRangeNotSatisfiable(size)
    return start, stop


def _slice(file: BinaryIO, start: int, stop: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        left = stop - start
        while left > 0 and (block := file.read(min(_BLOCK, left))):
            left -= len(block)
            yield block
