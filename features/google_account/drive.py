"""Our place in Google Drive: its folders, the room left, and the trouble it is in, as everybody who uses it sees it.

One trouble holds all calls back until `held_until`; then one call tries the way (a circuit breaker in one row).
"""

from __future__ import annotations

import logging
import random
import threading
from dataclasses import dataclass
from typing import Any

from core.errors import Conflict, SetupError, StorageError
from core.reason import Reason, define, read
from db_manager import Connection, Transaction
from drive_manager import DriveStore
from features.accounts.audit import note
from features.changes.actions import record
from features.google_account import actions, drive_queries
from integrations.google.auth import GoogleAccount
from integrations.google.drive import RemoteFolder
from integrations.google.errors import Failure, GoogleRefused, Kind, NotConnected, classify
from system import clock
from web.services import Services
from web.words import word_if

log = logging.getLogger("inbox.google")

FOLDER_NAME = "WhatsApp inbox"
NEVER = 253_402_300_799  # held until somebody repairs it: connects anew, makes a folder, presses "Try again"
QUOTA_PROBE_S = 3600
CONFIG_PROBE_S = 900
LONGEST_PAUSE_S = 600
FAILURES_TO_SHOW = 3  # one lost call is weather
CHECK_EVERY_S = 3600
WARN_AT, ALARM_AT = 0.80, 0.95
DAY_S = 24 * 3600

define(
    {
        "drive.no_permission": "The permission for Google Drive is missing: connect again and tick it on Google's page.",
        "drive.binned": "Our folder is in the bin of Google Drive: take it out, or make a new one.",
        "drive.no_my_drive": "A service account has no storage and cannot own files in My Drive. Connect your own Google"
        " account instead, or set DRIVE_FOLDER_ID to a folder on a shared drive of which the service account is a content"
        " manager.",
        "drive.no_such_folder": "DRIVE_FOLDER_ID leads to no folder that {mail} can see: add it to the shared drive.",
        "drive.foreign_folder": "We may only see folders that we made ourselves, so DRIVE_FOLDER_ID cannot be used: make a"
        " folder here.",
        "drive.folder_deleted": "Our folder in Google Drive was deleted: make a new one.",
        "drive.no_role": "{mail} may not add files to the folder any more: make it a content manager.",
    }
)

# Drive permits two folders of one name, and the archive, the backups and a person may look for one at the same time.
_one_at_a_time = threading.RLock()


@dataclass(frozen=True)
class DriveState:
    """`trouble`: None, away, quota, reconnect, config or folder; `reason` says why."""

    folder_id: str | None = None
    folder_url: str | None = None
    trouble: str | None = None
    reason: Reason | None = None
    link: str | None = None
    held_until: int = 0
    failures: int = 0
    used: int | None = None
    limit: int | None = None
    checked_at: int | None = None
    warned_at: int | None = None

    @property
    def fullness(self) -> float:
        return self.used / self.limit if self.used is not None and self.limit else 0.0


def state(connection: Connection) -> DriveState:
    row = drive_queries.get(connection)
    if row is None:
        return DriveState()
    values = {key: row[key] for key in row.keys() if key not in ("id", "reason", "usage_bytes", "limit_bytes")}
    return DriveState(reason=read(row["reason"]), used=row["usage_bytes"], limit=row["limit_bytes"], **values)


def connect(parts: Services) -> DriveStore:
    """Raises NotConnected, GoogleRefused when the permission for Drive was not given."""
    account = actions.account(parts)
    if account is None:
        raise NotConnected
    if not account.has("drive"):
        raise GoogleRefused(Failure(Kind.CONFIG, Reason("drive.no_permission"), reason="scope"))
    return DriveStore(account)


# ---------------------------------------------------------------- folders


def folder(parts: Services, store: DriveStore, name: str) -> str:
    """The id of the folder `name` below our root; made when it is not there. Raises GoogleRefused without a root."""
    with _one_at_a_time:
        root_id = root(parts, store)
        with parts.db.read() as connection:
            known = drive_queries.folder(connection, root_id, name)
        if known is None:
            known = store.make_folder(name, root_id).id
            parts.db.write(_put_folder, root_id=root_id, name=name, folder_id=known)
        return known


def root(parts: Services, store: DriveStore) -> str:
    """Our folder: on the shared drive of DRIVE_FOLDER_ID, else one that we make ourselves, once."""
    with _one_at_a_time:
        with parts.db.read() as connection:
            known = state(connection).folder_id
        has_moved = _is_service_account(parts) and known != parts.config.drive_folder_id  # the environment wins
        if known is not None and not has_moved:
            return known
        if parts.config.drive_folder_id:
            found = _checked_root(parts, store, parts.config.drive_folder_id)
        elif _is_service_account(parts):
            raise GoogleRefused(Failure(Kind.CONFIG, _NO_MY_DRIVE, reason="my_drive"))
        else:
            found = store.make_folder(FOLDER_NAME)
        parts.db.write(drive_queries.set_folder, found.id, found.url)
        return found.id


def make_root(parts: Services, by: int) -> None:
    """On the owner's word: a new folder, because the old one is gone. Blocks. What was in the old one stays there."""
    store = connect(parts)
    if _is_service_account(parts):
        found = _checked_root(parts, store, parts.config.drive_folder_id)
    else:
        found = store.make_folder(FOLDER_NAME)

    def change(tx: Transaction) -> None:
        drive_queries.set_folder(tx.connection, found.id, found.url)
        drive_queries.forget_folders(tx.connection)
        note(tx, by, "drive_folder_made")
        release(tx)

    parts.db.write(change)


def ask_now(parts: Services) -> None:
    """A check-up by a person. What comes of it is in `state`: nothing is raised but errors of the database."""
    try:
        check_up(parts, connect(parts))
    except StorageError:
        raise
    except NotConnected:
        return
    except Exception as error:
        failure, account = classify(error), actions.account(parts)
        parts.db.write(meet, failure, account)
    else:
        parts.db.write(release)


def refuse_my_drive(parts: Services) -> None:
    """A service account without a shared drive is refused at set-up. Raises Conflict; other trouble shows by itself."""
    if not _is_service_account(parts):
        return
    words = Conflict(_NO_MY_DRIVE, code="service_account_my_drive")
    if not parts.config.drive_folder_id:
        raise words
    try:
        account = actions.account(parts)
        assert account is not None
        _checked_root(parts, DriveStore(account), parts.config.drive_folder_id)
    except SetupError as error:
        raise Conflict(error.reason, code="credentials_file") from error
    except StorageError:
        raise
    except Exception as error:
        if classify(error).reason == "my_drive":
            raise words from error


def forget_folder(tx: Transaction, name: str) -> None:
    """It is gone, or in the bin: the next file makes a new one (or finds that our root is gone too)."""
    drive_queries.forget_folders(tx.connection, name)


def check_up(parts: Services, store: DriveStore) -> None:
    """Is our folder still there, and how much room is left? Blocks; raises what Google says."""
    root_id = root(parts, store)
    _checked_root(parts, store, root_id)
    room = store.storage()
    parts.db.write(_note_storage, used=room.used, limit=room.limit)


def _checked_root(parts: Services, store: DriveStore, folder_id: str) -> RemoteFolder:
    try:
        found = store.folder(folder_id)
    except Exception as error:
        failure = classify(error)
        if failure.kind is not Kind.MISSING:
            raise
        raise GoogleRefused(Failure(Kind.MISSING, _why_no_folder(parts, folder_id), reason="notFound")) from error
    if found.trashed:
        raise GoogleRefused(Failure(Kind.MISSING, Reason("drive.binned"), reason="trashed"))
    if _is_service_account(parts) and not found.on_shared_drive:
        raise GoogleRefused(Failure(Kind.CONFIG, _NO_MY_DRIVE, reason="my_drive"))
    if not found.may_add:
        raise GoogleRefused(Failure(Kind.CONFIG, _why_no_role(parts), reason="insufficientFilePermissions"))
    return found


_NO_MY_DRIVE = Reason("drive.no_my_drive")


def _why_no_folder(parts: Services, folder_id: str) -> Reason:
    if _is_service_account(parts):
        return Reason("drive.no_such_folder", mail=_mail(parts))
    if folder_id == parts.config.drive_folder_id:
        return Reason("drive.foreign_folder")
    return Reason("drive.folder_deleted")


def _why_no_role(parts: Services) -> Reason:
    return Reason("drive.no_role", mail=_mail(parts))


def _mail(parts: Services) -> str:
    account = actions.account(parts)
    return account.email if account else ""


def _is_service_account(parts: Services) -> bool:
    return bool(parts.config.google_credentials_file)


def _put_folder(tx: Transaction, *, root_id: str, name: str, folder_id: str) -> None:
    drive_queries.put_folder(tx.connection, root_id, name, folder_id)


# ---------------------------------------------------------------- trouble and its end


def meet(tx: Transaction, failure: Failure, account: GoogleAccount | None) -> None:
    """Note what went wrong for everybody: how long calls are held back, and what staff are told."""
    before = state(tx.connection)
    failures = before.failures + 1 if failure.kind is Kind.RETRY else before.failures
    trouble, pause, why = _judge(failure, failures, account)
    held_until = NEVER if pause is None else clock.now() + round(pause)
    is_weather = trouble == "away" and failures < FAILURES_TO_SHOW
    shown = (before.trouble, before.reason, before.link) if is_weather else (trouble, why, failure.link)
    values: dict[str, Any] = {"trouble": shown[0], "reason": shown[1].stored() if shown[1] else None, "link": shown[2]}
    drive_queries.set_trouble(tx.connection, values | {"held_until": held_until, "failures": failures})
    if shown != (before.trouble, before.reason, before.link):
        log.warning("google drive is in trouble", extra={"trouble": trouble, "reason": failure.reason})
        record(tx, "status.updated", "live")


def release(tx: Transaction) -> None:
    """An upload has succeeded, or somebody has repaired something: nothing is held back any more."""
    before = state(tx.connection)
    if before.trouble or before.failures or before.held_until:
        drive_queries.set_trouble(
            tx.connection, {"trouble": None, "reason": None, "link": None, "held_until": 0, "failures": 0}
        )
        tx.wake("archive")
    if before.trouble:
        record(tx, "status.updated", "live")


def answered(tx: Transaction, *, nothing_waits: bool) -> None:
    """A check-up went well. That says nothing of uploads: what an upload has met ends when one succeeds, or nobody waits."""
    before = state(tx.connection)
    is_of_uploads = before.trouble == "quota" or (before.trouble in (None, "away") and before.failures and not nothing_waits)
    if not is_of_uploads:
        release(tx)


def _judge(failure: Failure, failures: int, account: GoogleAccount | None) -> tuple[str, float | None, Reason]:
    """(trouble, seconds to hold or None for ever, why)."""
    is_robot = account is not None and account.kind == "service_account"
    if failure.kind is Kind.RETRY:
        pause = random.uniform(0.5, 1) * min(2.0 ** min(failures + 1, 20), LONGEST_PAUSE_S)
        return "away", max(pause, failure.retry_after or 0), failure.why
    if failure.kind is Kind.QUOTA:
        return ("config", None, _NO_MY_DRIVE) if is_robot else ("quota", QUOTA_PROBE_S, failure.why)
    if failure.kind is Kind.RECONNECT:
        return "reconnect", None, failure.why
    if failure.kind is Kind.MISSING:
        return "folder", None, failure.why
    if failure.reason == "insufficientFilePermissions" and account is not None:
        return "config", CONFIG_PROBE_S, Reason("drive.no_role", mail=account.email)
    return "config", None if failure.reason == "my_drive" else CONFIG_PROBE_S, failure.why


def _note_storage(tx: Transaction, *, used: int, limit: int | None) -> None:
    before = state(tx.connection)
    drive_queries.set_storage(tx.connection, used, limit, clock.now())
    now = state(tx.connection)
    if level(before) != level(now):
        record(tx, "status.updated", "live")
    if level(now) and clock.now() - (now.warned_at or 0) >= DAY_S:
        drive_queries.set_warned(tx.connection, clock.now())
        note(tx, None, "drive_nearly_full", percent=round(now.fullness * 100))


def level(drive: DriveState) -> str | None:
    """None, "nearly_full" from 80 %, "almost_full" from 95 %."""
    if drive.fullness >= ALARM_AT:
        return "almost_full"
    return "nearly_full" if drive.fullness >= WARN_AT else None


def as_json(drive: DriveState) -> dict[str, Any]:
    return {
        "folder_url": drive.folder_url,
        "trouble": drive.trouble,
        "reason": word_if(drive.reason),
        "link": drive.link,
        "used": drive.used,
        "limit": drive.limit,
        "level": level(drive),
        "checked_at": clock.iso(drive.checked_at),
    }
