"""The phones' page in a real browser, under the policy of the real page, with the double of Meta behind it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, g
from playwright.sync_api import Browser, Page, expect, sync_playwright

from sandbox import SandboxHandle
from sandbox.graph import GraphDouble
from sandbox.phone import blueprint
from sandbox.wire import Server
from web import assets, headers, respond, words
from web.guards import User

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        yield chromium
        chromium.close()


@pytest.fixture
def double() -> Iterator[GraphDouble]:
    with GraphDouble(lambda body, headers: 200) as running:
        running.add_customer("Raj Patel", "85252345678")
        running.add_customer("陳美玲", "85251234567")
        yield running


@pytest.fixture
def address(double: GraphDouble) -> Iterator[str]:
    app = Flask("phones", root_path=str(ROOT), static_folder=None)
    app.jinja_env.globals.update(t=words.t, language=words.language, language_tag=words.tag, sandbox=True)
    app.before_request(lambda: setattr(g, "user", User(1, "demo@example.com", "Demo", "owner", True)))
    for part in (respond, assets, headers):
        part.install(app)
    app.register_blueprint(blueprint)
    app.extensions["sandbox"] = SandboxHandle(double)
    server = Server(app)
    server.start()
    yield f"{server.url}/sandbox"
    server.stop()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    faults: list[str] = []
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
    page.goto(address)
    yield page
    context.close()
    assert faults == []


def test_a_customer_reads_answers_reacts_edits_and_sends_a_photo(page: Page, double: GraphDouble) -> None:
    mei_ling = double.customer("85251234567")
    wamid = mei_ling.receive_echo("Shall we hold a boat?", status="delivered")
    phone = page.get_by_role("region", name="Phone of 陳美玲")
    expect(phone.get_by_text("Shall we hold a boat?")).to_be_visible()
    phone.get_by_role("button", name="Open chat (1 new)").click()
    expect(phone.get_by_label("Messages").get_by_text("Shall we hold a boat?")).to_be_visible()
    assert double.world.bubbles[wamid].status == "read"

    phone.get_by_label("Message as 陳美玲").fill("好呀")
    page.keyboard.press("Enter")
    written = phone.get_by_role("listitem").filter(has_text="好呀")
    written.hover()
    written.get_by_role("button", name="Message actions").click()
    page.get_by_role("menuitem", name="Edit").click()
    page.keyboard.press("Control+A")
    page.keyboard.type("好呀，兩隻")
    page.keyboard.press("Enter")
    expect(phone.get_by_text("Edited")).to_be_visible()

    phone.get_by_role("listitem").first.hover()
    phone.get_by_role("button", name="Message actions").first.click()
    page.get_by_role("menuitem", name="React ❤️").click()
    expect(phone.get_by_text("❤️")).to_be_visible()

    phone.get_by_role("button", name="Attach").click()
    page.get_by_role("menuitem", name="Photo").click()
    expect(phone.get_by_alt_text("Photo")).to_be_visible()
    shown = [(one.type, one.text, one.edited) for one in double.world.chat("85251234567") if one.mine]
    assert shown == [("text", "好呀，兩隻", True), ("image", "", False)]


def test_markup_in_names_and_messages_is_only_text(page: Page, double: GraphDouble) -> None:
    name = "<img src=x onerror=alert(1)>"
    double.add_customer(name, "85259999999").write("<script>alert(2)</script>")
    page.get_by_role("button", name=name).click()
    phone = page.get_by_role("region", name=f"Phone of {name}")
    phone.get_by_role("button", name="Open chat").click()
    expect(phone.get_by_text("<script>alert(2)</script>")).to_be_visible()


def test_a_new_customer_gets_a_phone_and_wrong_input_is_told(page: Page, double: GraphDouble) -> None:
    page.get_by_role("button", name="New customer").click()
    page.get_by_label("Name", exact=True).fill("Omar Haddad")
    page.get_by_label("Phone number, or @username").fill("+12")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="phone number")).to_be_visible()
    page.get_by_label("Phone number, or @username").fill("@omar.h")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("region", name="Phone of Omar Haddad")).to_contain_text("@omar.h")
    assert len(double.world.profiles) == 3


def test_errors_are_switched_on_and_off(page: Page, double: GraphDouble) -> None:
    page.get_by_label("Our next message").select_option("busy")
    expect(page.get_by_text("Next:")).to_be_visible()
    assert double.faults.listing()[0]["code"] == 131016
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Next:")).to_be_hidden()
    page.get_by_role("switch", name="WhatsApp does not answer").check()
    expect(page.get_by_role("switch", name="WhatsApp does not answer")).to_be_checked()
    page.wait_for_timeout(1200)  # the next state of the server agrees
    assert double.reachable is False
    page.get_by_role("switch", name="WhatsApp does not answer").uncheck()


def test_a_narrow_screen_shows_one_phone_at_a_time(page: Page, double: GraphDouble) -> None:
    expect(page.get_by_role("region", name="Phone of")).to_have_count(2)
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_role("region", name="Phone of")).to_have_count(1)
    page.get_by_role("button", name="Raj Patel").click()
    expect(page.get_by_role("region", name="Phone of Raj Patel")).to_be_visible()
    expect(page.get_by_role("region", name="Phone of")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
