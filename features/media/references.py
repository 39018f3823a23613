"""What names a message here: its file."""

from __future__ import annotations

from features.references.reference import MESSAGE, OnMerge, OnRemoval, Reference

REFERENCES = (Reference("media", "message_id", MESSAGE, OnMerge.STAY, OnRemoval.DELETE, OnRemoval.DELETE),)
