"""Writing into the owner's sheet: off by default, by phone number and never by a remembered row, nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from config import Config
from features.customer_list import actions, write_back
from features.customer_list.jobs import write_to_sheet
from integrations.google.auth import Google
from system import clock
from tests.builders import NOON, contact, inbound, message, post_webhook
from tests.fakes.sheets_server import SHEET_ID, Fault, SheetsServer, key_file, refusal, sheets_server
from web.services import Services

MEI, TOM = "85251234567", "85251239999"
HEADER: list[Any] = ["Phone", "Name", "Note", "Last contacted", "Status"]
ALL = {"append": True, "last_contacted": "Last contacted", "status": "Status"}


@pytest.fixture
def server() -> Iterator[SheetsServer]:
    with sheets_server(HEADER, ["+85251234567", "Mei", "VIP"], [85251234568, "Raj"]) as model:
        yield model


@pytest.fixture
def config(config: Config, tmp_path: Path, server: SheetsServer) -> Config:
    key = str(key_file(tmp_path, server))
    return replace(config, customer_sheet_id=SHEET_ID, google_credentials_file=key, timezone="Asia/Hong_Kong")


@pytest.fixture
def parts(app: Flask, services: Services, server: SheetsServer, monkeypatch: pytest.MonkeyPatch) -> Services:
    services.clients.google = Google(server.endpoints)
    monkeypatch.setattr(write_back, "PATIENCE_S", -1)
    actions.sync(services)
    return services


def write(client: Any, phone: str, name: str = "Tom Lee", at: int = NOON) -> None:
    body = inbound(message("Hi", sender=phone, at=at), contacts=[contact(phone, name)])
    assert post_webhook(client, body).status_code == 200


def switch_on(admin_client: Any, **values: Any) -> Any:
    return admin_client.patch("/api/customers/list", json={"write_back": ALL | values})


def to_write(admin_client: Any) -> Any:
    return admin_client.get("/api/customers/list").json["to_write"]


def test_off_by_default_nothing_is_asked_and_nothing_is_remembered(
    parts: Services, client: Any, admin_client: Any, server: SheetsServer
) -> None:
    server.calls.clear()
    write(client, TOM)
    write_to_sheet(parts)
    assert (server.calls, len(server.rows)) == ([], 3)
    assert switch_on(admin_client).status_code == 200
    write_to_sheet(parts)
    assert len(server.rows) == 3  # who wrote before is not added afterwards


def test_a_new_customer_is_added_and_known_ones_are_filled_in(
    parts: Services, client: Any, admin_client: Any, server: SheetsServer
) -> None:
    assert switch_on(admin_client).json["list"]["write_back"] == ALL
    write(client, TOM)
    write(client, MEI)
    write_to_sheet(parts)
    assert server.rows[1] == ["+85251234567", "Mei", "VIP", "2026-09-21 22:13", "Waiting"]
    assert server.rows[3] == ["+85251239999", "Tom Lee", "", "2026-09-21 22:13", "Waiting"]
    assert to_write(admin_client) == {"count": 0, "problem": None}
    server.calls.clear()
    write_to_sheet(parts)
    assert server.calls == []
    actions.sync(parts)
    run = admin_client.get("/api/customers/runs").json["runs"][0]
    assert (run["added"], run["changed"]) == (1, 0)  # what we wrote ourselves is no news


def test_values_that_look_like_formulas_stay_text(
    parts: Services, client: Any, admin_client: Any, server: SheetsServer
) -> None:
    switch_on(admin_client)
    names = ['=IMPORTXML("https://x.example")', "+1+1", "-2", "@SUM(A1)"]
    for number, name in enumerate(names):
        write(client, f"8525123000{number}", name)
    write_to_sheet(parts)
    assert sorted(row[1] for row in server.rows[3:]) == sorted(names)  # the model takes RAW only


def test_rows_that_moved_meanwhile_are_found_by_their_phone(
    parts: Services, client: Any, admin_client: Any, server: SheetsServer
) -> None:
    switch_on(admin_client)
    server.rows.insert(1, ["+85251110000", "Newcomer"])
    for row in server.rows:
        row.insert(0, "Nr" if row is server.rows[0] else "")
    write(client, MEI)
    write_to_sheet(parts)
    assert server.rows[2] == ["", "+85251234567", "Mei", "VIP", "2026-09-21 22:13", "Waiting"]
    assert len(server.rows[1]) == 3


@pytest.mark.parametrize("applied", [True, False])
def test_an_append_whose_end_is_unknown_makes_one_row_in_the_end(
    parts: Services, client: Any, admin_client: Any, server: SheetsServer, applied: bool
) -> None:
    """Failure mode 29: read again, look for the phone, only then repeat."""
    switch_on(admin_client)
    write(client, TOM)
    server.faults += [None, None, None, Fault(cut=True, applied=applied)]  # tabs, headings, phone column, then the append
    write_to_sheet(parts)
    assert to_write(admin_client)["count"] == 1
    asked = len(server.calls)
    write_to_sheet(parts)
    assert len(server.calls) == asked  # not at once: the first call may still be on its way
    with clock.freeze(clock.now() + write_back.UNKNOWN_PAUSE_S + 1):
        write_to_sheet(parts)
    assert [row[0] for row in server.rows].count("+85251239999") == 1
    assert to_write(admin_client)["count"] == 0


@pytest.mark.parametrize(
    ("fault", "words"),
    [(refusal(429, "RESOURCE_EXHAUSTED"), "asks us to wait"), (refusal(403, "PERMISSION_DENIED"), "Share it with"),
     (Fault(503), "error 503")],
)  # fmt: skip
def test_what_could_not_be_written_waits_and_is_said(
    parts: Services, client: Any, admin_client: Any, server: SheetsServer, fault: Fault, words: str
) -> None:
    switch_on(admin_client)
    write(client, MEI)
    server.faults.append(fault)
    write_to_sheet(parts)
    waiting = to_write(admin_client)
    assert waiting["count"] == 1 and words in waiting["problem"]
    with clock.freeze(clock.now() + 4000):
        write_to_sheet(parts)
    assert server.rows[1][4] == "Waiting"
    assert to_write(admin_client)["count"] == 0


def test_somebody_whom_the_owner_took_out_is_not_added_again(
    parts: Services, client: Any, admin_client: Any, server: SheetsServer
) -> None:
    switch_on(admin_client)
    del server.rows[1]
    write(client, MEI)
    write_to_sheet(parts)
    assert len(server.rows) == 2


def test_only_what_is_switched_on_is_written(
    parts: Services, client: Any, admin_client: Any, server: SheetsServer
) -> None:
    switch_on(admin_client, append=False, last_contacted="")
    write(client, TOM)
    write(client, MEI)
    write_to_sheet(parts)
    assert len(server.rows) == 3
    assert server.rows[1] == ["+85251234567", "Mei", "VIP", "", "Waiting"]


def test_a_column_that_was_renamed_stops_the_writing_in_words(
    parts: Services, client: Any, admin_client: Any, server: SheetsServer
) -> None:
    switch_on(admin_client)
    server.rows[0][3] = "Zuletzt"
    write(client, MEI)
    write_to_sheet(parts)
    assert "no column “Last contacted”" in to_write(admin_client)["problem"]
    assert len(server.rows[1]) == 3


@pytest.mark.parametrize(
    ("values", "words"),
    [({"last_contacted": "Nowhere"}, "no column"), ({"status": "Name"}, "holds names"), ({"status": "Phone"}, "holds names"),
     ({"status": "Last contacted"}, "two different")],
)  # fmt: skip
def test_columns_that_cannot_be_filled_are_refused(parts: Services, admin_client: Any, values: Any, words: str) -> None:
    answer = switch_on(admin_client, **values)
    assert answer.status_code == 409 and words in answer.json["error"]["message"]


def test_switching_off_forgets_what_was_to_be_written(
    parts: Services, client: Any, admin_client: Any, server: SheetsServer
) -> None:
    switch_on(admin_client)
    write(client, MEI)
    server.faults.append(Fault(503))
    write_to_sheet(parts)
    switch_on(admin_client, append=False, last_contacted="", status="")
    assert to_write(admin_client)["count"] == 0
    server.calls.clear()
    write_to_sheet(parts)
    assert server.calls == []


def test_a_file_cannot_be_written_into(parts: Services, admin_client: Any) -> None:
    parts.config = replace(parts.config, customer_sheet_id="", customers_csv="/nowhere.csv")
    answer = switch_on(admin_client)
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "no_sheet")
