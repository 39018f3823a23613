"""What the live feed carries: the same objects to who asks (`GET /api/updates`) and to who listens (`WS /api/live`)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from web.answers import Answer, like

ChangeOrigin = Literal["live", "echo", "history", "user", "sync"]
"""Imports (history, sync) cause no sound, no unread count and no automation."""


class Change(Answer):
    """Something happened: what (`kind`, such as message.created), where, by whom. `seq` counts all changes."""

    seq: int
    kind: str
    conversation_id: int | None
    message_id: int | None
    contact_id: int | None
    subject_id: int | None
    origin: ChangeOrigin
    user_id: int | None


class Updates(Answer):
    """What has changed since a place in the feed; ask from `seq` next.

    What the changes touched comes along as it is now, also rows of other features under names of theirs; what did not is
    fetched. `more`: there is more at once. `reset`: that place is too old or unknown here, load everything anew.
    """

    model_config = ConfigDict(extra="allow")  # what features declare as `live`

    seq: int
    changes: list[Change]
    chats: list[Any] = Field(default=[], json_schema_extra=like("Chat", is_list=True))
    messages: list[Any] = Field(default=[], json_schema_extra=like("Message", is_list=True))
    counts: Any = Field(default=None, json_schema_extra=like("ChatCounts"))
    more: bool = False
    reset: bool = False
