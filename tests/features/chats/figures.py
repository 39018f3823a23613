"""Figures that are kept beside chats and messages, counted anew: the two must never differ."""

from __future__ import annotations

from db_manager import Connection

COUNTED = """
    SELECT conversations.id, COALESCE(sum(m.direction = 'in' AND m.type <> 'system'), 0) AS received,
           COALESCE(sum(m.direction = 'out'), 0) AS sent, min(m.timestamp) AS first_at
    FROM conversations LEFT JOIN messages AS m ON m.conversation_id = conversations.id
    GROUP BY conversations.id ORDER BY conversations.id
"""
KEPT = "SELECT id, received_count, sent_count, first_message_at FROM conversations ORDER BY id"
CHIPS_COUNTED = """
    SELECT number_id, COALESCE(assignee_id, 0) AS assignee_id, sum(last_message_id IS NOT NULL OR group_id IS NOT NULL) AS listed,
           sum(unread_count > 0) AS unread, sum(waiting_since IS NOT NULL) AS waiting
    FROM conversations WHERE archived_at IS NULL GROUP BY 1, 2 HAVING listed OR unread OR waiting ORDER BY 1, 2
"""
CHIPS_KEPT = "SELECT * FROM chat_counts WHERE listed <> 0 OR unread <> 0 OR waiting <> 0 ORDER BY number_id, assignee_id"


def assert_kept_is_counted(connection: Connection) -> None:
    assert _rows(connection, KEPT) == _rows(connection, COUNTED)
    assert_chips_are_counted(connection)


def assert_chips_are_counted(connection: Connection) -> None:
    assert _rows(connection, CHIPS_KEPT) == _rows(connection, CHIPS_COUNTED)


def _rows(connection: Connection, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in connection.execute(sql)]
