"""A wake-up for one worker thread."""

from __future__ import annotations

import threading


class Signal:
    """Wakes one worker thread. A set before the wait is not lost."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    def wait(self, timeout: float) -> bool:
        """True when somebody called `set`, False after `timeout` seconds."""
        was_set = self._event.wait(timeout)
        self._event.clear()
        return was_set
