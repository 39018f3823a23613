"""What names a contact here."""

from __future__ import annotations

from features.references.reference import CONTACT, OnMerge, OnRemoval, Reference

REFERENCES = (
    Reference("contact_aliases", "contact_id", CONTACT, OnMerge.MOVE, OnRemoval.DELETE, OnRemoval.DELETE),
    Reference("contacts", "merged_into", CONTACT, OnMerge.MOVE, OnRemoval.DELETE, OnRemoval.DELETE),
)
