"""Imported history is applied beside the requests: it can hold thousands of messages."""

from __future__ import annotations

from features.webhooks.actions import apply_next_history
from runtime.worker import Worker


class HistoryWorker(Worker):
    name = "history"
    longest_wait_s = 30.0
    farewell_s = 5.0

    def work_next(self) -> bool:
        return apply_next_history(self._parts.db)
