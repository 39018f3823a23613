"""Making the daily copy, keeping it in Google Drive, fetching it from there, and looking for damage."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import logging
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import db_manager
from core.errors import RemoteError, SetupError, StorageError
from db_manager import Database
from drive_manager import DriveStore
from features.google_account import actions as google
from features.google_account import drive
from features.media import archive_queries
from features.settings.queries import get_setting
from integrations.google.drive import RemoteFile
from integrations.google.errors import Failure, Kind, classify
from integrations.google.upload import NewFile
from system import clock
from web.services import Services

log = logging.getLogger("inbox.backups")

KEPT = 7
KEPT_IN_DRIVE = 14
KIND, FOLDER = "backup", "backups"  # what marks them in Drive, and where they lie
UNKNOWN = "unknown"  # whose a backup is that does not say it
_PIECE = 1024 * 1024
_NAME = re.compile(r"chat_history-\d{8}\.db\.gz")


def make_daily(db: Database, data_dir: Path) -> Path:
    """`backups/chat_history-YYYYMMDD.db`, checked; the seven newest are kept. Raises StorageError."""
    folder = data_dir / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    day = (clock.iso(clock.now()) or "")[:10].replace("-", "")
    target = folder / f"chat_history-{day}.db"
    db_manager.backup(db.path, target)
    for old in sorted(folder.glob("chat_history-*.db"))[:-KEPT]:
        old.unlink()
    log.info("backed up", extra={"file": target.name})
    return target


# ---------------------------------------------------------------- in Google Drive


def send_to_drive(parts: Services) -> str | None:
    """See to it that the newest daily copy lies in Drive, and only our 14 newest. Its name there, None when that is off.

    Called every hour: what Google did not take comes again by itself.
    """
    with parts.db.read() as connection:
        chosen, held_until = google.switches(connection), drive.state(connection).held_until
        files_wait = chosen["archive"] and archive_queries.next_due(connection) is not None
    copies = sorted((parts.config.data_dir / "backups").glob("chat_history-*.db"))
    if not chosen["backups"] or not copies or clock.now() < held_until or google.account(parts) is None:
        return None
    try:
        store = drive.connect(parts)
        drive.check_up(parts, store)
        name, is_new = _send(parts, store, copies[-1])
    except StorageError:
        raise
    except Exception as error:
        _failed(parts, classify(error))
        return None
    if is_new:
        parts.db.write(drive.release)
    else:
        parts.db.write(drive.answered, nothing_waits=not files_wait)
    return name


def _failed(parts: Services, failure: Failure) -> None:
    log.warning("the backup did not reach Google Drive", extra={"reason": failure.reason or failure.message})
    if failure.kind is Kind.MISSING and failure.status is not None:  # not our root, that was just looked at
        return parts.db.write(drive.forget_folder, FOLDER)
    account = google.account(parts)
    return parts.db.write(drive.meet, failure, account)


def _send(parts: Services, store: DriveStore, copy: Path) -> tuple[str, bool]:
    """Its name there, and whether it was sent just now."""
    name = f"{copy.name}.gz"
    us = _installation(parts)
    there = [file for file in store.newest(KIND) if file.installation == us]  # another one's are not ours to prune
    is_new = all(file.name != name for file in there)
    if is_new:
        folder_id = drive.folder(parts, store, FOLDER)
        with _compressed(copy) as (path, sha256), path.open("rb") as file:
            size = path.stat().st_size
            new = NewFile(store.new_id(), name, "application/gzip", size, folder_id, KIND, sha256, us)
            sent = store.put(file, new)
        if sent.size != size or sent.sha256 not in (None, sha256):
            store.delete(sent.id)
            raise RemoteError("The backup arrived damaged.")
        log.info("backup in Google Drive", extra={"file": name})
        there = [sent, *there]
    parts.db.write(google.note_backup, name)
    for old in sorted(there, key=lambda file: file.name, reverse=True)[KEPT_IN_DRIVE:]:
        store.delete(old.id)
    return name, is_new


@contextlib.contextmanager
def _compressed(copy: Path) -> Iterator[tuple[Path, str]]:
    path = copy.parent / "to-drive.gz"  # always the same: what a kill leaves behind is overwritten by the next try
    try:
        with copy.open("rb") as source, gzip.open(path, "wb", compresslevel=6) as target:
            shutil.copyfileobj(source, target, _PIECE)
        yield path, _sha256(path)
    finally:
        path.unlink(missing_ok=True)


def fetch_from_drive(parts: Services, name: str | None = None, installation: str | None = None) -> Path:
    """The backup `name` (None: the newest) from Drive into DATA_DIR/backups, unpacked. Raises SetupError.

    Needs a connected account: after the loss of a machine that means a fresh start, Google connected, then this. The fresh
    start may have sent a backup of its own: when several installations keep theirs here, a person says which is meant.
    """
    try:
        store = drive.connect(parts)
        ours = [file for file in store.newest(KIND) if _NAME.fullmatch(file.name)]  # people may rename files there
        named = [file for file in ours if name in (None, file.name, file.name.removesuffix(".gz"))]
        found = [file for file in named if installation in (None, file.installation or UNKNOWN)]
        if not found:
            raise SetupError("There is no such backup in Google Drive." + _listed(parts, ours))
        if len({file.installation for file in found}) > 1:
            words = "Several installations keep their backups here: say with --from which one is meant."
            raise SetupError(words + _listed(parts, found))
        return _fetch(parts, store, max(found, key=lambda file: file.name))
    except (SetupError, StorageError):
        raise
    except Exception as error:
        raise SetupError(f"The backup could not be fetched. {classify(error).message}") from error


def _listed(parts: Services, files: list[RemoteFile]) -> str:
    us = _installation(parts)
    lines = [
        f"{file.name.removesuffix('.gz')}  {file.size / 1_000_000:.1f} MB  {file.created[:16]}"
        f"  {file.installation or UNKNOWN}{' (this one)' if file.installation == us else ''}"
        for file in sorted(files, key=lambda file: (file.installation, file.name), reverse=True)
    ]
    return "".join(f"\n  {line}" for line in lines)


def _installation(parts: Services) -> str:
    """Its id: two may use one Drive."""
    with parts.db.read() as connection:
        return str(get_setting(connection, "installation", ""))


def _fetch(parts: Services, store: DriveStore, file: RemoteFile) -> Path:
    folder = parts.config.data_dir / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"from-drive-{file.name.removesuffix('.gz')}"
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        packed = Path(temporary) / file.name
        with packed.open("wb") as sink:
            for start in range(0, file.size, _PIECE):
                sink.write(store.read(file.id, start, min(start + _PIECE, file.size)))
        if file.sha256 not in (None, _sha256(packed)):
            raise SetupError("The backup came damaged. Please try again.")
        with gzip.open(packed, "rb") as source, target.open("wb") as plain:
            shutil.copyfileobj(source, plain, _PIECE)
    return target


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# ---------------------------------------------------------------- the nightly check


def check_nightly(db: Database) -> list[str]:
    """The full integrity check; what it finds is logged as critical, and keeps the next start from using the file.

    quick_check would overlook a missing index row.
    """
    problems = db_manager.check(db.path)
    if problems:
        log.critical("the database is damaged: restore a backup", extra={"problems": problems[:5]})
        db_manager.note_damage(db.path, problems[0])
    return problems
