"""What a message costs in requests: the feed carries the rows, so an open browser has nothing to ask for."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import Inbox, Staff

SignIn = Callable[..., Staff]
SETTLES_MS = 2500  # longer than the page waits before it looks at the details again
MEI, RAJ = ("Mei Ling", "85251234567"), ("Raj Patel", "85259876543")


class Requests:
    """What a page asks its server for from now on. Not counted: static files, which a browser fetches once for ever, and the
    poll that runs beside the socket whatever happens.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.made: list[str] = []
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        path = urlsplit(request.url).path
        if path != "/api/updates" and not path.startswith("/static/"):
            self.made.append(f"{request.method} {path}")

    def settled(self) -> list[str]:
        self.page.wait_for_timeout(SETTLES_MS)
        return sorted(self.made)


def open_chat(page: Page, name: str) -> None:
    page.get_by_role("list", name="Chats").get_by_text(name, exact=True).first.click()
    page.get_by_role("log", name="Messages").wait_for()


def test_a_message_into_a_closed_chat_costs_no_request_in_any_browser(inbox: Inbox, sign_in: SignIn) -> None:
    mei, raj = (inbox.graph.add_customer(*person) for person in (MEI, RAJ))
    mei.write("hello")
    raj.write("hi")
    assert inbox.graph.settle(10)
    pages = [sign_in("Ona").page, sign_in("Ken").page]
    for page in pages:
        expect(page.get_by_role("list", name="Chats").get_by_text("hello")).to_be_visible()
    for name in (RAJ[0], MEI[0]):  # both are read by somebody, and Mei's stays open
        with pages[1].expect_response("**/read"):
            open_chat(pages[1], name)
    for page in pages:
        page.wait_for_timeout(SETTLES_MS)
    asked = [Requests(page) for page in pages]
    raj.write("is the kayak free?")
    for page in pages:
        expect(page.get_by_role("list", name="Chats").get_by_text("is the kayak free?")).to_be_visible()
        expect(page).to_have_title(re.compile(r"^\(1\) "))
    assert [one.settled() for one in asked] == [[], []]


def test_a_message_into_the_open_chat_costs_marking_it_read_and_a_look_at_the_details(inbox: Inbox, sign_in: SignIn) -> None:
    mei = inbox.graph.add_customer(*MEI)
    mei.write("hello")
    assert inbox.graph.settle(10)
    page = sign_in("Ken").page
    open_chat(page, MEI[0])
    page.wait_for_timeout(SETTLES_MS)
    asked = Requests(page)
    mei.write("is the kayak free?")
    expect(page.get_by_role("log", name="Messages").get_by_text("is the kayak free?")).to_be_visible()
    assert asked.settled() == ["GET /api/chats/1/details", "POST /api/chats/1/read"]


def test_a_text_out_with_all_its_ticks_costs_sending_it_and_a_look_at_the_details(inbox: Inbox, sign_in: SignIn) -> None:
    mei = inbox.graph.add_customer(*MEI)
    mei.write("hello")
    assert inbox.graph.settle(10)
    ken, ona = sign_in("Ken").page, sign_in("Ona").page
    open_chat(ken, MEI[0])
    for page in (ken, ona):
        page.wait_for_timeout(SETTLES_MS)
    asked, asked_elsewhere = Requests(ken), Requests(ona)
    box = ken.get_by_role("textbox", name="Type a message")
    box.fill("yes, at ten")
    box.press("Enter")
    mei.open_chat()  # her phone reads what arrives
    expect(ken.get_by_role("log", name="Messages").get_by_label(re.compile("^Read")).first).to_be_visible()
    assert asked.settled() == ["GET /api/chats/1/details", "POST /api/send"]
    assert asked_elsewhere.settled() == []
