"""Who may do what to whom: owners manage everybody, admins manage agents, agents nobody."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask

from db_manager import Database
from tests.features.accounts.people import PASSWORD, Browser, hire
from web.guards import User

ROLES = ("owner", "admin", "agent")


@pytest.fixture(autouse=True)
def cast(app: Flask) -> dict[str, User]:
    """Two of each role: somebody to act, and somebody of the same role to act upon."""
    people = {name: hire(app, name, role) for role in ROLES for name in (f"{role}1", f"{role}2")}
    return people


def new(role: str) -> dict[str, str]:
    return {"email": f"new-{role}@example.com", "name": "New", "role": role, "password": PASSWORD}


@pytest.mark.parametrize(
    ("actor", "role", "code"),
    [
        ("owner", "owner", 201),
        ("owner", "admin", 201),
        ("owner", "agent", 201),
        ("admin", "owner", 403),
        ("admin", "admin", 403),
        ("admin", "agent", 201),
        ("agent", "owner", 403),
        ("agent", "admin", 403),
        ("agent", "agent", 403),
    ],
)
def test_who_may_add_whom(app: Flask, actor: str, role: str, code: int) -> None:
    boss = Browser(app, f"{actor}1")
    answer = boss.post("/api/staff", new(role))
    assert answer.status_code == code
    if code == 201:
        assert answer.json and answer.json["staff"]["role"] == role
        Browser(app, f"new-{role}")


@pytest.mark.parametrize(
    "change", [{"name": "Other"}, {"role": "agent"}, {"disabled": True}, {"password": "another good one"}, {}]
)
@pytest.mark.parametrize("actor", ["owner", "admin", "agent"])
@pytest.mark.parametrize("target", ["owner2", "admin2", "agent2"])
def test_who_may_change_whom(app: Flask, cast: dict[str, User], actor: str, target: str, change: dict[str, Any]) -> None:
    answer = Browser(app, f"{actor}1").patch(f"/api/staff/{cast[target].id}", change)
    allowed = actor == "owner" or (actor == "admin" and target == "agent2")
    assert answer.status_code == (200 if allowed else 403)


def test_an_admin_lifts_nobody_above_agent(app: Flask, cast: dict[str, User]) -> None:
    boss = Browser(app, "admin1")
    for role in ("admin", "owner"):
        assert boss.patch(f"/api/staff/{cast['agent2'].id}", {"role": role}).status_code == 403
        assert boss.patch(f"/api/staff/{cast['admin1'].id}", {"role": role}).status_code == 403


def test_a_refused_change_changes_nothing(app: Flask, cast: dict[str, User], db: Database) -> None:
    Browser(app, "admin1").patch(f"/api/staff/{cast['agent2'].id}", {"name": "Other", "role": "owner"})
    with db.read() as connection:
        row = connection.execute("SELECT name, role FROM users WHERE id = ?", (cast["agent2"].id,)).fetchone()
    assert tuple(row.values()) == ("agent2", "agent")


@pytest.mark.parametrize("change", [{"role": "agent"}, {"disabled": True}, {"password": "another good one"}])
def test_nobody_demotes_disables_or_resets_himself(app: Flask, cast: dict[str, User], change: dict[str, Any]) -> None:
    answer = Browser(app, "owner1").patch(f"/api/staff/{cast['owner1'].id}", change)
    assert answer.status_code == 409


def test_two_owners_demoting_each_other_at_once_leave_one(app: Flask, cast: dict[str, User], db: Database) -> None:
    browsers = {"owner1": Browser(app, "owner1"), "owner2": Browser(app, "owner2")}
    barrier = threading.Barrier(2)
    codes: list[int] = []

    def demote(actor: str, target: str) -> None:
        barrier.wait()
        codes.append(browsers[actor].patch(f"/api/staff/{cast[target].id}", {"disabled": True}).status_code)

    threads = [
        threading.Thread(target=demote, args=("owner1", "owner2")),
        threading.Thread(target=demote, args=("owner2", "owner1")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.read() as connection:
        active = connection.execute("SELECT count(*) FROM users WHERE role = 'owner' AND disabled_at IS NULL").fetchone()[0]
    assert active == 1
    assert codes.count(200) == 1


def test_an_address_is_taken_once_in_any_case(app: Flask) -> None:
    boss = Browser(app, "owner1")
    answer = boss.post("/api/staff", new("agent") | {"email": "AGENT1@Example.COM"})
    assert answer.status_code == 409
    assert answer.json and answer.json["error"]["code"] == "email_taken"


def test_the_list_shows_everybody_and_no_secret_and_pages(app: Flask, cast: dict[str, User]) -> None:
    boss = Browser(app, "admin1")
    first = boss.get("/api/staff?limit=4")
    assert first.json and len(first.json["staff"]) == 4
    rest = boss.get(f"/api/staff?limit=4&cursor={first.json['next_cursor']}").json
    assert rest and [one["name"] for one in rest["staff"]] == ["agent1", "agent2"] and rest["next_cursor"] is None
    assert "argon2" not in first.text and "hash" not in first.text
    me = next(one for one in first.json["staff"] if one["id"] == cast["admin1"].id)
    assert me["last_seen_at"] and me["disabled"] is False


def test_a_disabled_member_comes_back_with_the_old_password(app: Flask, cast: dict[str, User]) -> None:
    boss = Browser(app, "owner1")
    boss.patch(f"/api/staff/{cast['agent2'].id}", {"disabled": True})
    assert Browser(app).post("/api/login", {"email": "agent2@example.com", "password": PASSWORD}).status_code == 401
    boss.patch(f"/api/staff/{cast['agent2'].id}", {"disabled": False})
    Browser(app, "agent2")


def test_a_name_cannot_be_emptied_or_hold_invisible_tricks(app: Flask, cast: dict[str, User]) -> None:
    boss = Browser(app, "owner1")
    assert boss.patch(f"/api/staff/{cast['agent2'].id}", {"name": " \u200b"}).status_code == 422
    answer = boss.patch(f"/api/staff/{cast['agent2'].id}", {"name": "Ken\u202etxt.exe\x00"})
    assert answer.json and answer.json["staff"]["name"] == "Kentxt.exe"


@pytest.mark.parametrize(
    "body", [{"name": 5}, {"role": "king"}, {"disabled": "yes"}, {"disabled": 1}, {"password": ["x"]}, [], "text", 7]
)
def test_values_of_the_wrong_type_are_refused(app: Flask, cast: dict[str, User], body: Any) -> None:
    boss = Browser(app, "owner1")
    answer = boss.client.patch(f"/api/staff/{cast['agent2'].id}", json=body, base_url="https://inbox.example.com")
    assert answer.status_code == 422


@pytest.mark.parametrize("path", ["/api/staff/0", "/api/staff/99999999999999999999", "/api/staff/-1", "/api/staff/x"])
def test_odd_ids_are_not_found(app: Flask, path: str) -> None:
    assert Browser(app, "owner1").patch(path, {"name": "X"}).status_code in (404, 405)


def test_what_happened_to_whom_is_in_the_audit_log(app: Flask, cast: dict[str, User]) -> None:
    boss = Browser(app, "owner1")
    for change in ({"role": "admin"}, {"disabled": True}, {"disabled": False}, {"password": "another good one"}):
        assert boss.patch(f"/api/staff/{cast['agent2'].id}", change).status_code == 200
    log = boss.get("/api/audit?limit=4").json
    assert log and [entry["action"] for entry in log["entries"]] == [
        "password_reset",
        "user_enabled",
        "user_disabled",
        "role_changed",
    ]
    assert log["entries"][3]["user"] == {"id": cast["owner1"].id, "name": "owner1"}
    assert log["entries"][3]["detail"] == {
        "user_id": cast["agent2"].id,
        "name": "agent2",
        "role": "admin",
        "before": "agent",
    }
    assert log["next_cursor"]
    older = boss.get(f"/api/audit?cursor={log['next_cursor']}").json
    assert older and older["entries"][0]["id"] < log["entries"][3]["id"]
    assert "another good one" not in boss.get("/api/audit").text
