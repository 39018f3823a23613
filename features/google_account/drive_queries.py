"""SQL of our Drive: its folder, the trouble it is in, the room left. One row, made when first needed."""

from __future__ import annotations

from typing import Any

from db_manager import Connection, Row


def get(connection: Connection) -> Row | None:
    return connection.execute("SELECT * FROM drive_state WHERE id = 1").fetchone()


def set_folder(connection: Connection, folder_id: str | None, url: str | None) -> None:
    _make(connection)
    connection.execute(
        "UPDATE drive_state SET folder_id = :id, folder_url = :url WHERE id = 1", {"id": folder_id, "url": url}
    )


def set_trouble(connection: Connection, values: dict[str, Any]) -> None:
    """`values`: trouble, reason, link, held_until, failures."""
    _make(connection)
    connection.execute(
        """
        UPDATE drive_state SET trouble = :trouble, reason = :reason, link = :link, held_until = :held_until,
            failures = :failures
        WHERE id = 1
        """,
        values,
    )


def set_storage(connection: Connection, used: int, limit: int | None, now: int) -> None:
    _make(connection)
    connection.execute(
        "UPDATE drive_state SET usage_bytes = :used, limit_bytes = :limit, checked_at = :now WHERE id = 1",
        {"used": used, "limit": limit, "now": now},
    )


def set_warned(connection: Connection, now: int) -> None:
    connection.execute("UPDATE drive_state SET warned_at = :now WHERE id = 1", {"now": now})


def folder(connection: Connection, root_id: str, name: str) -> str | None:
    row = connection.execute(
        "SELECT folder_id FROM drive_folders WHERE root_id = :root AND name = :name", {"root": root_id, "name": name}
    ).fetchone()
    return row["folder_id"] if row else None


def put_folder(connection: Connection, root_id: str, name: str, folder_id: str) -> None:
    connection.execute(
        """
        INSERT INTO drive_folders (root_id, name, folder_id) VALUES (:root, :name, :id)
        ON CONFLICT (root_id, name) DO UPDATE SET folder_id = :id
        """,
        {"root": root_id, "name": name, "id": folder_id},
    )


def forget_folders(connection: Connection, name: str | None = None) -> None:
    """All of them without a name."""
    connection.execute("DELETE FROM drive_folders WHERE :name IS NULL OR name = :name", {"name": name})


def forget_uploads(connection: Connection) -> None:
    """Of another person's Drive: an id generated there is no good here, and a session would go on filling that Drive."""
    connection.execute("UPDATE media_archive SET drive_id = NULL, session_url = NULL WHERE state <> 'done'")


def forget_refused_links(connection: Connection) -> None:
    """The owner has switched public links on again: ask Google anew."""
    connection.execute("UPDATE media_archive SET public_url = NULL WHERE public_url = ''")


def _make(connection: Connection) -> None:
    connection.execute("INSERT INTO drive_state (id) VALUES (1) ON CONFLICT (id) DO NOTHING")
