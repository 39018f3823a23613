"""What names a chat, a contact or a message here: the messages themselves, their revisions and reactions."""

from __future__ import annotations

from features.messages.queries import IN_CHATS_OF_THEIRS
from features.references.reference import CHAT, CONTACT, MESSAGE, OnMerge, OnRemoval, Reference

REFERENCES = (
    Reference("messages", "conversation_id", CHAT, OnMerge.MOVE, OnRemoval.DELETE, OnRemoval.DELETE),
    Reference(
        "messages", "contact_id", CONTACT, OnMerge.MOVE, OnRemoval.DELETE, OnRemoval.DELETE, within=IN_CHATS_OF_THEIRS
    ),
    # One person has one reaction a message, so the sender's key follows too.
    Reference("reactions", "sender", CONTACT, OnMerge.MOVE, OnRemoval.DELETE, OnRemoval.DELETE, prefix="contact:"),
    Reference("reactions", "target_wamid", MESSAGE, OnMerge.STAY, OnRemoval.DELETE, OnRemoval.DELETE, key="wamid"),
    Reference("message_revisions", "original_wamid", MESSAGE, OnMerge.STAY, OnRemoval.DELETE, OnRemoval.DELETE, key="wamid"),
)
