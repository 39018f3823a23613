"""A Google Sheet as the Customer List: what is asked of Google, what goes wrong there, and what the mirror shows meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.reason import from_plain, read
from features.customer_list import actions, queries
from features.customer_list.jobs import sync_customers
from integrations.google.auth import Google
from system import clock
from tests.fakes.sheets_server import EMAIL, SHEET_ID, Fault, SheetsServer, key_file, refusal, sheets_server
from tests.features.customer_list.parts import open_parts, shown
from web.services import Services

HEADER: list[Any] = ["Phone", "Name", "Note"]


@pytest.fixture
def server() -> Iterator[SheetsServer]:
    with sheets_server(HEADER, ["+85251234567", "Mei", "VIP"], [85251234568, "Raj"]) as model:
        yield model


@pytest.fixture
def parts(tmp_path: Path, server: SheetsServer) -> Iterator[Services]:
    opened = open_parts(tmp_path)
    key = key_file(tmp_path, server)
    opened.config = replace(opened.config, customers_csv="", customer_sheet_id=SHEET_ID, google_credentials_file=str(key))
    opened.clients.google = Google(server.endpoints)
    yield opened
    opened.db.close()


def newest_run(parts: Services) -> dict[str, Any]:
    with parts.db.read() as connection:
        row = queries.newest_run(connection)
    assert row is not None
    return dict(row)


def writes(parts: Services, run: Any) -> int:
    """How many commits `run()` made."""
    before = parts.db.write
    count = 0

    def counting(fn: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal count
        count += 1
        return before(fn, *args, **kwargs)

    parts.db.write = counting  # type: ignore[method-assign, assignment]
    try:
        run()
    finally:
        parts.db.write = before  # type: ignore[method-assign]
    return count


def test_a_sheet_is_mirrored_and_its_odd_cells_are_reported(parts: Services, server: SheetsServer) -> None:
    server.rows.append(["+852 5123 4567", "Mei again"])
    server.rows.append(["", "Nobody"])
    server.rows.append(["#REF!", "Broken"])
    server.rows.append([51230001, "#N/A", True])
    sync_customers(parts)
    run = newest_run(parts)
    assert (run["state"], run["rows_read"], run["added"]) == ("done", 6, 3)
    assert shown(parts) == {"85251234567": "Mei", "85251234568": "Raj", "85251230001": ""}
    assert [(one["row"], str(from_plain(one["reason"]))) for one in json.loads(run["warnings"])] == [
        (4, "the same phone number as row 2, which counts"),
        (5, "no phone number"),
        (6, "the formula in the phone column gives an error"),
        (7, "a formula gives an error; the cell counts as blank"),
        (3, "the phone is kept as a number; it was read as +85251234568"),
        (7, "the phone is kept as a number; it was read as +85251230001"),
    ]


def test_an_unchanged_sheet_costs_one_read_a_minute_and_no_write(parts: Services, server: SheetsServer) -> None:
    sync_customers(parts)
    server.calls.clear()
    assert writes(parts, lambda: sync_customers(parts)) == 0
    assert len(server.calls) == 1
    server.rows[1][1] = "Mei Ling"
    sync_customers(parts)
    assert shown(parts)["85251234567"] == "Mei Ling"
    assert newest_run(parts)["changed"] == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (refusal(403, "PERMISSION_DENIED"), f"Share it with {EMAIL}."),
        (refusal(404, "NOT_FOUND"), f"not shared with {EMAIL}."),
        (refusal(429, "RESOURCE_EXHAUSTED"), "Google asks us to wait (too many requests)."),
        (Fault(503), "Google Sheets has a problem (error 503)."),
        (Fault(cut=True), "The connection to 127.0.0.1 broke before the answer was complete."),
        (Fault(200, b"<html>hotel</html>"), "Google's answer could not be understood."),
    ],
)
def test_what_goes_wrong_at_google_leaves_the_mirror_and_is_said(
    parts: Services, server: SheetsServer, fault: Fault, words: str
) -> None:
    """Failure modes 13, 14 and 25."""
    actions.sync(parts)
    server.faults += [fault] * 20
    actions.sync(parts, patience=-1)
    run = newest_run(parts)
    assert run["state"] == "failed" and words in str(read(run["error"]))
    assert len(shown(parts)) == 2
    server.faults.clear()
    actions.sync(parts)
    assert (newest_run(parts)["state"], newest_run(parts)["error"]) == ("done", None)


def test_the_clock_leaves_google_alone_for_longer_and_longer(parts: Services, server: SheetsServer) -> None:
    server.faults += [refusal(403, "PERMISSION_DENIED")] * 20
    waited = []
    now = 1_800_000_000
    for _ in range(6):
        with clock.freeze(now):
            sync_customers(parts)
            run = newest_run(parts)
            waited.append(run["retry_at"] - now)
            asked = len(server.calls)
            sync_customers(parts)
            assert len(server.calls) == asked  # too soon
        now = run["retry_at"]
    assert waited == [60, 120, 240, 480, 600, 600]
    with parts.db.read() as connection:
        assert len(queries.runs(connection, None, 10)) == 1


def test_googles_own_pause_is_kept(parts: Services, server: SheetsServer) -> None:
    server.faults.append(Fault(429, headers=(("Retry-After", "1800"),)))
    actions.sync(parts, patience=1)
    run = newest_run(parts)
    assert run["retry_at"] - run["finished_at"] == 1800


def test_a_renamed_phone_column_stops_the_sync_and_an_alias_does_not(parts: Services, server: SheetsServer) -> None:
    """Failure mode 26."""
    actions.sync(parts)
    server.rows[0][0] = "Mobile"
    actions.sync(parts)
    assert newest_run(parts)["state"] == "done"
    server.rows[0][0] = "Kontakt"
    actions.sync(parts)
    run = newest_run(parts)
    assert run["state"] == "failed" and "No column of phone numbers" in str(read(run["error"]))
    assert len(shown(parts)) == 2


@pytest.mark.parametrize("left", [[], [HEADER]])
def test_a_blank_sheet_takes_nobody_away(parts: Services, server: SheetsServer, left: list[Any]) -> None:
    """Failure mode 27."""
    actions.sync(parts)
    server.rows[:] = left
    for _ in range(3):
        actions.sync(parts)
    assert newest_run(parts)["state"] == ("held" if left else "failed")
    assert len(shown(parts)) == 2


def test_a_row_that_is_gone_goes_after_two_reads(parts: Services, server: SheetsServer) -> None:
    server.rows[:] = [HEADER, *([f"+8525123{n:04d}", f"Customer {n}"] for n in range(30))]
    actions.sync(parts)
    del server.rows[5]
    sync_customers(parts)
    assert len(shown(parts)) == 30
    sync_customers(parts)
    assert len(shown(parts)) == 29


def test_without_an_account_the_run_says_so(parts: Services) -> None:
    parts.config = replace(parts.config, google_credentials_file="")
    actions.sync(parts)
    assert "Google is not connected" in str(read(newest_run(parts)["error"]))
    parts.config = replace(parts.config, google_credentials_file="/nowhere.json")
    actions.sync(parts)
    assert "GOOGLE_CREDENTIALS_FILE" in str(read(newest_run(parts)["error"]))


def test_a_sheet_id_that_is_none_is_said(parts: Services) -> None:
    parts.config = replace(parts.config, customer_sheet_id="https://example.com/customers")
    actions.sync(parts)
    assert "is no address of a Google Sheet" in str(read(newest_run(parts)["error"]))


def test_the_environments_tab_is_read(parts: Services, server: SheetsServer) -> None:
    from tests.fakes.sheets_server import Grid

    server.grids.append(Grid("2026", 9, [HEADER, ["+85251239999", "Tom"]]))
    parts.config = replace(parts.config, customer_sheet_tab="2026")
    actions.sync(parts)
    assert shown(parts) == {"85251239999": "Tom"}
