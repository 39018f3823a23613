"""Settings of the shop, and of each person."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask

from core.errors import Invalid
from core.text import clean_name
from db_manager import Database
from features.accounts.settings import BUSINESS_NAME
from features.settings.queries import get_setting
from runtime.setting import Environment, Setting
from tests.features.accounts.people import Browser, hire
from tests.hostile_strings import STRINGS
from web import words
from web.services import Services


@pytest.fixture
def ona(app: Flask) -> Browser:
    hire(app, "Ona", "owner")
    return Browser(app, "Ona")


def test_customers_are_not_told_that_we_have_read_until_somebody_says_so(ona: Browser, db: Database) -> None:
    assert ona.get("/api/settings").json == {"tell_customers_read": False, "business_name": ""}
    changed = ona.patch("/api/settings", {"tell_customers_read": True, "business_name": " Harbour\u202e Kayaks "})
    assert changed.json == {"tell_customers_read": True, "business_name": "Harbour Kayaks"}
    with db.read() as connection:
        assert get_setting(connection, "tell_customers_read") is True
    me = ona.get("/api/me").json
    assert me and me["settings"] == changed.json


def test_what_is_left_out_stays(ona: Browser) -> None:
    ona.patch("/api/settings", {"tell_customers_read": True})
    after = ona.patch("/api/settings", {"business_name": "Harbour"}).json
    assert after == {"tell_customers_read": True, "business_name": "Harbour"}


@pytest.mark.parametrize("body", [{"tell_customers_read": "yes"}, {"tell_customers_read": 1}, {"business_name": []}])
def test_settings_of_the_wrong_type_are_refused(ona: Browser, body: dict[str, Any]) -> None:
    assert ona.patch("/api/settings", body).status_code == 422


def test_other_keys_of_the_table_cannot_be_reached(ona: Browser, db: Database) -> None:
    ona.patch("/api/settings", {"installation": "stolen", "business_name": "Harbour"})
    with db.read() as connection:
        assert get_setting(connection, "installation") != "stolen"


def test_a_part_of_the_settings_may_be_put(ona: Browser) -> None:
    ona.patch("/api/settings", {"business_name": "Harbour"})
    after = ona.call("PUT", "/api/settings", {"tell_customers_read": True}).json
    assert after == {"tell_customers_read": True, "business_name": "Harbour"}


def test_the_description_of_the_api_names_what_features_declare(ona: Browser) -> None:
    schemas = (ona.get("/api/openapi.json").json or {})["components"]["schemas"]
    assert set(schemas["ShopSettings"]["properties"]) == {"tell_customers_read", "business_name"}


def redeclare(app: Flask, setting: Setting[Any], **otherwise: Any) -> Setting[Any]:
    """`setting`, in this application only, with something else in its declaration."""
    changed = replace(setting, **otherwise)
    features = app.extensions["features"]
    app.extensions["features"] = tuple(
        replace(one, settings=tuple(changed if each is setting else each for each in one.settings)) for one in features
    )
    return changed


def test_a_setting_is_for_the_role_of_its_declaration(app: Flask, ona: Browser) -> None:
    redeclare(app, BUSINESS_NAME, role="owner")
    hire(app, "Ada", "admin")
    ada = Browser(app, "Ada")
    refused = ada.patch("/api/settings", {"tell_customers_read": True, "business_name": "Ada's"})
    assert (refused.status_code, ada.get("/api/settings").json) == (403, {"tell_customers_read": False, "business_name": ""})
    assert ada.patch("/api/settings", {"tell_customers_read": True}).status_code == 200
    assert 'id="business-name"' not in ada.get("/settings/business").text
    assert ona.patch("/api/settings", {"business_name": "Ona's"}).status_code == 200


def test_the_environment_wins_and_says_so(app: Flask, ona: Browser) -> None:
    ona.patch("/api/settings", {"business_name": "Chosen"})
    redeclare(app, BUSINESS_NAME, environment=Environment("SHOP_NAME", lambda config: "Decided"))
    settings = ona.get("/api/settings").json
    assert settings and settings["business_name"] == "Decided"
    refused = ona.patch("/api/settings", {"business_name": "Mine"})
    assert (refused.status_code, (refused.json or {})["error"]["code"]) == (409, "set_by_environment")
    page = ona.get("/settings/business").text
    assert "It is set on the server (SHOP_NAME)" in page and 'name="business_name" aria-describedby="business-name-hint" disabled' in page


def test_a_setting_may_refuse_what_only_the_application_knows(app: Flask, ona: Browser) -> None:
    def refuse(parts: Services, new: str) -> None:
        if parts.config.is_sandbox or new == "taken":
            raise Invalid("Taken.")

    redeclare(app, BUSINESS_NAME, refuse=refuse)
    answers = [ona.patch("/api/settings", {"business_name": name}).status_code for name in ("taken", "free")]
    assert answers == [422, 200]


def test_a_page_shows_the_settings_that_name_it(ona: Browser) -> None:
    ona.patch("/api/settings", {"business_name": "Harbour Kayaks"})
    page = Inputs()
    page.feed(ona.get("/settings/business").text)
    assert page.values["business-name"] == "Harbour Kayaks"


def test_each_role_finds_its_own_pages_and_no_others(app: Flask, ona: Browser) -> None:
    hire(app, "Ken", "agent")
    ken = Browser(app, "Ken")
    assert "/settings/google" in ona.get("/settings").text and "/settings/google" not in ken.get("/settings").text
    assert (ken.get("/settings/google").status_code, ona.get("/settings/nothing").status_code) == (403, 404)


def test_preferences_begin_quiet_and_are_merged(ona: Browser) -> None:
    me = ona.get("/api/me").json
    assert me and me["preferences"] == {
        "sound": False,
        "notifications": False,
        "theme": "system",
        "enter_sends": True,
        "language": None,
    }
    ona.patch("/api/me", {"preferences": {"sound": True}})
    me = ona.patch("/api/me", {"preferences": {"theme": "dark"}}).json
    assert me and (me["preferences"]["sound"], me["preferences"]["theme"]) == (True, "dark")


def test_a_person_reads_in_the_chosen_language_and_without_one_as_the_browser_asks(
    ona: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "languages", lambda: ("en", "zh-Hant"))
    chosen = ona.patch("/api/me", {"preferences": {"language": "zh-Hant"}}).json
    assert chosen and chosen["preferences"]["language"] == "zh-Hant"
    assert '<html lang="zh-Hant">' in ona.get("/settings/profile").text
    ona.patch("/api/me", {"preferences": {"sound": None}})
    assert '<html lang="zh-Hant">' in ona.get("/settings/profile").text
    back = ona.patch("/api/me", {"preferences": {"language": None}}).json
    assert back and back["preferences"]["language"] is None
    assert '<html lang="en-GB">' in ona.get("/settings/profile").text


@pytest.mark.parametrize("preferences", [{"theme": "pink"}, {"sound": "loud"}, {"language": "tlh"}, [], "x"])
def test_preferences_of_the_wrong_type_are_refused(ona: Browser, preferences: Any) -> None:
    assert ona.patch("/api/me", {"preferences": preferences}).status_code == 422


def test_about_says_how_the_installation_is_doing(ona: Browser, db: Database) -> None:
    about = ona.get("/api/about").json
    assert about and (about["mode"], about["database"], about["last_webhook_at"]) == ("live", "ok", None)
    db.write(
        lambda tx: (
            tx.execute(
                "INSERT INTO webhook_deliveries (digest, body, received_at, state)"
                " VALUES (x'00', x'7b7d', 1795000000, 'applied')"
            )
            and None
        )
    )
    about = ona.get("/api/about").json
    assert about and about["last_webhook_at"] == "2026-11-18T11:06:40Z"


class Inputs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str | None] = {}
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.add(tag)
        self.values[named.get("id") or ""] = named.get("value")
        assert not any(name.startswith("on") for name in named)


def test_a_name_is_text_in_the_page_whatever_it_is(ona: Browser) -> None:
    """The one page that the server draws with what somebody typed."""
    plain = Inputs()
    plain.feed(ona.get("/settings/profile").text)
    for name in map(lambda text: clean_name(text, 100), STRINGS):
        assert ona.patch("/api/me", {"name": name}).status_code == 200
        page = Inputs()
        page.feed(ona.get("/settings/profile").text)
        assert page.values["profile-name"] == name
        assert page.tags == plain.tags
