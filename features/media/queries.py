"""SQL of files: what is known of each, and which ones are due to be fetched."""

from __future__ import annotations

from typing import Any

from db_manager import Connection, Row, RowQueue
from web.viewing import SEEN, View

# Files that are to be fetched. Newest first: what a customer sends now comes before an imported history.
_TO_FETCH = RowQueue(
    "media", key="id", waiting="state = 'pending'", order="id DESC", claiming="claimed_at = :now, attempts = attempts + 1"
)
next_due, claim, hurry, release_claims = _TO_FETCH.next_due, _TO_FETCH.claim, _TO_FETCH.hurry, _TO_FETCH.release_claims


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
