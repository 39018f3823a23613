"""A Customer List before it is used: its first rows, which column would be what, and what stands in the way. Pure."""

from __future__ import annotations

from typing import Any

from core.headings import Choice, Mapping, map_headers
from core.tables import Note, SourceError, Table
from features.customer_list.phones import Unreadable, read_phones
from features.customer_list.plan import read_customers
from web.words import t, word

_ROWS, _WARNINGS, _ROWS_TO_JUDGE = 5, 20, 50


def preview(table: Table, choice: Choice, default_country: str | None) -> dict[str, Any]:
    """`problem`: why the list cannot be used like this; `suggested_phone`: the heading over what looks like phone numbers."""
    found = {
        "headers": list(table.headers),
        "header_row": table.header_row,
        "rows": [{"number": row.number, "values": list(row.values)} for row in table.rows[:_ROWS]],
        "row_count": len(table.rows),
    }
    try:
        mapping = map_headers(table.headers, choice)
    except SourceError as error:
        return found | {
            "mapping": {"phone": None, "names": []},
            "customers": 0,
            "warnings": [_as_json(note) for note in table.notes],
            "warning_count": len(table.notes),
            "problem": word(error.reason),
            "suggested_phone": likely_phone_column(table, default_country),
        }
    customers, warnings = read_customers(table, mapping, default_country)
    return found | {
        "mapping": _names(table, mapping),
        "customers": len(customers),
        "warnings": [{"row": one.row, "reason": word(one.reason)} for one in warnings[:_WARNINGS]],
        "warning_count": len(warnings),
        "problem": None if customers or not table.rows else t("No row has a phone number in this column."),
        "suggested_phone": None,
    }


def likely_phone_column(table: Table, default_country: str | None) -> str | None:
    """The heading of the column in which most cells can be read as phone numbers: a proposal to a person, no more."""
    counts = [
        sum(_is_phone(row.values[column], default_country) for row in table.rows[:_ROWS_TO_JUDGE])
        for column in range(len(table.headers))
    ]
    best = max(range(len(counts)), key=lambda column: counts[column], default=None)
    return table.headers[best] or None if best is not None and counts[best] else None


def _is_phone(cell: str, default_country: str | None) -> bool:
    try:
        return bool(read_phones(cell, default_country))
    except Unreadable:
        return False


def _names(table: Table, mapping: Mapping) -> dict[str, Any]:
    return {"phone": table.headers[mapping.phone], "names": [table.headers[column] for column in mapping.name_columns]}


def _as_json(note: Note) -> dict[str, Any]:
    return {"row": note.row, "reason": word(note.reason)}
