"""What names a chat, a contact or a message here: the messages themselves, their revisions and reactions."""

from __future__ import annotations

from features.references.reference import CHAT, CONTACT, MESSAGE, OnMerge, OnRemoval, Reference

# A person's messages stand in chats of that person's, and in groups: `messages` has no index by contact.
_IN_CHATS_OF_THEIRS = """conversation_id IN (
    SELECT id FROM conversations WHERE contact_id IN (:absorbed, :kept) OR group_id IS NOT NULL)"""

REFERENCES = (
    Reference("messages", "conversation_id", CHAT, OnMerge.MOVE, OnRemoval.DELETE, OnRemoval.DELETE),
    Reference(
        "messages", "contact_id", CONTACT, OnMerge.MOVE, OnRemoval.DELETE, OnRemoval.DELETE, within=_IN_CHATS_OF_THEIRS
    ),
    # One person has one reaction a message, so the sender's key follows too.
    Reference("reactions", "sender", CONTACT, OnMerge.MOVE, OnRemoval.DELETE, OnRemoval.DELETE, prefix="contact:"),
    Reference("reactions", "target_wamid", MESSAGE, OnMerge.STAY, OnRemoval.DELETE, OnRemoval.DELETE, key="wamid"),
    Reference("message_revisions", "original_wamid", MESSAGE, OnMerge.STAY, OnRemoval.DELETE, OnRemoval.DELETE, key="wamid"),
)
