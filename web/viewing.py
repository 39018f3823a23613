"""Whose chats a person may see, and through which numbers: the one place that knows. Today everybody sees all of them.

What is read for a person is read through a `View`: its SQL holds `SEEN`, or asks by the id of a chat that was found so
(`SeenChat`). Workers and what comes in read through a plain connection. tests/test_viewing.py finds a query that goes past.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NewType

from db_manager import Connection, Row, sqlite3
from web.guards import User, user
from web.services import services

# A chat that the person who asks may see.
SeenChat = NewType("SeenChat", int)

# True of a row of `conversations` that may be seen. A View fills in the names.
SEEN = """(:viewer_sees = 'all' OR conversations.assignee_id IS NULL OR conversations.assignee_id = :viewer_id)
    AND (:viewer_numbers IS NULL OR instr(:viewer_numbers, ',' || conversations.number_id || ',') > 0)"""


@dataclass(frozen=True)
class Viewer:
    """`sees`: "all", or "own": what is given to nobody or to them. `numbers`: rows of `numbers`, None for every one."""

    id: int
    sees: str = "all"
    numbers: frozenset[int] | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        numbers = None if self.numbers is None else f",{','.join(str(one) for one in sorted(self.numbers))},"
        return {"viewer_id": self.id, "viewer_sees": self.sees, "viewer_numbers": numbers}

    @property
    def sees_everything(self) -> bool:
        return self.sees == "all" and self.numbers is None


# For what is made once and shared by all who see everything: the frames of the live feed.
EVERYBODY = Viewer(0)


def viewer_of(person: User) -> Viewer:
    return Viewer(person.id)


def viewer() -> Viewer:
    """The signed-in member of staff. Only inside routes that are not public."""
    return viewer_of(user())


def may_see(viewer: Viewer, chat: Row) -> bool:
    """`SEEN` of a row of `conversations` that is at hand."""
    is_theirs = viewer.sees == "all" or chat["assignee_id"] in (None, viewer.id)
    return is_theirs and (viewer.numbers is None or chat["number_id"] in viewer.numbers)


class View:
    """A connection, and who looks through it. `connection`: for what hangs on rows that were seen already."""

    def __init__(self, connection: Connection, viewer: Viewer) -> None:
        self.connection = connection
        self.viewer = viewer
        self._parameters = viewer.parameters

    def execute(self, sql: str, parameters: dict[str, Any]) -> sqlite3.Cursor:
        return self.connection.execute(sql, parameters | self._parameters)


@contextlib.contextmanager
def view() -> Iterator[View]:
    """For the signed-in member of staff, inside one snapshot."""
    with services().db.read() as connection:
        yield View(connection, viewer())
