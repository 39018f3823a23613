"""Why something is as it is: a code with values. That is what errors carry and the database keeps; `web/words.py` words it
in the language of whoever reads it. Pure.

Each part that has reasons to give writes down its codes beside the code that gives them: `define({"media.damaged": "..."})`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_SENTENCES: dict[str, str] = {}


def define(sentences: Mapping[str, str]) -> None:
    """Code -> English, with {name} for the value of that name. The English is also the key of its translations."""
    for code, sentence in sentences.items():
        if _SENTENCES.get(code, sentence) != sentence:
            raise ValueError(f"two sentences for the code {code}")
        _SENTENCES[code] = sentence


class Reason:
    """`values`: texts and numbers, other reasons, or a tuple of either (shown as a list). Equal when they say the same."""

    __slots__ = ("code", "values")

    def __init__(self, code: str, **values: Any) -> None:
        self.code = code
        self.values = values

    @property
    def sentence(self) -> str:
        """In English, not yet filled."""
        return _SENTENCES.get(self.code, self.code)

    def stored(self) -> str:
        """For a column of the database."""
        return json.dumps(_plain(self), ensure_ascii=False, separators=(",", ":"))

    def __str__(self) -> str:
        """In English, for logs and commands."""
        return self.sentence.format(**{name: _english(value) for name, value in self.values.items()})

    def __repr__(self) -> str:
        return f"Reason({self.code!r}, {self.values!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reason) and (self.code, self.values) == (other.code, other.values)

    def __hash__(self) -> int:
        return hash(self.stored())


def verbatim(text: str) -> Reason:
    """What somebody else said, in their words."""
    return Reason("text", text=text)


def read(stored: str | None) -> Reason | None:
    """Back from the database; what is no reason of ours is shown as it stands."""
    if not stored:
        return None
    try:
        found = _reason(json.loads(stored))
    except (ValueError, TypeError, AttributeError):  # somebody else's words that look like a reason of ours
        found = None
    return found if isinstance(found, Reason) else verbatim(stored)


def plain(reason: Reason | None) -> Any:
    """For a JSON document of which it is a part; `from_plain` reads it."""
    return None if reason is None else _plain(reason)


def from_plain(value: Any) -> Reason | None:
    """Also of a sentence, as such documents held before."""
    if isinstance(value, str):
        return verbatim(value) if value else None
    found = _reason(value)
    return found if isinstance(found, Reason) else None


def _plain(value: Any) -> Any:
    if isinstance(value, Reason):
        values = {name: _plain(one) for name, one in value.values.items()}
        return {"code": value.code, "values": values} if values else {"code": value.code}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _reason(value: Any) -> Any:
    if isinstance(value, dict) and isinstance(value.get("code"), str):
        return Reason(value["code"], **{str(name): _reason(one) for name, one in (value.get("values") or {}).items()})
    return tuple(_reason(one) for one in value) if isinstance(value, list) else value


def _english(value: Any) -> Any:
    return ", ".join(str(one) for one in value) if isinstance(value, tuple) else value


define({"text": "{text}"})
