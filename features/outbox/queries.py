"""SQL of sending: the outbox, the attempts, the state of the queue."""

from __future__ import annotations

from typing import Any

from db_manager import Connection, Row


def enqueue(connection: Connection, message_id: int, recipient: str, now: int) -> None:
    connection.execute(
        """
        INSERT INTO outbox (message_id, recipient, state, next_attempt_at, created_at)
        VALUES (:message_id, :recipient, 'queued', :now, :now)
        ON CONFLICT (message_id) DO UPDATE SET state = 'queued', attempts = 0, next_attempt_at = :now, claimed_at = NULL,
            created_at = :now
        """,
        {"message_id": message_id, "recipient": recipient, "now": now},
    )


# The head of its recipient's line, with nothing of that recipient in the air.
_MAY_LEAVE = """due.state = 'queued' AND NOT EXISTS (
    SELECT 1 FROM outbox AS other WHERE other.recipient = due.recipient
      AND (other.state = 'sending' OR (other.state = 'queued' AND other.message_id < due.message_id)))"""


def claim_next(connection: Connection, now: int) -> Row | None:
    """The oldest due row whose recipient has nothing in the air and nothing older waiting; it is `sending` from here on."""
    return connection.execute(
        f"""
        UPDATE outbox SET state = 'sending', attempts = attempts + 1, claimed_at = :now
        WHERE message_id = (
            SELECT due.message_id FROM outbox AS due
            WHERE due.next_attempt_at <= :now AND {_MAY_LEAVE}
            ORDER BY due.message_id LIMIT 1)
        RETURNING message_id, recipient, attempts, created_at
        """,
        {"now": now},
    ).fetchone()


def next_due(connection: Connection) -> int | None:
    """When the next message may leave; a line whose head waits does not count its tail."""
    row = connection.execute(f"SELECT min(due.next_attempt_at) FROM outbox AS due WHERE {_MAY_LEAVE}").fetchone()
    return int(row[0]) if row[0] is not None else None


def get(connection: Connection, message_id: int) -> Row | None:
    return connection.execute("SELECT * FROM outbox WHERE message_id = :id", {"id": message_id}).fetchone()


def postpone(connection: Connection, message_id: int, at: int, refund: int) -> None:
    """Back into the queue: it certainly did not leave."""
    connection.execute(
        """
        UPDATE outbox SET state = 'queued', next_attempt_at = :at, attempts = attempts - :refund, claimed_at = NULL
        WHERE message_id = :id
        """,
        {"id": message_id, "at": at, "refund": refund},
    )


def hurry(connection: Connection, now: int) -> None:
    """The reason to wait is gone: what was held may leave now."""
    connection.execute("UPDATE outbox SET next_attempt_at = :now WHERE state = 'queued'", {"now": now})


def set_unconfirmed(connection: Connection, message_id: int) -> None:
    connection.execute("UPDATE outbox SET state = 'unconfirmed' WHERE message_id = :id", {"id": message_id})


def settle(connection: Connection, message_id: int) -> None:
    """It has left (or will never): nothing is due any more. A row in the air stays until its call has ended."""
    connection.execute("DELETE FROM outbox WHERE message_id = :id AND state <> 'sending'", {"id": message_id})


def remove(connection: Connection, message_id: int) -> None:
    connection.execute("DELETE FROM outbox WHERE message_id = :id", {"id": message_id})


def interrupted(connection: Connection) -> list[Row]:
    """In the air when the process ended."""
    return connection.execute("SELECT message_id FROM outbox WHERE state = 'sending'").fetchall()


def start_attempt(connection: Connection, attempt_id: str, message_id: int, now: int) -> None:
    connection.execute(
        "INSERT INTO send_attempts (id, message_id, started_at) VALUES (:id, :message_id, :now)",
        {"id": attempt_id, "message_id": message_id, "now": now},
    )


def end_attempt(connection: Connection, attempt_id: str, values: dict[str, Any]) -> None:
    """`values`: outcome, error, ended_at. A status that was quicker knows the outcome better."""
    connection.execute(
        """
        UPDATE send_attempts SET error = :error, ended_at = :ended_at,
               outcome = CASE WHEN outcome IN ('failed', 'delivered') THEN outcome ELSE :outcome END
        WHERE id = :id
        """,
        values | {"id": attempt_id},
    )


def note_fate(connection: Connection, attempt_id: str, status: str) -> None:
    """What Meta's statuses say of this one attempt; delivered is never taken back."""
    connection.execute(
        """
        UPDATE send_attempts SET outcome = CASE :status WHEN 'failed' THEN 'failed' ELSE 'delivered' END
        WHERE id = :id AND :status <> 'sent' AND outcome <> 'delivered'
        """,
        {"id": attempt_id, "status": status},
    )


def end_interrupted_attempts(connection: Connection, message_id: int, now: int) -> None:
    connection.execute(
        """
        UPDATE send_attempts SET outcome = 'unconfirmed', ended_at = :now
        WHERE message_id = :id AND outcome = 'sending'
        """,
        {"id": message_id, "now": now},
    )


def attempt(connection: Connection, attempt_id: str) -> Row | None:
    return connection.execute("SELECT * FROM send_attempts WHERE id = :id", {"id": attempt_id}).fetchone()


def attempt_by_wamid(connection: Connection, wamid: str) -> Row | None:
    return connection.execute("SELECT * FROM send_attempts WHERE wamid = :wamid", {"wamid": wamid}).fetchone()


def latest_attempt(connection: Connection, message_id: int) -> str | None:
    row = connection.execute(
        "SELECT id FROM send_attempts WHERE message_id = :id ORDER BY started_at DESC, rowid DESC LIMIT 1",
        {"id": message_id},
    ).fetchone()
    return str(row[0]) if row else None


def adopt_wamid(connection: Connection, attempt_id: str, wamid: str) -> None:
    """OR IGNORE: a wamid belongs to one attempt, whatever a strange body says."""
    connection.execute(
        "UPDATE OR IGNORE send_attempts SET wamid = :wamid WHERE id = :id AND wamid IS NULL",
        {"id": attempt_id, "wamid": wamid},
    )


def count_arrived(connection: Connection, message_id: int) -> int:
    """Attempts that reached Meta and of which no failure is known."""
    row = connection.execute(
        "SELECT count(*) FROM send_attempts WHERE message_id = :id AND wamid IS NOT NULL AND outcome <> 'failed'",
        {"id": message_id},
    ).fetchone()
    return int(row[0])


# ---------------------------------------------------------------- what is needed to build the call


def recipient_of(connection: Connection, conversation_id: int) -> Row | None:
    """phone, user_id (business-scoped), group_id, when the customer service window opened, and our number's id at Meta."""
    return connection.execute(
        """
        SELECT conversations.group_id, conversations.last_inbound_at, contacts.phone, contacts.id AS contact_id,
               numbers.phone_number_id,
               (SELECT value FROM contact_aliases WHERE contact_id = contacts.id AND kind = 'bsuid'
                  AND retired_at IS NULL ORDER BY id DESC LIMIT 1) AS user_id
        FROM conversations JOIN numbers ON numbers.id = conversations.number_id
        LEFT JOIN contacts ON contacts.id = conversations.contact_id
        WHERE conversations.id = :id
        """,
        {"id": conversation_id},
    ).fetchone()


def media_of(connection: Connection, message_id: int) -> Row | None:
    return connection.execute(
        "SELECT * FROM media WHERE message_id = :id ORDER BY id LIMIT 1", {"id": message_id}
    ).fetchone()
