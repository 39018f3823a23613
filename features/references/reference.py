"""The declaration of one reference. A feature keeps its own in its `references.py`; `actions.py` here carries them out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

CONTACT, CHAT, MESSAGE = "contacts", "conversations", "messages"


class OnMerge(Enum):
    """Two contacts, or two chats, turn out to be one; the absorbed row stays as a trace. Messages are never merged."""

    MOVE = "the row names the kept one from now on"
    MOVE_OR_DROP = "the same, unless the kept one has its like already (a UNIQUE index): then the row goes"
    STAY = "the row goes on naming what it named: a log, or a message that is merged with nothing"
    JOIN = "only chats of a contact: they move, and two on one of our numbers are merged (chats/identity.py)"


class OnRemoval(Enum):
    """What the row names is deleted: the sandbox leaves, or a customer is erased."""

    DELETE = "the row goes too, with whatever names it"
    CLEAR = "the row stays and names nothing (NULL)"
    STAY = "the row stays as it is: a log whose numbers lead nowhere any more"


@dataclass(frozen=True)
class Reference:
    """`table.column` holds the `key` of a row of `to`, with `prefix` before it where the column holds several kinds.

    `within`: SQL that finds the rows of a merge (:absorbed, :kept) where no index begins with the column.
    """

    table: str
    column: str
    to: str
    on_merge: OnMerge
    on_sandbox_removal: OnRemoval
    on_erasure: OnRemoval
    key: str = "id"
    prefix: str = ""
    within: str = "TRUE"
