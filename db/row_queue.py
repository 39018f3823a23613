"""Work that waits as rows of a table. The table is the queue: nothing of it is lost or doubled by a restart."""

from __future__ import annotations

from dataclasses import dataclass

from db.connection import Connection, Row


@dataclass(frozen=True)
class RowQueue:
    """Rows with `next_attempt_at` (unix s, when each is due) and `claimed_at` (while a worker has it, else NULL).

    The other fields are pieces of SQL: `key` names the rows, `waiting` is true for one that is still to be done, `order` says
    which due row comes first, `claiming` what else a claim changes. A claim of before `stale_before` counts as none.
    """

    table: str
    key: str
    waiting: str
    order: str = "next_attempt_at"
    claiming: str = "claimed_at = :now"

    def next_due(self, connection: Connection, stale_before: int = 0) -> int | None:
        """When the next one is due (unix s); None when nothing waits."""
        row = connection.execute(
            f"""
            SELECT min(next_attempt_at) AS due FROM {self.table}
            WHERE {self.waiting} AND (claimed_at IS NULL OR claimed_at < :stale_before)
            """,
            {"stale_before": stale_before},
        ).fetchone()
        return row["due"]  # type: ignore[no-any-return]

    def claim(self, connection: Connection, now: int, stale_before: int = 0) -> Row | None:
        """Take one due row: it is nobody else's until it is done, postponed or released."""
        return connection.execute(
            f"""
            UPDATE {self.table} SET {self.claiming}
            WHERE {self.key} = (
                SELECT {self.key} FROM {self.table}
                WHERE {self.waiting} AND next_attempt_at <= :now AND (claimed_at IS NULL OR claimed_at < :stale_before)
                ORDER BY {self.order} LIMIT 1
            )
            RETURNING *
            """,
            {"now": now, "stale_before": stale_before},
        ).fetchone()

    def hurry(self, connection: Connection, now: int) -> None:
        """The reason to wait is gone, or the clock was set and a due time of before means nothing any more."""
        connection.execute(
            f"UPDATE {self.table} SET next_attempt_at = :now WHERE {self.waiting} AND next_attempt_at > :now", {"now": now}
        )

    def release_claims(self, connection: Connection) -> None:
        """After a start nobody of the last run is at work any more."""
        connection.execute(
            f"UPDATE {self.table} SET claimed_at = NULL WHERE {self.waiting} AND claimed_at IS NOT NULL"
        )
