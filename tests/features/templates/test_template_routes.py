"""Templates over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from core.errors import RemoteError
from system import clock
from tests.builders import NOON
from tests.fakes.whatsapp import FakeWhatsApp
from tests.features.templates.templates import body, template


@pytest.fixture
def listed(whatsapp: FakeWhatsApp) -> None:
    whatsapp.template_list = [template(f"t{n:02d}", body(f"Offer {n}")) for n in range(7)]
    whatsapp.template_list.append(template("rejected", status="REJECTED"))


def sync(client: FlaskClient) -> Any:
    return client.post("/api/templates/sync", json={})


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json["templates"]]


def test_any_member_of_staff_fetches_and_lists_them(agent_client: FlaskClient, listed: None) -> None:
    assert names(agent_client.get("/api/templates")) == []
    assert names(sync(agent_client)) == ["rejected", *(f"t{n:02d}" for n in range(7))]
    found: Any = agent_client.get("/api/templates?q=OFFER 3").json
    one = found["templates"][0]
    assert (one["name"], one["body"], one["sendable"], one["why_not"], one["variables"]) == ("t03", "Offer 3", True, None, [])


def test_filters(agent_client: FlaskClient, listed: None) -> None:
    sync(agent_client)
    assert names(agent_client.get("/api/templates?status=rejected")) == ["rejected"]
    assert names(agent_client.get("/api/templates?q=T05&status=APPROVED")) == ["t05"]
    assert names(agent_client.get("/api/templates?q=nothing")) == []


def test_pages_meet_without_gap_or_repeat(agent_client: FlaskClient, listed: None) -> None:
    sync(agent_client)
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        answer: Any = agent_client.get(f"/api/templates?limit=3&status=APPROVED&cursor={cursor}")
        seen += names(answer)
        cursor = answer.json["next_cursor"]
    assert seen == [f"t{n:02d}" for n in range(7)]


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "cursor=x", "cursor=1.2", "cursor=999999"])
def test_bad_paging_is_refused(agent_client: FlaskClient, query: str) -> None:
    assert agent_client.get(f"/api/templates?{query}").status_code == 422


def test_the_button_answers_the_cache_within_ten_seconds(
    agent_client: FlaskClient, whatsapp: FakeWhatsApp, listed: None
) -> None:
    with clock.freeze(NOON):
        assert len(names(sync(agent_client))) == 8
    whatsapp.template_list = []
    with clock.freeze(NOON + 9):
        assert len(names(sync(agent_client))) == 8
    with clock.freeze(NOON + 10):
        assert names(sync(agent_client)) == []


def test_when_meta_cannot_be_reached_the_answer_says_so(
    agent_client: FlaskClient, whatsapp: FakeWhatsApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> list[dict[str, Any]]:
        raise RemoteError("The line is dead.")

    monkeypatch.setattr(whatsapp, "templates", fail)
    answer = sync(agent_client)
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "whatsapp_unreachable")
    assert answer.headers["Retry-After"] == "10"
    assert names(agent_client.get("/api/templates")) == []


def test_strangers_see_nothing(anonymous: FlaskClient) -> None:
    assert anonymous.get("/api/templates").status_code == 401
    assert sync(anonymous).status_code == 401
