"""SQL of the template cache."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from db_manager import Connection, Row
from features.settings.queries import get_setting, put_setting


def upsert(connection: Connection, values: dict[str, Any]) -> bool:
    """By Meta's id: names and languages are not stable keys (en-US, en_US). True when something is new or different."""
    return bool(
        connection.execute(
            """
            INSERT INTO templates
                (waba_id, meta_id, name, language, category, status, parameter_format, components, fetched_at)
            VALUES
                (:waba_id, :meta_id, :name, :language, :category, :status, :parameter_format, :components, :now)
            ON CONFLICT (waba_id, meta_id) DO UPDATE SET
                name = excluded.name, language = excluded.language, category = excluded.category,
                status = excluded.status, parameter_format = excluded.parameter_format,
                components = excluded.components, fetched_at = excluded.fetched_at
            WHERE (name, language, category, status, parameter_format, components) IS NOT
                  (excluded.name, excluded.language, excluded.category, excluded.status,
                   excluded.parameter_format, excluded.components)
            """,
            values,
        ).rowcount
    )


def delete_others(connection: Connection, waba_id: str, kept: Iterable[str]) -> int:
    """Every template that is not one of the Meta ids `kept` of this account. Returns how many went."""
    return connection.execute(
        """
        DELETE FROM templates
        WHERE waba_id <> :waba_id OR meta_id NOT IN (SELECT value FROM json_each(:kept))
        """,
        {"waba_id": waba_id, "kept": orjson.dumps(list(kept)).decode()},
    ).rowcount


def listed(connection: Connection, status: str | None, after: int | None) -> Iterator[Row]:
    """By name and language, from the row with the id `after` on."""
    return iter(
        connection.execute(
            """
            SELECT * FROM templates
            WHERE (:status IS NULL OR status = :status)
              AND (:after IS NULL
                   OR (name, language, id) > (SELECT name, language, id FROM templates WHERE id = :after))
            ORDER BY name, language, id
            """,
            {"status": status, "after": after},
        )
    )


def exists(connection: Connection, template_id: int) -> bool:
    row = connection.execute("SELECT 1 FROM templates WHERE id = :id", {"id": template_id}).fetchone()
    return row is not None


def by_name(connection: Connection, name: str) -> list[Row]:
    """In every language; approved ones first."""
    return connection.execute(
        "SELECT * FROM templates WHERE name = :name ORDER BY status <> 'APPROVED', id", {"name": name}
    ).fetchall()


def sync_state(connection: Connection) -> dict[str, Any]:
    """{waba_id, synced_at, tried_at, marks_seen, marks}: what is known about the freshness of the cache."""
    state: dict[str, Any] = {"waba_id": None, "synced_at": 0, "tried_at": 0, "marks_seen": 0, "marks": 0}
    return state | get_setting(connection, "templates.sync", {}) | get_setting(connection, "templates.marks", {})


def keep_sync(connection: Connection, state: dict[str, Any], now: int) -> None:
    put_setting(connection, "templates.sync", state, now)


def add_mark(connection: Connection, now: int) -> None:
    """Counted, not set: a mark that comes while a list is being fetched is newer than that list."""
    known = get_setting(connection, "templates.marks", {"marks": 0})
    put_setting(connection, "templates.marks", {"marks": known["marks"] + 1}, now)


def delete_of_account(connection: Connection, waba_id: str) -> None:
    connection.execute("DELETE FROM templates WHERE waba_id = :waba_id", {"waba_id": waba_id})
