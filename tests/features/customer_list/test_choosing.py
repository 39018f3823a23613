"""Choosing the Customer List over HTTP: looking first, confirming, held runs, customers who never wrote."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from config import Config
from features.customer_list.actions import is_due
from features.google_account import actions as google_account
from features.settings import country
from integrations.google import auth as google_auth
from integrations.google.auth import Google, GoogleAccount
from tests.builders import inbound, message, post_webhook
from tests.fakes.sheets_server import EMAIL, SHEET_ID, Grid, SheetsServer, key_file, refusal, sheets_server
from tests.features.customer_list.parts import shown
from web.services import Services

ADDRESS = f"https://docs.google.com/spreadsheets/d/{SHEET_ID}/edit#gid=7"
HEADER: list[Any] = ["Kontakt", "Vorname", "Nachname", "Note"]


@pytest.fixture
def server() -> Iterator[SheetsServer]:
    with sheets_server(HEADER, ["+85251234567", "Mei", "Chan", "VIP"], ["51234568", "Raj", "Patel"], ["oops"]) as model:
        model.grids.append(Grid("Old", 8))
        yield model


@pytest.fixture
def config(config: Config, tmp_path: Path, server: SheetsServer) -> Config:
    return replace(config, google_credentials_file=str(key_file(tmp_path, server)))


@pytest.fixture(autouse=True)
def _google(app: Flask, server: SheetsServer) -> None:
    app.extensions["services"].clients.google = Google(server.endpoints)


def csv(text: str, **fields: str) -> dict[str, Any]:
    return {"file": (io.BytesIO(text.encode()), "Kunden 2026.csv"), **fields}


def test_the_tabs_of_an_address_are_listed(admin_client: Any) -> None:
    answer = admin_client.get("/api/customers/tabs", query_string={"sheet": ADDRESS})
    assert answer.json == {
        "sheet_id": SHEET_ID, "title": "Customers 2026", "gid": 7,
        "tabs": [{"title": "Kunden & 'VIP'", "gid": 7}, {"title": "Old", "gid": 8}],
    }  # fmt: skip
    assert admin_client.get("/api/customers/tabs?sheet=customers").json["error"]["code"] == "invalid_sheet"


def test_a_sheet_that_is_not_shared_names_whom_to_share_it_with(admin_client: Any, server: SheetsServer) -> None:
    server.faults.append(refusal(403, "PERMISSION_DENIED"))
    answer = admin_client.get("/api/customers/tabs", query_string={"sheet": ADDRESS})
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "google_not_shared")
    assert EMAIL in answer.json["error"]["message"]


def test_a_person_s_account_is_asked_for_sheets_once_somebody_wants_one(
    owner_client: Any, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = partial(owner_client.get, "/api/customers/tabs", query_string={"sheet": ADDRESS})
    services.config = replace(services.config, google_credentials_file="")
    assert asked().json["error"]["code"] == "google_not_connected"
    drive_only = GoogleAccount(None, kind="user", email="ona@example.com", scopes=[google_auth.SCOPES["drive"]])
    monkeypatch.setattr(google_account, "account", lambda parts: drive_only)
    assert asked().json["error"]["code"] == "google_permission"
    assert "sheet" in google_account.wants(services)
    state = owner_client.get("/api/customers/list").json["google"]
    assert (state["email"], state["may_read"], state["may_write"]) == ("ona@example.com", False, False)


def test_an_admin_does_not_look_through_the_owners_sheets(admin_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    own = GoogleAccount(None, kind="user", email="ona@example.com", scopes=[google_auth.SCOPES["sheet"]])
    monkeypatch.setattr(google_account, "account", lambda parts: own)
    for call in (
        partial(admin_client.get, "/api/customers/tabs", query_string={"sheet": ADDRESS}),
        partial(admin_client.post, "/api/customers/list/preview", json={"sheet": ADDRESS}),
        partial(admin_client.post, "/api/customers/list", json={"sheet": ADDRESS}),
    ):
        assert call().status_code == 403


def test_a_preview_says_what_is_missing_and_proposes_a_column(admin_client: Any) -> None:
    found: Any = admin_client.post("/api/customers/list/preview", json={"sheet": ADDRESS}).json
    assert (found["headers"], found["row_count"], found["customers"]) == (HEADER, 3, 0)
    assert found["rows"][0] == {"number": 2, "values": ["+85251234567", "Mei", "Chan", "VIP"]}
    assert "No column of phone numbers" in found["problem"]
    assert found["suggested_phone"] == "Kontakt"
    columns = {"phone": "Kontakt", "name": "Vorname", "last_name": "Nachname"}
    found = admin_client.post("/api/customers/list/preview", json={"sheet": ADDRESS, **columns}).json
    assert found["mapping"] == {"phone": "Kontakt", "names": ["Vorname", "Nachname"]}
    assert (found["customers"], found["problem"]) == (2, None)
    assert found["warnings"] == [{"row": 4, "reason": "“oops” is not a phone number"}]


def test_a_confirmed_sheet_is_read_at_once_and_kept(
    admin_client: Any, services: Services, server: SheetsServer
) -> None:
    body = {"sheet": ADDRESS, "title": "Customers 2026", "phone": "Kontakt", "name": "Vorname", "last_name": "Nachname"}
    answer: Any = admin_client.post("/api/customers/list", json=body).json
    assert answer["list"] == {
        "kind": "sheet", "title": "Customers 2026, Kunden & 'VIP'", "by_environment": False, "sheet_id": SHEET_ID,
        "tab": "Kunden & 'VIP'", "gid": 7, "mapping": {"phone": "Kontakt", "names": ["Vorname", "Nachname"]},
        "write_back": {"append": False, "last_contacted": "", "status": ""},
        "url": f"https://docs.google.com/spreadsheets/d/{SHEET_ID}/edit#gid=7",
    }  # fmt: skip
    assert answer["google"]["email"] == EMAIL
    assert shown(services) == {"85251234567": "Mei Chan", "85251234568": "Raj Patel"}
    server.rows[0].insert(0, "New first column")  # order is irrelevant, the heading counts
    for row in server.rows[1:]:
        row.insert(0, "")
    assert admin_client.post("/api/customers/sync", json={}).json["run"]["state"] == "done"
    assert len(shown(services)) == 2
    source: Any = admin_client.get("/api/customers/source").json
    assert source["url"] == f"https://docs.google.com/spreadsheets/d/{SHEET_ID}/edit#gid=7&range=A{{row}}:{{row}}"


def test_an_unusable_list_is_not_taken(admin_client: Any) -> None:
    answer = admin_client.post("/api/customers/list", json={"sheet": ADDRESS})
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "list_unreadable")
    assert admin_client.get("/api/customers/list").json["list"]["kind"] is None


def test_an_uploaded_csv_is_looked_at_kept_and_read(admin_client: Any, services: Services) -> None:
    text = "Nr;Kunde;Note\n51234567;Mei;VIP\n51234568;Raj;\n"
    found: Any = admin_client.post("/api/customers/list/preview", data=csv(text)).json
    assert (found["suggested_phone"], found["customers"]) == ("Nr", 0)
    answer: Any = admin_client.post("/api/customers/list", data=csv(text, phone="Nr", name="Kunde")).json
    assert (answer["list"]["kind"], answer["list"]["title"]) == ("csv", "Kunden 2026.csv")
    assert shown(services) == {"85251234567": "Mei", "85251234568": "Raj"}
    assert (services.config.data_dir / "customers.csv").read_text() == text
    assert admin_client.get("/api/customers/source").json["url"] is None


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [({}, 422, "file_missing"), (csv(""), 409, "list_unreadable"), (csv('Phone\n"51'), 409, "list_unreadable")],
)
def test_a_file_that_cannot_be_read_is_refused(admin_client: Any, data: Any, status: int, code: str) -> None:
    answer = admin_client.post("/api/customers/list", data=data, content_type="multipart/form-data")
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)


def test_an_uploaded_list_outlasts_a_power_cut(
    admin_client: Any, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its bytes are on the disk before it has its name, its name before the answer."""
    steps: list[str] = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(descriptor: int) -> None:
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        steps.append(f"fsync {Path(path).name}")
        fsync(descriptor)

    def noted_replace(source: Any, target: Any) -> None:
        steps.append(f"replace {Path(target).name}")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    admin_client.post("/api/customers/list", data=csv("Phone,Name\n51234567,Mei\n"))
    assert steps == ["fsync customers.csv.new", "replace customers.csv", f"fsync {services.config.data_dir.name}"]


def test_a_file_beyond_the_limit_is_refused(admin_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("features.customer_list.choosing.LARGEST_FILE", 10)
    answer = admin_client.post("/api/customers/list/preview", data=csv("Phone\n51234567\n"))
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "file_too_large")


def test_the_columns_of_the_list_in_use_can_be_changed(admin_client: Any, services: Services) -> None:
    admin_client.post("/api/customers/list", data=csv("Phone,Name,Firma\n51234567,Mei,Sea Shop\n"))
    answer = admin_client.patch("/api/customers/list", json={"columns": {"phone": "Phone", "name": "Firma"}})
    assert answer.json["list"]["mapping"] == {"phone": "Phone", "names": ["Firma"]}
    assert shown(services) == {"85251234567": "Sea Shop"}


def test_the_country_of_the_numbers_is_chosen_on_the_page_and_the_list_is_read_again(
    admin_client: Any, agent_client: Any, services: Services
) -> None:
    services.config = replace(services.config, default_country="")
    found = admin_client.post("/api/customers/list", data=csv("Phone,Name\n020 7946 0958,Mei\n")).json["country"]
    assert (found["code"], found["by_environment"], ["GB", 44] in found["choices"]) == (None, False, True)
    assert shown(services) == {}
    typed = {"query_string": {"typed": "020 7946 0958"}}
    assert agent_client.get("/api/phones", **typed).status_code == 422

    answer = admin_client.patch("/api/customers/list", json={"country": "GB"})
    assert answer.json["country"]["code"] == "GB"
    assert shown(services) == {"442079460958": "Mei"}
    assert not is_due(services)
    assert agent_client.get("/api/phones", **typed).json == {"phone": "+442079460958"}
    assert agent_client.get("/api/phones?typed=1234").status_code == 422

    services.db.write(lambda tx: country.choose(tx, "HK"))
    assert is_due(services)
    for wrong in ("XX", "hk", "H"):
        answer = admin_client.patch("/api/customers/list", json={"country": wrong})
        assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid_country")


def test_a_country_of_the_environment_wins(admin_client: Any, services: Services) -> None:
    services.db.write(lambda tx: country.choose(tx, "GB"))
    found = admin_client.get("/api/customers/list").json["country"]
    assert (found["code"], found["by_environment"]) == ("HK", True)
    answer = admin_client.patch("/api/customers/list", json={"country": "GB"})
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "set_by_environment")


def test_leaving_the_list_keeps_the_customers(admin_client: Any, services: Services) -> None:
    admin_client.post("/api/customers/list", data=csv("Phone,Name\n51234567,Mei\n"))
    assert admin_client.delete("/api/customers/list", json={}).json["list"]["kind"] is None
    assert shown(services) == {"85251234567": "Mei"}


def test_the_environment_wins(admin_client: Any, services: Services, tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    path.write_text("Phone,Name\n51234567,Mei\n")
    services.config = replace(services.config, customers_csv=str(path))
    for answer in (
        admin_client.post("/api/customers/list", data=csv("Phone\n51234568\n")),
        admin_client.delete("/api/customers/list", json={}),
    ):
        assert (answer.status_code, answer.json["error"]["code"]) == (409, "set_by_environment")
    found: Any = admin_client.get("/api/customers/list").json["list"]
    assert (found["kind"], found["title"], found["by_environment"]) == ("csv", "shop.csv", True)


def test_a_held_run_is_shown_and_kept_or_accepted(admin_client: Any, services: Services) -> None:
    rows = [f"5123{n:04d},Customer {n}" for n in range(150)]
    admin_client.post("/api/customers/list", data=csv("\n".join(["Phone,Name", *rows])))
    fewer = ["51230000,Zero", *rows[1:30], "51999999,New"]
    held: Any = admin_client.post("/api/customers/list", data=csv("\n".join(["Phone,Name", *fewer]))).json["held_run"]
    found: Any = admin_client.get(f"/api/customers/runs/{held}/diff").json
    assert found["active"] == 150
    assert (found["removed"]["count"], len(found["removed"]["first"])) == (120, 100)
    assert found["removed"]["first"][0] == {"phone": "+85251230030", "name": "Customer 30", "row": 32}
    assert found["added"] == {"count": 1, "first": [{"phone": "+85251999999", "name": "New", "row": 32}]}
    assert found["changed"]["first"] == [
        {"phone": "+85251230000", "name": "Zero", "row": 2, "fields": {"": ["Customer 0", "Zero"]}}
    ]
    assert admin_client.post(f"/api/customers/runs/{held}/keep", json={}).json["run"]["dismissed_at"]
    state = admin_client.get("/api/customers/list").json
    assert (state["held_run"], state["kept_run"]) == (None, held)
    admin_client.post("/api/customers/sync", json={})
    assert len(shown(services)) == 150
    accepted = admin_client.post("/api/customers/sync", json={"confirm": held}).json["run"]
    assert (accepted["state"], accepted["dismissed_at"]) == ("done", None)
    assert len(shown(services)) == 31
    assert admin_client.get("/api/customers/list").json["kept_run"] is None
    assert admin_client.get(f"/api/customers/runs/{held}/diff").status_code == 409
    assert admin_client.get("/api/customers/runs/999/diff").status_code == 404


def test_customers_who_never_wrote_are_found_and_their_chat_opens(
    admin_client: Any, agent_client: Any, client: Any
) -> None:
    rows = ["51234567,Chan Mei,VIP", "51234568,Raj Patel,", "51234569,MÜLLER,", "51234560,Mei Wong,"]
    admin_client.post("/api/customers/list", data=csv("\n".join(["Phone,Name,Note", *rows])))
    post_webhook(client, inbound(message("Hi", sender="85251234560")))

    def find(q: str) -> list[str]:
        answer: Any = agent_client.get("/api/customers", query_string={"q": q}).json
        return [one["name"] for one in answer["customers"]]

    assert find("mei") == ["Chan Mei"]
    assert find("müller") == ["MÜLLER"]
    assert find("5123 4568") == ["Raj Patel"]
    assert find("zzz") == []
    first: Any = agent_client.get("/api/customers?limit=2").json
    then: Any = agent_client.get(f"/api/customers?limit=2&cursor={first['next_cursor']}").json
    assert [one["phone"] for one in first["customers"] + then["customers"]] == ["+85251234567", "+85251234568", "+85251234569"]
    assert then["next_cursor"] is None

    opened = agent_client.post("/api/chats", json={"phone": "+852 5123 4567"})
    chat: Any = opened.json["chat"]
    assert (opened.status_code, chat["name"], chat["window_open"], chat["last_message"]) == (201, "Chan Mei", False, None)
    assert agent_client.post("/api/chats", json={"phone": "85251234567"}).status_code == 200
    details: Any = agent_client.get(f"/api/chats/{chat['id']}/details").json
    assert (details["customer"]["row_number"], details["customer"]["fields"]) == (2, {"Note": "VIP"})
    listed: Any = agent_client.get("/api/chats").json
    assert [one["name"] for one in listed["chats"]] == ["Mei Wong"]
    assert agent_client.get("/api/chats/counts").json["all"] == 1
    assert find("mei") == ["Chan Mei"]
    text = agent_client.post("/api/send", json={"conversation_id": chat["id"], "text": "Hello"})
    assert (text.status_code, text.json["error"]["code"]) == (409, "window_closed")


@pytest.mark.parametrize("body", [{}, {"phone": ""}, {"phone": "Mei"}, {"phone": 5}])
def test_a_chat_needs_a_phone_number(agent_client: Any, body: Any) -> None:
    assert agent_client.post("/api/chats", json=body).status_code == 422


def test_agents_search_but_do_not_choose(agent_client: Any, anonymous: Any) -> None:
    assert agent_client.get("/api/customers").status_code == 200
    for method, path in (
        ("get", "/api/customers/list"), ("post", "/api/customers/list"), ("patch", "/api/customers/list"),
        ("delete", "/api/customers/list"), ("post", "/api/customers/list/preview"), ("get", "/api/customers/tabs"),
        ("get", "/api/customers/runs/1/diff"), ("post", "/api/customers/runs/1/keep"),
    ):  # fmt: skip
        assert getattr(agent_client, method)(path, json={}).status_code == 403, path
    assert anonymous.get("/api/customers").status_code == 401
    assert anonymous.get("/api/customers/source").status_code == 401
