"""What names a chat, a contact or a message here: the log, which says what happened then and is pruned by age."""

from __future__ import annotations

from features.references.reference import CHAT, CONTACT, MESSAGE, OnMerge, OnRemoval, Reference

REFERENCES = (
    Reference("changes", "conversation_id", CHAT, OnMerge.STAY, OnRemoval.STAY, OnRemoval.STAY),
    Reference("changes", "contact_id", CONTACT, OnMerge.STAY, OnRemoval.STAY, OnRemoval.STAY),
    Reference("changes", "message_id", MESSAGE, OnMerge.STAY, OnRemoval.STAY, OnRemoval.STAY),
)
