"""Telling the owner's Google Sheet: new customers who wrote, when they were last in touch, who waits. Off by default.

Rows are never remembered: right before writing, the phone column is read again and the cells are found by their phone number.
So an append whose end is unknown is safe too: its next try finds the row that the first one made. All values are RAW.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from core import phone
from core.errors import Conflict
from core.headings import Mapping, find_header, header_index, map_headers
from core.reason import Reason, define
from core.tables import SourceError
from db_manager import Row, Transaction
from features.accounts import audit
from features.changes import queries as changes
from features.customer_list import chosen as chosen_list
from features.customer_list import write_back_queries as queries
from features.customer_list.actions import PATIENCE_OF_A_PERSON_S
from features.customer_list.choosing import ask_google_for, in_words
from features.customer_list.chosen import Chosen
from features.customer_list.phones import Unreadable, read_phones
from features.settings import country
from features.settings.queries import get_setting, put_setting
from integrations.google.sheets import SheetsClient, SheetsError, a1, column_letters
from sheet_manager import SheetPlace, SheetSource, cell_text, source_error
from system import clock
from web.guards import User
from web.services import Services

log = logging.getLogger("inbox.customers")

_CURSOR = "customers.write_cursor"
AT_ONCE = 100  # wishes in one go: one append and one batch of cells, far below Google's 60 writes a minute
PATIENCE_S = 30
UNKNOWN_PAUSE_S = 180  # after an append whose end is unknown: longer than any call can still be on its way
LONGEST_PAUSE_S = 3600
_TOP = "1:20"  # rows among which the headings stand

WAITING, ANSWERED = "Waiting", "Answered"  # as it stands in the owner's sheet, whoever reads it there

define(
    {
        "list.no_column": "The sheet has no column “{heading}”. Add it there first.",
        "list.column_taken": "The column “{heading}” holds names or phone numbers.",
        "list.same_column": "Choose two different columns.",
    }
)

_one_at_a_time = threading.Lock()


# ---------------------------------------------------------------- the switch


def switch(parts: Services, by: User, *, append: bool, last_contacted: str, status: str) -> None:
    """Raises Conflict: no sheet, no permission (asked for at the next consent), no such column."""
    is_on = append or bool(last_contacted) or bool(status)
    with parts.db.read() as connection:
        chosen = chosen_list.read(connection, parts.config)
    if is_on:
        if chosen.kind != "sheet":
            raise Conflict("Only a Google Sheet can be written into.", code="no_sheet")
        ask_google_for(parts, by, "sheet_write")
        with in_words():
            client = chosen_list.sheets(parts, patience=PATIENCE_OF_A_PERSON_S, to_write=True)
            _check_columns(_sheet_as_it_is(client, chosen, parts), last_contacted, status)

    def change(tx: Transaction) -> None:
        stored = chosen_list.read(tx.connection, parts.config).stored
        fresh = replace(stored, append=append, last_contacted=last_contacted.strip(), status=status.strip())
        chosen_list.keep(tx, fresh)
        if not chosen.writes_back or not is_on:  # what was written before is nobody's wish
            put_setting(tx.connection, _CURSOR, changes.bounds(tx.connection)[0], clock.now())
            queries.forget_all(tx.connection)
        audit.note(tx, by.id, "customer_write_back", append=append, last_contacted=last_contacted, status=status)

    parts.db.write(change)


def _check_columns(sheet: Sheet, *headings: str) -> None:
    """Raises SourceError."""
    taken = {sheet.mapping.phone, *sheet.mapping.name_columns}
    for heading in filter(None, headings):
        column = find_header(sheet.headers, heading)
        if column is None:
            raise SourceError(Reason("list.no_column", heading=heading))
        if column in taken:
            raise SourceError(Reason("list.column_taken", heading=heading))
    if headings[0] and find_header(sheet.headers, headings[0]) == find_header(sheet.headers, headings[1]):
        raise SourceError(Reason("list.same_column"))


# ---------------------------------------------------------------- what is to be told


def run(parts: Services) -> None:
    """What the clock calls. Whatever goes wrong at Google waits in the table for its next try."""
    with parts.db.read() as connection:
        chosen = chosen_list.read(connection, parts.config)
    if not chosen.writes_back or not _one_at_a_time.acquire(blocking=False):
        return
    try:
        parts.db.write(_collect)
        with parts.db.read() as connection:
            wishes = queries.due(connection, clock.now(), AT_ONCE)
        if wishes:
            _tell(parts, chosen, wishes)
    finally:
        _one_at_a_time.release()


def _collect(tx: Transaction) -> None:
    newest = changes.bounds(tx.connection)[0]
    cursor = get_setting(tx.connection, _CURSOR, newest)
    until = min(newest, cursor + 2000)
    if until > cursor:
        queries.collect(tx.connection, cursor, until, clock.now())
        put_setting(tx.connection, _CURSOR, until, clock.now())


# ---------------------------------------------------------------- telling it


@dataclass(frozen=True)
class Sheet:
    """The part of a sheet that is needed to write: `rows` phone digits -> row number, the first one that has it."""

    place: SheetPlace
    headers: tuple[str, ...]
    header_row: int
    mapping: Mapping
    rows: dict[str, int]

    def row_of(self, digits: str) -> int | None:
        return next((self.rows[one] for one in phone.spellings(digits) if one in self.rows), None)


def _tell(parts: Services, chosen: Chosen, wishes: Sequence[Row]) -> None:
    try:
        client = chosen_list.sheets(parts, patience=PATIENCE_S, to_write=True)
        sheet = _sheet_as_it_is(client, chosen, parts)
        _check_columns(sheet, chosen.stored.last_contacted, chosen.stored.status)
    except (SheetsError, SourceError) as error:
        _postpone(parts, wishes, error)
        return
    listed = [wish for wish in wishes if sheet.row_of(wish["phone"]) is not None]
    new = [wish for wish in wishes if wish not in listed and _is_wanted(parts, chosen, wish)]
    others = [wish for wish in wishes if wish not in listed and wish not in new]
    parts.db.write(queries.done, others)
    cells: dict[str, str] = {}
    for wish in listed:
        for column, value in _values(parts, chosen, sheet, wish).items():
            cells[a1(sheet.row_of(wish["phone"]) or 0, column)] = value
    _attempt(parts, listed, lambda: client.write_cells(sheet.place.sheet_id, sheet.place.tab, cells) if cells else None)
    rows = [_new_row(parts, chosen, sheet, wish) for wish in new]
    head = f"A{sheet.header_row}:{column_letters(len(sheet.headers) - 1)}{sheet.header_row}"
    _attempt(parts, new, lambda: client.append(sheet.place.sheet_id, sheet.place.tab, head, rows))


def _attempt(parts: Services, wishes: Sequence[Row], call: Any) -> None:
    if not wishes:
        return
    try:
        call()
    except SheetsError as error:
        _postpone(parts, wishes, error)
    else:
        parts.db.write(queries.done, wishes)


def _postpone(parts: Services, wishes: Sequence[Row], error: SheetsError | SourceError) -> None:
    said = source_error(error) if isinstance(error, SheetsError) else error
    pause = max(min(60 * 2 ** min(max(wish["tries"] for wish in wishes), 10), LONGEST_PAUSE_S), said.wait)
    if isinstance(error, SheetsError) and error.kind == "uncertain":
        pause = max(pause, UNKNOWN_PAUSE_S)
    at, phones = clock.now() + int(pause), [wish["phone"] for wish in wishes]
    log.warning("the sheet could not be written", extra={"reason": str(said), "rows": len(phones)})
    parts.db.write(queries.postpone, phones, at, said.reason.stored())


def _is_wanted(parts: Services, chosen: Chosen, wish: Row) -> bool:
    """Somebody who wrote and was never in the list."""
    if not (chosen.stored.append and wish["wrote"]):
        return False
    with parts.db.read() as connection:
        return not queries.is_known(connection, phone.spellings(wish["phone"]))


def _sheet_as_it_is(client: SheetsClient, chosen: Chosen, parts: Services) -> Sheet:
    """Headings and phone column, read now. Raises SheetsError, SourceError."""
    place = SheetSource(client, chosen.place, chosen.headings).find()
    top = [[cell_text(cell) for cell in row] for row in client.values(place.sheet_id, place.tab, _TOP)]
    filled = [index for index, row in enumerate(top) if any(cell.strip() for cell in row)]
    if not filled:
        raise SourceError(Reason("list.empty", file=chosen.title))
    at = header_index(top, filled[0], chosen.headings)
    headers = tuple(cell.strip() for cell in top[at])
    mapping = map_headers(headers, chosen.headings)
    letter = column_letters(mapping.phone)
    cells = [row[0] if row else "" for row in client.values(place.sheet_id, place.tab, f"{letter}:{letter}")]
    rows: dict[str, int] = {}
    default_country = country.in_force(parts)
    for number, cell in enumerate(cells[at + 1 :], at + 2):
        for digits in _phones(cell, default_country):
            rows.setdefault(digits, number)
    return Sheet(place, headers, at + 1, mapping, rows)


def _phones(cell: Any, default_country: str | None) -> list[str]:
    try:
        return read_phones(cell_text(cell), default_country, is_number=isinstance(cell, int | float))
    except Unreadable:
        return []


def _values(parts: Services, chosen: Chosen, sheet: Sheet, wish: Row) -> dict[int, str]:
    """column -> what is to stand there."""
    when = datetime.fromtimestamp(wish["contacted_at"], ZoneInfo(parts.config.timezone)).strftime("%Y-%m-%d %H:%M")
    status = WAITING if wish["waiting"] else ANSWERED
    wanted = {chosen.stored.last_contacted: when, chosen.stored.status: status}
    columns = {find_header(sheet.headers, heading): value for heading, value in wanted.items() if heading}
    return {column: value for column, value in columns.items() if column is not None}


def _new_row(parts: Services, chosen: Chosen, sheet: Sheet, wish: Row) -> list[str]:
    values = {sheet.mapping.phone: phone.e164(wish["phone"])} | _values(parts, chosen, sheet, wish)
    if sheet.mapping.name_columns:
        values[sheet.mapping.name_columns[0]] = wish["name"]
    return [values.get(column, "") for column in range(len(sheet.headers))]
