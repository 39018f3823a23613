"""The checklist of a new owner, as the API answers it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from web.answers import Answer


class ChecklistHint(Answer):
    """One line of what to do. `url`: the page to open. `copy`: what to paste there."""

    text: str
    url: str | None
    to_copy: str | None = Field(validation_alias="copy", serialization_alias="copy")


class ChecklistStep(Answer):
    """`state`: warn works, but; bad is broken. `words`: how it is now."""

    name: str
    title: str
    state: Literal["done", "todo", "warn", "bad", "optional"]
    words: str
    hints: list[ChecklistHint]


class Checklist(Answer):
    """How far an installation is."""

    steps: list[ChecklistStep]
