"""SQL of the settings: a JSON value under a name."""

from __future__ import annotations

from typing import Any

import orjson

from db_manager import Connection


def get_setting(connection: Connection, key: str, default: Any = None) -> Any:
    """The stored value (any JSON), or `default`."""
    row = connection.execute("SELECT value FROM settings WHERE key = :key", {"key": key}).fetchone()
    return orjson.loads(row["value"]) if row else default


def put_setting(connection: Connection, key: str, value: Any, at: int) -> None:
    connection.execute(
        """
        INSERT INTO settings (key, value, updated_at) VALUES (:key, :value, :at)
        ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
        """,
        {"key": key, "value": orjson.dumps(value).decode(), "at": at},
    )


def delete_setting(connection: Connection, key: str) -> None:
    connection.execute("DELETE FROM settings WHERE key = :key", {"key": key})
