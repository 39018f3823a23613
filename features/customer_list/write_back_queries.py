"""SQL of what the Google Sheet should say of customers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from db_manager import Connection, Row


def collect(connection: Connection, cursor: int, until: int, now: int) -> None:
    """The people of the chats written in after `cursor`: one wish each, the newest; a pause that runs goes on."""
    connection.execute(
        """
        INSERT INTO customer_writes (phone, name, wrote, contacted_at, waiting, next_attempt_at)
        SELECT contacts.phone, COALESCE(contacts.typed_name, contacts.google_name, contacts.profile_name, ''),
               max(conversations.last_inbound_at IS NOT NULL), max(conversations.last_message_at),
               max(conversations.waiting_since IS NOT NULL), :now
        FROM changes
        JOIN conversations AS named ON named.id = changes.conversation_id
        JOIN conversations ON conversations.id = COALESCE(named.merged_into, named.id)
        JOIN contacts ON contacts.id = conversations.contact_id
        WHERE changes.seq > :cursor AND changes.seq <= :until AND changes.kind = 'message.created'
          AND changes.origin IN ('live', 'echo', 'user') AND contacts.phone IS NOT NULL
        GROUP BY contacts.phone
        ON CONFLICT (phone) DO UPDATE SET name = excluded.name, wrote = excluded.wrote,
            contacted_at = excluded.contacted_at, waiting = excluded.waiting
        """,
        {"cursor": cursor, "until": until, "now": now},
    )


def due(connection: Connection, now: int, limit: int) -> list[Row]:
    return connection.execute(
        "SELECT * FROM customer_writes WHERE next_attempt_at <= :now ORDER BY next_attempt_at LIMIT :limit",
        {"now": now, "limit": limit},
    ).fetchall()


def is_known(connection: Connection, spellings: Iterable[str]) -> bool:
    """In the list now or once: whom the owner has taken out is not added again."""
    return any(
        connection.execute("SELECT 1 FROM customers WHERE phone = :phone", {"phone": phone}).fetchone()
        for phone in spellings
    )


def done(connection: Connection, wishes: Iterable[Row]) -> None:
    """Unless something newer is to be said by now."""
    connection.executemany(
        """
        DELETE FROM customer_writes
        WHERE phone = :phone AND contacted_at = :contacted_at AND waiting = :waiting AND name = :name
        """,
        [dict(wish) for wish in wishes],
    )


def postpone(connection: Connection, phones: Iterable[str], next_attempt_at: int, error: str) -> None:
    connection.executemany(
        """
        UPDATE customer_writes SET tries = tries + 1, next_attempt_at = :at, error = :error WHERE phone = :phone
        """,
        [{"phone": phone, "at": next_attempt_at, "error": error} for phone in phones],
    )


def forget_all(connection: Connection) -> None:
    connection.execute("DELETE FROM customer_writes")


def waiting(connection: Connection) -> dict[str, Any]:
    """{count, problem}: how many wishes are not in the sheet yet, and why not."""
    row = connection.execute(
        """
        SELECT count(*) AS count, (SELECT error FROM customer_writes WHERE error IS NOT NULL
                                   ORDER BY next_attempt_at DESC LIMIT 1) AS problem
        FROM customer_writes
        """
    ).fetchone()
    return dict(row) if row else {"count": 0, "problem": None}
