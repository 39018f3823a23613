"""The only reader of the wall clock, so that tests can hold it still."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_frozen: int | None = None

# Meta's stamps come as text from outside: beyond these years `datetime` or SQLite would raise.
_EARLIEST, _LATEST = 0, 253_402_300_799


def now() -> int:
    """Unix seconds, UTC."""
    return _frozen if _frozen is not None else int(time.time())


def iso(timestamp: int | None) -> str | None:
    """1763700000 -> "2025-11-21T04:40:00Z"; None stays None."""
    if timestamp is None:
        return None
    moment = datetime.fromtimestamp(min(max(timestamp, _EARLIEST), _LATEST), UTC)
    return moment.isoformat()[:19] + "Z"  # asked 400 times for a page of messages: strftime takes nearly twice as long


def iso_of(timestamp: int) -> str:
    """`iso` of a time that is always known."""
    return iso(timestamp) or ""


@contextmanager
def freeze(timestamp: int) -> Iterator[None]:
    """Hold the clock at `timestamp` (tests only)."""
    global _frozen
    before, _frozen = _frozen, timestamp
    try:
        yield
    finally:
        _frozen = before
