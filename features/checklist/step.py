"""What a step of the checklist says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Hint:
    """One line of what to do. `url`: the page to open. `copy`: what to paste there."""

    text: str
    url: str | None = None
    copy: str | None = None


@dataclass(frozen=True)
class Step:
    """`state`: done, todo, warn (works, but), bad (broken), optional. `words`: how it is now."""

    name: str
    title: str
    state: str
    words: str
    hints: list[Hint] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "title": self.title,
            "state": self.state,
            "words": self.words,
            "hints": [vars(hint) for hint in self.hints],
        }
