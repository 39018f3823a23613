"""Imported history is applied beside the requests: it can hold thousands of messages."""

from __future__ import annotations

import logging
import threading

from core.errors import StorageError
from features.webhooks.actions import apply_next_history
from web.services import Services

log = logging.getLogger("inbox.history")

CLOCK_S = 30


class HistoryWorker:
    def __init__(self, parts: Services) -> None:
        self._db = parts.db
        self._signal = parts.db.signal("history")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="history", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._signal.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                while not self._stopping.is_set() and apply_next_history(self._db):
                    pass
            except StorageError:
                pass  # still pending: the next look finds it
            except Exception:
                log.exception("history could not be applied")
            self._signal.wait(CLOCK_S)
