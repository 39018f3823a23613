"""SQL of raw deliveries and of the events that could not be applied."""

from __future__ import annotations

from db_manager import Connection, Row


def keep(connection: Connection, digest: bytes, body: bytes, now: int) -> int | None:
    """The delivery's id, or None when this very body came before."""
    row = connection.execute(
        """
        INSERT INTO webhook_deliveries (digest, body, received_at, state) VALUES (:digest, :body, :now, 'applied')
        ON CONFLICT (digest) DO NOTHING RETURNING id
        """,
        {"digest": digest, "body": body, "now": now},
    ).fetchone()
    return int(row[0]) if row else None


def set_state(connection: Connection, delivery_id: int, state: str, error: str | None = None) -> None:
    connection.execute(
        "UPDATE webhook_deliveries SET state = :state, error = COALESCE(:error, error) WHERE id = :id",
        {"id": delivery_id, "state": state, "error": error},
    )


def quarantine(connection: Connection, delivery_id: int, event: str, error: str, now: int) -> None:
    connection.execute(
        "INSERT INTO webhook_quarantine (delivery_id, event, error, at) VALUES (:delivery_id, :event, :error, :now)",
        {"delivery_id": delivery_id, "event": event, "error": error, "now": now},
    )


def next_pending(connection: Connection) -> Row | None:
    return connection.execute(
        "SELECT id, body FROM webhook_deliveries WHERE state = 'pending' ORDER BY id LIMIT 1"
    ).fetchone()


def deliveries(connection: Connection, before: int, limit: int) -> list[Row]:
    """Newest first, with the number of events in quarantine."""
    return connection.execute(
        """
        SELECT d.id, d.received_at, d.state, d.error, length(d.body) AS size,
               (SELECT count(*) FROM webhook_quarantine AS q WHERE q.delivery_id = d.id) AS quarantined
        FROM webhook_deliveries AS d WHERE d.id < :before ORDER BY d.id DESC LIMIT :limit
        """,
        {"before": before, "limit": limit},
    ).fetchall()


def newest_id(connection: Connection) -> int:
    return int(connection.execute("SELECT COALESCE(max(id), 0) FROM webhook_deliveries").fetchone()[0])


def bodies_after(connection: Connection, delivery_id: int) -> list[Row]:
    """Some deliveries after `delivery_id`, oldest first."""
    return connection.execute(
        "SELECT id, body FROM webhook_deliveries WHERE id > :id ORDER BY id LIMIT 100", {"id": delivery_id}
    ).fetchall()


def delivery(connection: Connection, delivery_id: int) -> Row | None:
    return connection.execute("SELECT * FROM webhook_deliveries WHERE id = :id", {"id": delivery_id}).fetchone()


def quarantined(connection: Connection, delivery_id: int) -> list[Row]:
    return connection.execute(
        "SELECT event, error, at, resolved_at FROM webhook_quarantine WHERE delivery_id = :id ORDER BY id",
        {"id": delivery_id},
    ).fetchall()


def last_delivery_at(connection: Connection) -> int | None:
    """When the last webhook came: the first thing to look at when nothing appears."""
    row = connection.execute("SELECT received_at FROM webhook_deliveries ORDER BY id DESC LIMIT 1").fetchone()
    return int(row[0]) if row else None


def delete_deliveries(connection: Connection, phone_number_id: str, most: int) -> int:
    """The raw bodies that name the number. Returns how many went."""
    return connection.execute(
        """
        DELETE FROM webhook_deliveries WHERE id IN (
            SELECT id FROM webhook_deliveries WHERE instr(body, CAST(:phone_number_id AS BLOB)) > 0 LIMIT :most)
        """,
        {"phone_number_id": phone_number_id, "most": most},
    ).rowcount
