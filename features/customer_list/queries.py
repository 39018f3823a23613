"""SQL of the Customer List's mirror and of the runs that keep it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from core.text import fold
from db_manager import Connection, Row
from features.customer_list.plan import Customer, Known


def mirror(connection: Connection, run_id: int) -> dict[str, Known]:
    """phone -> what is known. `counted` are those whose absence the run `run_id` noted before it was interrupted."""
    rows = connection.execute(
        """
        SELECT phone, name, fields, row_number, missed, missed > 0 AND run_id = :run_id AS counted,
               removed_at IS NOT NULL AS removed
        FROM customers
        """,
        {"run_id": run_id},
    )
    return {
        row["phone"]: Known(
            row["name"], row["fields"], row["row_number"], row["missed"], bool(row["counted"]), bool(row["removed"])
        )
        for row in rows
    }


def values(customers: Iterable[Customer], run_id: int) -> list[dict[str, Any]]:
    """What `put` takes; made before the write, so that the writer is not held for it."""
    return [
        {
            "phone": one.phone,
            "name": one.name,
            "fields": one.fields,
            "row_number": one.row_number,
            "search_text": fold(f"{one.name}\n{one.phone}"),
            "run_id": run_id,
        }
        for one in customers
    ]


def put(connection: Connection, rows: list[dict[str, Any]], now: int) -> None:
    connection.executemany(
        """
        INSERT INTO customers (phone, name, fields, row_number, search_text, run_id, updated_at)
        VALUES (:phone, :name, :fields, :row_number, :search_text, :run_id, :now)
        ON CONFLICT (phone) DO UPDATE SET
            name = excluded.name, fields = excluded.fields, row_number = excluded.row_number,
            search_text = excluded.search_text,
            run_id = excluded.run_id, missed = 0, removed_at = NULL, updated_at = excluded.updated_at
        """,
        [row | {"now": now} for row in rows],
    )


def count_misses(connection: Connection, phones: Iterable[str], run_id: int) -> None:
    """Once a run, however often it is repeated."""
    connection.executemany(
        "UPDATE customers SET missed = missed + 1, run_id = :run_id WHERE phone = :phone AND run_id <> :run_id",
        [{"phone": phone, "run_id": run_id} for phone in phones],
    )


def remove(connection: Connection, phones: Iterable[str], run_id: int, now: int) -> None:
    """Soft: the row stays, in case the customer comes back."""
    connection.executemany(
        """
        UPDATE customers SET removed_at = :now, missed = 0, run_id = :run_id, updated_at = :now
        WHERE phone = :phone AND removed_at IS NULL
        """,
        [{"phone": phone, "run_id": run_id, "now": now} for phone in phones],
    )


def anybody_missed(connection: Connection) -> bool:
    """Somebody was absent from the last read and waits for the next one."""
    row = connection.execute("SELECT 1 FROM customers WHERE missed > 0 AND removed_at IS NULL LIMIT 1").fetchone()
    return row is not None


def without_chat(
    connection: Connection, *, q: str, digits: str, after: tuple[int, int], limit: int
) -> list[Row]:
    """Customers with whom nothing was ever written: {phone, name, row_number}, in the order of the list."""
    return connection.execute(
        """
        SELECT phone, name, row_number FROM customers
        WHERE removed_at IS NULL AND (row_number, CAST(phone AS INTEGER)) > (:row, :phone)
          AND (instr(search_text, :q) > 0 OR (:digits <> '' AND instr(phone, :digits) > 0))
          AND NOT EXISTS (
              SELECT 1 FROM contact_aliases JOIN conversations ON conversations.contact_id = contact_aliases.contact_id
              WHERE contact_aliases.kind = 'phone' AND contact_aliases.value = customers.phone
                AND contact_aliases.retired_at IS NULL AND conversations.last_message_id IS NOT NULL)
        ORDER BY row_number, CAST(phone AS INTEGER) LIMIT :limit
        """,
        {"q": q, "digits": digits, "row": after[0], "phone": after[1], "limit": limit},
    ).fetchall()


# ---------------------------------------------------------------- runs


def newest_run(connection: Connection) -> Row | None:
    return connection.execute("SELECT * FROM customer_sync_runs ORDER BY id DESC LIMIT 1").fetchone()


def newest_run_with_rows(connection: Connection) -> Row | None:
    """The newest one that got as far as reading the list."""
    return connection.execute(
        "SELECT * FROM customer_sync_runs WHERE digest <> '' ORDER BY id DESC LIMIT 1"
    ).fetchone()


def get_run(connection: Connection, run_id: int) -> Row | None:
    return connection.execute("SELECT * FROM customer_sync_runs WHERE id = :id", {"id": run_id}).fetchone()


def runs(connection: Connection, before: int | None, limit: int) -> list[Row]:
    """Newest first."""
    return connection.execute(
        """
        SELECT * FROM customer_sync_runs WHERE :before IS NULL OR id < :before ORDER BY id DESC LIMIT :limit
        """,
        {"before": before, "limit": limit},
    ).fetchall()


def insert_run(connection: Connection, source: str, digest: str, rows_read: int, now: int) -> int:
    cursor = connection.execute(
        """
        INSERT INTO customer_sync_runs (source, digest, state, rows_read, started_at)
        VALUES (:source, :digest, 'running', :rows_read, :now)
        """,
        {"source": source, "digest": digest, "rows_read": rows_read, "now": now},
    )
    return int(cursor.lastrowid or 0)


def reopen_run(connection: Connection, run_id: int) -> None:
    connection.execute(
        """
        UPDATE customer_sync_runs SET state = 'running', error = NULL, finished_at = NULL, dismissed_at = NULL
        WHERE id = :id
        """,
        {"id": run_id},
    )


def add_counts(connection: Connection, run_id: int, *, added: int, changed: int, removed: int) -> None:
    connection.execute(
        """
        UPDATE customer_sync_runs
        SET added = added + :added, changed = changed + :changed, removed = removed + :removed WHERE id = :id
        """,
        {"id": run_id, "added": added, "changed": changed, "removed": removed},
    )


def end_run(
    connection: Connection, run_id: int, state: str, now: int, *, error: str | None = None, warnings: Any = ()
) -> None:
    """`warnings`: [{"row": 7, "reason": {"code", "values"}}]; `error`: a reason."""
    connection.execute(
        """
        UPDATE customer_sync_runs SET state = :state, error = :error, warnings = :warnings, finished_at = :now
        WHERE id = :id
        """,
        {"id": run_id, "state": state, "error": error, "warnings": orjson.dumps(list(warnings)).decode(), "now": now},
    )


def set_retry(connection: Connection, run_id: int, tries: int, retry_at: int) -> None:
    connection.execute(
        "UPDATE customer_sync_runs SET tries = :tries, retry_at = :retry_at WHERE id = :id",
        {"id": run_id, "tries": tries, "retry_at": retry_at},
    )


def hurry(connection: Connection, now: int) -> None:
    """The clock was set: a pause that began before means nothing any more."""
    connection.execute("UPDATE customer_sync_runs SET retry_at = :now WHERE retry_at > :now", {"now": now})
    connection.execute("UPDATE customer_writes SET next_attempt_at = :now WHERE next_attempt_at > :now", {"now": now})


def dismiss_run(connection: Connection, run_id: int, now: int) -> None:
    connection.execute(
        "UPDATE customer_sync_runs SET dismissed_at = :now WHERE id = :id AND state = 'held'", {"id": run_id, "now": now}
    )


def held_run(connection: Connection) -> Row | None:
    """The newest run that read the list, when it is held. With `dismissed_at` it waits for nobody, but may yet be accepted."""
    row = newest_run_with_rows(connection)
    return row if row and row["state"] == "held" else None


def forget_old_runs(connection: Connection, kept: int) -> None:
    connection.execute(
        """
        DELETE FROM customer_sync_runs WHERE state <> 'running' AND id <= (
            SELECT id FROM customer_sync_runs ORDER BY id DESC LIMIT 1 OFFSET :kept)
        """,
        {"kept": kept},
    )
