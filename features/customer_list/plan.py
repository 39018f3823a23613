"""What a Customer List means for the mirror: who comes, changes, is missing, goes. Pure: equal input, equal plan."""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field

import orjson

from core.headings import Mapping, join_names
from core.reason import Reason, define
from core.tables import Row, Table
from core.text import clean_name, storable
from features.customer_list.phones import Unreadable, is_formula_error, read_phones

MISSES_BEFORE_REMOVAL = 2  # reads in a row: a list caught half saved must not cost anybody
MOST_DROPPED_SHARE = 0.2
FEW_DROPPED = 5  # of a small list, 20 % is one person
_LONGEST_FIELD = 5000

define(
    {
        "list.no_phone": "no phone number",
        "list.phones_in_cell": "{count} phone numbers in one cell; all are used",
        "list.phone_as_number": "the phone is kept as a number; it was read as +{phone}",
        "list.repeated": "the same phone number as row {row}, which counts",
        "list.formula_error": "a formula gives an error; the cell counts as blank",
    }
)


@dataclass(frozen=True, slots=True)
class Customer:
    """A row of the list. `fields`: JSON, header -> value, in the order of the columns, without blank ones."""

    phone: str
    name: str
    fields: str
    row_number: int


@dataclass(frozen=True, slots=True)
class Known:
    """A row of the mirror. `missed`: reads in a row without it. `counted`: this very run has already counted one."""

    name: str
    fields: str
    row_number: int
    missed: int = 0
    counted: bool = False
    removed: bool = False


@dataclass(frozen=True)
class RowWarning:
    """`row` as the spreadsheet program counts."""

    row: int
    reason: Reason


@dataclass
class Plan:
    """`moves`: nothing but the row number (or the count of misses) differs. `misses` stay until the next read."""

    adds: list[Customer] = field(default_factory=list)
    changes: list[Customer] = field(default_factory=list)
    moves: list[Customer] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)
    removals: list[str] = field(default_factory=list)
    warnings: list[RowWarning] = field(default_factory=list)
    active: int = 0  # in the mirror before
    absent: int = 0  # of those, not in the list
    listed: int = 0  # customers in the list

    @property
    def drops_too_much(self) -> bool:
        """A person must look first: more than a fifth (and more than a handful) would go, or everybody."""
        emptied = self.active > 0 and self.listed == 0
        return emptied or self.absent > max(FEW_DROPPED, MOST_DROPPED_SHARE * self.active)


def make_plan(
    table: Table,
    mapping: Mapping,
    mirror: ReadOnly[str, Known],
    default_country: str | None,
    *,
    confirmed: bool = False,
) -> Plan:
    """`confirmed`: a person has seen that these rows go, so they go at once."""
    customers, warnings = read_customers(table, mapping, default_country)
    plan = Plan(warnings=warnings, listed=len(customers))
    for phone, customer in customers.items():
        known = mirror.get(phone)
        if known is None or known.removed:
            plan.adds.append(customer)
        elif (known.name, known.fields) != (customer.name, customer.fields):
            plan.changes.append(customer)
        elif known.row_number != customer.row_number or known.missed:
            plan.moves.append(customer)
    for phone, known in mirror.items():
        if known.removed:
            continue
        plan.active += 1
        if phone in customers:
            continue
        plan.absent += 1
        if confirmed or (not known.counted and known.missed + 1 >= MISSES_BEFORE_REMOVAL):
            plan.removals.append(phone)
        elif not known.counted:
            plan.misses.append(phone)
    return plan


def read_customers(
    table: Table, mapping: Mapping, default_country: str | None
) -> tuple[dict[str, Customer], list[RowWarning]]:
    """phone -> customer. Of two rows with one phone the first counts; what cannot be read is a warning, never a guess."""
    customers: dict[str, Customer] = {}
    warnings = [RowWarning(note.row, note.reason) for note in table.notes]
    warnings += [RowWarning(table.header_row, note) for note in mapping.notes]
    numbers: list[RowWarning] = []
    for row in table.rows:
        is_number = mapping.phone in row.numeric
        try:
            phones = read_phones(row.values[mapping.phone], default_country, is_number=is_number)
        except Unreadable as error:
            warnings.append(RowWarning(row.number, error.reason))
            continue
        if not phones:
            warnings.append(RowWarning(row.number, Reason("list.no_phone")))
        if len(phones) > 1:
            warnings.append(RowWarning(row.number, Reason("list.phones_in_cell", count=len(phones))))
        if is_number:
            numbers.append(RowWarning(row.number, Reason("list.phone_as_number", phone=phones[0])))
        for phone in phones:
            if (first := customers.get(phone)) is not None:
                reason = Reason("list.repeated", row=first.row_number)
                warnings.append(RowWarning(row.number, reason))
            else:
                customers[phone] = _customer(phone, row, mapping, warnings)
    return customers, warnings + numbers  # the harmless ones last: of a long report only the beginning is shown


def _customer(phone: str, row: Row, mapping: Mapping, warnings: list[RowWarning]) -> Customer:
    def cell(column: int) -> str:
        value = storable(row.values[column]).strip()[:_LONGEST_FIELD]
        if is_formula_error(value):
            warnings.append(RowWarning(row.number, Reason("list.formula_error")))
            return ""
        return value

    name = clean_name(join_names([cell(column) for column in mapping.name_columns]))
    fields = {storable(header): value for header, column in mapping.fields.items() if (value := cell(column))}
    return Customer(phone, name, orjson.dumps(fields).decode(), row.number)


