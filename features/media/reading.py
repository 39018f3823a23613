"""The bytes of a stored file, wherever they are: here, or in Google Drive once the local copy was pruned."""

from __future__ import annotations

from typing import BinaryIO, cast

from core.errors import AppError, Conflict, NotFound
from features.google_account import drive
from features.media import archive_queries
from integrations.google.drive import DriveFile
from integrations.google.errors import Failure, Kind, classify
from web.services import Services

REMOTE_DOWN_S = 30


def open_bytes(parts: Services, sha256: str) -> BinaryIO:
    """To read, with `seek`; the caller closes. From Drive it comes by pieces, as it is read.

    Raises FileNotFoundError when it is nowhere; so that Drive does not hand it over is an AppError of `read`.
    """
    try:
        return cast(BinaryIO, parts.clients.store.open(sha256))
    except FileNotFoundError:
        with parts.db.read() as connection:
            row = archive_queries.get(connection, sha256)
        if row is None or row["state"] != "done":
            raise
    drive_id, size = row["drive_id"], row["size"]

    def fetch(start: int, stop: int) -> bytes:
        try:
            return drive.connect(parts).read(drive_id, start, stop)
        except AppError:
            raise
        except Exception as error:
            raise in_words(classify(error)) from error

    return cast(BinaryIO, DriveFile(fetch, size))


def in_words(failure: Failure) -> AppError:
    if failure.kind is Kind.MISSING:
        return NotFound("This file was deleted from Google Drive.", code="media_missing")
    if failure.reason in ("cannotDownloadAbusiveFile", "cannotDownloadFile"):
        return Conflict("Google Drive has marked this file as harmful and does not hand it over.", code="media_blocked")
    if failure.kind in (Kind.RECONNECT, Kind.CONFIG):
        return Conflict("This file is in Google Drive, which has to be connected again.", code="drive_disconnected")
    return AppError(
        "This file is in Google Drive, which does not answer. Please try again.",
        code="drive_unavailable",
        status=503,
        retry_after=REMOTE_DOWN_S,
    )
