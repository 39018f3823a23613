"""Choosing the Customer List in /settings: look at it first, confirm it, say which column is what, leave it again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from core.errors import Conflict, Forbidden, Invalid, StorageError
from core.headings import Choice, map_headers
from core.tables import SourceError, Table
from db_manager import Transaction
from features.accounts import audit
from features.customer_list import chosen as chosen_list
from features.customer_list.actions import PATIENCE_OF_A_PERSON_S
from features.customer_list.chosen import Stored
from features.customer_list.preview import preview
from features.google_account import actions as google_account
from features.settings import country, values
from integrations.google.sheets import SheetsClient, SheetsError, read_address
from sheet_manager import LARGEST_FILE, SheetPlace, SheetSource, parse_csv
from web.guards import User
from web.services import Services


@contextmanager
def in_words() -> Iterator[None]:
    """What stands between us and a list is the caller's to repair: 409, in the words of the source."""
    try:
        yield
    except SourceError as error:
        raise Conflict(error.reason, code="list_unreadable") from error
    except SheetsError as error:
        raise Conflict(error.reason, code=f"google_{error.kind}") from error


def tabs_of(parts: Services, by: User, address: str) -> dict[str, Any]:
    """{"sheet_id", "title", "gid": of the address or None, "tabs": [{"title", "gid"}]}. Raises Invalid, Conflict."""
    sheet_id, gid = _address(address)
    with in_words():
        title, tabs = _client(parts, by).tabs(sheet_id)
    return {"sheet_id": sheet_id, "title": title, "gid": gid, "tabs": [vars(tab) for tab in tabs]}


def look_at_sheet(parts: Services, by: User, address: str, tab: str, gid: int | None, choice: Choice) -> dict[str, Any]:
    """Raises Invalid, Conflict."""
    return _preview(parts, _read_sheet(parts, by, address, tab, gid, choice)[0], choice)


def look_at_csv(parts: Services, raw: bytes, name: str, choice: Choice) -> dict[str, Any]:
    """Raises Invalid, Conflict."""
    return _preview(parts, _read_csv(raw, name, choice), choice)


def choose_sheet(
    parts: Services, by: User, address: str, tab: str, gid: int | None, title: str, choice: Choice
) -> None:
    """Raises Invalid, Conflict (it cannot be read, the environment has decided)."""
    table, place = _read_sheet(parts, by, address, tab, gid, choice)
    shown = f"{title.strip()[:100] or 'Google Sheet'}, {place.tab}"
    _use(parts, by, table, choice, Stored("sheet", shown, place.sheet_id, place.tab, place.gid))


def choose_csv(parts: Services, by: User, raw: bytes, name: str, choice: Choice) -> None:
    """Raises Invalid, Conflict, StorageError."""
    table = _read_csv(raw, name, choice)
    values.refuse_decided(parts, chosen_list.LIST)

    def keep_file() -> None:
        try:
            chosen_list.keep_upload(parts, raw)
        except OSError as error:
            raise StorageError("The file cannot be kept: {reason}.", reason=error.strerror or "?") from error

    _use(parts, by, table, choice, Stored("csv", name[:100] or "CSV"), before=keep_file)


def choose_columns(parts: Services, by: User, choice: Choice) -> None:
    """Of the list in use, also when the environment names it."""

    def change(tx: Transaction) -> None:
        stored = chosen_list.read(tx.connection, parts.config).stored
        chosen_list.keep(tx, replace(stored, phone=choice.phone, names=choice.names))
        audit.note(tx, by.id, "customer_list_changed", phone=choice.phone)

    parts.db.write(change)


def choose_country(parts: Services, by: User, code: str) -> None:
    """How numbers without country code are read from now on; "" for not at all. Raises Invalid, Conflict."""
    values.check(parts, by, {country.DEFAULT_COUNTRY: code})

    def change(tx: Transaction) -> None:
        country.choose(tx, code)
        audit.note(tx, by.id, "default_country_changed", country=code)

    parts.db.write(change)


def leave(parts: Services, by: User) -> None:
    """No list any more. The customers stay as they were last read."""
    values.refuse_decided(parts, chosen_list.LIST)

    def forget(tx: Transaction) -> None:
        chosen_list.keep(tx, Stored())
        audit.note(tx, by.id, "customer_list_left")

    parts.db.write(forget)


def _use(
    parts: Services,
    by: User,
    table: Table,
    choice: Choice,
    stored: Stored,
    *,
    before: Callable[[], None] = lambda: None,
) -> None:
    values.refuse_decided(parts, chosen_list.LIST)
    with in_words():
        map_headers(table.headers, choice)
    before()

    def keep(tx: Transaction) -> None:
        chosen_list.keep(tx, replace(stored, phone=choice.phone, names=choice.names))
        audit.note(tx, by.id, "customer_list_chosen", kind=stored.kind, name=stored.title)

    parts.db.write(keep)


def _preview(parts: Services, table: Table, choice: Choice) -> dict[str, Any]:
    return preview(table, choice, country.in_force(parts))


def _read_csv(raw: bytes, name: str, choice: Choice) -> Table:
    if len(raw) > LARGEST_FILE:
        raise Invalid("The file is larger than {most} MB.", code="file_too_large", most=LARGEST_FILE // 1024 // 1024)
    with in_words():
        return parse_csv(raw, name, choice)


def _read_sheet(
    parts: Services, by: User, address: str, tab: str, gid: int | None, choice: Choice
) -> tuple[Table, SheetPlace]:
    sheet_id, gid_of_address = _address(address)
    place = SheetPlace(sheet_id, tab, gid if gid is not None or tab else gid_of_address)
    with in_words():
        source = SheetSource(_client(parts, by), place, choice)
        return source.read(), source.place


def _address(text: str) -> tuple[str, int | None]:
    found = read_address(text)
    if found is None:
        raise Invalid("Paste the address of the Google Sheet, as your browser shows it.", code="invalid_sheet")
    return found


def _client(parts: Services, by: User) -> SheetsClient:
    """Raises Forbidden: a person's account opens every sheet of that person, a service account only what was shared with it."""
    account = chosen_list.google(parts)
    if account is not None and account.kind == "user" and not by.may("owner"):
        raise Forbidden("This is the owner's own Google account: only an owner may choose a sheet from it.")
    ask_google_for(parts, by, "sheet")
    with in_words():
        return chosen_list.sheets(parts, patience=PATIENCE_OF_A_PERSON_S)


def ask_google_for(parts: Services, by: User, part: str) -> None:
    """`part`: "sheet" or "sheet_write". From now on it belongs to what the owner is asked to allow.

    Raises Conflict as long as it is not allowed.
    """
    with in_words():
        account = chosen_list.google(parts)
    if account is None or not account.has(part):
        google_account.switch(parts, by, {part: True})
    if account is None:
        raise Conflict("Google is not connected. An owner connects it under Settings, Google.", code="google_not_connected")
    if account.kind == "user" and not account.has(part):
        raise Conflict(
            "Google was not asked for Google Sheets yet. An owner connects Google once more and allows it.",
            code="google_permission",
        )
