"""Google Sheets' wire format, spoken by gspread over our HTTP seam: tabs, values, one appended row, single cells.

gspread builds the addresses and bodies; calls, time-outs and retries are ours. Its own `BackOffHTTPClient` never gives up, and
`get_all_records` makes numbers of phones. It is imported when first needed: an inbox without Google never pays for it.
Quotas (60 reads and 60 writes a minute and user): https://developers.google.com/workspace/sheets/api/limits
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from core.errors import RemoteError
from core.reason import Reason, define
from integrations.google.auth import GoogleAccount
from integrations.google.errors import Kind, ReconnectNeeded, judge
from integrations.http.client import Ambiguous, Answer, HttpClient, Timeouts, TooLarge

TIMEOUTS = Timeouts(connect=5, read=30, total=90)
MOST_TRIES = 5
LONGEST_PAUSE_S = 64
_GSPREADS_ROOT = "https://sheets.googleapis.com/"
# Of a 1 GB machine: such an answer takes up to 150 MB until it is applied (measured; 64 MB took 500 to 1400). It is looked at
# before it is read, since cells cost memory, not bytes: a comma is about a cell, and a row costs as much as three.
LARGEST_ANSWER = 24 * 1024 * 1024
MOST_CELLS = 1_300_000
_ID = re.compile(r"[A-Za-z0-9_-]{20,200}")

define(
    {
        "sheets.unreachable": "Google Sheets cannot be reached: {reason}",
        "sheets.too_large": "The Google Sheet is too large: about {cells} cells or {megabytes} MB can be read (50,000 customers"
        " in 20 columns). Delete columns that are not needed, or move old customers to another tab.",
        "sheets.problem": "Google Sheets has a problem (error {status}).",
        "sheets.reconnect": "Google does not let us in any more. Connect Google again under Settings.",
        "sheets.switched_off": "The Google Sheets API is switched off. Switch it on: {link}",
        "sheets.not_shared": "Google does not let us use this sheet. Share it with {email}.",
        "sheets.missing": "There is no such Google Sheet, or it is not shared with {email}.",
        "sheets.excel": "This is an Excel file. Open it in Google Sheets and choose File, Save as Google Sheets.",
    }
)


class SheetsError(RemoteError):
    """`kind`: busy down uncertain (these pass), reconnect not_shared switched_off missing excel refused too_large.

    `reason`: for the owner. "uncertain": a call that changes something may have been carried out.
    """

    def __init__(self, kind: str, why: Reason, *, retry_after: float | None = None) -> None:
        super().__init__(why, permanent=kind not in ("busy", "down", "uncertain"), retry_after=retry_after)
        self.kind = kind


@dataclass(frozen=True)
class Tab:
    title: str
    gid: int


class SheetsClient:
    """`patience`: seconds that the pauses between tries may take in all. Safe between threads."""

    def __init__(
        self, account: GoogleAccount, *, patience: float = 120, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._patience = patience
        self._sleep = sleep
        self._session = _Session(account)

    def tabs(self, sheet_id: str) -> tuple[str, list[Tab]]:
        """The sheet's title and its tabs in order; tabs that hold a chart only are left out."""
        params = {"fields": "properties.title,sheets.properties(sheetId,title,sheetType)"}
        found = self._call(lambda google: google.spreadsheets_get(sheet_id, params))
        properties = [one.get("properties", {}) for one in found.get("sheets", [])]
        tabs = [Tab(str(one.get("title", "")), int(one.get("sheetId", 0))) for one in properties if _is_grid(one)]
        return str(found.get("properties", {}).get("title", "")), tabs

    def values(self, sheet_id: str, tab: str, cells: str = "") -> list[list[Any]]:
        """Rows as they are kept: numbers as numbers, dates as text, no trailing blanks. `cells`: "C:C", else everything."""
        params = {
            "valueRenderOption": "UNFORMATTED_VALUE",
            "dateTimeRenderOption": "FORMATTED_STRING",
            "prettyPrint": "false",  # else each cell stands in a line of its own
        }
        found = self._call(lambda google: google.values_get(sheet_id, _range(tab, cells), params))
        rows = found.get("values", [])
        if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
            raise SheetsError("down", Reason("google.unreadable"))
        return rows

    def append(self, sheet_id: str, tab: str, cells: str, rows: Sequence[Sequence[str]]) -> None:
        """Under the table that begins at `cells`, as it is written (RAW): no formula, no number made of a phone.

        One try only when its end is unknown (SheetsError `uncertain`): a second one could make the same rows again.
        """
        params = {"valueInputOption": "RAW", "insertDataOption": "INSERT_ROWS"}
        body = {"values": [list(row) for row in rows]}
        self._call(lambda google: google.values_append(sheet_id, _range(tab, cells), params, body), repeatable=False)

    def write_cells(self, sheet_id: str, tab: str, cells: Mapping[str, str]) -> None:
        """{"F7": "2026-11-21"}: those cells only, RAW. May be repeated."""
        data = [{"range": _range(tab, cell), "values": [[value]]} for cell, value in cells.items()]
        self._call(lambda google: google.values_batch_update(sheet_id, {"valueInputOption": "RAW", "data": data}))

    def _call(self, call: Callable[[Any], Any], *, repeatable: bool = True) -> dict[str, Any]:
        from gspread.http_client import HTTPClient

        google = HTTPClient(cast(Any, None), session=cast(Any, self._session))
        waited = 0.0
        for attempt in range(1, MOST_TRIES + 1):
            try:
                answer = call(google)
                if not isinstance(answer, dict):
                    raise SheetsError("uncertain", Reason("google.unreadable"))
                return answer
            except SheetsError as error:
                pause = max(random.uniform(0, min(LONGEST_PAUSE_S, 2**attempt)), error.retry_after or 0)
                waited += pause
                is_last = attempt == MOST_TRIES or waited > self._patience
                if error.permanent or is_last or (error.kind == "uncertain" and not repeatable):
                    raise
                self._sleep(pause)
        raise AssertionError("unreachable")


class _Session:
    """What gspread takes for a `requests.Session`. Refusals are read here: its APIError fails on bodies of another shape."""

    def __init__(self, account: GoogleAccount) -> None:
        self._account = account
        self._http = HttpClient()

    def request(
        self, method: str, url: str, *, params: Mapping[str, str] | None = None, json: Any = None, **_: Any
    ) -> _Reply:
        """Raises SheetsError unless Google said yes."""
        address = self._account.endpoints.sheets_root + url.removeprefix(_GSPREADS_ROOT)
        answer = self._send(method.upper(), address, params, json)
        if answer.status == 401:  # a token may end before its time
            answer = self._send(method.upper(), address, params, json, renew=True)
        if not answer.ok:
            raise _refusal(answer, self._account.email)
        return _Reply(answer)

    def _send(
        self, method: str, url: str, params: Mapping[str, str] | None, body: Any, *, renew: bool = False
    ) -> Answer:
        token = _token(self._account, renew=renew)
        try:
            return self._http.request(
                method, url, token=token, params=params, json=body, timeouts=TIMEOUTS, max_bytes=LARGEST_ANSWER
            )
        except TooLarge as error:
            raise _too_large() from error
        except RemoteError as error:
            kind = "uncertain" if isinstance(error, Ambiguous) else "down"
            raise SheetsError(kind, Reason("sheets.unreachable", reason=error.reason)) from error


class _Reply:
    ok = True

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def json(self) -> Any:
        """Raises SheetsError."""
        if self._answer.body.count(b",") + 3 * self._answer.body.count(b"[") > MOST_CELLS:
            raise _too_large()
        try:
            return self._answer.json()
        except ValueError as error:  # a page of a proxy, a cut answer
            raise SheetsError("uncertain", Reason("google.unreadable")) from error


def _too_large() -> SheetsError:
    cells = f"{MOST_CELLS - 200_000:,}"
    return SheetsError("too_large", Reason("sheets.too_large", cells=cells, megabytes=LARGEST_ANSWER // 1024**2))


def _token(account: GoogleAccount, *, renew: bool) -> str:
    try:
        return str(account.credentials(renew=renew).token)
    except ReconnectNeeded as error:
        raise SheetsError("reconnect", error.reason) from error
    except RemoteError as error:
        raise SheetsError("down", error.reason, retry_after=error.retry_after) from error


def _refusal(answer: Answer, email: str) -> SheetsError:
    failure = judge(answer.status, answer.body)
    wait = answer.retry_after or failure.retry_after
    if answer.status == 408 or answer.status >= 500:  # a gateway's error says nothing about what happened behind it
        return SheetsError("uncertain", Reason("sheets.problem", status=answer.status), retry_after=wait)
    if failure.kind is Kind.RETRY:
        return SheetsError("busy", Reason("google.wait"), retry_after=wait)
    if failure.kind is Kind.RECONNECT or failure.reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT":
        return SheetsError("reconnect", Reason("sheets.reconnect"))
    if failure.link:
        return SheetsError("switched_off", Reason("sheets.switched_off", link=failure.link))
    if failure.kind is Kind.CONFIG:
        return SheetsError("not_shared", Reason("sheets.not_shared", email=email))
    if failure.kind is Kind.MISSING:
        return SheetsError("missing", Reason("sheets.missing", email=email))
    if failure.reason == "FAILED_PRECONDITION":  # an uploaded file in Drive that only looks like a sheet
        return SheetsError("excel", Reason("sheets.excel"))
    return SheetsError("refused", Reason("google.refused", reason=failure.why))


def _is_grid(properties: Mapping[str, Any]) -> bool:
    return properties.get("sheetType", "GRID") == "GRID"


def _range(tab: str, cells: str) -> str:
    from gspread.utils import absolute_range_name

    return str(absolute_range_name(tab, cells or None))


def a1(row: int, column: int) -> str:
    """(7, 5) -> "F7": rows count from 1, columns from 0."""
    return f"{column_letters(column)}{row}"


def column_letters(column: int) -> str:
    """5 -> "F", counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def read_address(text: str) -> tuple[str, int | None] | None:
    """(sheet id, gid of the tab) of an address or a bare id; None when it is neither."""
    text = text.strip()
    if _ID.fullmatch(text):
        return text, None
    found = re.match(rf"https://docs\.google\.com/(?:a/[^/]+/)?spreadsheets/(?:u/\d+/)?d/({_ID.pattern})(?:[/?#]|$)", text)
    if not found:
        return None
    gid = re.search(r"[#&?]gid=(\d{1,12})\b", text)
    return found[1], int(gid[1]) if gid else None


def row_link(sheet_id: str, gid: int | None, row: int | None = None) -> str:
    """Where a person opens it, at that row."""
    place = f"&range=A{row}:{row}" if row else ""
    return f"https://docs.google.com/spreadsheets/d/{sheet_id}/edit#gid={gid or 0}{place}"
