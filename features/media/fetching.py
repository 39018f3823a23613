"""One try to fetch a file from Meta: a fresh address, the bytes, their checksum. What came of it is a value."""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass

from core.errors import RemoteError
from core.reason import Reason, define
from db_manager import Row
from drive_manager import LARGEST_FILE, MEGABYTE, DiskLow, FileTooLarge, LocalStore, Stored
from features.media.files import StoredFile, examine
from whatsapp_handler import Action, MediaGone, MediaInfo, Refused, TooLarge, WhatsAppClient

log = logging.getLogger("inbox.media")

# Seconds before the next try; the last one repeats until the file expires.
DELAYS_S = (4, 15, 60, 300, 900, 1800, 3600)
DISK_LOW_DELAY_S = 30
define(
    {
        "media.disk_low": "The disk is almost full: files wait until there is room again.",
        "media.over_limit": "This file is larger than {limit} MB, the most that is taken.",
        "media.damaged": "The file came damaged.",
        "media.not_written": "The file could not be written to the disk.",
        "media.not_found": "WhatsApp did not find this file.",
        "media.refused": "WhatsApp did not hand over this file ({number}).",
        "media.busy": "WhatsApp is too busy to hand over this file.",
        "media.our_fault": "Something went wrong on our side. It has been logged.",
    }
)

TRIES_FOR_GONE = 3  # "no such file" can also mean a passing lack of permission


@dataclass(frozen=True)
class Fetched:
    file: StoredFile


@dataclass(frozen=True)
class Later:
    """`counts`: False when the fault is ours (disk): such a try neither lengthens the pause nor lets the file expire.

    `for_all`: the next file would meet the same trouble.
    """

    delay_s: int
    reason: Reason
    counts: bool = True
    for_all: bool = False


@dataclass(frozen=True)
class GivenUp:
    """`state`: failed, expired or too_large."""

    state: str
    reason: Reason


Outcome = Fetched | Later | GivenUp


class WrongBytes(Exception):
    """What came is not what Meta announced."""


def fetch(client: WhatsAppClient, store: LocalStore, row: Row) -> Outcome:
    """`row` of `media`, claimed. Never raises for anything that Meta, the network or the disk can do."""
    try:
        stored = _already_here(store, row) or _download(client, store, row)
        return Fetched(examine(store, stored, row["mime_type"], row["filename"] or ""))
    except DiskLow:
        return Later(DISK_LOW_DELAY_S, Reason("media.disk_low"), counts=False, for_all=True)
    except (TooLarge, FileTooLarge):
        return GivenUp("too_large", Reason("media.over_limit", limit=LARGEST_FILE // MEGABYTE))
    except WrongBytes:
        return _later(row, Reason("media.damaged"))
    except RemoteError as error:
        return _refused(row, error)
    except OSError as error:
        log.error("a file could not be kept", extra={"media": row["id"], "error": str(error)})
        return _later(row, Reason("media.not_written"))


def _already_here(store: LocalStore, row: Row) -> Stored | None:
    """The same bytes came with another message, or a crash came between the file and the commit."""
    announced = row["expected_sha256"]
    if not announced or not store.verify(announced):
        return None
    return Stored(announced, store.path(announced).stat().st_size)


def _download(client: WhatsAppClient, store: LocalStore, row: Row) -> Stored:
    with store.open_sink(LARGEST_FILE) as sink:  # before any call: no room, no call
        info = client.media_info(row["meta_media_id"])
        if info.size is not None and info.size > LARGEST_FILE:
            raise FileTooLarge(LARGEST_FILE)
        client.download(info.url, sink, LARGEST_FILE, size=info.size)
        if not _is_as_announced(sink.sha256, sink.size, row["expected_sha256"], info):
            raise WrongBytes
        return sink.commit()


def _is_as_announced(sha256: str, size: int, by_webhook: str | None, info: MediaInfo) -> bool:
    digests = {digest for digest in (by_webhook, info.sha256) if digest}
    return digests <= {sha256} and info.size in (None, size)


def _refused(row: Row, error: RemoteError) -> Outcome:
    if isinstance(error, MediaGone):
        if error.permanent and row["attempts"] >= TRIES_FOR_GONE:
            return GivenUp("expired", Reason("whatsapp.file_gone"))
        return _later(row, Reason("media.not_found"), error.retry_after)
    if isinstance(error, Refused):
        if error.action is Action.FAIL:
            return GivenUp("failed", Reason("media.refused", number=error.code or "?"))
        is_paused = error.action is Action.PAUSE
        why = error.reason if is_paused else Reason("media.busy")
        return _later(row, why, error.retry_after, for_all=is_paused or error.action is Action.HOLD)
    if error.permanent:  # an address that must not be called
        return GivenUp("failed", error.reason)
    return _later(row, error.reason, error.retry_after)


def _later(row: Row, reason: Reason, retry_after: float | None = None, *, for_all: bool = False) -> Later:
    """`attempts` of the row counts this try. A little jitter, so that a batch that failed together spreads."""
    delay = DELAYS_S[min(row["attempts"], len(DELAYS_S)) - 1]
    waited = max(delay * random.uniform(1.0, 1.25), min(retry_after or 0, DELAYS_S[-1]))
    return Later(round(waited), reason, for_all=for_all)
