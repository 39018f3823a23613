"""What the clock does for the archive: local copies that are old and safe in Drive make room."""

from __future__ import annotations

import logging

from core.reason import Reason
from db_manager import Row
from drive_manager import DriveStore
from features.google_account import drive
from features.google_account import settings as google_settings
from features.media import archive_queries
from features.media.archive import is_on, is_same
from features.settings.values import value
from integrations.google.errors import Kind, classify
from system import clock
from web.services import Services

log = logging.getLogger("inbox.archive")

DAY_S = 24 * 3600
AT_ONCE = 500  # files in one run


def prune(parts: Services) -> int:
    """Remove local copies older than the owner's N days, each only after another look at its copy in Drive. How many."""
    if not is_on(parts):
        return 0
    with parts.db.read() as connection:
        days = value(connection, google_settings.PRUNE_DAYS)
        held_until = drive.state(connection).held_until
        rows = archive_queries.prunable(connection, clock.now() - days * DAY_S, AT_ONCE) if days else []
    if not rows or clock.now() < held_until:
        return 0
    store = drive.connect(parts)
    pruned = sum(_prune(parts, store, row) for row in rows)
    if pruned:
        log.info("pruned", extra={"files": pruned})
    return pruned


def _prune(parts: Services, store: DriveStore, row: Row) -> bool:
    local = parts.clients.store
    try:
        is_safe = not local.exists(row["sha256"]) or is_same(local, row, store.stat(row["drive_id"]))
    except Exception as error:
        failure = classify(error)
        if failure.kind in (Kind.CONFIG, Kind.BUG):  # about this one file: the others must not wait behind it
            log.warning("not pruned", extra={"sha256": row["sha256"], "reason": failure.reason})
            return False
        if failure.kind is not Kind.MISSING:
            raise
        is_safe = False
    if not is_safe:
        why = Reason("archive.again").stored()
        parts.db.write(archive_queries.start_again, row["sha256"], clock.now(), why)
        return False
    if not parts.db.write(archive_queries.set_pruned, row["sha256"], row["stored_at"], clock.now()):
        return False
    local.remove(row["sha256"])
    return True
