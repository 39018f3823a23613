"""Cursors: opaque, made of the sort key of the last row."""

from __future__ import annotations

import re

from core.errors import Invalid

_CURSOR = re.compile(r"-?\d{1,18}(\.-?\d{1,18}){0,3}")


def encode_cursor(*key: int) -> str:
    return ".".join(str(part) for part in key)


def decode_cursor(raw: str, parts: int) -> tuple[int, ...]:
    """Raises Invalid on anything that `encode_cursor` did not make."""
    if not (raw.isascii() and _CURSOR.fullmatch(raw)):
        raise Invalid("This cursor is not one of ours.", code="invalid_cursor")
    key = tuple(int(part) for part in raw.split("."))
    if len(key) != parts:
        raise Invalid("This cursor is not one of ours.", code="invalid_cursor")
    return key


def page_limit(raw: str | None, default: int = 50, most: int = 100) -> int:
    """Larger is clamped; smaller than 1 or not a number is Invalid."""
    if raw is None:
        return default
    if not (raw.isascii() and raw.isdigit()) or not raw.strip("0"):
        raise Invalid("limit must be a number from 1 to 100.", code="invalid_limit")
    return min(int(raw.lstrip("0")[:9]), most)
