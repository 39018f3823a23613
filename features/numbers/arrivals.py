"""Webhooks that were refused for their signature since the last good one: many of them mean a wrong app secret."""

from __future__ import annotations

from flask import current_app

SUSPICIOUS = 3  # one or two may be anybody's knocking


class Arrivals:
    """Kept in memory: a hint for the settings page. Counting is not exact between threads, and need not be."""

    def __init__(self) -> None:
        self.refused = 0

    def note_refused(self) -> None:
        self.refused += 1

    def note_good(self) -> None:
        if self.refused:
            self.refused = 0

    @property
    def suspicious(self) -> bool:
        return self.refused >= SUSPICIOUS


def arrivals() -> Arrivals:
    return current_app.extensions["arrivals"]  # type: ignore[no-any-return]
