"""What names a chat or a message here: what waits to be sent, and the attempts."""

from __future__ import annotations

from features.references.reference import CHAT, MESSAGE, OnMerge, OnRemoval, Reference

REFERENCES = (
    Reference("outbox", "recipient", CHAT, OnMerge.MOVE, OnRemoval.DELETE, OnRemoval.DELETE, prefix="conversation:"),
    Reference("outbox", "message_id", MESSAGE, OnMerge.STAY, OnRemoval.DELETE, OnRemoval.DELETE),
    Reference("send_attempts", "message_id", MESSAGE, OnMerge.STAY, OnRemoval.DELETE, OnRemoval.DELETE),
)
