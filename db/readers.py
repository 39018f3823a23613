"""A pool of `query_only` connections."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Iterator

from core.errors import StorageError
from db.connection import sqlite3

READERS = 8
LONGEST_WAIT_S = 10


class Readers:
    """`connect` makes a connection; each is made on first use and lent to one thread at a time."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._free: queue.LifoQueue[sqlite3.Connection | None] = queue.LifoQueue()
        for _ in range(READERS):
            self._free.put(None)

    @contextlib.contextmanager
    def borrow(self) -> Iterator[sqlite3.Connection]:
        """A connection inside one snapshot. Raises StorageError when all are lent for too long, and sqlite3.Error."""
        try:
            connection = self._free.get(timeout=LONGEST_WAIT_S)
        except queue.Empty:
            raise StorageError("The database is busy.") from None
        try:
            if connection is None:
                connection = self._connect()
            connection.execute("BEGIN")
            yield connection
        finally:
            if connection is not None and connection.in_transaction:
                connection.rollback()
            self._free.put(connection)

    def close(self) -> None:
        for _ in range(READERS):
            with contextlib.suppress(queue.Empty):
                if reader := self._free.get(timeout=5):
                    reader.close()
