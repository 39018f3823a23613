"""gspread through our HTTP seam against our own model of Google Sheets: what is read and written, and what goes wrong."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.headings import Choice, map_headers
from core.reason import Reason
from core.tables import SourceError
from integrations.google import sheets as google_sheets
from integrations.google.auth import GoogleAccount
from integrations.google.sheets import SheetsClient, SheetsError, Tab, a1, read_address, row_link
from integrations.http.client import Timeouts
from sheet_manager import SheetPlace, SheetSource, cell_text
from tests.fakes.sheets_server import EMAIL, SHEET_ID, Fault, Grid, SheetsServer, account_for, refusal, sheets_server

ROWS: tuple[list[Any], ...] = (["Phone", "Name", "Since"], ["+85251234567", "Mei", 45000], [85251234568, "Raj"], [], ["x"])
TAB = "Kunden & 'VIP'"


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SheetsServer, GoogleAccount]]:
    with sheets_server() as server:
        yield server, account_for(server, tmp_path_factory.mktemp("key"))


@pytest.fixture
def server(google: tuple[SheetsServer, GoogleAccount]) -> SheetsServer:
    model = google[0]
    model.grids[:] = [Grid(TAB, 7, [list(row) for row in ROWS]), Grid("Old", 8)]
    model.faults.clear()
    model.calls.clear()
    model.bodies.clear()
    return model


@pytest.fixture
def account(google: tuple[SheetsServer, GoogleAccount]) -> GoogleAccount:
    return google[1]


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def client(account: GoogleAccount, pauses: list[float]) -> SheetsClient:
    return SheetsClient(account, sleep=pauses.append)


def test_tabs_and_values_come_through_gspread(server: SheetsServer, client: SheetsClient) -> None:
    assert client.tabs(SHEET_ID) == ("Customers 2026", [Tab(TAB, 7), Tab("Old", 8)])
    assert client.values(SHEET_ID, TAB) == [list(row) for row in ROWS]
    assert client.values(SHEET_ID, TAB, "B:B") == [["Name"], ["Mei"], ["Raj"], [], []]
    assert client.values(SHEET_ID, "Old") == []


def test_what_is_written_is_raw(server: SheetsServer, client: SheetsClient) -> None:
    """A name that looks like a formula stays a name (RAW); the model refuses any other way of writing."""
    client.append(SHEET_ID, TAB, "A1:C1", [["+85251230000", '=HYPERLINK("https://x.example")', "@sum"]])
    client.write_cells(SHEET_ID, TAB, {"C2": "-1+1", "D3": "=1+1"})
    assert server.rows[-1] == ["+85251230000", '=HYPERLINK("https://x.example")', "@sum"]
    assert (server.rows[1][2], server.rows[2][3]) == ("-1+1", "=1+1")


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (refusal(403, "PERMISSION_DENIED"), "not_shared", EMAIL),
        (refusal(404, "NOT_FOUND"), "missing", EMAIL),
        (refusal(400, "FAILED_PRECONDITION"), "excel", "Save as Google Sheets"),
        (refusal(400, "INVALID_ARGUMENT"), "refused", "INVALID_ARGUMENT"),
        (refusal(403, "PERMISSION_DENIED", reason="ACCESS_TOKEN_SCOPE_INSUFFICIENT"), "reconnect", "Connect Google again"),
        (
            refusal(403, "PERMISSION_DENIED", reason="SERVICE_DISABLED", metadata={"activationUrl": "https://console.developers.google.com/apis/x"}),
            "switched_off",
            "https://console.developers.google.com/apis/x",
        ),
        (Fault(403, b"<html>no</html>"), "not_shared", EMAIL),
        (Fault(404, b'{"error": "x"}'), "missing", EMAIL),
        (Fault(418, b"[]"), "refused", "418"),
        (Fault(302, b"", (("Location", "https://evil.example/"),)), "refused", "302"),
    ],
)  # fmt: skip
def test_a_refusal_is_put_in_words_and_not_repeated(
    server: SheetsServer, client: SheetsClient, pauses: list[float], fault: Fault, kind: str, words: str
) -> None:
    server.faults.append(fault)
    with pytest.raises(SheetsError, match=words) as caught:
        client.values(SHEET_ID, TAB)
    assert (caught.value.kind, caught.value.permanent) == (kind, True)
    assert len(server.calls) == 1 and pauses == []


@pytest.mark.parametrize(
    "fault",
    [
        refusal(429, "RESOURCE_EXHAUSTED"), refusal(403, "PERMISSION_DENIED", reason="rateLimitExceeded"), refusal(500, "INTERNAL"),
        refusal(503, "UNAVAILABLE"), Fault(502, b"<html>gateway</html>"), Fault(200, b"<html>welcome to the hotel</html>"),
        Fault(200, b"[]"), Fault(200, b'{"values": "x"}'), Fault(cut=True),
    ],
)  # fmt: skip
def test_what_passes_is_tried_again(server: SheetsServer, client: SheetsClient, pauses: list[float], fault: Fault) -> None:
    server.faults += [fault, fault]
    if fault.body == b'{"values": "x"}':
        with pytest.raises(SheetsError, match="could not be understood"):
            client.values(SHEET_ID, TAB)
        return
    assert client.values(SHEET_ID, TAB)[0] == ROWS[0]
    assert len(server.calls) == 3
    assert len(pauses) == 2 and 0 <= pauses[0] <= 2 and 0 <= pauses[1] <= 4


def test_after_five_tries_it_gives_up(server: SheetsServer, client: SheetsClient, pauses: list[float]) -> None:
    server.faults += [refusal(429, "RESOURCE_EXHAUSTED")] * 9
    with pytest.raises(SheetsError, match="asks us to wait") as caught:
        client.values(SHEET_ID, TAB)
    assert not caught.value.permanent
    assert (len(server.calls), len(pauses)) == (5, 4)


def test_googles_own_pause_is_kept_and_patience_is_not_exceeded(server: SheetsServer, account: GoogleAccount) -> None:
    waits = (("Retry-After", "9"),)
    server.faults += [Fault(429, headers=waits)] * 9
    pauses: list[float] = []
    with pytest.raises(SheetsError) as caught:
        SheetsClient(account, patience=20, sleep=pauses.append).values(SHEET_ID, TAB)
    assert pauses == [9, 9]
    assert caught.value.retry_after == 9


def test_a_server_that_hangs_is_left(
    server: SheetsServer, account: GoogleAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(google_sheets, "TIMEOUTS", Timeouts(1, 0.2, 1))
    release = threading.Event()
    server.faults.append(Fault(wait=release))
    try:
        with pytest.raises(SheetsError, match="did not answer in time"):
            SheetsClient(account, patience=-1).values(SHEET_ID, TAB)
    finally:
        release.set()


def test_the_time_outs_are_those_that_were_decided() -> None:
    assert (google_sheets.TIMEOUTS.connect, google_sheets.TIMEOUTS.read) == (5, 30)


@pytest.mark.parametrize(
    "fault",
    [Fault(cut=True, applied=True), Fault(503, applied=True), Fault(200, b"<html>", applied=True), Fault(200, b"[]", applied=True)],
)
def test_an_append_whose_end_is_unknown_is_not_repeated(
    server: SheetsServer, client: SheetsClient, fault: Fault
) -> None:
    server.faults.append(fault)
    with pytest.raises(SheetsError) as caught:
        client.append(SHEET_ID, TAB, "A1:C1", [["+85251230000", "Sofia", ""]])
    assert caught.value.kind == "uncertain"
    assert [row[:1] for row in server.rows].count(["+85251230000"]) == 1


def test_fifty_thousand_customers_in_twenty_columns_are_read(server: SheetsServer, client: SheetsClient) -> None:
    details = ["Flat 3, 12 Harbour Road"] * 2 + ["v"] * 16
    server.rows[:] = [["Phone", "Name", *map(str, range(18))]]
    server.rows.extend([f"+852510{number:05d}", f"Customer {number}", *details] for number in range(50_000))
    assert len(client.values(SHEET_ID, TAB)) == 50_001


@pytest.mark.parametrize("limit", ["LARGEST_ANSWER", "MOST_CELLS"])
def test_a_sheet_that_would_not_fit_into_memory_is_refused_in_words(
    server: SheetsServer, client: SheetsClient, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(google_sheets, limit, 20)
    with pytest.raises(SheetsError, match="50,000 customers in 20 columns") as caught:
        client.values(SHEET_ID, TAB)
    assert (caught.value.kind, len(server.calls)) == ("too_large", 1)


def test_an_append_that_was_told_to_wait_is_repeated(server: SheetsServer, client: SheetsClient) -> None:
    server.faults.append(refusal(429, "RESOURCE_EXHAUSTED"))
    client.append(SHEET_ID, TAB, "A1:C1", [["+85251230000", "Sofia", ""]])
    assert [row[:1] for row in server.rows].count(["+85251230000"]) == 1


def test_a_token_that_ended_early_is_renewed_once(server: SheetsServer, client: SheetsClient) -> None:
    server.faults.append(refusal(401, "UNAUTHENTICATED"))
    assert client.values(SHEET_ID, TAB)[0] == ROWS[0]
    server.faults += [refusal(401, "UNAUTHENTICATED")] * 2
    with pytest.raises(SheetsError) as caught:
        client.values(SHEET_ID, TAB)
    assert caught.value.kind == "reconnect"


def test_an_account_that_google_refused_is_not_asked_again(server: SheetsServer) -> None:
    dead = GoogleAccount(None, kind="user", email="ona@example.com", scopes=[], dead=Reason("google.reconnect"))
    with pytest.raises(SheetsError, match="connect again") as caught:
        SheetsClient(dead).values(SHEET_ID, TAB)
    assert (caught.value.kind, server.calls) == ("reconnect", [])


# ---------------------------------------------------------------- as a Customer List


def test_a_sheet_is_a_table_with_real_row_numbers(server: SheetsServer, client: SheetsClient) -> None:
    source = SheetSource(client, SheetPlace(SHEET_ID))
    table = source.read()
    assert source.place == SheetPlace(SHEET_ID, TAB, 7)
    assert (table.headers, table.header_row) == (("Phone", "Name", "Since"), 1)
    assert [(row.number, row.values, sorted(row.numeric)) for row in table.rows] == [
        (2, ("+85251234567", "Mei", "45000"), [2]), (3, ("85251234568", "Raj", ""), [0]), (5, ("x", "", ""), []),
    ]  # fmt: skip
    server.calls.clear()
    assert source.read().digest == table.digest
    assert len(server.calls) == 1  # the tab is known now
    server.rows[1][1] = "Mei Ling"
    assert source.read().digest != table.digest


def test_a_tab_that_was_renamed_is_found_and_one_that_is_gone_is_said(server: SheetsServer, client: SheetsClient) -> None:
    source = SheetSource(client, SheetPlace(SHEET_ID, TAB, 7))
    server.grids[0].title = "Clients"
    assert source.read().headers[0] == "Phone"
    assert source.place.tab == "Clients"
    del server.grids[0]
    with pytest.raises(SourceError, match="no tab “Clients” any more"):
        source.read()


def test_a_tab_is_chosen_by_its_name(server: SheetsServer, client: SheetsClient) -> None:
    server.grids[1].rows = [["電話"], ["51234567"]]
    source = SheetSource(client, SheetPlace(SHEET_ID, "Old"))
    assert source.read().headers == ("電話",)
    assert source.place.gid == 8


def test_an_empty_sheet_and_a_refusal_are_said(server: SheetsServer, client: SheetsClient) -> None:
    source = SheetSource(client, SheetPlace(SHEET_ID, "Old", 8), name="Customers, Old")
    with pytest.raises(SourceError, match="Customers, Old is empty"):
        source.read()
    server.faults.append(refusal(403, "PERMISSION_DENIED"))
    with pytest.raises(SourceError, match=EMAIL):
        source.read()


def test_what_we_write_ourselves_is_no_change_and_no_field(server: SheetsServer, client: SheetsClient) -> None:
    server.rows[0].append("Last contacted")
    choice = Choice(left_out=("last contacted",))
    source = SheetSource(client, SheetPlace(SHEET_ID, TAB, 7), choice)
    before = source.read()
    server.rows[1].append("2026-11-21 10:00")
    after = source.read()
    assert before.digest == after.digest
    assert list(map_headers(after.headers, choice).fields) == ["Since"]


@pytest.mark.parametrize(
    ("cell", "text"),
    [(85251234567, "85251234567"), (85251234567.0, "85251234567"), (1.5, "1.5"), (True, "TRUE"), (False, "FALSE"), (None, ""),
     ("#N/A", "#N/A"), (2**60, str(2**60)), (1e300, "1e+300"), ({}, "")],
)  # fmt: skip
def test_cells_become_text_without_loss(cell: Any, text: str) -> None:
    assert cell_text(cell) == text


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (SHEET_ID, (SHEET_ID, None)),
        (f" https://docs.google.com/spreadsheets/d/{SHEET_ID}/edit?gid=7#gid=7 ", (SHEET_ID, 7)),
        (f"https://docs.google.com/spreadsheets/u/1/d/{SHEET_ID}/", (SHEET_ID, None)),
        (f"https://docs.google.com/a/shop.example/spreadsheets/d/{SHEET_ID}", (SHEET_ID, None)),
        (f"https://evil.example/spreadsheets/d/{SHEET_ID}/edit", None),
        ("https://docs.google.com/spreadsheets/d/e/2PACX-1vAbCdEfGhIjKlMnOpQr/pubhtml", None),
        ("customers", None),
        ("", None),
    ],
)
def test_an_address_gives_the_sheet_and_its_tab(typed: str, found: Any) -> None:
    assert read_address(typed) == found


def test_places_are_written_as_people_read_them() -> None:
    assert [a1(7, 0), a1(1, 25), a1(2, 26), a1(3, 701), a1(4, 702)] == ["A7", "Z1", "AA2", "ZZ3", "AAA4"]
    assert row_link(SHEET_ID, 7, 12) == f"https://docs.google.com/spreadsheets/d/{SHEET_ID}/edit#gid=7&range=A12:12"


def test_an_inbox_without_google_loads_nothing_of_it() -> None:
    script = (
        "import sys, sheet_manager, features.customer_list.routes;"
        "found = [name for name in sys.modules if name.split('.')[0] in ('gspread', 'google', 'googleapiclient')];"
        "sys.exit(str(found) if found else 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=Path(__file__).parent.parent)
    assert done.returncode == 0, done.stderr
