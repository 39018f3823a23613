"""The Customer List over HTTP."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from config import Config
from tests.features.customer_list.parts import shown, write_list
from web.services import Services


@pytest.fixture
def config(config: Config, tmp_path: Path) -> Config:
    return replace(config, customers_csv=str(tmp_path / "customers.csv"))


def sync(client: FlaskClient, **body: Any) -> Any:
    return client.post("/api/customers/sync", json=body)


def test_an_admin_reads_the_list_and_sees_the_run(admin_client: FlaskClient, services: Services) -> None:
    write_list(services, "51234567,Chan Mei,VIP", "oops,Raj,")
    answer = sync(admin_client)
    assert answer.status_code == 200, answer.text
    run = answer.json["run"]
    assert answer.json["changed"] is True
    assert (run["state"], run["source"], run["rows_read"], run["added"]) == ("done", "customers.csv", 2, 1)
    assert run["warnings"] == [{"row": 3, "reason": "“oops” is not a phone number"}]
    assert run["started_at"].endswith("Z") and run["finished_at"].endswith("Z")
    again = sync(admin_client)
    assert (again.json["changed"], again.json["run"]["id"]) == (False, run["id"])
    assert admin_client.get("/api/customers/runs").json == {"runs": [run], "next_cursor": None}


def test_runs_page_newest_first(admin_client: FlaskClient, services: Services) -> None:
    for n in range(5):
        write_list(services, f"51234567,Mei {n},")
        sync(admin_client)
    seen: list[int] = []
    cursor = ""
    while cursor is not None:
        answer: Any = admin_client.get(f"/api/customers/runs?limit=2&cursor={cursor}").json
        seen += [run["id"] for run in answer["runs"]]
        cursor = answer["next_cursor"]
    assert seen == [5, 4, 3, 2, 1]


def test_a_held_run_is_confirmed_by_its_id(admin_client: FlaskClient, services: Services) -> None:
    rows = [f"5123{n:04d},Customer {n}," for n in range(40)]
    write_list(services, *rows)
    sync(admin_client)
    write_list(services, *rows[:10])
    held = sync(admin_client).json["run"]
    assert (held["state"], held["error"]) == ("held", "30 of 40 customers are not in the list any more.")
    confirmed = sync(admin_client, confirm=held["id"]).json["run"]
    assert (confirmed["id"], confirmed["state"], confirmed["removed"]) == (held["id"], "done", 30)
    assert len(shown(services)) == 10
    assert sync(admin_client, confirm=held["id"]).status_code == 409
    assert sync(admin_client, confirm=999).status_code == 404


@pytest.mark.parametrize("confirm", ["1", 0, -1, 2**63, 1.5, True, [1]])
def test_a_confirmation_that_is_no_id_is_refused(admin_client: FlaskClient, confirm: Any) -> None:
    assert sync(admin_client, confirm=confirm).status_code == 422


def test_a_missing_file_is_a_failed_run(admin_client: FlaskClient) -> None:
    run = sync(admin_client).json["run"]
    assert run["state"] == "failed"
    assert "There is no file" in run["error"]


def test_without_a_list_there_is_nothing_to_read(config: Config, admin_client: FlaskClient, services: Services) -> None:
    services.config = replace(config, customers_csv="")
    answer = sync(admin_client)
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "no_customer_list")


def test_only_admins(agent_client: FlaskClient, anonymous: FlaskClient) -> None:
    assert agent_client.get("/api/customers/runs").status_code == 403
    assert sync(agent_client).status_code == 403
    assert anonymous.get("/api/customers/runs").status_code == 401
    assert sync(anonymous).status_code == 401


@pytest.mark.parametrize("query", ["limit=0", "cursor=x"])
def test_bad_paging_is_refused(admin_client: FlaskClient, query: str) -> None:
    assert admin_client.get(f"/api/customers/runs?{query}").status_code == 422
