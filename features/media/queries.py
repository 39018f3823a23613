"""SQL of files: what is known of each, and which ones are due to be fetched."""

from __future__ import annotations

from typing import Any

from db_manager import Connection, Row
from web.viewing import SEEN, View


def insert(connection: Connection, values: dict[str, Any]) -> int:
    """`values` by column; a file to fetch needs no more than the first line of columns."""
    cursor = connection.execute(
        """
        INSERT INTO media (
            message_id, meta_media_id, mime_type, filename, expected_sha256, state, voice, animated,
            next_attempt_at, expires_at, created_at,
            size, sha256, width, height, duration_ms, inline_type, thumbnail)
        VALUES (
            :message_id, :meta_media_id, :mime_type, :filename, :expected_sha256, :state, :voice, :animated,
            :next_attempt_at, :expires_at, :created_at,
            :size, :sha256, :width, :height, :duration_ms, :inline_type, :thumbnail)
        """,
        values,
    )
    return int(cursor.lastrowid or 0)


def get(connection: Connection, media_id: int) -> Row | None:
    """With what is known of its archive (NULL when nothing is)."""
    return connection.execute(
        """
        SELECT media.*, archive.state AS archive_state, archive.drive_url, archive.public_url, archive.pruned_at
        FROM media LEFT JOIN media_archive AS archive ON archive.sha256 = media.sha256
        WHERE media.id = :id
        """,
        {"id": media_id},
    ).fetchone()


def seen(view: View, media_id: int) -> Row | None:
    """The same for a person: a file of a chat that they may see."""
    return view.execute(
        f"""
        SELECT media.*, archive.state AS archive_state, archive.drive_url, archive.public_url, archive.pruned_at
        FROM media LEFT JOIN media_archive AS archive ON archive.sha256 = media.sha256
        JOIN messages ON messages.id = media.message_id
        JOIN conversations ON conversations.id = messages.conversation_id
        WHERE media.id = :id AND {SEEN}
        """,
        {"id": media_id},
    ).fetchone()


def message_of(connection: Connection, media_id: int) -> Row | None:
    """id, conversation_id, origin and timestamp of the message that the file belongs to."""
    return connection.execute(
        """
        SELECT messages.id, messages.conversation_id, messages.origin, messages.timestamp
        FROM media JOIN messages ON messages.id = media.message_id WHERE media.id = :id
        """,
        {"id": media_id},
    ).fetchone()


def next_due(connection: Connection, stale_before: int) -> int | None:
    """When the next fetch is due (unix s); None when nothing waits. A claim older than `stale_before` counts as none."""
    row = connection.execute(
        """
        SELECT min(next_attempt_at) FROM media
        WHERE state = 'pending' AND (claimed_at IS NULL OR claimed_at < :stale_before)
        """,
        {"stale_before": stale_before},
    ).fetchone()
    return int(row[0]) if row and row[0] is not None else None


def claim(connection: Connection, now: int, stale_before: int) -> Row | None:
    """Take one due file. Newest first: what a customer sends now comes before an imported history."""
    return connection.execute(
        """
        UPDATE media SET claimed_at = :now, attempts = attempts + 1
        WHERE id = (
            SELECT id FROM media
            WHERE state = 'pending' AND next_attempt_at <= :now
              AND (claimed_at IS NULL OR claimed_at < :stale_before)
            ORDER BY id DESC LIMIT 1
        )
        RETURNING *
        """,
        {"now": now, "stale_before": stale_before},
    ).fetchone()


def hurry(connection: Connection, now: int) -> None:
    """The clock was set: a due time of before means nothing any more."""
    connection.execute(
        "UPDATE media SET next_attempt_at = :now WHERE state = 'pending' AND next_attempt_at > :now", {"now": now}
    )


def release_claims(connection: Connection) -> None:
    """After a start nobody of the last run is fetching any more."""
    connection.execute("UPDATE media SET claimed_at = NULL WHERE state = 'pending' AND claimed_at IS NOT NULL")


def set_stored(connection: Connection, media_id: int, values: dict[str, Any]) -> bool:
    """The bytes are in the store. False when another worker said so first."""
    return (
        connection.execute(
            """
            UPDATE media SET state = 'stored', sha256 = :sha256, size = :size, inline_type = :inline_type,
                width = :width, height = :height, duration_ms = :duration_ms, thumbnail = :thumbnail,
                animated = max(animated, :animated), claimed_at = NULL, last_error = NULL
            WHERE id = :id AND state = 'pending'
            """,
            values | {"id": media_id},
        ).rowcount
        == 1
    )


def postpone(
    connection: Connection, media_id: int, *, claimed_at: int, attempts: int, next_attempt_at: int, reason: str
) -> bool:
    """Give the claim back and try again later. False when the claim had been lost."""
    return (
        connection.execute(
            """
            UPDATE media SET claimed_at = NULL, attempts = :attempts, next_attempt_at = :next_attempt_at,
                last_error = :reason
            WHERE id = :id AND state = 'pending' AND claimed_at = :claimed_at
            """,
            {
                "id": media_id,
                "claimed_at": claimed_at,
                "attempts": attempts,
                "next_attempt_at": next_attempt_at,
                "reason": reason,
            },
        ).rowcount
        == 1
    )


def give_up(connection: Connection, media_id: int, *, claimed_at: int, state: str, reason: str) -> bool:
    """`state`: failed, expired or too_large. False when the claim had been lost."""
    return (
        connection.execute(
            """
            UPDATE media SET state = :state, claimed_at = NULL, last_error = :reason
            WHERE id = :id AND state = 'pending' AND claimed_at = :claimed_at
            """,
            {"id": media_id, "claimed_at": claimed_at, "state": state, "reason": reason},
        ).rowcount
        == 1
    )


def start_over(connection: Connection, media_id: int, now: int) -> bool:
    """By a person: due at once, as if never tried. False when it is stored already or was never Meta's."""
    return (
        connection.execute(
            """
            UPDATE media SET state = 'pending', attempts = 0, next_attempt_at = :now, last_error = NULL
            WHERE id = :id AND state <> 'stored' AND meta_media_id IS NOT NULL
            """,
            {"id": media_id, "now": now},
        ).rowcount
        == 1
    )


def keep_peaks(connection: Connection, media_id: int, peaks: bytes) -> bool:
    """The first word counts. False when somebody was faster."""
    return (
        connection.execute(
            "UPDATE media SET peaks = :peaks WHERE id = :id AND peaks IS NULL", {"id": media_id, "peaks": peaks}
        ).rowcount
        == 1
    )


def set_uploaded(connection: Connection, media_id: int, meta_media_id: str, now: int) -> None:
    """Our file is at Meta under this id, for 30 days."""
    connection.execute(
        "UPDATE media SET meta_media_id = :meta_media_id, meta_uploaded_at = :now WHERE id = :id",
        {"id": media_id, "meta_media_id": meta_media_id, "now": now},
    )
