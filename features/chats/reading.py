"""Marking read: for the team at once, for the customer only when the owner wants it."""

from __future__ import annotations

from core.errors import Invalid, NotFound
from db_manager import Database, Transaction
from features.changes.actions import record
from features.chats import queries
from features.chats.settings import TELL_CUSTOMERS_READ
from features.messages import queries as messages_queries
from features.settings import values
from web.viewing import Viewer, may_see


def mark_read(db: Database, conversation_id: int, message_id: int, viewer: Viewer) -> None:
    """Everything up to that message (by time stamp, then arrival) has been seen by somebody of the team."""

    def mark(tx: Transaction) -> None:
        connection = tx.connection
        chat = queries.get_conversation(connection, conversation_id)
        if chat is None or not may_see(viewer, chat):
            raise NotFound("There is no such conversation.")
        message = messages_queries.get_message(connection, message_id)
        if message is None or message["conversation_id"] != conversation_id:
            raise Invalid("There is no such message in this conversation.", code="unknown_message")
        if not messages_queries.mark_read(connection, conversation_id, message["timestamp"], message_id):
            return
        queries.refresh_unread(connection, conversation_id)
        record(tx, "conversation.updated", "user", conversation_id=conversation_id, user_id=viewer.id)
        if values.value(connection, TELL_CUSTOMERS_READ):
            wamid = messages_queries.newest_live_wamid(connection, conversation_id, message["timestamp"], message_id)
            queries.set_read_to_tell(connection, conversation_id, wamid)
            tx.wake("outbox")

    db.write(mark)
