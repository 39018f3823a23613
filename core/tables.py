"""A table that somebody keeps: headings and rows of text. What a row means is decided elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from core.reason import Reason


class SourceError(Exception):
    """The list cannot be read, and why. `wait`: seconds for which the other side wants to be left alone."""

    def __init__(self, reason: Reason, *, wait: float = 0) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.wait = wait


@dataclass(frozen=True)
class Note:
    """Something the owner should know. `row` as the spreadsheet program counts, 1 is the first."""

    row: int
    reason: Reason


@dataclass(frozen=True, slots=True)  # a list has tens of thousands
class Row:
    """`numeric`: the columns that a spreadsheet holds as numbers; a phone number there may have lost its + or zero."""

    number: int
    values: tuple[str, ...]  # one for each header: ragged rows are filled up or cut
    numeric: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Table:
    """`digest`: equal for equal contents, so that an unchanged list need not be applied again."""

    headers: tuple[str, ...]
    header_row: int
    rows: tuple[Row, ...]
    digest: str
    notes: tuple[Note, ...] = ()
