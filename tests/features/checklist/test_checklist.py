"""The checklist's steps as things change, and the live check from the shell."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from sandbox.graph import GraphDouble
from tests.conftest import signed_in
from tests.features.numbers.connecting import House


def steps(house: House) -> dict[str, str]:
    return {step["name"]: step["state"] for step in house.ona.get("/api/checklist").get_json()["steps"]}


def hear_webhooks(house: House, meta: GraphDouble) -> None:
    def deliver(body: bytes, headers: dict[str, str]) -> int:
        return house.app.test_client().post("/webhook/whatsapp", data=body, headers=headers).status_code

    meta.courier.endpoint = deliver


def test_every_step_says_what_to_do_until_it_is_done(house: House, meta: GraphDouble) -> None:
    listed = house.ona.get("/api/checklist").get_json()["steps"]
    assert [step["name"] for step in listed] == ["number", "webhook", "drive", "customers", "staff", "backups"]
    assert all(step["words"] and step["hints"] for step in listed)
    assert steps(house)["number"] == steps(house)["webhook"] == "todo"
    house.connect()
    house.restart()
    hear_webhooks(house, meta)
    assert (steps(house)["number"], steps(house)["webhook"]) == ("done", "todo")
    meta.add_customer("Mei Ling Chan", "85251234567").write("Hello")
    assert meta.settle()
    assert steps(house)["webhook"] == "done"
    assert steps(house)["staff"] == "optional"
    signed_in(house.app, "Ken", "agent")
    assert steps(house)["staff"] == "done"


def test_steps_done_in_the_settings_lead_to_their_page(house: House) -> None:
    listed = {step["name"]: step["hints"] for step in house.ona.get("/api/checklist").get_json()["steps"]}
    assert [hint["url"] for hint in listed["customers"]] == ["/settings/customers"]
    assert listed["drive"][-1]["url"] == "/settings/google"


def test_a_held_list_waits_until_somebody_has_decided(house: House) -> None:
    def choose(rows: int) -> int:
        csv = "Phone,Name\n" + "".join(f"+8525123{row:04},Customer {row}\n" for row in range(rows))
        form = {"file": (BytesIO(csv.encode()), "customers.csv")}
        return house.ona.post("/api/customers/list", data=form).get_json()["held_run"]

    choose(30)
    assert steps(house)["customers"] == "done"
    held = choose(10)
    assert steps(house)["customers"] == "warn"
    house.ona.post(f"/api/customers/runs/{held}/keep", json={})
    assert steps(house)["customers"] == "done"


def test_the_pages_to_open_are_those_of_the_very_app_and_the_address_is_ours(house: House) -> None:
    house.connect()
    house.restart(public_url="https://inbox.example.com")
    webhook = house.ona.get("/api/checklist").get_json()["steps"][1]
    [paste] = [hint for hint in webhook["hints"] if hint["copy"]]
    assert paste["copy"] == "https://inbox.example.com/webhook/whatsapp"
    assert paste["url"].startswith("https://developers.facebook.com/apps/1000/")


def step(house: House, name: str) -> dict[str, Any]:
    [found] = [step for step in house.ona.get("/api/checklist").get_json()["steps"] if step["name"] == name]
    return cast(dict[str, Any], found)


def test_the_way_to_drive_names_the_pages_and_the_address_to_paste(house: House) -> None:
    house.restart(public_url="https://inbox.example.com")
    found = step(house, "drive")
    assert found["state"] == "optional"
    assert [hint["copy"] for hint in found["hints"] if hint["copy"]] == ["https://inbox.example.com/auth/google/callback"]
    assert {urlsplit(hint["url"]).hostname for hint in found["hints"][:3]} == {"console.cloud.google.com"}


def test_the_list_of_customers_is_told_as_it_was_read(house: House, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("Name,Phone\nMei Ling,+852 5123 4567\n")
    house.restart(customers_csv=str(file))
    assert step(house, "customers")["state"] == "todo"
    house.ona.post("/api/customers/sync", json={})
    assert (step(house, "customers")["state"], step(house, "customers")["words"]) == ("done", "1 rows were read.")
    file.write_text("Name\nMei Ling\n")
    house.ona.post("/api/customers/sync", json={})
    assert step(house, "customers")["state"] == "bad"


def test_a_token_that_dies_later_shows_after_the_next_test(house: House, meta: GraphDouble) -> None:
    house.connect()
    house.restart()
    meta.fail_next("number", code=190)
    house.ona.post("/api/numbers/test", json={})
    assert steps(house)["number"] == "bad"
    house.ona.post("/api/numbers/test", json={})
    assert steps(house)["number"] == "done"


def test_the_live_check_tells_which_statuses_carried_our_id(house: House, meta: GraphDouble) -> None:
    house.connect()
    house.restart()
    hear_webhooks(house, meta)
    meta.add_customer("Mei Ling Chan", "85251234567")
    run = house.app.test_cli_runner().invoke(args=["live-check", "whatsapp", "--to", "+85251234567", "--wait", "20"])
    assert run.exit_code == 0, run.output
    assert "sent: carried our id" in run.output and "delivered: carried our id" in run.output
    assert meta.count("accepted") == 1


def test_the_live_check_is_skipped_without_a_number_and_says_why_it_failed(house: House, meta: GraphDouble) -> None:
    runner = house.app.test_cli_runner()
    assert "Skipped" in runner.invoke(args=["live-check", "whatsapp", "--to", "+85251234567"]).output
    house.connect()
    house.restart()
    meta.fail_next("send", code=131047)
    run = house.app.test_cli_runner().invoke(args=["live-check", "whatsapp", "--to", "+85251234567"])
    assert run.exit_code == 1 and "Not sent: More than 24 hours have passed" in run.output
