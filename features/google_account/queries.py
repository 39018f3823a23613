"""SQL of the Google account and of what is switched on."""

from __future__ import annotations

import orjson

from db_manager import Connection, Row


def get(connection: Connection) -> Row | None:
    return connection.execute("SELECT * FROM google_account WHERE id = 1").fetchone()


def put(connection: Connection, *, email: str, scopes: list[str], now: int) -> None:
    connection.execute(
        """
        INSERT INTO google_account (id, email, scopes, connected_at) VALUES (1, :email, :scopes, :now)
        ON CONFLICT (id) DO UPDATE SET email = :email, scopes = :scopes, connected_at = :now, dead_reason = NULL
        """,
        {"email": email, "scopes": orjson.dumps(scopes).decode(), "now": now},
    )


def set_dead(connection: Connection, reason: str, connected_at: int) -> bool:
    """False when it is known, or when somebody has connected anew since `connected_at`."""
    return (
        connection.execute(
            """
            UPDATE google_account SET dead_reason = :reason
            WHERE id = 1 AND connected_at = :connected_at AND dead_reason IS NULL
            """,
            {"reason": reason, "connected_at": connected_at},
        ).rowcount
        == 1
    )


def delete(connection: Connection) -> None:
    connection.execute("DELETE FROM google_account")
