"""What a write function gets."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from db.connection import Parameters, is_storage_error, sqlite3


class Transaction:
    """SQL now, wake-ups and callbacks only once the group has been committed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.woken: list[str] = []
        self.callbacks: list[Callable[[], None]] = []
        self.newest_change = 0

    def execute(self, sql: str, parameters: Parameters = ()) -> sqlite3.Cursor:
        return self.connection.execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Parameters]) -> sqlite3.Cursor:
        return self.connection.executemany(sql, parameters)

    def wake(self, name: str) -> None:
        self.woken.append(name)

    def note_change(self, seq: int) -> None:
        """`seq` of a row in `changes`: after the commit `Database.on_change` learns the newest one."""
        self.newest_change = max(self.newest_change, seq)

    def after_commit(self, callback: Callable[[], None]) -> None:
        """`callback` runs on the writer thread, before the callers return: it must be quick and must not raise."""
        self.callbacks.append(callback)

    def attempt(self, fn: Callable[[], object]) -> Exception | None:
        """Run `fn` in a savepoint. An error of the data is undone and returned; a storage error is raised."""
        marks = len(self.woken), len(self.callbacks), self.newest_change
        self.execute("SAVEPOINT part")
        try:
            fn()
        except Exception as error:
            if is_storage_error(error) or not self.connection.in_transaction:
                raise
            self.execute("ROLLBACK TO part")
            self.execute("RELEASE part")
            del self.woken[marks[0] :], self.callbacks[marks[1] :]
            self.newest_change = marks[2]  # the undone seq will be given again, and must be announced then
            return error
        self.execute("RELEASE part")
        return None
