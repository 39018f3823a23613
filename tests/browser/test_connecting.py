"""An owner connects a number in the page: refused with the reason, then connected, and the open inbox follows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Inbox, Staff
from tests.browser.test_accessibility import violations

SignIn = Callable[..., Staff]


@pytest.fixture
def inbox(inbox: Inbox) -> Inbox:
    """Nothing connected: the sandbox."""
    inbox.stop()
    for name in [name for name in inbox.environment if name.startswith("WHATSAPP_")]:
        del inbox.environment[name]
    inbox.start()
    return inbox


def fill(page: Page, inbox: Inbox, token: str) -> None:
    keys = inbox.graph.credentials
    page.get_by_label("Access token").fill(token)
    page.get_by_label("Phone number ID").fill(keys.phone_number_id)
    page.get_by_label("WhatsApp Business Account ID").fill(keys.waba_id)
    page.get_by_label("App secret").fill(keys.app_secret)
    page.get_by_role("button", name="Test and connect").click()


def test_a_number_is_connected_in_the_page_and_disconnected_again(inbox: Inbox, sign_in: SignIn) -> None:
    staff = sign_in("Ona")
    watching = staff.page
    expect(watching.get_by_role("list", name="Chats").get_by_text("Mei Ling").first).to_be_visible()
    page = staff.context.new_page()
    page.goto(f"{inbox.url}/settings/getting-started")
    expect(page.get_by_role("list", name="Steps").get_by_text("No number is connected")).to_be_visible()
    page.get_by_role("link", name="WhatsApp number").click()
    page.get_by_role("button", name="Make a verify token").click()
    expect(page.get_by_text("Copy it now")).to_be_visible()

    fill(page, inbox, "EAAwrong")
    expect(page.get_by_role("list", name="What the test found").get_by_text("Does not work")).to_be_visible()
    expect(page.get_by_role("alert").get_by_text("The number was not connected")).to_be_visible()
    fill(page, inbox, inbox.graph.credentials.access_token)
    expect(page.get_by_role("button", name="Disconnect")).to_be_visible(timeout=30_000)
    page.get_by_role("link", name="Getting started").click()
    steps = page.get_by_role("list", name="Steps")
    expect(steps.get_by_text("Connected: +85258000100 · Harbour Kayaks.")).to_be_visible()
    page.get_by_role("link", name="WhatsApp number").click()
    assert inbox.graph.credentials.access_token not in page.content()

    expect(watching.get_by_text("No chats yet")).to_be_visible(timeout=30_000)
    expect(watching.get_by_label("Sandbox", exact=True)).to_have_count(0)

    page.get_by_role("button", name="Disconnect").click()
    page.get_by_role("dialog").get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("No number is connected. As soon as one is")).to_be_visible(timeout=30_000)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_owners_settings(
    inbox: Inbox, sign_in: SignIn, viewport: dict[str, int], scheme: str
) -> None:
    page = sign_in("Ona", viewport=viewport, color_scheme=scheme).page
    page.goto(f"{inbox.url}/settings")
    expect(page.get_by_role("link", name="WhatsApp number")).to_be_visible()
    assert violations(page) == []
    page.goto(f"{inbox.url}/settings/getting-started")
    expect(page.get_by_role("list", name="Steps")).to_be_visible()
    assert violations(page) == []
    page.goto(f"{inbox.url}/settings/number")
    expect(page.get_by_role("button", name="Make a verify token")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("(() => { const page = document.querySelector('.page'); return page.scrollWidth - page.clientWidth })()") == 0
