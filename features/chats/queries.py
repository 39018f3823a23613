"""SQL of conversations: one row a chat, with everything the list needs kept beside its messages."""

from __future__ import annotations

from typing import Any

from db_manager import Connection, Row
from features.messages import queries as messages_queries

# The preview is the newest message by (time stamp, arrival): a late older one neither becomes it nor moves the chat up.
_IS_NEWEST = "(last_message_id IS NULL OR (:timestamp, :message_id) > (last_message_at, last_message_id))"
# What any message of a chat may change: whether it becomes the preview (and brings the chat back from the archive), its first.
_PLACED = f"""
    last_message_id = iif({_IS_NEWEST}, :message_id, last_message_id),
    last_message_at = iif({_IS_NEWEST}, :timestamp, last_message_at),
    last_arrival_id = iif({_IS_NEWEST}, :message_id, last_arrival_id),
    archived_at = iif({_IS_NEWEST}, NULL, archived_at),
    first_message_at = min(COALESCE(first_message_at, :timestamp), :timestamp)"""
_IS_OUR_NEWEST = "(:timestamp, :message_id) > (last_outbound_at, last_outbound_id)"


def find_conversation(connection: Connection, number_id: int, contact_id: int | None, group_id: str | None) -> Row | None:
    return connection.execute(
        """
        SELECT * FROM conversations
        WHERE merged_into IS NULL AND number_id = :number_id
          AND ((:group_id IS NULL AND contact_id = :contact_id) OR group_id = :group_id)
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
    """None for the trace of one that was merged, too."""
    return connection.execute(
        "SELECT * FROM conversations WHERE id = :id AND merged_into IS NULL", {"id": conversation_id}
    ).fetchone()


def newest_conversation_id(connection: Connection) -> int:
    return int(connection.execute("SELECT COALESCE(max(id), 0) FROM conversations").fetchone()[0])


def conversations_of_contact(connection: Connection, contact_id: int) -> list[Row]:
    return connection.execute(
        "SELECT * FROM conversations WHERE contact_id = :id AND merged_into IS NULL", {"id": contact_id}
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
            {_PLACED},
            received_count = received_count + 1,
            unread_count = unread_count + 1,
            last_inbound_at = iif(:opens_window AND COALESCE(last_inbound_at, 0) < :timestamp, :timestamp, last_inbound_at),
            waiting_since = iif({_IS_OUR_NEWEST},
                                min(COALESCE(waiting_since, :timestamp), :timestamp), waiting_since)
        WHERE id = :id RETURNING last_echo_at >= :timestamp
        """,
        {"id": conversation_id, "message_id": message_id, "timestamp": timestamp, "opens_window": opens_window},
    ).fetchone()
    return bool(row[0])


def add(connection: Connection, conversation_id: int, message_id: int, timestamp: int, *, received: bool, sent: bool) -> None:
    """Whatever is not new mail: ours, imported, or (neither `received` nor `sent`) a line of the system."""
    connection.execute(
        f"""
        UPDATE conversations SET
            {_PLACED},
            received_count = received_count + :received,
            sent_count = sent_count + :sent,
            last_outbound_at = iif(:sent AND {_IS_OUR_NEWEST}, :timestamp, last_outbound_at),
            last_outbound_id = iif(:sent AND {_IS_OUR_NEWEST}, :message_id, last_outbound_id)
        WHERE id = :id
        """,
        {"id": conversation_id, "message_id": message_id, "timestamp": timestamp, "received": received, "sent": sent},
    )


def note_echo(connection: Connection, conversation_id: int, timestamp: int) -> None:
    connection.execute(
        "UPDATE conversations SET last_echo_at = max(last_echo_at, :timestamp) WHERE id = :id",
        {"id": conversation_id, "timestamp": timestamp},
    )


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


def move_conversation(connection: Connection, conversation_id: int, contact_id: int) -> None:
    connection.execute(
        "UPDATE conversations SET contact_id = :contact_id WHERE id = :id",
        {"id": conversation_id, "contact_id": contact_id},
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
            last_outbound_id = COALESCE(ours.id, 0),
            received_count = counted.received, sent_count = counted.sent, first_message_at = counted.first_at
        FROM (SELECT COALESCE(sum(direction = 'in' AND type <> 'system'), 0) AS received,
                     COALESCE(sum(direction = 'out'), 0) AS sent, min(timestamp) AS first_at
              FROM messages WHERE conversation_id = :id) AS counted
        LEFT JOIN (SELECT id, timestamp FROM messages WHERE conversation_id = :id
                   ORDER BY timestamp DESC, id DESC LIMIT 1) AS newest
        LEFT JOIN (SELECT id, timestamp FROM messages WHERE conversation_id = :id AND direction = 'out'
                   ORDER BY timestamp DESC, id DESC LIMIT 1) AS ours
        WHERE conversations.id = :id
        """,
        {"id": conversation_id},
    )
    messages_queries.seen_on_the_phone(connection, conversation_id)
    refresh_unread(connection, conversation_id)
    refresh_waiting(connection, conversation_id)


def take_over(connection: Connection, source: int, target: int) -> None:
    """What the kept chat does not find in the messages: times, who is in charge, what is still to be told."""
    connection.execute(
        """
        UPDATE conversations SET
            last_inbound_at = (SELECT max(last_inbound_at) FROM conversations WHERE id IN (:source, :target)),
            last_echo_at = max(conversations.last_echo_at, gone.last_echo_at),
            assignee_id = COALESCE(conversations.assignee_id, gone.assignee_id),
            read_to_tell = COALESCE(conversations.read_to_tell, gone.read_to_tell)
        FROM conversations AS gone WHERE conversations.id = :target AND gone.id = :source
        """,
        {"source": source, "target": target},
    )


def leave_trace(connection: Connection, source: int, target: int) -> None:
    """Emptied of everything that would put it into a list or a count."""
    connection.execute(
        """
        UPDATE conversations SET merged_into = :target, last_message_id = NULL, last_arrival_id = 0, last_inbound_at = NULL,
            last_outbound_at = 0, last_outbound_id = 0, last_echo_at = 0, waiting_since = NULL, unread_count = 0,
            read_to_tell = NULL, assignee_id = NULL, archived_at = NULL,
            received_count = 0, sent_count = 0, first_message_at = NULL
        WHERE id = :source
        """,
        {"source": source, "target": target},
    )
