"""SQL of our own numbers, as the settings page shows and changes them."""

from __future__ import annotations

from typing import Any

from db_manager import Connection, Row


def connected(connection: Connection) -> Row | None:
    """The number that the settings page has connected: the newest, should there ever be several."""
    return connection.execute(
        "SELECT * FROM numbers WHERE connected_at IS NOT NULL ORDER BY connected_at DESC, id DESC LIMIT 1"
    ).fetchone()


def by_phone_number_id(connection: Connection, phone_number_id: str) -> Row | None:
    return connection.execute(
        "SELECT * FROM numbers WHERE phone_number_id = :phone_number_id", {"phone_number_id": phone_number_id}
    ).fetchone()


def connect(connection: Connection, phone_number_id: str, waba_id: str, now: int) -> None:
    """The number may be known: its chats stay with it however often it is connected."""
    connection.execute(
        """
        INSERT INTO numbers (phone_number_id, waba_id, created_at, connected_at) VALUES (:phone_number_id, :waba_id, :now, :now)
        ON CONFLICT (phone_number_id) DO UPDATE SET waba_id = :waba_id, connected_at = COALESCE(connected_at, :now)
        """,
        {"phone_number_id": phone_number_id, "waba_id": waba_id, "now": now},
    )


def know(connection: Connection, phone_number_id: str, waba_id: str, now: int) -> None:
    """A row for a number that the environment connects."""
    connection.execute(
        """
        INSERT INTO numbers (phone_number_id, waba_id, created_at) VALUES (:phone_number_id, :waba_id, :now)
        ON CONFLICT (phone_number_id) DO NOTHING
        """,
        {"phone_number_id": phone_number_id, "waba_id": waba_id, "now": now},
    )


def disconnect(connection: Connection, phone_number_id: str) -> bool:
    """False when it was not connected."""
    return bool(
        connection.execute(
            "UPDATE numbers SET connected_at = NULL WHERE phone_number_id = :phone_number_id AND connected_at IS NOT NULL",
            {"phone_number_id": phone_number_id},
        ).rowcount
    )


def keep_findings(connection: Connection, phone_number_id: str, values: dict[str, Any]) -> None:
    """`values`: app_id, display, name, quality, token_expires_at, checks (JSON), now."""
    connection.execute(
        """
        UPDATE numbers SET
            app_id = CASE WHEN :app_id = '' THEN app_id ELSE :app_id END,
            display_phone_number = CASE WHEN :display = '' THEN display_phone_number ELSE :display END,
            verified_name = CASE WHEN :name = '' THEN verified_name ELSE :name END,
            quality = CASE WHEN :quality = '' THEN quality ELSE :quality END,
            token_expires_at = :token_expires_at, checks = :checks, checked_at = :now
        WHERE phone_number_id = :phone_number_id
        """,
        values | {"phone_number_id": phone_number_id},
    )


def count_templates(connection: Connection, waba_id: str) -> int:
    row = connection.execute("SELECT count(*) FROM templates WHERE waba_id = :waba_id", {"waba_id": waba_id}).fetchone()
    return int(row[0])


def last_delivery_at(connection: Connection, phone_number_id: str) -> int | None:
    """When Meta last delivered something for this number, among the newest deliveries of all."""
    row = connection.execute(
        """
        SELECT received_at FROM (SELECT id, body, received_at FROM webhook_deliveries ORDER BY id DESC LIMIT 500)
        WHERE length(body) < 100000 AND instr(body, CAST(:phone_number_id AS BLOB)) > 0 ORDER BY id DESC LIMIT 1
        """,
        {"phone_number_id": phone_number_id},
    ).fetchone()
    return int(row[0]) if row else None


def ensure_number(connection: Connection, phone_number_id: str, waba_id: str, display: str, now: int) -> int:
    row = connection.execute(
        "SELECT id, display_phone_number, waba_id FROM numbers WHERE phone_number_id = :phone_number_id",
        {"phone_number_id": phone_number_id},
    ).fetchone()
    if row and (not display or row["display_phone_number"]) and (not waba_id or row["waba_id"]):
        return int(row["id"])
    row = connection.execute(
        """
        INSERT INTO numbers (phone_number_id, waba_id, display_phone_number, created_at)
        VALUES (:phone_number_id, :waba_id, :display, :now)
        ON CONFLICT (phone_number_id) DO UPDATE SET
            waba_id = CASE WHEN waba_id = '' THEN excluded.waba_id ELSE waba_id END,
            display_phone_number = CASE WHEN display_phone_number = '' THEN excluded.display_phone_number
                                        ELSE display_phone_number END
        RETURNING id
        """,
        {"phone_number_id": phone_number_id, "waba_id": waba_id, "display": display, "now": now},
    ).fetchone()
    return int(row["id"])


def phone_number_id_of(connection: Connection, number_id: int) -> str:
    row = connection.execute("SELECT phone_number_id FROM numbers WHERE id = :id", {"id": number_id}).fetchone()
    return str(row[0])


def delete(connection: Connection, number_id: int) -> None:
    """Its chats must be gone before."""
    connection.execute("DELETE FROM numbers WHERE id = :id", {"id": number_id})
