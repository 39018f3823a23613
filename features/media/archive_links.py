"""Public links of archived files: made and taken back until they are as the owner's switch says. Off by default."""

from __future__ import annotations

import logging

from core.errors import StorageError
from db_manager import Row
from drive_manager import DriveStore
from features.google_account import actions as google
from features.media import archive_queries
from integrations.google_errors import Kind, classify
from web.services import Services

log = logging.getLogger("inbox.archive")


def align_next(parts: Services, store: DriveStore) -> bool:
    """One file; False when all are as they should be. Raises what Google says, except that it forbids such links."""
    with parts.db.read() as connection:
        wanted = google.switches(connection).public_links
        row = archive_queries.next_private(connection) if wanted else archive_queries.next_public(connection)
    if row is None:
        return False
    url = _publish(store, row) if wanted else None
    if not wanted:
        _unpublish(store, row)
    parts.db.write(lambda tx: archive_queries.set_public(tx.connection, row["sha256"], url))
    return True


def _publish(store: DriveStore, row: Row) -> str:
    try:
        return store.publish(row["drive_id"])
    except StorageError:
        raise
    except Exception as error:
        failure = classify(error)
        if failure.kind not in (Kind.CONFIG, Kind.MISSING, Kind.BUG):
            raise
        log.warning("no public link", extra={"sha256": row["sha256"], "reason": failure.reason})
        return ""  # an organisation's rule, the file is gone, a file that cannot be shared: served by us, as before


def _unpublish(store: DriveStore, row: Row) -> None:
    try:
        store.unpublish(row["drive_id"])
    except Exception as error:
        if classify(error).kind is not Kind.MISSING:
            raise
