"""SQL of conversations and messages. Sending has its own: outbox_queries.py; what the inbox shows: inbox_queries.py."""

from __future__ import annotations

from typing import Any

from db_manager import Connection, Row

# The preview is the newest message by (time stamp, arrival): a late older one neither becomes it nor moves the chat up.
_IS_NEWEST = "(last_message_id IS NULL OR (:timestamp, :message_id) > (last_message_at, last_message_id))"

# ---------------------------------------------------------------- numbers and conversations


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


def find_conversation(connection: Connection, number_id: int, contact_id: int | None, group_id: str | None) -> Row | None:
    return connection.execute(
        """
        SELECT * FROM conversations
        WHERE number_id = :number_id AND ((:group_id IS NULL AND contact_id = :contact_id) OR group_id = :group_id)
        """,
        {"number_id": number_id, "contact_id": contact_id, "group_id": group_id},
    ).fetchone()


def find_known(connection: Connection, values: dict[str, Any]) -> Row | None:
    """{id, contact_id} of a chat about which a message says nothing new: nearly every message, found in one look.

    `values`: phone_number_id, kind and value (the alias that names the sender), bsuid, parent_bsuid, username and
    profile_name (None where the message has none), at. Every alias must be the same contact's now and at that time.
    """
    return connection.execute(
        """
        SELECT conversations.id, conversations.contact_id
        FROM contact_aliases AS alias
        JOIN contacts ON contacts.id = alias.contact_id
        JOIN numbers ON numbers.phone_number_id = :phone_number_id
        JOIN conversations ON conversations.contact_id = alias.contact_id AND conversations.number_id = numbers.id
        WHERE alias.kind = :kind AND alias.value = :value AND alias.retired_at IS NULL AND alias.since <= :at
          AND (numbers.waba_id <> '' OR :waba_id = '') AND (numbers.display_phone_number <> '' OR :display = '')
          AND (:profile_name IS NULL OR contacts.profile_name = :profile_name OR contacts.profile_name_at > :at)
          AND (:bsuid IS NULL OR EXISTS (
                SELECT 1 FROM contact_aliases AS other
                WHERE other.kind = 'bsuid' AND other.value = :bsuid AND other.retired_at IS NULL
                  AND other.contact_id = alias.contact_id AND other.since <= :at))
          AND (:parent_bsuid IS NULL OR EXISTS (
                SELECT 1 FROM contact_aliases AS other
                WHERE other.kind = 'parent_bsuid' AND other.value = :parent_bsuid AND other.retired_at IS NULL
                  AND other.contact_id = alias.contact_id AND other.since <= :at))
          AND (:username IS NULL OR :username = (
                SELECT other.value FROM contact_aliases AS other
                WHERE other.kind = 'username' AND other.contact_id = alias.contact_id AND other.retired_at IS NULL
                ORDER BY other.id DESC LIMIT 1))
        """,
        values,
    ).fetchone()


def insert_conversation(
    connection: Connection, number_id: int, contact_id: int | None, group_id: str | None, at: int, now: int
) -> int:
    cursor = connection.execute(
        """
        INSERT INTO conversations (number_id, contact_id, group_id, last_message_at, created_at)
        VALUES (:number_id, :contact_id, :group_id, :at, :now)
        """,
        {
            "number_id": number_id,
            "contact_id": None if group_id else contact_id,
            "group_id": group_id,
            "at": at,
            "now": now,
        },
    )
    return int(cursor.lastrowid or 0)


def get_conversation(connection: Connection, conversation_id: int) -> Row | None:
    return connection.execute("SELECT * FROM conversations WHERE id = :id", {"id": conversation_id}).fetchone()


def newest_conversation_id(connection: Connection) -> int:
    return int(connection.execute("SELECT COALESCE(max(id), 0) FROM conversations").fetchone()[0])


def conversations_of_contact(connection: Connection, contact_id: int) -> list[Row]:
    return connection.execute(
        "SELECT * FROM conversations WHERE contact_id = :id", {"id": contact_id}
    ).fetchall()


def set_subject(connection: Connection, conversation_id: int, subject: str) -> int:
    return connection.execute(
        "UPDATE conversations SET subject = :subject WHERE id = :id AND subject IS NOT :subject",
        {"id": conversation_id, "subject": subject},
    ).rowcount


def take_in(connection: Connection, conversation_id: int, message_id: int, timestamp: int, opens_window: bool) -> bool:
    """New mail from the customer: preview, unread, window and waiting in one statement (the row has three indexes to keep).

    Returns True when it is no news: somebody has answered on the phone since.
    """
    row = connection.execute(
        f"""
        UPDATE conversations SET
            last_message_id = iif({_IS_NEWEST}, :message_id, last_message_id),
            last_message_at = iif({_IS_NEWEST}, :timestamp, last_message_at),
            last_arrival_id = iif({_IS_NEWEST}, :message_id, last_arrival_id),
            archived_at = iif({_IS_NEWEST}, NULL, archived_at),
            unread_count = unread_count + 1,
            last_inbound_at = iif(:opens_window AND COALESCE(last_inbound_at, 0) < :timestamp, :timestamp, last_inbound_at),
            waiting_since = iif((:timestamp, :message_id) > (last_outbound_at, last_outbound_id),
                                min(COALESCE(waiting_since, :timestamp), :timestamp), waiting_since)
        WHERE id = :id RETURNING last_echo_at >= :timestamp
        """,
        {"id": conversation_id, "message_id": message_id, "timestamp": timestamp, "opens_window": opens_window},
    ).fetchone()
    return bool(row[0])


def show_as_last(connection: Connection, conversation_id: int, message_id: int, timestamp: int) -> None:
    """Becomes the preview when it is the newest."""
    connection.execute(
        f"""
        UPDATE conversations
        SET last_message_id = :message_id, last_message_at = :timestamp, last_arrival_id = :message_id, archived_at = NULL
        WHERE id = :id AND {_IS_NEWEST}
        """,
        {"id": conversation_id, "message_id": message_id, "timestamp": timestamp},
    )


def note_outbound(connection: Connection, conversation_id: int, message_id: int, timestamp: int) -> None:
    connection.execute(
        """
        UPDATE conversations SET last_outbound_at = :timestamp, last_outbound_id = :message_id
        WHERE id = :id AND (:timestamp, :message_id) > (last_outbound_at, last_outbound_id)
        """,
        {"id": conversation_id, "message_id": message_id, "timestamp": timestamp},
    )


def note_echo(connection: Connection, conversation_id: int, timestamp: int) -> None:
    connection.execute(
        "UPDATE conversations SET last_echo_at = max(last_echo_at, :timestamp) WHERE id = :id",
        {"id": conversation_id, "timestamp": timestamp},
    )


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


def refresh_waiting(connection: Connection, conversation_id: int) -> None:
    """Since when the customer has been waiting: the first live message after our last one."""
    connection.execute(
        """
        UPDATE conversations SET waiting_since = (
            SELECT m.timestamp FROM messages AS m
            WHERE m.conversation_id = conversations.id AND m.direction = 'in' AND m.origin = 'live' AND m.type <> 'system'
              AND m.timestamp >= conversations.last_outbound_at
              AND (m.timestamp, m.id) > (conversations.last_outbound_at, conversations.last_outbound_id)
            ORDER BY m.timestamp, m.id LIMIT 1)
        WHERE id = :id
        """,
        {"id": conversation_id},
    )


def refresh_unread(connection: Connection, conversation_id: int) -> int:
    """Count the flags again. Returns the new count."""
    row = connection.execute(
        """
        UPDATE conversations SET unread_count = (
            SELECT count(*) FROM messages WHERE conversation_id = :id AND is_unread = 1)
        WHERE id = :id RETURNING unread_count
        """,
        {"id": conversation_id},
    ).fetchone()
    return int(row[0]) if row else 0


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


def set_read_to_tell(connection: Connection, conversation_id: int, wamid: str | None) -> None:
    connection.execute(
        "UPDATE conversations SET read_to_tell = :wamid WHERE id = :id", {"id": conversation_id, "wamid": wamid}
    )


def reads_to_tell(connection: Connection, most: int) -> list[Row]:
    return connection.execute(
        "SELECT id, read_to_tell FROM conversations WHERE read_to_tell IS NOT NULL LIMIT :most", {"most": most}
    ).fetchall()


def told_read(connection: Connection, conversation_id: int, wamid: str) -> None:
    """Only when nobody has read further meanwhile."""
    connection.execute(
        "UPDATE conversations SET read_to_tell = NULL WHERE id = :id AND read_to_tell = :wamid",
        {"id": conversation_id, "wamid": wamid},
    )


# ---------------------------------------------------------------- messages


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


# ---------------------------------------------------------------- what waits for its message


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


# ---------------------------------------------------------------- joining two conversations of one person


def move_conversation(connection: Connection, conversation_id: int, contact_id: int) -> None:
    connection.execute(
        "UPDATE conversations SET contact_id = :contact_id WHERE id = :id",
        {"id": conversation_id, "contact_id": contact_id},
    )


def move_authorship(connection: Connection, absorbed: int, kept: int) -> None:
    """Messages, and reactions: one person has one reaction a message, so the sender key follows too."""
    values = {"absorbed": absorbed, "kept": kept}
    connection.execute(
        """
        UPDATE messages SET contact_id = :kept
        WHERE contact_id = :absorbed AND conversation_id IN (
            SELECT id FROM conversations WHERE contact_id IN (:absorbed, :kept) OR group_id IS NOT NULL)
        """,
        values,
    )
    connection.execute(
        "UPDATE reactions SET sender = 'contact:' || :kept WHERE sender = 'contact:' || :absorbed", values
    )


def move_messages(connection: Connection, source: int, target: int) -> None:
    values = {"source": source, "target": target}
    connection.execute("UPDATE messages SET conversation_id = :target WHERE conversation_id = :source", values)
    connection.execute(
        "UPDATE outbox SET recipient = 'conversation:' || :target WHERE recipient = 'conversation:' || :source", values
    )


def recompute(connection: Connection, conversation_id: int) -> None:
    """Everything that is kept beside the messages, from the messages."""
    connection.execute(
        """
        UPDATE conversations SET
            last_message_id = newest.id,
            last_message_at = COALESCE(newest.timestamp, last_message_at),
            last_arrival_id = COALESCE(newest.id, 0),
            last_outbound_at = COALESCE(ours.timestamp, 0),
            last_outbound_id = COALESCE(ours.id, 0)
        FROM (SELECT 1) AS one
        LEFT JOIN (SELECT id, timestamp FROM messages WHERE conversation_id = :id
                   ORDER BY timestamp DESC, id DESC LIMIT 1) AS newest
        LEFT JOIN (SELECT id, timestamp FROM messages WHERE conversation_id = :id AND direction = 'out'
                   ORDER BY timestamp DESC, id DESC LIMIT 1) AS ours
        WHERE conversations.id = :id
        """,
        {"id": conversation_id},
    )
    seen_on_the_phone(connection, conversation_id)
    refresh_unread(connection, conversation_id)
    refresh_waiting(connection, conversation_id)


def take_times(connection: Connection, source: int, target: int) -> None:
    connection.execute(
        """
        UPDATE conversations SET last_inbound_at = (
            SELECT max(last_inbound_at) FROM conversations WHERE id IN (:source, :target)),
            last_echo_at = (SELECT max(last_echo_at) FROM conversations WHERE id IN (:source, :target))
        WHERE id = :target
        """,
        {"source": source, "target": target},
    )


def delete_conversation(connection: Connection, conversation_id: int) -> None:
    connection.execute("DELETE FROM conversations WHERE id = :id", {"id": conversation_id})
