"""Which Customer List is used: the environment's, else the one chosen in /settings; and what was said about its columns."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from config import Config
from core.errors import SetupError
from core.headings import Choice
from core.reason import Reason, define
from core.tables import SourceError
from db_manager import Connection, Transaction
from features.google_account import actions as google_account
from features.settings import values
from features.settings.queries import get_setting, put_setting
from integrations.google.auth import GoogleAccount
from integrations.google.sheets import SheetsClient, read_address
from runtime.setting import Environment, Setting
from sheet_manager import CsvSource, SheetPlace, SheetSource, Source
from system import clock
from system.files import write_durably
from web.services import Services

_PLACE = "customers.place"  # of a row that is kept, and no setting
UPLOADED = "customers.csv"  # in DATA_DIR

define(
    {
        "setting.customer_list": "Customer List",
        "list.no_address": "“{address}” is no address of a Google Sheet.",
        "list.no_google": "Google is not connected. Connect it under Settings, Google.",
        "list.no_permission": "Google was not asked for Google Sheets. Connect Google again and allow it.",
    }
)


@dataclass(frozen=True)
class Stored:
    """What /settings keeps, as JSON. `kind`: "sheet", "csv" or "" (none, or only said about the environment's list)."""

    kind: str = ""
    title: str = ""
    sheet_id: str = ""
    tab: str = ""
    gid: int | None = None
    phone: str = ""
    names: tuple[str, ...] = ()
    append: bool = False  # write-back: add customers who write
    last_contacted: str = ""  # write-back: headings of the columns to fill
    status: str = ""


@dataclass(frozen=True)
class Chosen:
    """The list in use. `kind` "" when there is none. A sheet's `place` as it was last found, and as it was `wanted`."""

    kind: str
    title: str
    by_environment: bool
    stored: Stored
    wanted: SheetPlace = SheetPlace("")
    place: SheetPlace = SheetPlace("")
    path: Path = Path()

    @property
    def headings(self) -> Choice:
        ours = tuple(header for header in (self.stored.last_contacted, self.stored.status) if header)
        return Choice(self.stored.phone, self.stored.names, ours if self.kind == "sheet" else ())

    @property
    def writes_back(self) -> bool:
        return self.kind == "sheet" and bool(self.stored.append or self.stored.last_contacted or self.stored.status)


def _decided(config: Config) -> dict[str, Any] | None:
    if config.customer_sheet_id:
        return {"kind": "sheet", "title": "Google Sheet"}
    return {"kind": "csv", "title": Path(config.customers_csv).name} if config.customers_csv else None


LIST: Setting[dict[str, Any]] = Setting(
    "customers.list",  # as `Stored` has it
    dict[str, Any],
    {},
    page="customers",
    label=Reason("setting.customer_list"),
    call="/api/customers/list",
    environment=Environment("CUSTOMERS_CSV or CUSTOMER_SHEET_ID", _decided),
)


def read(connection: Connection, config: Config) -> Chosen:
    raw = values.value(connection, LIST)
    stored = Stored(**{**raw, "names": tuple(raw.get("names", ()))})
    if config.customer_sheet_id:
        sheet_id, gid = read_address(config.customer_sheet_id) or (config.customer_sheet_id, None)
        wanted = SheetPlace(sheet_id, config.customer_sheet_tab, None if config.customer_sheet_tab else gid)
        return Chosen("sheet", "Google Sheet", True, stored, wanted, _as_found(connection, wanted))
    if config.customers_csv:
        path = Path(config.customers_csv)
        return Chosen("csv", path.name, True, stored, path=path)
    if stored.kind == "sheet":
        wanted = SheetPlace(stored.sheet_id, stored.tab, stored.gid)
        return Chosen("sheet", stored.title, False, stored, wanted, _as_found(connection, wanted))
    if stored.kind == "csv":
        return Chosen("csv", stored.title, False, stored, path=config.data_dir / UPLOADED)
    return Chosen("", "", False, stored)


def keep(tx: Transaction, stored: Stored) -> None:
    values.keep(tx.connection, {LIST: asdict(stored)})


def keep_place(tx: Transaction, wanted: SheetPlace, found: SheetPlace) -> None:
    """A tab that has another name now, or whose number was not known."""
    place = {"sheet_id": found.sheet_id, "wanted": [wanted.tab, wanted.gid], "tab": found.tab, "gid": found.gid}
    put_setting(tx.connection, _PLACE, place, clock.now())


def _as_found(connection: Connection, wanted: SheetPlace) -> SheetPlace:
    found = get_setting(connection, _PLACE, {})
    if found.get("sheet_id") == wanted.sheet_id and found["wanted"] == [wanted.tab, wanted.gid]:
        return SheetPlace(wanted.sheet_id, found["tab"], found["gid"])
    return wanted


def keep_upload(parts: Services, raw: bytes) -> None:
    """Whole or not at all. Raises OSError."""
    write_durably(parts.config.data_dir / UPLOADED, raw)


# ---------------------------------------------------------------- reaching it


def open_source(parts: Services, chosen: Chosen, *, patience: float) -> Source:
    """`patience`: seconds that tries at Google may take. Raises SourceError."""
    if chosen.kind == "csv":
        return CsvSource(chosen.path, chosen.headings, chosen.title)
    if read_address(chosen.place.sheet_id) is None:
        raise SourceError(Reason("list.no_address", address=chosen.place.sheet_id[:100]))
    return SheetSource(sheets(parts, patience=patience), chosen.place, chosen.headings, chosen.title)


def sheets(parts: Services, *, patience: float, to_write: bool = False) -> SheetsClient:
    """Raises SourceError when there is no Google account, or one without this permission."""
    account = google(parts)
    if account is None:
        raise SourceError(Reason("list.no_google"))
    if account.kind == "user" and not account.has("sheet_write" if to_write else "sheet"):
        raise SourceError(Reason("list.no_permission"))
    return SheetsClient(account, patience=patience)


def google(parts: Services) -> GoogleAccount | None:
    try:
        return google_account.account(parts)
    except SetupError as error:
        raise SourceError(error.reason) from error


def as_json(chosen: Chosen) -> dict[str, Any]:
    stored = chosen.stored
    return {
        "kind": chosen.kind or None,
        "title": chosen.title,
        "by_environment": chosen.by_environment,
        "sheet_id": chosen.place.sheet_id or None,
        "tab": chosen.place.tab or None,
        "gid": chosen.place.gid,
        "mapping": {"phone": stored.phone, "names": list(stored.names)},
        "write_back": {"append": stored.append, "last_contacted": stored.last_contacted, "status": stored.status},
    }
