"""How a person is called who has neither name nor username nor phone."""

from __future__ import annotations

from web.words import t


def called(name: str | None, contact_id: int | None) -> str:
    """`name` as SHOWN_NAME of queries.py has it, None where nothing is known of the contact."""
    if name:
        return name
    return t("Customer {number}", number=contact_id) if contact_id else t("Customer")
