"""Lenient readers for Meta's JSON: a value may be missing, empty, of another type or absurd; nothing here raises."""

from __future__ import annotations

import base64
import math
import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any

from core.text import clean_name, storable

Json = dict[str, Any]

_DEEPEST = 60
_LONGEST_INT = 2**63
_LATEST = 4_102_444_800  # the year 2100 in seconds; above it a stamp is milliseconds or nonsense
_BUSINESS_SCOPED = re.compile(r"[A-Za-z]{2}\.[A-Za-z0-9._-]+")
_PHONE_PUNCTUATION = re.compile(r"[\s()+.\u00a0-]")
_HEX_DIGEST = re.compile(r"[0-9a-fA-F]{64}")
_MIME = re.compile(r"[a-z0-9.+*!#$&^_-]+/[a-z0-9.+*!#$&^_-]+")
# Letters, symbols and marks that draw nothing by themselves. Unassigned code points are not among the invisible: an emoji
# newer than this Python is one.
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {chr(code) for code in range(0xFE00, 0xFE10)}
_INVISIBLE = frozenset(("Cc", "Cf", "Cs", "Zs", "Zl", "Zp"))


def scrubbed(value: Any, depth: int = 0) -> Any:
    """The same JSON value, safe for SQLite and for strict JSON.

    Lone surrogates and control characters go, integers beyond 64 bits become text, NaN and infinity become None, and
    what is nested deeper than 60 levels is dropped.
    """
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if -_LONGEST_INT <= value < _LONGEST_INT else f"{value:x}"
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth >= _DEEPEST:
        return None
    if isinstance(value, dict):
        return {storable(str(key)): scrubbed(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [scrubbed(item, depth + 1) for item in value]
    return None


def mapping(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """A list; a lone object where a list belongs counts as a list of one."""
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, dict) else []


def objects(value: Any) -> list[Json]:
    return [item for item in items(value) if isinstance(item, dict)]


def first(value: Any) -> Json:
    return next(iter(objects(value)), {})


def string(value: Any) -> str:
    """Text as it stands; a number as text; "" for all else."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def identifier(value: Any) -> str | None:
    """None for "" and for missing: Meta uses both."""
    return string(value).strip() or None


def line(value: Any, most: int = 1000) -> str:
    """A name, title or description: one line, without invisible tricks."""
    return clean_name(string(value), most) if is_visible(string(value)) else ""


def integer(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < _LONGEST_INT else None
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and abs(value) < _LONGEST_INT else None
    if isinstance(value, str):
        text = value.strip()
        if len(text) < 19 and text.isascii() and text.removeprefix("-").isdigit():
            return int(text)
    return None


def number(value: Any) -> float | None:
    if isinstance(value, str) and len(value) < 40:
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e15 and math.isfinite(value) else None


def amount(value: Any) -> Decimal | None:
    """A price: number or text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)) > 40:
        return None
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < 10**15 else None


def timestamp(value: Any) -> int:
    """Unix seconds; 0 when missing or absurd (the arrival time is used then). Milliseconds are recognised."""
    found = integer(value)
    if found is None or found <= 0:
        return 0
    if found >= _LATEST:
        found //= 1000
    return found if found < _LATEST else 0


def phone_digits(value: Any) -> str | None:
    """The digits of a phone number, however it is punctuated; None for anything else."""
    digits = _PHONE_PUNCTUATION.sub("", string(value))
    return digits if digits.isascii() and digits.isdigit() and len(digits) <= 32 else None


def business_scoped_id(value: Any) -> str | None:
    """A user id such as US.1349 that stands where a phone number is usual."""
    text = string(value).strip()
    return text if _BUSINESS_SCOPED.fullmatch(text) else None


def sha256_hex(value: Any) -> str | None:
    """Hex, whether Meta wrote hex or base64 (of either alphabet)."""
    text = string(value).strip()
    if _HEX_DIGEST.fullmatch(text):
        return text.lower()
    if not text.isascii() or len(text.rstrip("=")) != 43:
        return None
    try:
        return base64.b64decode(text.rstrip("=") + "=", altchars=b"-_" if re.search("[-_]", text) else None).hex()
    except ValueError:
        return None


def mime_type(value: Any) -> str:
    """Without parameters, lower case."""
    bare = string(value).partition(";")[0].strip().lower()
    return bare if len(bare) <= 127 and _MIME.fullmatch(bare) else "application/octet-stream"


def web_url(value: Any) -> str | None:
    """Only http and https: a link from a customer must not be able to carry script."""
    text = string(value).strip()
    return text if text.lower().startswith(("http://", "https://")) and len(text) <= 4096 else None


def is_visible(text: str) -> bool:
    """Does it draw anything? White space, controls, joiners and fillers alone would make a blank bubble."""
    return any(unicodedata.category(char) not in _INVISIBLE and char not in _FILLERS for char in text)


def present(fields: Json) -> Json:
    """Without what is None, "" or empty."""
    return {key: value for key, value in fields.items() if value not in (None, "", [], {})}
