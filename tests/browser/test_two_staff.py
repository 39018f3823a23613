"""Two members of staff at real browsers, a customer at a phone: the whole product in a few journeys."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PHONE, Inbox, Staff, wait_for

SignIn = Callable[..., Staff]


def row(page: Page, name: str) -> object:
    return page.get_by_role("list", name="Chats").get_by_role("listitem").filter(has_text=name)


def open_chat(page: Page, name: str) -> None:
    page.get_by_role("list", name="Chats").get_by_text(name, exact=True).first.click()
    expect(page.get_by_role("log", name="Messages")).to_be_visible()


def write(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name="Type a message")
    box.fill(text)
    box.press("Enter")


def log(page: Page) -> object:
    return page.get_by_role("log", name="Messages")


def test_a_message_reaches_both_browsers_one_answers_both_see_the_ticks(inbox: Inbox, sign_in: SignIn) -> None:
    ona, ken = sign_in("Ona"), sign_in("Ken")
    mei = inbox.graph.add_customer("陳美玲 Mei Ling", "85251234567")
    mei.write("請問星期六仲有冇位？ 🛶")
    for staff in (ona, ken):
        expect(staff.page.get_by_role("list", name="Chats").get_by_text("請問星期六仲有冇位？ 🛶")).to_be_visible()
    for staff in (ona, ken):
        open_chat(staff.page, "陳美玲 Mei Ling")
    write(ken.page, "有位！ 10:00 or 14:00 😊")
    for staff in (ona, ken):
        expect(log(staff.page).get_by_text("有位！ 10:00 or 14:00 😊")).to_have_count(1)  # type: ignore[attr-defined]
    mei.open_chat()
    for staff in (ona, ken):
        expect(log(staff.page).get_by_label(re.compile("^Read")).first).to_be_visible(timeout=10_000)  # type: ignore[attr-defined]
    assert inbox.graph.count("accepted") == 1
    expect(log(ona.page).get_by_text("Ken", exact=True).first).to_be_visible()  # type: ignore[attr-defined]


def test_a_double_click_on_a_slow_line_is_one_message(inbox: Inbox, sign_in: SignIn) -> None:
    ken = sign_in("Ken")
    inbox.graph.add_customer("Raj Patel", "85251230000").write("Hi")
    open_chat(ken.page, "Raj Patel")
    slow = {"offline": False, "latency": 2000, "downloadThroughput": -1, "uploadThroughput": -1}
    ken.context.new_cdp_session(ken.page).send("Network.emulateNetworkConditions", slow)
    box = ken.page.get_by_role("textbox", name="Type a message")
    box.fill("Only once")
    ken.page.get_by_role("button", name="Send", exact=True).dblclick()
    expect(log(ken.page).get_by_text("Only once")).to_have_count(1)  # type: ignore[attr-defined]
    wait_for(lambda: inbox.graph.count("accepted") == 1)
    expect(log(ken.page).get_by_text("Only once")).to_have_count(1)  # type: ignore[attr-defined]
    ken.page.wait_for_timeout(500)
    assert inbox.graph.count("accepted") == 1


def test_nothing_is_missed_or_doubled_across_a_restart(inbox: Inbox, sign_in: SignIn) -> None:
    ken = sign_in("Ken")
    mei = inbox.graph.add_customer("Mei Ling", "85251234567")
    mei.write("before the restart")
    open_chat(ken.page, "Mei Ling")
    expect(log(ken.page).get_by_text("before the restart")).to_be_visible()  # type: ignore[attr-defined]
    inbox.stop()
    mei.write("while it was down")
    inbox.start()
    mei.write("after the restart")
    for text in ("before the restart", "while it was down", "after the restart"):
        expect(log(ken.page).get_by_text(text)).to_have_count(1, timeout=20_000)  # type: ignore[attr-defined]
    assert inbox.graph.settle(10)
    bubbles = log(ken.page).get_by_text(re.compile("restart|down"))  # type: ignore[attr-defined]
    expect(bubbles).to_have_count(3)


def test_what_could_not_be_loaded_anew_is_loaded_when_the_server_answers_again(inbox: Inbox, sign_in: SignIn) -> None:
    page = sign_in("Ken").page
    mei = inbox.graph.add_customer("Mei Ling", "85251234567")
    mei.write("hello")
    open_chat(page, "Mei Ling")
    expect(log(page).get_by_text("hello")).to_be_visible()  # type: ignore[attr-defined]
    feed = [{"reset": True, "seq": 10**6, "changes": []}]  # the page believes to know whatever the feed may still tell

    def answer(route: Route) -> None:
        route.fulfill(json=feed.pop()) if feed else route.fulfill(status=204)

    page.route("**/api/updates?*", answer)
    calls = ("**/api/messages?*", "**/api/chats?*")
    for call in calls:
        page.route(call, lambda route: route.abort())
    with page.expect_event("requestfailed", lambda request: "/api/messages?" in request.url):
        page.evaluate("dispatchEvent(new Event('online'))")
    mei.write("is the kayak free?")
    assert inbox.graph.settle(10)
    for call in calls:
        page.unroute(call)
    expect(log(page).get_by_text("is the kayak free?")).to_be_visible(timeout=20_000)  # type: ignore[attr-defined]
    expect(page.get_by_role("list", name="Chats").get_by_text("is the kayak free?")).to_be_visible(timeout=20_000)


def test_a_refused_message_is_red_with_its_reason_and_can_be_sent_again(inbox: Inbox, sign_in: SignIn) -> None:
    ken = sign_in("Ken")
    inbox.graph.add_customer("Raj Patel", "85251230000").write("Hi")
    open_chat(ken.page, "Raj Patel")
    inbox.graph.fail_next("send", code=131026)
    write(ken.page, "Are you there?")
    retry = log(ken.page).get_by_role("button", name="Retry")  # type: ignore[attr-defined]
    expect(retry).to_be_visible(timeout=10_000)
    retry.click()
    wait_for(lambda: inbox.graph.count("accepted") == 1)
    expect(retry).to_have_count(0)


def test_the_phone_layout_goes_into_a_chat_and_back(inbox: Inbox, sign_in: SignIn) -> None:
    ken = sign_in("Ken", viewport=PHONE, has_touch=True, is_mobile=True)
    inbox.graph.add_customer("Raj Patel", "85251230000").write("Hi from the pier")
    open_chat(ken.page, "Raj Patel")
    expect(ken.page.get_by_role("list", name="Chats")).to_be_hidden()
    assert ken.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    write(ken.page, "Hello Raj")
    expect(log(ken.page).get_by_text("Hello Raj")).to_be_visible()  # type: ignore[attr-defined]
    ken.page.go_back()
    expect(ken.page.get_by_role("list", name="Chats")).to_be_visible()


def test_a_closed_window_offers_a_template(inbox: Inbox, sign_in: SignIn) -> None:
    ken = sign_in("Ken")
    from system import clock

    mei = inbox.graph.add_customer("Mei Ling", "85251234567")
    mei.write("yesterday's question", at=clock.now() - 25 * 3600)
    open_chat(ken.page, "Mei Ling")
    expect(ken.page.get_by_role("textbox", name="Type a message")).to_have_count(0)
    ken.page.get_by_role("button", name=re.compile("template", re.I)).first.click()
    dialog = ken.page.get_by_role("dialog")
    dialog.get_by_text("booking confirmed").first.click()
    for label, filled in (("1", "Mei"), ("2", "Saturday"), ("3", "10:00")):
        dialog.get_by_label(re.compile(rf"\b{label}\b")).first.fill(filled)
    dialog.get_by_role("button", name=re.compile("^Send")).click()
    wait_for(lambda: inbox.graph.count("accepted") == 1)
    expect(log(ken.page).get_by_text(re.compile("Hi Mei, your kayak is booked")).first).to_be_visible()  # type: ignore[attr-defined]
