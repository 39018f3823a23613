"""What the clock calls."""

from __future__ import annotations

import threading

from features.google_contacts import actions
from web.services import Services

_one_at_a_time = threading.Lock()  # the clock, set anew, may come while a run is under way


def tend_contacts(parts: Services) -> None:
    """Every minute looks whether it is time to read, which it is every ten minutes; does nothing unless it is switched on."""
    if _one_at_a_time.acquire(blocking=False):
        try:
            actions.tend(parts)
        finally:
            _one_at_a_time.release()
