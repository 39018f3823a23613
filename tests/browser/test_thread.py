"""The open chat at a real browser: long ones, unread ones, and what stands in sight."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Inbox, Staff, wait_for

SignIn = Callable[..., Staff]
UNREAD = 130  # more than the page around the first unread message and the page after it


def log(page: Page) -> Locator:
    return page.get_by_role("log", name="Messages")


def band(page: Page) -> Locator:
    return log(page).locator("[data-band]")


def write(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name="Type a message")
    box.fill(text)
    box.press("Enter")


def look_away(page: Page) -> None:
    page.evaluate("document.hasFocus = () => false")


def look_again(page: Page) -> None:
    with page.expect_response("**/read"):
        page.evaluate("delete document.hasFocus; dispatchEvent(new Event('focus'))")


def unread_at(page: Page) -> int:
    return int(page.evaluate("fetch('/api/chats').then((r) => r.json()).then(({ chats }) => chats[0].unread_count)"))


def test_an_answer_far_from_the_end_comes_into_sight_and_ends_the_unread_band(inbox: Inbox, sign_in: SignIn) -> None:
    ken = sign_in("Ken")
    page = ken.page
    mei = inbox.graph.add_customer("Mei Ling", "85251234567")
    for number in range(UNREAD):
        mei.write(f"Question {number}\nand a second line")
    assert inbox.graph.settle(30)
    wait_for(lambda: unread_at(page) == UNREAD)
    page.get_by_role("list", name="Chats").get_by_text("Mei Ling", exact=True).first.click()
    expect(band(page)).to_have_text(f"{UNREAD} unread messages")
    expect(page.get_by_role("button", name=f"Go to {UNREAD} new messages")).to_be_visible()
    expect(page.locator("[data-floating-day].is-shown")).to_have_count(0)
    assert log(page).get_by_text(f"Question {UNREAD - 1}").count() == 0, "the page reaches the end: the test tests nothing"

    write(page, "Yes to all of them")
    expect(log(page).get_by_text("Yes to all of them")).to_have_count(1)
    expect(log(page).get_by_text("Yes to all of them")).to_be_in_viewport()
    expect(log(page).get_by_text(f"Question {UNREAD - 1}")).to_be_in_viewport()
    expect(band(page)).to_have_count(0)
    wait_for(lambda: inbox.graph.count("accepted") == 1)
    expect(log(page).get_by_text("Yes to all of them")).to_have_count(1)


def test_the_unread_band_counts_from_where_one_looked_away(inbox: Inbox, sign_in: SignIn) -> None:
    page = sign_in("Ken").page
    mei = inbox.graph.add_customer("Mei Ling", "85251234567")
    for text in ("one", "two", "three"):
        mei.write(text)
    assert inbox.graph.settle(10)
    wait_for(lambda: unread_at(page) == 3)
    page.get_by_role("list", name="Chats").get_by_text("Mei Ling", exact=True).first.click()
    expect(band(page)).to_have_text("3 unread messages")
    wait_for(lambda: unread_at(page) == 0)
    for first, second in (("four", "five"), ("six", "seven")):
        look_away(page)
        mei.write(first)
        expect(band(page)).to_have_text("1 unread message")
        mei.write(second)
        expect(band(page)).to_have_text("2 unread messages")
        above = band(page).evaluate("(band) => band.nextElementSibling.textContent")
        assert first in above
        look_again(page)
    write(page, "Answered")
    expect(band(page)).to_have_count(0)


def test_reply_is_offered_as_soon_as_the_message_under_the_pointer_is_accepted(inbox: Inbox, sign_in: SignIn) -> None:
    page = sign_in("Ken").page
    inbox.graph.add_customer("Raj Patel", "85251230000").write("Hi")
    page.get_by_role("list", name="Chats").get_by_text("Raj Patel", exact=True).first.click()

    held: list[Route] = []
    page.route("**/api/send", lambda route: held.append(route))
    write(page, "Hello Raj")
    log(page).get_by_text("Hello Raj").hover()
    expect(log(page).get_by_role("button", name="Info")).to_be_visible()
    expect(log(page).get_by_role("button", name="Reply")).to_be_hidden()
    held[0].continue_()
    expect(log(page).get_by_role("button", name="Reply")).to_be_visible()


def test_a_template_reads_in_the_bubble_as_at_the_customer(inbox: Inbox, sign_in: SignIn) -> None:
    """Each place is filled with its own value, though three of them are called 1."""
    page = sign_in("Ken").page
    mei = inbox.graph.add_customer("Mei Ling", "85251234567")
    mei.write("Where do I sign?")
    page.get_by_role("list", name="Chats").get_by_text("Mei Ling", exact=True).first.click()
    page.get_by_role("button", name="Template").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="waiver").click()
    dialog.get_by_role("textbox", name="Value 1", exact=True).fill("Mei")
    dialog.get_by_role("textbox", name="Value 1 (heading)").fill("Sunday")
    dialog.get_by_role("textbox", name="Value 1 (end of the button's address)").fill("a1b2")
    expect(dialog.get_by_text("Waiver for Sunday", exact=True)).to_be_visible()
    dialog.get_by_role("button", name="Send template").click()
    bubble = log(page).get_by_role("article").filter(has_text="Template")
    for text in ("Waiver for Sunday", "Please sign before you come, Mei. It takes a minute."):
        expect(bubble).to_contain_text(text)
    expect(bubble.get_by_text("Sign", exact=True)).to_be_visible()
    expect(bubble).to_have_attribute("aria-label", re.compile("(Sent|Delivered)"))
    expect(bubble.get_by_text("Sign", exact=True)).to_be_visible()


def test_an_emoji_of_the_picker_lands_where_the_cursor_is(inbox: Inbox, sign_in: SignIn) -> None:
    page = sign_in("Ken").page
    inbox.graph.add_customer("Raj Patel", "85251230000").write("Hi")
    page.get_by_role("list", name="Chats").get_by_text("Raj Patel", exact=True).first.click()
    text = page.get_by_role("textbox", name="Type a message")
    text.fill("See you!")
    text.press("ArrowLeft")
    page.get_by_role("button", name="Emoji").click()
    picker = page.get_by_role("dialog", name="Emoji")
    picker.get_by_role("combobox").fill("rowing boat")
    picker.get_by_role("option").first.click()
    expect(text).to_have_value("See you\N{ROWBOAT}!")
