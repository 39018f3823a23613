"""Public links of archived files: made and taken back until they are as the owner's switch says. Off by default."""

from __future__ import annotations

import logging

from core.errors import StorageError
from db_manager import Row
from drive_manager import DriveStore
from features.google_account import settings as google_settings
from features.media import archive_queries
from features.settings.values import value
from integrations.google.errors import Kind, classify
from system import clock
from web.services import Services

log = logging.getLogger("inbox.archive")

FIRST_PAUSE_S, LONGEST_PAUSE_S = 900, 24 * 3600  # of a link that Google does not take back


def align_next(parts: Services, store: DriveStore) -> bool:
    """One file; False when all are as they should be. Raises what Google says, but not what it says of this file alone."""
    with parts.db.read() as connection:
        wanted = value(connection, google_settings.PUBLIC_LINKS)
        row = archive_queries.next_private(connection) if wanted else archive_queries.next_public(connection, clock.now())
    if row is None:
        return False
    if wanted:
        url = _publish(store, row)
        parts.db.write(archive_queries.set_public, row["sha256"], url)
    elif _unpublish(store, row):
        parts.db.write(archive_queries.set_public, row["sha256"], None)
    else:
        attempts = row["attempts"] + 1
        due = clock.now() + min(FIRST_PAUSE_S * 2 ** min(row["attempts"], 10), LONGEST_PAUSE_S)
        parts.db.write(archive_queries.postpone_link, row["sha256"], attempts, due)
    return True


def _publish(store: DriveStore, row: Row) -> str:
    try:
        return store.publish(row["drive_id"])
    except StorageError:
        raise
    except Exception as error:
        failure = classify(error)
        if failure.kind is not Kind.MISSING and not failure.is_of_one_file:
            raise
        log.warning("no public link", extra={"sha256": row["sha256"], "reason": failure.reason})
        return ""  # an organisation's rule, the file is gone, a file that cannot be shared: served by us, as before


def _unpublish(store: DriveStore, row: Row) -> bool:
    """False: Google refuses it for this file; the link still works, and the others must not wait behind it."""
    try:
        store.unpublish(row["drive_id"])
    except StorageError:
        raise
    except Exception as error:
        failure = classify(error)
        if failure.is_of_one_file:
            log.warning("a public link was not taken back", extra={"sha256": row["sha256"], "reason": failure.reason})
            return False
        if failure.kind is not Kind.MISSING:
            raise
    return True
