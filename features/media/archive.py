"""The archive: every stored content goes to the owner's Google Drive once, by one thread, from rows.

Messages never wait for it. The id in Drive is committed before the upload and the checksum is compared after it, so a crash,
a lost answer or a day without Google leads to neither a second copy nor a missing one.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import random
from dataclasses import dataclass
from functools import partial

from core.errors import SetupError, StorageError
from core.reason import Reason, define
from db_manager import Row, Transaction
from drive_manager import DriveStore, LocalStore
from features.google_account import actions as google
from features.google_account import drive
from features.google_account import settings as google_settings
from features.media import archive_links, archive_queries
from features.media.actions import announce
from features.settings.values import value
from integrations.google.auth import GoogleAccount
from integrations.google.drive import RemoteFile
from integrations.google.errors import Failure, Kind, classify
from integrations.google.upload import NewFile
from runtime.worker import Worker
from system import clock
from web.services import Services

log = logging.getLogger("inbox.archive")

LONGEST_PAUSE_S = 600
TRIES = 150  # of one file that meets passing faults while others succeed: about a day of pauses of at most 10 minutes
TRIES_FOR_BUG = 5  # faults of its own: "Google did not understand us", the folder was gone
TRIES_FOR_MISMATCH = 3
ANNOUNCED = 20  # messages with the same bytes that browsers hear of

define(
    {
        "archive.not_here": "The file is not on this machine any more.",
        "archive.damaged_here": "The file on this machine is damaged.",
        "archive.differs": "The copy in Google Drive was not the same as the file here.",
        "archive.again": "The copy in Google Drive was gone or changed: it is made again.",
    }
)


@dataclass(frozen=True)
class Archived:
    file: RemoteFile


@dataclass(frozen=True)
class Spoilt:
    """What lies at Google is not what lies here: it was removed there, the next try gets a new id."""

    reason: Reason


@dataclass(frozen=True)
class Gone:
    """The bytes are not here any more."""

    reason: Reason


Outcome = Archived | Spoilt | Gone | Failure


class Stopped(Exception):
    """The server stops: the upload goes on at the next start."""


class ArchiveWorker(Worker):
    """The thread exists only once Google Drive is connected and the archive is switched on. A stop in the middle of a
    chunk leaves it to the next start."""

    name = "archive"

    def __init__(self, parts: Services) -> None:
        super().__init__(parts)
        self._store: LocalStore = parts.clients.store
        self._checked_at = 0
        self._has_leftovers = False  # a claim that the database was too full to give back

    def is_wanted(self) -> bool:
        return is_on(self._parts)

    def prepare(self) -> None:
        """Claims of the last run are given back, and what was held back is tried once."""
        with contextlib.suppress(StorageError):
            self._parts.db.write(_begin_anew)

    def finish(self) -> None:
        if (account := _account(self._parts)) is not None:
            account.hang_up()

    def work_next(self) -> bool:
        now = clock.now()
        if self._has_leftovers:
            self._parts.db.write(archive_queries.release_claims)
            self._has_leftovers = False
        with self._parts.db.read() as connection:  # an idle look costs no write
            held_until = drive.state(connection).held_until
            due = archive_queries.next_due(connection)
        if now < held_until or not is_on(self._parts):
            return False
        try:
            store = drive.connect(self._parts)
            if not 0 <= now - self._checked_at < drive.CHECK_EVERY_S:  # below 0: the clock was set back
                drive.check_up(self._parts, store)
                self._checked_at = now
                self._parts.db.write(drive.answered, nothing_waits=due is None)
            if due is None or due > now:
                return archive_links.align_next(self._parts, store)
        except StorageError:
            raise
        except Exception as error:
            failure = classify(error)
            if failure.kind is Kind.BUG:
                log.exception("google drive could not be looked at", extra={"reason": failure.reason})
            self._met(failure)
            return False
        row = self._parts.db.write(archive_queries.claim, clock.now())
        if row is None:
            return False
        self._has_leftovers = True
        outcome = self._try(store, row)
        if outcome is not None:
            self._persist(row, outcome)
            self._has_leftovers = False
        return outcome is not None

    # ------------------------------------------------------------ one upload

    def _try(self, store: DriveStore, row: Row) -> Outcome | None:
        """None: the server stops, the row stays claimed until the next start."""
        try:
            drive_id = row["drive_id"] or self._new_id(store, row)
            remote = self._upload(store, row, drive_id)
            return self._compared(store, row, remote)
        except FileNotFoundError:
            return Gone(Reason("archive.not_here"))
        except Stopped:
            return None
        except StorageError:
            raise
        except Exception as error:
            failure = classify(error)
            if failure.kind is Kind.BUG:
                log.exception("a file could not be archived", extra={"sha256": row["sha256"], "reason": failure.reason})
            return failure

    def _new_id(self, store: DriveStore, row: Row) -> str:
        drive_id = store.new_id()
        self._parts.db.write(archive_queries.set_drive_id, row["sha256"], drive_id)
        return drive_id

    def _upload(self, store: DriveStore, row: Row, drive_id: str) -> RemoteFile:
        folder_id = drive.folder(self._parts, store, row["month"])
        with self._store.open(row["sha256"]) as file:
            new = NewFile(drive_id, row["name"], row["mime_type"], row["size"], folder_id, "media", row["sha256"])
            try:
                return store.put(
                    file, new, session_url=row["session_url"], keep_session=partial(self._keep_session, row), pause=self._pause
                )
            except Exception as error:
                if classify(error).kind is not Kind.DONE_ALREADY:
                    raise
        return store.stat(drive_id)  # an earlier upload, whose answer was lost

    def _compared(self, store: DriveStore, row: Row, remote: RemoteFile) -> Outcome:
        if is_same(self._store, row, remote):
            return Archived(remote)
        if not self._store.verify(row["sha256"]):
            return Gone(Reason("archive.damaged_here"))
        store.delete(remote.id)
        return Spoilt(Reason("archive.differs"))

    def _keep_session(self, row: Row, url: str | None) -> None:
        self._parts.db.write(archive_queries.set_session, row["sha256"], url)

    def _pause(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise Stopped

    # ------------------------------------------------------------ what came of it

    def _met(self, failure: Failure) -> None:
        """Trouble that is nobody's in particular."""
        self._parts.db.write(drive.meet, failure, _account(self._parts))
        self._checked_at = 0

    def _persist(self, row: Row, outcome: Outcome) -> None:
        self.persist(conclude, row=row, outcome=outcome, account=_account(self._parts))
        if isinstance(outcome, Failure) and outcome.kind in (Kind.QUOTA, Kind.MISSING):
            self._checked_at = 0  # look at the room and at our folder before the next one


def _begin_anew(tx: Transaction) -> None:
    archive_queries.release_claims(tx.connection)
    archive_queries.hurry(tx.connection, clock.now())  # the clock may have been set meanwhile
    drive.release(tx)


def is_on(parts: Services) -> bool:
    """Switched on, and somebody is connected."""
    with parts.db.read() as connection:
        if not value(connection, google_settings.ARCHIVE):
            return False
    return _account(parts) is not None


def is_same(local: LocalStore, row: Row, remote: RemoteFile) -> bool:
    """By size and checksum; the content's name here is its SHA-256. A file in the bin is as good as none."""
    if remote.trashed or remote.size != row["size"]:
        return False
    if remote.sha256 is not None:
        return remote.sha256 == row["sha256"]
    with local.open(row["sha256"]) as file:
        return remote.md5 == hashlib.file_digest(file, "md5").hexdigest()  # type: ignore[arg-type]


def conclude(tx: Transaction, *, row: Row, outcome: Outcome, account: GoogleAccount | None) -> None:
    """Write down what came of a claimed `row`, for this file and for all of them."""
    connection, sha256 = tx.connection, row["sha256"]
    if isinstance(outcome, Archived):
        archive_queries.set_done(connection, sha256, outcome.file.url, clock.now())
        drive.release(tx)
        for media_id in archive_queries.media_ids(connection, sha256, ANNOUNCED):
            announce(tx, media_id)
    elif isinstance(outcome, Gone):
        archive_queries.give_up(connection, sha256, outcome.reason.stored())
    elif isinstance(outcome, Spoilt):
        archive_queries.set_drive_id(connection, sha256, None)
        drive.forget_folder(tx, row["month"])  # it may be in the bin, and the file with it
        _again(tx, row, outcome.reason, is_own=True, most=TRIES_FOR_MISMATCH)
    else:
        _failed(tx, row, outcome, account)


def _failed(tx: Transaction, row: Row, failure: Failure, account: GoogleAccount | None) -> None:
    if failure.kind in (Kind.BUG, Kind.DONE_ALREADY):
        return _again(tx, row, failure.why, is_own=True, most=TRIES_FOR_BUG)
    if failure.kind is Kind.MISSING and failure.status is not None:
        # The folder of the month, or our root with it: the check-up before the next file tells which.
        drive.forget_folder(tx, row["month"])
        return _again(tx, row, failure.why, is_own=True, most=TRIES_FOR_BUG)
    # While Google is away for everybody a file's own tries do not count: a day of outage gives up nothing.
    was_well = drive.state(tx.connection).failures == 0
    counts = failure.kind is Kind.RETRY and was_well
    drive.meet(tx, failure, account)
    return _again(tx, row, failure.why, counts=counts)


def _again(
    tx: Transaction, row: Row, reason: Reason, *, is_own: bool = False, counts: bool = False, most: int = TRIES
) -> None:
    """`is_own`: a fault of this file, given up after `most` of them; passing ones are counted apart, when it `counts`."""
    attempts, own = row["attempts"] + counts, row["mismatches"] + is_own
    if (own if is_own else attempts) >= most:
        return archive_queries.give_up(tx.connection, row["sha256"], reason.stored())
    tries = attempts + own
    pause = random.uniform(0.5, 1) * min(2.0 ** (tries + 1), LONGEST_PAUSE_S) if tries else 0
    return archive_queries.postpone(
        tx.connection,
        row["sha256"],
        attempts=attempts,
        mismatches=own,
        due=clock.now() + round(pause),
        reason=reason.stored(),
    )


def _account(parts: Services) -> GoogleAccount | None:
    way = parts.clients.google
    try:
        account = google.account(parts)
    except SetupError as error:
        if str(error) != way.complaint:  # asked every few seconds
            way.complaint = str(error)
            log.error("the service account cannot be used", extra={"reason": way.complaint})
        return None
    way.complaint = None
    return account
