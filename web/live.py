"""The newest sequence number of `changes`, in memory: an idle poll costs no database access, a commit wakes who waits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")

MOST_SHARED = 64  # places at which listeners stand at one time; they are told of the newest within milliseconds


class LiveFeed:
    """`newest` is the last committed seq, `oldest` the last one pruned: a browser below it must reload."""

    def __init__(self, newest: int = 0, oldest: int = 0) -> None:
        self.newest = newest
        self.oldest = oldest
        self.closed = False
        self._changed = threading.Condition()
        self._sharing = threading.Lock()
        self._shared: dict[Hashable, Any] = {}

    def announce(self, seq: int) -> None:
        """Called by the writer after the commit."""
        with self._changed:
            if seq > self.newest:
                self.newest = seq
                self._changed.notify_all()

    def wait_until(self, is_due: Callable[[], bool], timeout: float) -> None:
        """`is_due` is asked at once, after every commit and `look_again`; returns after `timeout` and at shutdown too."""
        with self._changed:
            self._changed.wait_for(lambda: self.closed or is_due(), timeout)

    def look_again(self) -> None:
        """What `is_due` asks may be other than before."""
        with self._changed:
            self._changed.notify_all()

    def shared(self, key: Hashable, make: Callable[[], T]) -> T:
        """Made once for all who want the same: one look at the database, one encoding."""
        with self._sharing:
            if key not in self._shared:
                if len(self._shared) >= MOST_SHARED:
                    self._shared.clear()
                self._shared[key] = make()
            made: T = self._shared[key]
            return made

    def close(self) -> None:
        with self._changed:
            self.closed = True
            self._changed.notify_all()
