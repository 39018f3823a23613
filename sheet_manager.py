"""Where customers come from: rows in, rows out. A CSV file or a Google Sheet; both have the same face (`Source`).

This module knows rows and columns, not customers: what a row means is decided in `features/customer_list`. Files are
made by people with spreadsheet programs, so encodings, delimiters and headings vary; what cannot be read for certain is
refused or noted in words, never guessed.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson

from core.encodings import decode
from core.headings import NO_CHOICE, Choice, find_header, header_index, known_headings
from core.reason import Reason, define
from core.tables import Note, Row, SourceError, Table
from integrations.google.sheets import SheetsClient, SheetsError, Tab

LARGEST_FILE = 32 * 1024 * 1024  # of a 1 GB machine; some 300,000 customers
LARGEST_CELL = 100_000
MOST_COLUMNS = 500
_LINES_TO_JUDGE = 10
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1f]")  # NUL is not counted: UTF-16 without its mark is full of them, and readable
_JUDGED, _MOST_CONTROL = 4096, 0.03  # a plain photograph has 4 %, a workbook 10 %, a text next to none

define(
    {
        "list.being_written": "{file} is being written right now.",
        "list.too_large": "{file} is larger than {most} MB.",
        "list.no_file": "There is no file {file}.",
        "list.folder": "{file} is a folder, not a file.",
        "list.unreadable": "{file} cannot be read: {reason}.",
        "list.not_text": "{file} is not a text file. Save the list as CSV in your spreadsheet program.",
        "list.sloppy_quotes": "Some quotation marks stand in wrong places; please look at the result.",
        "list.open_quote": "A quotation mark is opened and never closed, so rows would be lost.",
        "list.cell_too_long": "A cell in row {row} is far too long.",
        "list.empty": "{file} is empty.",
        "list.no_tab": "The Google Sheet has no tab “{tab}” any more.",
    }
)


class Source(Protocol):
    """A Customer List. `name` is shown to people."""

    @property
    def name(self) -> str: ...

    def fingerprint(self) -> str | None:
        """Cheap: as long as it stays the same, `read` need not be called. None: only reading tells. Raises SourceError."""

    def read(self) -> Table:
        """Everything, now. Raises SourceError."""


# ---------------------------------------------------------------- CSV


class CsvSource:
    """`choice`: what a person has said about its headings. `name`: as people know the file."""

    def __init__(self, path: Path, choice: Choice = NO_CHOICE, name: str = "") -> None:
        self._path = path
        self._choice = choice
        self.name = name or path.name

    def fingerprint(self) -> str:
        try:
            stat = self._path.stat()
        except OSError as error:
            raise self._unreadable(error) from error
        return f"{self._path}:{stat.st_ino}:{stat.st_size}:{stat.st_mtime_ns}:{stat.st_ctime_ns}"

    def read(self) -> Table:
        before = self.fingerprint()
        try:
            with self._path.open("rb") as file:
                raw = file.read(LARGEST_FILE + 1)
        except OSError as error:
            raise self._unreadable(error) from error
        if self.fingerprint() != before:
            raise SourceError(Reason("list.being_written", file=self.name))
        if len(raw) > LARGEST_FILE:
            raise SourceError(Reason("list.too_large", file=self.name, most=LARGEST_FILE // 1024 // 1024))
        return parse_csv(raw, self.name, self._choice)

    def _unreadable(self, error: OSError) -> SourceError:
        if isinstance(error, FileNotFoundError):
            return SourceError(Reason("list.no_file", file=str(self._path)))
        if isinstance(error, IsADirectoryError):
            return SourceError(Reason("list.folder", file=str(self._path)))
        return SourceError(Reason("list.unreadable", file=str(self._path), reason=error.strerror or "?"))


def parse_csv(raw: bytes, name: str = "The file", choice: Choice = NO_CHOICE) -> Table:
    """Raises SourceError on an empty file, what is no text, an unclosed quotation mark or a cell beyond all measure."""
    text, doubt = decode(raw)
    if len(_CONTROL.findall(text[:_JUDGED])) > len(text[:_JUDGED]) * _MOST_CONTROL:
        raise SourceError(Reason("list.not_text", file=name))
    text = text.replace("\x00", "")
    notes = [Note(1, doubt)] if doubt else []
    declared = re.match(r"sep=([,;|\t])\r?\n", text, re.IGNORECASE)  # Excel's own first line, which it does not show
    if declared:
        text = text[declared.end() :]
    records, sloppy = _records(text, declared[1] if declared else _delimiter(text))
    if sloppy:
        notes.append(Note(1, Reason("list.sloppy_quotes")))
    return _table(records, (frozenset[int](),) * len(records), hashlib.sha256(raw).hexdigest(), notes, name, choice)


def _records(text: str, delimiter: str) -> tuple[list[list[str]], bool]:
    """Blank lines count, as they do in a spreadsheet. The second value: quotation marks were out of place."""
    try:
        return _read_records(text, delimiter, strict=True), False
    except csv.Error as error:
        if "unexpected end" in str(error) or text.count('"') % 2:
            raise SourceError(Reason("list.open_quote")) from error
        return _read_records(text, delimiter, strict=False), True


def _read_records(text: str, delimiter: str, *, strict: bool) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    records: list[list[str]] = []
    try:
        for record in reader:
            if any(len(cell) > LARGEST_CELL for cell in record):
                raise SourceError(Reason("list.cell_too_long", row=len(records) + 1))
            records.append(record)
    except csv.Error as error:
        if "field larger" in str(error):
            raise SourceError(Reason("list.cell_too_long", row=len(records) + 1)) from error
        raise
    return records


def _delimiter(text: str) -> str:
    """The one under which the first lines look most like a table with known headings."""
    start = text[:65536]

    def fitness(delimiter: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
        try:
            first = [record for record, _ in zip(reader, range(_LINES_TO_JUDGE), strict=False) if record]
        except csv.Error:
            return 0, 0
        return max(map(known_headings, first), default=0), max(map(len, first), default=0)

    return max((",", ";", "\t"), key=fitness)


def _table(
    records: Sequence[Sequence[str]],
    numeric: Sequence[frozenset[int]],
    digest: str,
    notes: list[Note],
    name: str,
    choice: Choice,
) -> Table:
    """Raises SourceError when there is nothing in it."""
    filled = [index for index, record in enumerate(records) if any(cell.strip() for cell in record)]
    if not filled:
        raise SourceError(Reason("list.empty", file=name))
    at = header_index(records, filled[0], choice)
    headers = tuple(cell.strip() for cell in records[at][:MOST_COLUMNS])
    width = len(headers)
    rows = tuple(
        Row(index + 1, (*records[index][:width], *("",) * (width - len(records[index]))), numeric[index])
        for index in filled
        if index > at
    )
    return Table(headers, at + 1, rows, digest, tuple(notes))


# ---------------------------------------------------------------- Google Sheet


@dataclass(frozen=True)
class SheetPlace:
    """Which list. `tab` "" is the first one; `gid` outlives a new name of the tab, None while it was never seen."""

    sheet_id: str
    tab: str = ""
    gid: int | None = None


class SheetSource:
    """One tab of a Google Sheet, read whole. `place` is where it was found by the last `read`."""

    def __init__(self, client: SheetsClient, place: SheetPlace, choice: Choice = NO_CHOICE, name: str = "") -> None:
        self._client = client
        self._choice = choice
        self.place = place
        self.name = name or "Google Sheet"

    def fingerprint(self) -> str | None:
        return None

    def read(self) -> Table:
        try:
            return table_of(self._values(), self.name, self._choice)
        except SheetsError as error:
            raise source_error(error) from error

    def _values(self) -> list[list[Any]]:
        if self.place.tab and self.place.gid is not None:
            try:
                return self._client.values(self.place.sheet_id, self.place.tab)
            except SheetsError as error:
                if error.kind != "refused":  # so Google says of a tab that has another name now
                    raise
        self.find()
        return self._client.values(self.place.sheet_id, self.place.tab)

    def find(self) -> SheetPlace:
        """The tab as it is called now. Raises SheetsError, SourceError."""
        self.place = find_tab(self._client.tabs(self.place.sheet_id)[1], self.place)
        return self.place


def source_error(error: SheetsError) -> SourceError:
    return SourceError(error.reason, wait=error.retry_after or 0)


def find_tab(tabs: Sequence[Tab], wanted: SheetPlace) -> SheetPlace:
    """By its gid, so that a tab may be renamed; else by its name, else the first. Raises SourceError."""
    for tab in tabs:
        if tab.gid == wanted.gid if wanted.gid is not None else tab.title == wanted.tab or not wanted.tab:
            return SheetPlace(wanted.sheet_id, tab.title, tab.gid)
    raise SourceError(Reason("list.no_tab", tab=wanted.tab or "1"))


def table_of(values: Sequence[Sequence[Any]], name: str, choice: Choice = NO_CHOICE) -> Table:
    """Google's rows (ragged, typed) as a table. The digest leaves out the columns that we write ourselves."""
    shared: dict[frozenset[int], frozenset[int]] = {}
    records: list[list[str]] = []
    numeric: list[frozenset[int]] = []
    for cells in values:
        numbers = frozenset(column for column, cell in enumerate(cells) if _is_number(cell))
        numeric.append(shared.setdefault(numbers, numbers))  # mostly the same few: a large list stays small
        records.append([cell_text(cell)[:LARGEST_CELL] for cell in cells[:MOST_COLUMNS]])
    table = _table(records, numeric, "", [], name, choice)
    ours = {find_header(table.headers, header) for header in choice.left_out}
    kept = [column for column in range(len(table.headers)) if column not in ours]
    digest = hashlib.sha256(repr([table.headers[column] for column in kept]).encode())
    for row in table.rows:
        numbers_kept = sorted(row.numeric.intersection(kept))
        digest.update(orjson.dumps([row.number, numbers_kept, [row.values[column] for column in kept]]))
    return Table(table.headers, table.header_row, table.rows, digest.hexdigest(), table.notes)


def cell_text(cell: Any) -> str:
    """A value of UNFORMATTED_VALUE: a number without ".0" or exponent while it is exact; TRUE as Sheets shows it."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) <= 2**53:
        return str(int(cell))
    return str(cell) if isinstance(cell, int | float) else ""


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)
