"""The Customer List, its runs and its customers, as the API answers them."""

from __future__ import annotations

from typing import Literal

from web.answers import Answer, Page, Time

# ---------------------------------------------------------------- choosing


class ListColumns(Answer):
    """Headings. "" and none: found by their words."""

    phone: str
    names: list[str]


class WriteBackColumns(Answer):
    """What may be written into the sheet: customers who write, and the headings of two columns ("" for none)."""

    append: bool
    last_contacted: str
    status: str


class CustomerListChoice(Answer):
    """The list in use. `kind` is null when there is none; all from `sheet_id` on is null for a file."""

    kind: Literal["sheet", "csv"] | None
    title: str
    by_environment: bool
    sheet_id: str | None
    tab: str | None
    gid: int | None
    url: str | None
    mapping: ListColumns
    write_back: WriteBackColumns


class SheetAccess(Answer):
    """Whom a sheet must be shared with, and what Google allows."""

    connected: bool
    kind: Literal["service_account", "user"] | None
    email: str | None
    may_read: bool
    may_write: bool
    problem: str | None


class CountryChoice(Answer):
    """How numbers without country code are read. `choices`: [two letters, calling code] of every country."""

    code: str | None
    by_environment: bool
    choices: list[tuple[str, int]]


class WriteBackWaiting(Answer):
    """Cells that wait to be written into the sheet, and why they still do."""

    count: int
    problem: str | None


class CustomerListState(Answer):
    """Which Customer List is used.

    `held_run` waits for somebody to decide; of `kept_run` somebody has decided that nobody is removed.
    """

    list: CustomerListChoice
    google: SheetAccess
    country: CountryChoice
    held_run: int | None
    kept_run: int | None
    to_write: WriteBackWaiting


class CustomerListSource(Answer):
    """Where a row is opened: `url` with {row} in it, null when the list is a file."""

    kind: Literal["sheet", "csv"] | None
    title: str
    url: str | None


class SheetTab(Answer):
    """A tab of a Google Sheet."""

    title: str
    gid: int


class SheetTabs(Answer):
    """A Google Sheet. `gid`: the tab that the address names."""

    sheet_id: str
    title: str
    gid: int | None
    tabs: list[SheetTab]


class ListRow(Answer):
    """A row as it stands in the list."""

    number: int
    values: list[str]


class FoundColumns(Answer):
    """The headings of the columns that would be used."""

    phone: str | None
    names: list[str]


class ListWarning(Answer):
    """What is wrong with a row; 0: with the list."""

    row: int
    reason: str


class CustomerListPreview(Answer):
    """A list before it is used. `problem`: why it cannot be; `suggested_phone`: what looks like the phone column."""

    headers: list[str]
    header_row: int
    rows: list[ListRow]
    row_count: int
    mapping: FoundColumns
    customers: int
    warnings: list[ListWarning]
    warning_count: int
    problem: str | None
    suggested_phone: str | None


# ---------------------------------------------------------------- runs


class CustomerRun(Answer):
    """What a reading of the list brought. `held`: it would remove so many that somebody has to confirm it."""

    id: int
    source: str
    state: Literal["running", "done", "held", "failed"]
    rows_read: int
    added: int
    changed: int
    removed: int
    warnings: list[ListWarning]
    error: str | None
    dismissed_at: Time | None
    started_at: Time
    finished_at: Time | None


class CustomerRunPage(Page):
    """Runs, newest first."""

    runs: list[CustomerRun]


class CustomerSync(Answer):
    """The newest run; `changed` is false when the list was as before."""

    run: CustomerRun | None
    changed: bool


class OneCustomerRun(Answer):
    """A run."""

    run: CustomerRun | None


class ListedPerson(Answer):
    """A customer, and the row."""

    phone: str
    name: str
    row: int


class ChangedPerson(ListedPerson):
    """`fields`: heading -> [before, after], the name under ""."""

    fields: dict[str, tuple[str, str]]


class PeopleInDifference(Answer):
    """How many, and the first hundred."""

    count: int
    first: list[ListedPerson]


class ChangesInDifference(Answer):
    """How many, and the first hundred."""

    count: int
    first: list[ChangedPerson]


class CustomerListDifference(Answer):
    """What a held run would do to the `active` customers."""

    active: int
    removed: PeopleInDifference
    added: PeopleInDifference
    changed: ChangesInDifference


# ---------------------------------------------------------------- search


class Customer(Answer):
    """A customer of the list with whom there is no chat yet."""

    phone: str
    name: str
    row_number: int


class CustomerPage(Page):
    """Customers, in the order of the list."""

    customers: list[Customer]
