"""What names a contact or a chat here."""

from __future__ import annotations

from features.references.reference import CHAT, CONTACT, OnMerge, OnRemoval, Reference

REFERENCES = (
    Reference("conversations", "contact_id", CONTACT, OnMerge.JOIN, OnRemoval.DELETE, OnRemoval.DELETE),
    Reference("conversations", "merged_into", CHAT, OnMerge.MOVE, OnRemoval.DELETE, OnRemoval.DELETE),
)
