"""Connecting a number in the settings page: tested live at the double of Meta, kept sealed, used after a restart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app import create_app
from config import Config
from features.vault.sealing import FILE_NAME
from sandbox.graph import GraphDouble
from tests.builders import inbound, message, sign
from tests.conftest import signed_in
from tests.features.numbers.connecting import House, five


def states(answer: Any) -> dict[str, str]:
    """name -> state of the lines of a test, of a good answer or a refusal."""
    body = answer.get_json()
    return {check["name"]: check["state"] for check in body.get("checks") or body["error"]["details"]["checks"]}


def challenge(house: House, token: str) -> Any:
    question = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": token}
    return house.app.test_client().get("/webhook/whatsapp", query_string=question)


def deliver(house: House, secret: str) -> int:
    raw = json.dumps(inbound(message("Hello"))).encode()
    answer = house.app.test_client().post("/webhook/whatsapp", data=raw, headers=sign(raw, secret))
    return answer.status_code


def test_a_number_is_tested_kept_and_used_from_the_next_start_on(house: House, meta: GraphDouble) -> None:
    assert house.state()["mode"] == "sandbox"
    answer = house.connect()
    assert answer.status_code == 201 and answer.get_json()["restart"] == "by_hand"
    assert states(answer) == {
        "token": "ok", "number": "ok", "account": "ok", "templates": "ok", "secret": "ok", "subscription": "ok",
        "address": "warn",  # no PUBLIC_URL here
    }  # fmt: skip
    house.restart()
    state = house.state()
    assert (state["mode"], state["source"]) == ("live", "stored")
    [number] = state["numbers"]
    assert (number["name"], number["quality"], number["token_never_expires"]) == ("Harbour Kayaks", "GREEN", True)
    assert house.parts.config.whatsapp_access_token == meta.credentials.access_token
    assert house.parts.clients.whatsapp.check()["id"] == meta.credentials.phone_number_id
    assert deliver(house, meta.credentials.app_secret) == 200


def test_no_secret_is_shown_again_or_readable_in_the_database(house: House, meta: GraphDouble) -> None:
    house.connect()
    house.restart()
    shown = house.ona.get("/api/numbers").text + house.ona.get("/api/audit").text + house.ona.get("/settings").text
    ends = house.state()["numbers"][0]
    house.parts.db.close()
    raw = house.parts.db.path.read_bytes()
    for name in ("access_token", "app_secret", "verify_token"):
        secret = five(meta)[name]
        assert secret not in shown and secret.encode() not in raw
        assert ends[name] == f"…{secret[-4:]}"


def test_the_app_is_subscribed_when_it_is_not(house: House, meta: GraphDouble) -> None:
    meta.subscribed = False
    answer = house.connect()
    assert states(answer)["subscription"] == "ok" and meta.subscribed


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ({"access_token": "EAAsomethingelse"}, "token"),
        ({"phone_number_id": "1999"}, "number"),
        ({"business_account_id": "1998"}, "account"),
        ({"app_secret": "not-the-secret-of-this-app"}, "secret"),
    ],
)
def test_a_wrong_value_is_named_with_what_to_do_and_nothing_is_kept(house: House, wrong: dict[str, str], line: str) -> None:
    answer = house.connect(**wrong)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (422, "checks_failed")
    assert states(answer)[line] == "bad"
    [check] = [one for one in answer.get_json()["error"]["details"]["checks"] if one["state"] == "bad"]
    assert check["name"] == line and check["words"] and check["advice"]
    house.restart()
    assert house.state()["mode"] == "sandbox"


def test_a_number_of_another_account_is_refused(house: House, meta: GraphDouble) -> None:
    meta.owns_number = False
    answer = house.connect()
    assert answer.status_code == 422 and states(answer)["account"] == "bad"


def test_a_missing_permission_is_named(house: House, meta: GraphDouble) -> None:
    meta.token["scopes"] = ["whatsapp_business_messaging"]
    answer = house.connect()
    assert answer.status_code == 422
    assert "whatsapp_business_management" in answer.get_json()["error"]["message"]


def test_a_token_that_ends_is_kept_with_a_warning(house: House, meta: GraphDouble) -> None:
    meta.token["expires_at"] = 1_900_000_000
    answer = house.connect()
    assert answer.status_code == 201 and states(answer)["token"] == "warn"
    house.restart()
    assert house.state()["numbers"][0]["token_expires_at"] == "2030-03-17T17:46:40Z"


def test_meta_that_cannot_be_reached_is_said_and_nothing_is_kept(house: House, meta: GraphDouble) -> None:
    meta.unplug()
    answer = house.connect()
    assert (answer.status_code, states(answer)) == (422, {"token": "bad", "address": "warn"})


def test_meta_that_does_not_tell_about_the_token_is_no_obstacle(house: House, meta: GraphDouble) -> None:
    meta.fail_next("number", code=100)
    answer = house.connect()
    assert answer.status_code == 201 and states(answer)["token"] == "open"


def test_what_is_missing_or_no_id_is_said_before_meta_is_asked(house: House, meta: GraphDouble) -> None:
    answer = house.connect(access_token="", app_secret=" ")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (422, "missing_credentials")
    assert "access token, app secret" in answer.get_json()["error"]["message"]
    assert house.connect(phone_number_id="+852 5800 0100").get_json()["error"]["code"] == "not_an_id"
    assert meta.count("number") == 0


def test_metas_question_is_answered_while_the_number_is_still_being_connected(house: House) -> None:
    made = house.ona.post("/api/numbers/draft", json={}).get_json()["verify_token"]
    assert len(made) > 20
    assert challenge(house, made).text == "1158201444"
    assert challenge(house, "guess").status_code == 403
    assert house.state()["asked_at"]
    answer = house.connect(verify_token="")
    assert answer.status_code == 201
    house.restart()
    assert challenge(house, made).text == "1158201444"
    assert house.state()["draft"] is None


def test_a_new_token_replaces_the_old_one_and_the_rest_stays(house: House, meta: GraphDouble) -> None:
    house.connect()
    house.restart()
    answer = house.ona.post("/api/numbers", json={"access_token": meta.credentials.access_token})
    assert answer.status_code == 201
    house.restart()
    assert house.parts.config.whatsapp_app_secret == meta.credentials.app_secret


def test_another_number_takes_the_place_of_the_first(house: House, tmp_path: Path) -> None:
    house.connect()
    house.restart()
    with GraphDouble() as another:
        house.restart(graph_api_url=another.url)
        assert house.ona.post("/api/numbers", json=five(another)).status_code == 201
        house.restart()
        assert house.parts.config.whatsapp_phone_number_id == another.credentials.phone_number_id
    with house.parts.db.read() as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM secrets")]
    assert names == [f"number:{another.credentials.phone_number_id}"]


def test_disconnected_it_is_a_sandbox_again_and_the_secret_is_gone(house: House, meta: GraphDouble) -> None:
    house.connect()
    house.restart()
    deliver(house, meta.credentials.app_secret)
    answer = house.ona.delete(f"/api/numbers/{meta.credentials.phone_number_id}", json={})
    assert answer.get_json() == {"restart": "by_hand"}
    assert house.ona.delete(f"/api/numbers/{meta.credentials.phone_number_id}", json={}).status_code == 404
    house.restart()
    assert house.state()["mode"] == "sandbox"
    with house.parts.db.read() as connection:
        assert connection.execute("SELECT count(*) FROM secrets").fetchone()[0] == 0
        assert connection.execute("SELECT count(*) FROM messages").fetchone()[0] == 1
    assert deliver(house, meta.credentials.app_secret) == 403


def test_the_environment_wins_and_the_page_changes_nothing(house: House, meta: GraphDouble) -> None:
    house.connect()
    by_hand = {f"whatsapp_{name}": value for name, value in five(meta).items()} | {"whatsapp_verify_token": "of-the-env"}
    house.restart(is_sandbox=False, **by_hand)
    state = house.state()
    assert (state["mode"], state["source"]) == ("live", "environment")
    assert house.parts.config.whatsapp_verify_token == "of-the-env"
    for answer in (
        house.connect(),
        house.ona.post("/api/numbers/draft", json={}),
        house.ona.delete(f"/api/numbers/{meta.credentials.phone_number_id}", json={}),
    ):
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "environment_wins")
    assert house.ona.post("/api/numbers/test", json={}).status_code == 200


def test_a_lost_key_is_said_and_never_becomes_a_sandbox(house: House, meta: GraphDouble) -> None:
    house.connect()
    (house.config.data_dir / FILE_NAME).unlink()
    house.restart()
    assert house.state()["mode"] == "locked" and house.parts.config.is_locked
    assert deliver(house, meta.credentials.app_secret) == 503
    assert challenge(house, meta.credentials.verify_token).status_code == 503
    step = house.ona.get("/api/checklist").get_json()["steps"][0]
    assert (step["name"], step["state"]) == ("number", "bad")
    status = house.ona.get("/api/status").get_json()
    assert (status["mode"], status["whatsapp"]) == ("locked", "paused")
    assert house.ona.post("/api/numbers/test", json={}).status_code == 409
    assert house.connect().status_code == 201
    house.restart()
    assert house.state()["mode"] == "live"


def test_locked_nothing_is_sent_and_nothing_queued_is_lost(house: House, meta: GraphDouble) -> None:
    house.connect()
    (house.config.data_dir / FILE_NAME).unlink()
    house.restart()
    house.app.extensions["inbox"].start()
    assert house.app.extensions["inbox"].health.problems() == []
    assert meta.count("send") == 0


def test_repeated_wrong_signatures_raise_the_question_of_the_app_secret(house: House, meta: GraphDouble) -> None:
    house.connect()
    house.restart()
    for _ in range(3):
        assert deliver(house, "another-secret") == 403
    assert house.state()["refused_webhooks"] == 3
    webhook = house.ona.get("/api/checklist").get_json()["steps"][1]
    assert webhook["state"] == "bad" and "app secret" in webhook["words"]
    assert deliver(house, meta.credentials.app_secret) == 200
    assert house.state()["refused_webhooks"] == 0


@pytest.mark.parametrize("role", ["admin", "agent"])
def test_only_an_owner_sees_or_changes_the_connection(house: House, role: str) -> None:
    other = signed_in(house.app, "Ada", role)
    for answer in (
        other.get("/api/numbers"),
        other.get("/api/checklist"),
        other.post("/api/numbers", json=five(house.double)),
        other.post("/api/numbers/draft", json={}),
        other.post("/api/numbers/test", json={}),
        other.delete("/api/numbers/1", json={}),
    ):
        assert answer.status_code == 403


def test_the_demo_owner_makes_an_account_first(tmp_path: Path, meta: GraphDouble) -> None:
    app = create_app(Config(data_dir=tmp_path / "data", graph_api_url=meta.url, is_sandbox=True))
    client = app.test_client()
    client.set_cookie("__Host-session", "demo", domain="127.0.0.1")
    answer = client.post("/api/numbers", json=five(meta), base_url="http://127.0.0.1:8000")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "demo_owner")
    app.extensions["inbox"].stop()
