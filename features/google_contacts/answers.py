"""The mirror of Google Contacts as the API answers it."""

from __future__ import annotations

from web.answers import Answer, Time


class GoogleContacts(Answer):
    """How many names, when they were last read, and what was wrong at the last try."""

    count: int
    read_at: Time | None
    problem: str | None
