"""SQL of the append-only log of changes."""

from __future__ import annotations

import orjson

from db_manager import Connection, Row
from web.viewing import SEEN, View


def insert(
    connection: Connection,
    *,
    kind: str,
    conversation_id: int | None,
    message_id: int | None,
    contact_id: int | None,
    subject_id: int | None,
    origin: str,
    user_id: int | None,
    at: int,
) -> int:
    cursor = connection.execute(
        """
        INSERT INTO changes (kind, conversation_id, message_id, contact_id, subject_id, origin, user_id, at)
        VALUES (:kind, :conversation_id, :message_id, :contact_id, :subject_id, :origin, :user_id, :at)
        """,
        {
            "kind": kind,
            "conversation_id": conversation_id,
            "message_id": message_id,
            "contact_id": contact_id,
            "subject_id": subject_id,
            "origin": origin,
            "user_id": user_id,
            "at": at,
        },
    )
    return int(cursor.lastrowid or 0)


def between(connection: Connection, seq: int, newest: int, limit: int) -> list[Row]:
    """Changes after `seq` up to `newest`, oldest first."""
    return connection.execute(
        """
        SELECT seq, kind, conversation_id, message_id, contact_id, subject_id, origin, user_id
        FROM changes WHERE seq > :seq AND seq <= :newest ORDER BY seq LIMIT :limit
        """,
        {"seq": seq, "newest": newest, "limit": limit},
    ).fetchall()


def seen_chats(view: View, ids: list[int]) -> set[int]:
    """Those of `ids` that the person may see."""
    rows = view.execute(
        f"SELECT id FROM conversations WHERE id IN (SELECT value FROM json_each(:ids)) AND {SEEN}",
        {"ids": orjson.dumps(ids).decode()},
    )
    return {row["id"] for row in rows}


def bounds(connection: Connection) -> tuple[int, int]:
    """(newest seq ever given, last seq that is gone): what lies between can be asked for."""
    newest = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'changes'").fetchone()
    oldest = connection.execute("SELECT min(seq) FROM changes").fetchone()[0]
    top = int(newest[0]) if newest else 0
    return top, (int(oldest) - 1 if oldest is not None else top)


def delete_older_than(connection: Connection, at: int, most: int) -> int:
    """Prune from the beginning, `most` rows at a time so that the writer is never held long."""
    return connection.execute(
        """
        DELETE FROM changes WHERE seq IN (
            SELECT seq FROM changes ORDER BY seq LIMIT :most
        ) AND at < :at
        """,
        {"at": at, "most": most},
    ).rowcount
