"""Files of messages: taken note of, taken in from staff, fetched again, and shown as JSON."""

from __future__ import annotations

from typing import Any, BinaryIO

from core.errors import Conflict, NotFound
from core.reason import Reason, define, read
from db_manager import Database, Row, Transaction
from drive_manager import LARGEST_FILE, LocalStore
from features.changes.actions import record
from features.google_account import drive
from features.media import archive_queries, queries
from features.media.filenames import archive_name, clean_filename
from features.media.files import StoredFile, examine
from features.media.sending import kind_for_sending
from features.media.sniffing import INLINE_TYPES, TAB_TYPES
from integrations.whatsapp.events import MediaRef
from system import clock
from web.viewing import View, Viewer
from web.words import word_if

__all__ = ["StoredFile", "add_inbound", "add_outbound", "as_json", "keep_peaks", "kind_for_sending", "retry", "store_upload"]

KEPT_BY_META_S = 7 * 24 * 3600
LONGEST_WAVEFORM_MS = 15 * 60 * 1000
_BLOCK = 256 * 1024

define(
    {
        "media.pending": "This file is still being fetched from WhatsApp.",
        "media.failed": "This file could not be fetched from WhatsApp.",
        "media.expired": "WhatsApp keeps files for 7 days; this one is gone.",
        "media.too_large": "This file is too large.",
    }
)
_NOT_YET: dict[str, Any] = {
    "size": None, "sha256": None, "width": None, "height": None, "duration_ms": None, "inline_type": None, "thumbnail": 0,
}  # fmt: skip


def add_inbound(tx: Transaction, message_id: int, ref: MediaRef, timestamp: int) -> int:
    """Note a file that lies at Meta; the worker fetches it. Returns the media id.

    `timestamp` of the message, unix s. Meta keeps a file 7 days from when it told us of it: for an imported history
    that is now, whatever the age of the message.
    """
    now = clock.now()
    media_id = queries.insert(
        tx.connection,
        _NOT_YET
        | {
            "message_id": message_id,
            "meta_media_id": ref.meta_media_id,
            "mime_type": ref.mime_type,
            "filename": clean_filename(ref.filename or ""),
            "expected_sha256": ref.sha256,
            "state": "pending",
            "voice": int(ref.voice),
            "animated": int(ref.animated),
            "next_attempt_at": now,
            "expires_at": max(timestamp, now) + KEPT_BY_META_S,
            "created_at": now,
        },
    )
    tx.wake("media")
    return media_id


def add_outbound(tx: Transaction, message_id: int, stored: StoredFile, filename: str, *, voice: bool = False) -> int:
    """The file of a message of ours, from `store_upload`. Returns the media id."""
    now = clock.now()
    media_id = queries.insert(
        tx.connection,
        stored.columns()
        | {
            "message_id": message_id,
            "meta_media_id": None,
            "mime_type": stored.sniffed.mime_type,
            "filename": clean_filename(filename),
            "expected_sha256": None,
            "state": "stored",
            "voice": int(voice),
            "next_attempt_at": 0,
            "expires_at": None,
            "created_at": now,
        },
    )
    note_stored(tx, media_id)
    return media_id


def note_stored(tx: Transaction, media_id: int) -> None:
    """The bytes of this file are in the store: they are to be archived, whether or not Drive is connected yet."""
    row, message = queries.get(tx.connection, media_id), queries.message_of(tx.connection, media_id)
    assert row is not None and row["sha256"] and message is not None
    day = (clock.iso(message["timestamp"]) or "")[:10]
    values = {
        "sha256": row["sha256"],
        "name": archive_name(row["filename"], row["id"], row["inline_type"] or row["mime_type"], day),
        "mime_type": row["mime_type"].partition(";")[0].strip() or "application/octet-stream",
        "size": row["size"],
        "month": day[:7],
        "now": clock.now(),
    }
    archive_queries.enqueue(tx.connection, values)
    tx.wake("archive")


def store_upload(store: LocalStore, stream: BinaryIO, filename: str, declared_type: str) -> StoredFile:
    """Keep a file that a member of staff chose, and look at it. Not inside a transaction.

    `filename` and `declared_type` are the browser's word; the bytes decide. Raises FileTooLarge, DiskLow.
    """
    with store.open_sink(LARGEST_FILE) as sink:
        while block := stream.read(_BLOCK):
            sink.write(block)
        stored = sink.commit()
    return examine(store, stored, declared_type.partition(";")[0].strip().lower(), filename)


def retry(db: Database, media_id: int, viewer: Viewer) -> None:
    """Fetch it now, as if it had never been tried. Nothing happens to a file that is here already.

    Raises NotFound, Conflict (`not_at_whatsapp`: there is nothing to fetch).
    """

    def again(tx: Transaction) -> None:
        row = queries.seen(View(tx, viewer), media_id)
        if row is None:
            raise NotFound("There is no such file.")
        if row["state"] == "stored":
            return
        if not queries.start_over(tx.connection, media_id, clock.now()):
            raise Conflict("This file was never at WhatsApp: there is nothing to fetch.", code="not_at_whatsapp")
        announce(tx, media_id, user_id=viewer.id)
        tx.wake("media")

    db.write(again)


def keep_peaks(db: Database, media_id: int, peaks: bytes, viewer: Viewer) -> None:
    """The picture of a sound, as the first browser that heard it computed it; nobody can change it afterwards.

    `peaks`: 64 bytes. Raises NotFound, Conflict (`no_waveform`: not a sound that is here, or a long one).
    """

    def keep(tx: Transaction) -> None:
        row = queries.seen(View(tx, viewer), media_id)
        if row is None:
            raise NotFound("There is no such file.")
        if not _has_waveform(row):
            raise Conflict("Only a stored sound of some minutes has a waveform.", code="no_waveform")
        if queries.keep_peaks(tx.connection, media_id, peaks):
            announce(tx, media_id, user_id=viewer.id)

    db.write(keep)


def _has_waveform(row: Row) -> bool:
    is_sound = row["state"] == "stored" and (row["inline_type"] or "").startswith("audio/")
    return is_sound and (row["duration_ms"] or 0) <= LONGEST_WAVEFORM_MS


def retry_archive(db: Database) -> None:
    """Somebody has repaired something at Google: what was given up waits again, and nothing is held back."""

    def again(tx: Transaction) -> None:
        archive_queries.start_over(tx.connection, clock.now())
        drive.release(tx)
        tx.wake("archive")

    db.write(again)


def announce(tx: Transaction, media_id: int, *, user_id: int | None = None) -> None:
    """Tell the browsers that the message of this file looks different now."""
    message = queries.message_of(tx.connection, media_id)
    if message is not None:
        record(
            tx,
            "message.updated",
            "user" if user_id else message["origin"],
            conversation_id=message["conversation_id"],
            message_id=message["id"],
            user_id=user_id,
        )


def as_json(row: Row, *, links: bool = False) -> dict[str, Any]:
    """The media object of the API, from a row of `media` with its archive. `links`: into Drive, for those who may.

    `inline`: it may be shown in the page. `opens`: the browser may show it in a tab of its own. Else offer a download.
    `peaks`: 64 numbers 0 to 255, null until a browser has computed them. `stored_in`: here, drive or both.
    """
    is_stored = row["state"] == "stored"
    url = f"/media/{row['id']}"
    return {
        "id": row["id"],
        "url": url,
        "thumbnail_url": f"{url}/thumbnail" if row["thumbnail"] else None,
        "mime_type": row["inline_type"] or row["mime_type"],
        "inline": row["inline_type"] in INLINE_TYPES,
        "opens": row["inline_type"] in TAB_TYPES,
        "filename": row["filename"],
        "size": row["size"],
        "state": row["state"],
        "error": None if is_stored else word_if(why_not_here(row)),
        "voice": bool(row["voice"]),
        "animated": bool(row["animated"]),
        "width": row["width"],
        "height": row["height"],
        "duration_ms": row["duration_ms"],
        "peaks": list(row["peaks"]) if row["peaks"] else None,
        "stored_in": _place(row) if is_stored else None,
        "drive_url": row["drive_url"] if links else None,
        "public_url": (row["public_url"] or None) if links else None,
    }


def _place(row: Row) -> str:
    if row["archive_state"] != "done":
        return "here"
    return "drive" if row["pruned_at"] else "both"


def why_not_here(row: Row) -> Reason | None:
    """None while nothing has gone wrong."""
    if row["last_error"]:
        return read(row["last_error"])
    return Reason(f"media.{row['state']}") if row["state"] in ("failed", "expired", "too_large") else None
