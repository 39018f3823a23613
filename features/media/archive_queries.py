"""SQL of the archive: which contents wait for Google Drive, where the others are, and what may be pruned here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from db_manager import Connection, Row, RowQueue

# Contents that are to be uploaded: the one that is due longest comes first, so that a broken one lets the others by.
_TO_UPLOAD = RowQueue("media_archive", key="sha256", waiting="state = 'waiting'")
next_due, claim, release_claims = _TO_UPLOAD.next_due, _TO_UPLOAD.claim, _TO_UPLOAD.release_claims


def enqueue(connection: Connection, values: dict[str, Any]) -> None:
    """`values`: sha256, name, mime_type, size, month, now. Bytes that are known are only noted as here again."""
    connection.execute(
        """
        INSERT INTO media_archive (sha256, name, mime_type, size, month, stored_at, next_attempt_at)
        VALUES (:sha256, :name, :mime_type, :size, :month, :now, :now)
        ON CONFLICT (sha256) DO UPDATE SET stored_at = :now, pruned_at = NULL
        """,
        values,
    )


def get(connection: Connection, sha256: str) -> Row | None:
    return connection.execute("SELECT * FROM media_archive WHERE sha256 = :sha256", {"sha256": sha256}).fetchone()


def hurry(connection: Connection, now: int) -> None:
    """The clock was set: a due time of before means nothing any more."""
    connection.execute("UPDATE media_archive SET next_attempt_at = :now WHERE next_attempt_at > :now", {"now": now})


def set_drive_id(connection: Connection, sha256: str, drive_id: str | None) -> None:
    """None: the file at Google is no good; the next upload gets a new id and a new session."""
    connection.execute(
        "UPDATE media_archive SET drive_id = :drive_id, session_url = NULL WHERE sha256 = :sha256",
        {"sha256": sha256, "drive_id": drive_id},
    )


def set_session(connection: Connection, sha256: str, session_url: str | None) -> None:
    connection.execute(
        "UPDATE media_archive SET session_url = :session_url WHERE sha256 = :sha256",
        {"sha256": sha256, "session_url": session_url},
    )


def set_done(connection: Connection, sha256: str, drive_url: str, now: int) -> None:
    connection.execute(
        """
        UPDATE media_archive SET state = 'done', drive_url = :drive_url, archived_at = :now, session_url = NULL,
            claimed_at = NULL, attempts = 0, reason = NULL
        WHERE sha256 = :sha256
        """,
        {"sha256": sha256, "drive_url": drive_url, "now": now},
    )


def postpone(connection: Connection, sha256: str, *, attempts: int, mismatches: int, due: int, reason: str) -> None:
    """Give the claim back; `due` unix s. `mismatches`: faults of this file itself, `attempts`: passing ones."""
    connection.execute(
        """
        UPDATE media_archive SET claimed_at = NULL, attempts = :attempts, mismatches = :mismatches,
            next_attempt_at = :due, reason = :reason
        WHERE sha256 = :sha256
        """,
        {"sha256": sha256, "attempts": attempts, "mismatches": mismatches, "due": due, "reason": reason},
    )


def give_up(connection: Connection, sha256: str, reason: str) -> None:
    connection.execute(
        "UPDATE media_archive SET state = 'dead', claimed_at = NULL, reason = :reason WHERE sha256 = :sha256",
        {"sha256": sha256, "reason": reason},
    )


def start_over(connection: Connection, now: int) -> int:
    """By a person: what was given up is tried again. Returns how many."""
    return connection.execute(
        """
        UPDATE media_archive SET state = 'waiting', attempts = 0, mismatches = 0, next_attempt_at = :now, reason = NULL
        WHERE state = 'dead'
        """,
        {"now": now},
    ).rowcount


def counts(connection: Connection) -> Row:
    """waiting, done, dead, pruned; bytes_waiting; reason of the newest that was given up."""
    row = connection.execute(
        """
        SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting, count(*) FILTER (WHERE state = 'done') AS done,
               count(*) FILTER (WHERE state = 'dead') AS dead, count(pruned_at) AS pruned,
               coalesce(sum(size) FILTER (WHERE state = 'waiting'), 0) AS bytes_waiting,
               max(reason) FILTER (WHERE state = 'dead') AS reason
        FROM media_archive
        """
    ).fetchone()
    assert row is not None
    return row


def media_ids(connection: Connection, sha256: str, limit: int) -> list[int]:
    """The newest files of messages with these bytes."""
    rows = connection.execute(
        "SELECT id FROM media WHERE sha256 = :sha256 ORDER BY id DESC LIMIT :limit", {"sha256": sha256, "limit": limit}
    ).fetchall()
    return [int(row["id"]) for row in rows]


# ---------------------------------------------------------------- links


def next_private(connection: Connection) -> Row | None:
    """An archived content without a public link, of which none was refused."""
    return connection.execute(
        "SELECT * FROM media_archive WHERE state = 'done' AND public_url IS NULL LIMIT 1"
    ).fetchone()


def next_public(connection: Connection, now: int) -> Row | None:
    """Not one of which Google has just refused to take the link back."""
    return connection.execute(
        "SELECT * FROM media_archive WHERE public_url > '' AND next_attempt_at <= :now LIMIT 1", {"now": now}
    ).fetchone()


def set_public(connection: Connection, sha256: str, url: str | None) -> None:
    """'' when Google forbids such links, None when there is none."""
    connection.execute(
        "UPDATE media_archive SET public_url = :url WHERE sha256 = :sha256", {"sha256": sha256, "url": url}
    )


def postpone_link(connection: Connection, sha256: str, attempts: int, due: int) -> None:
    """`due` unix s: the times of an archived file are those of its link."""
    connection.execute(
        "UPDATE media_archive SET attempts = :attempts, next_attempt_at = :due WHERE sha256 = :sha256",
        {"sha256": sha256, "attempts": attempts, "due": due},
    )


# ---------------------------------------------------------------- pruning


def prunable(connection: Connection, before: int, limit: int) -> list[Row]:
    """Archived, here since before `before` (unix s), and not a file that may still have to be sent."""
    return connection.execute(
        """
        SELECT * FROM media_archive AS archive
        WHERE state = 'done' AND pruned_at IS NULL AND stored_at < :before
          AND NOT EXISTS (
            SELECT 1 FROM media JOIN messages ON messages.id = media.message_id
            WHERE media.sha256 = archive.sha256 AND messages.status IN ('queued', 'sending', 'unconfirmed', 'failed'))
        ORDER BY stored_at LIMIT :limit
        """,
        {"before": before, "limit": limit},
    ).fetchall()


def set_pruned(connection: Connection, sha256: str, stored_at: int, now: int) -> bool:
    """False when the bytes have come again meanwhile: then they stay."""
    return (
        connection.execute(
            "UPDATE media_archive SET pruned_at = :now WHERE sha256 = :sha256 AND stored_at = :stored_at",
            {"sha256": sha256, "stored_at": stored_at, "now": now},
        ).rowcount
        == 1
    )


def start_again(connection: Connection, sha256: str, now: int, reason: str) -> None:
    """The copy at Google is gone or damaged, ours is here: archive it anew, under a new id."""
    connection.execute(
        """
        UPDATE media_archive SET state = 'waiting', drive_id = NULL, session_url = NULL, drive_url = NULL, public_url = NULL,
            archived_at = NULL, attempts = 0, mismatches = 0, next_attempt_at = :now, reason = :reason
        WHERE sha256 = :sha256
        """,
        {"sha256": sha256, "now": now, "reason": reason},
    )


def delete_of_messages(connection: Connection, message_ids: Iterable[int]) -> None:
    """Contents that only these messages carry. Before the messages themselves go."""
    connection.execute(
        """
        DELETE FROM media_archive WHERE sha256 IN (
            SELECT sha256 FROM media WHERE message_id IN (SELECT value FROM json_each(:ids)))
          AND NOT EXISTS (
            SELECT 1 FROM media WHERE media.sha256 = media_archive.sha256
              AND media.message_id NOT IN (SELECT value FROM json_each(:ids)))
        """,
        {"ids": orjson.dumps(list(message_ids)).decode()},
    )
