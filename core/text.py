"""Text from outside: folding for search, cleaning for storage and display."""

from __future__ import annotations

import re
import unicodedata

# Controls that SQLite, JSON or a terminal stumble over. Tab and newline stay.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
# Invisible marks that let a name pose as another one (RLO "gpj.exe", zero-width joins inside Latin words).
_TRICKS = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


def fold(text: str) -> str:
    """For comparing and searching: width, case and compatibility forms fall together (SQLite's lower() is ASCII only)."""
    return unicodedata.normalize("NFKC", text).casefold()


def storable(text: str) -> str:
    """The same text without what cannot be stored or sent as JSON: NUL, other controls, lone surrogates."""
    if text.isprintable():  # nearly all text, and thirty strings a webhook: no need to search it twice
        return text
    return _SURROGATES.sub("\ufffd", _CONTROLS.sub("", text))


def clean_name(text: str, most: int = 200) -> str:
    """A name on one line, without invisible tricks; may come out empty."""
    return " ".join(_TRICKS.sub("", storable(text)).split())[:most].strip()


def one_line(text: str, most: int = 200) -> str:
    """For previews: white space folded, cut at `most` characters."""
    line = " ".join(text[: most * 4].split())
    return line if len(line) <= most else line[: most - 1] + "…"
