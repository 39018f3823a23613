"""SQL of messages, and of what waits for its message: edits, reactions, statuses. Pages have their own: page_queries.py."""

from __future__ import annotations

from typing import Any

from db_manager import Connection, Row

# A person's messages stand in chats of that person's, and in groups: there is no index by contact.
IN_CHATS_OF_THEIRS = """conversation_id IN (
    SELECT id FROM conversations WHERE contact_id IN (:absorbed, :kept) OR group_id IS NOT NULL)"""


def seen_on_the_phone(connection: Connection, conversation_id: int) -> int:
    """Clear the flags of what stood there when somebody answered on the phone. Returns how many were set."""
    return connection.execute(
        """
        UPDATE messages SET is_unread = 0
        WHERE conversation_id = :id AND is_unread = 1
          AND timestamp <= (SELECT last_echo_at FROM conversations WHERE id = :id)
        """,
        {"id": conversation_id},
    ).rowcount


def mark_read(connection: Connection, conversation_id: int, timestamp: int, message_id: int) -> int:
    """Clear the flags up to that message. Returns how many were set."""
    return connection.execute(
        """
        UPDATE messages SET is_unread = 0
        WHERE conversation_id = :id AND is_unread = 1 AND (timestamp, id) <= (:timestamp, :message_id)
        """,
        {"id": conversation_id, "timestamp": timestamp, "message_id": message_id},
    ).rowcount


def newest_live_wamid(connection: Connection, conversation_id: int, timestamp: int, message_id: int) -> str | None:
    """The customer's newest message up to that one: reading it at Meta covers all earlier ones."""
    row = connection.execute(
        """
        SELECT wamid FROM messages
        WHERE conversation_id = :id AND direction = 'in' AND origin = 'live' AND wamid IS NOT NULL
          AND (timestamp, id) <= (:timestamp, :message_id)
        ORDER BY timestamp DESC, id DESC LIMIT 1
        """,
        {"id": conversation_id, "timestamp": timestamp, "message_id": message_id},
    ).fetchone()
    return str(row[0]) if row else None


def insert_message(connection: Connection, values: dict[str, Any]) -> Row | None:
    """{id, is_awaited: an edit, a revoke or a status came before it}. None when its wamid or client_msg_id is there already."""
    return connection.execute(
        """
        INSERT INTO messages (conversation_id, wamid, client_msg_id, direction, type, text, payload, context_wamid, forwarded,
                              contact_id, user_id, origin, timestamp, is_unread, status, created_at)
        VALUES (:conversation_id, :wamid, :client_msg_id, :direction, :type, :text, :payload, :context_wamid, :forwarded,
                :contact_id, :user_id, :origin, :timestamp, :is_unread, :status, :created_at)
        ON CONFLICT DO NOTHING
        RETURNING id, wamid IS NOT NULL AND (
            EXISTS (SELECT 1 FROM message_revisions WHERE original_wamid = messages.wamid)
            OR EXISTS (SELECT 1 FROM pending_statuses WHERE pending_statuses.wamid = messages.wamid)) AS is_awaited
        """,
        values,
    ).fetchone()


def has_messages(connection: Connection) -> bool:
    return bool(connection.execute("SELECT EXISTS (SELECT 1 FROM messages)").fetchone()[0])


def get_message(connection: Connection, message_id: int) -> Row | None:
    return connection.execute("SELECT * FROM messages WHERE id = :id", {"id": message_id}).fetchone()


def has_wamid(connection: Connection, wamid: str) -> bool:
    return connection.execute("SELECT 1 FROM messages WHERE wamid = :wamid", {"wamid": wamid}).fetchone() is not None


def message_by_wamid(connection: Connection, wamid: str) -> Row | None:
    return connection.execute("SELECT * FROM messages WHERE wamid = :wamid", {"wamid": wamid}).fetchone()


def message_by_client_id(connection: Connection, client_msg_id: str) -> Row | None:
    return connection.execute(
        "SELECT * FROM messages WHERE client_msg_id = :client_msg_id", {"client_msg_id": client_msg_id}
    ).fetchone()


def set_wamid(connection: Connection, message_id: int, wamid: str) -> None:
    """The first one that is known."""
    connection.execute(
        "UPDATE OR IGNORE messages SET wamid = :wamid WHERE id = :id AND wamid IS NULL",
        {"id": message_id, "wamid": wamid},
    )


def replace_wamid(connection: Connection, message_id: int, wamid: str) -> None:
    """Of the newest attempt that Meta took: this is the one that the customer can quote and react to."""
    connection.execute(
        "UPDATE OR IGNORE messages SET wamid = :wamid WHERE id = :id", {"id": message_id, "wamid": wamid}
    )


def set_content(connection: Connection, message_id: int, text: str, payload: str | None, edited_at: int) -> None:
    connection.execute(
        "UPDATE messages SET text = :text, payload = :payload, edited_at = :edited_at WHERE id = :id",
        {"id": message_id, "text": text, "payload": payload, "edited_at": edited_at},
    )


def set_type(connection: Connection, message_id: int, kind: str, text: str, payload: str | None) -> None:
    connection.execute(
        "UPDATE messages SET type = :type, text = :text, payload = :payload WHERE id = :id",
        {"id": message_id, "type": kind, "text": text, "payload": payload},
    )


def set_deleted(connection: Connection, message_id: int, deleted_at: int) -> None:
    connection.execute("UPDATE messages SET deleted_at = :at WHERE id = :id", {"id": message_id, "at": deleted_at})


def set_status(connection: Connection, message_id: int, values: dict[str, Any]) -> None:
    """`values`: status, the five times, error_code, error_message."""
    connection.execute(
        """
        UPDATE messages SET status = :status, sent_at = :sent_at, delivered_at = :delivered_at, read_at = :read_at,
               played_at = :played_at, failed_at = :failed_at, error_code = :error_code, error_message = :error_message
        WHERE id = :id
        """,
        values | {"id": message_id},
    )


def start_over(connection: Connection, message_id: int) -> None:
    """A person sends it again: what the earlier attempt met no longer counts."""
    connection.execute(
        """
        UPDATE messages SET status = 'queued', sent_at = NULL, failed_at = NULL, error_code = NULL, error_message = NULL
        WHERE id = :id
        """,
        {"id": message_id},
    )


def set_plain_status(connection: Connection, message_id: int, status: str) -> None:
    connection.execute("UPDATE messages SET status = :status WHERE id = :id", {"id": message_id, "status": status})


def set_delivered_twice(connection: Connection, message_id: int) -> None:
    connection.execute("UPDATE messages SET delivered_twice = 1 WHERE id = :id", {"id": message_id})


def keep_revision(connection: Connection, values: dict[str, Any]) -> int:
    """0 when this edit or revoke is known already."""
    return connection.execute(
        """
        INSERT INTO message_revisions (wamid, original_wamid, kind, text, payload, timestamp)
        VALUES (:wamid, :original_wamid, :kind, :text, :payload, :timestamp) ON CONFLICT DO NOTHING
        """,
        values,
    ).rowcount


def revisions_of(connection: Connection, original_wamid: str) -> list[Row]:
    return connection.execute(
        """
        SELECT wamid, kind, text, payload, timestamp FROM message_revisions
        WHERE original_wamid = :wamid ORDER BY timestamp, wamid
        """,
        {"wamid": original_wamid},
    ).fetchall()


def keep_reaction(connection: Connection, values: dict[str, Any]) -> int:
    return connection.execute(
        """
        INSERT INTO reactions (wamid, target_wamid, sender, emoji, timestamp, arrival)
        VALUES (:wamid, :target_wamid, :sender, :emoji, :timestamp,
                (SELECT 1 + COALESCE(max(arrival), 0) FROM reactions WHERE target_wamid = :target_wamid))
        ON CONFLICT DO NOTHING
        """,
        values,
    ).rowcount


def keep_status(connection: Connection, values: dict[str, Any]) -> None:
    connection.execute(
        """
        INSERT INTO pending_statuses (wamid, status, timestamp, error_code, error_message, received_at)
        VALUES (:wamid, :status, :timestamp, :error_code, :error_message, :received_at)
        ON CONFLICT (wamid, status) DO UPDATE SET timestamp = min(timestamp, excluded.timestamp)
        """,
        values,
    )


def pending_statuses(connection: Connection, wamid: str) -> list[Row]:
    return connection.execute(
        "SELECT * FROM pending_statuses WHERE wamid = :wamid ORDER BY timestamp, status", {"wamid": wamid}
    ).fetchall()


def forget_statuses(connection: Connection, wamid: str) -> None:
    connection.execute("DELETE FROM pending_statuses WHERE wamid = :wamid", {"wamid": wamid})


def forget_old_statuses(connection: Connection, before: int, most: int) -> int:
    """Statuses of messages that other systems sent never find theirs."""
    return connection.execute(
        """
        DELETE FROM pending_statuses WHERE (wamid, status) IN (
            SELECT wamid, status FROM pending_statuses WHERE received_at < :before LIMIT :most)
        """,
        {"before": before, "most": most},
    ).rowcount
