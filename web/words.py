"""Words in the language of the reader: of the person whose request is answered. docs/words.md says how to add any.

Nothing is worded outside a request: workers and the clock keep codes (`core/reason.py`), and whoever reads them later reads
them in a language of their own. Commands speak English.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import g, has_request_context, request

from core.errors import AppError
from core.reason import Reason

ENGLISH = "en"
FOLDER = Path(__file__).parents[1] / "locales"  # <language>/messages.mo, made by tools/compile-words
_SAME_AS = {
    "zh-tw": "zh-Hant", "zh-hk": "zh-Hant", "zh-mo": "zh-Hant", "zh-cn": "zh-Hans", "zh-sg": "zh-Hans", "zh": "zh-Hans",
}  # fmt: skip
_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)


def t(text: str, /, **values: Any) -> str:
    """`t("Connected as {email}.", email=...)`: the first argument is always written out, so that it can be collected."""
    return _filled(catalogue(language()).gettext(text), text, values)


def plural(count: int, one: str, many: str, /, **values: Any) -> str:
    """`plural(2, "{count} row", "{count} rows")`. A language may have one form or several."""
    shown = catalogue(language()).ngettext(one, many, count)
    return _filled(shown, one if count == 1 else many, {"count": count, **values})


def word(reason: Reason) -> str:
    """The sentence of a code."""
    return _say(reason.sentence, reason.values)


def word_if(reason: Reason | None) -> str | None:
    return None if reason is None else word(reason)


def word_error(error: AppError) -> str:
    """An error was raised in English; this is what its reader is told."""
    return word(error.reason) if error.reason else _say(error.text, error.values)


def language() -> str:
    """Of the reader: a preference (`prefer`), else the first of Accept-Language that we speak, else English."""
    spoken = _spoken.get()
    if spoken is not None:
        return spoken
    if not has_request_context():
        return ENGLISH
    found: str | None = g.get("language")
    if found is None:
        found = g.language = _accepted()
    return found


def tag() -> str:
    """For <html lang>, by which browsers choose fonts and write dates. Our English is British: day before month."""
    spoken = language()
    return "en-GB" if spoken == ENGLISH else spoken


def prefer(chosen: str | None) -> None:
    """The signed-in person has chosen a language: it counts for this request. None and unknown ones are left to the browser."""
    g.pop("language", None)
    if chosen in languages():
        g.language = chosen


@contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """What is worded inside is for readers of `chosen`, whoever asked: an answer that is made once for many."""
    token = _spoken.set(chosen)
    try:
        yield
    finally:
        _spoken.reset(token)


@lru_cache
def languages() -> tuple[str, ...]:
    """English, and every language with a catalogue."""
    return (ENGLISH, *sorted(file.parent.name for file in FOLDER.glob("*/messages.mo")))


@lru_cache
def catalogue(chosen: str) -> gettext.NullTranslations:
    file = FOLDER / chosen / "messages.mo"
    if chosen == ENGLISH or not file.exists():
        return gettext.NullTranslations()
    with file.open("rb") as stream:
        return gettext.GNUTranslations(stream)


def _accepted() -> str:
    spoken = {one.lower(): one for one in languages()}
    for tag, _ in request.accept_languages:
        wanted = tag.lower()
        for name in (wanted, _SAME_AS.get(wanted, "").lower(), wanted.partition("-")[0]):
            if name in spoken:
                return spoken[name]
    return ENGLISH


def _say(text: str, values: dict[str, Any]) -> str:
    return _filled(catalogue(language()).gettext(text), text, values)


def _filled(shown: str, english: str, values: dict[str, Any]) -> str:
    if not values:
        return shown
    told = _Told({name: _told(value) for name, value in values.items()})
    try:
        return shown.format_map(told)
    except (IndexError, ValueError):  # a translation with broken braces
        return english.format_map(told)


class _Told(dict[str, Any]):
    """A sentence may have got a place since a row was stored: nothing stands there."""

    def __missing__(self, name: str) -> str:
        return ""


def _told(value: Any) -> Any:
    if isinstance(value, Reason):
        return word(value)
    return t(", ").join(str(_told(one)) for one in value) if isinstance(value, tuple) else value
