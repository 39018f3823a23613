"""What lies on top of the chat: Back and Escape take it away piece by piece; files that are dropped go nowhere else."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from PIL import Image
from playwright.sync_api import Locator, Page, expect

from system import clock
from tests.browser.conftest import PHONE, Inbox, Staff, wait_for
from tests.browser.test_two_staff import open_chat, write

SignIn = Callable[..., Staff]

DROP = """([selector, names]) => {
  const data = new DataTransfer();
  for (const name of names) data.items.add(new File(["%PDF-1.4 a"], name, { type: "application/pdf" }));
  const where = document.querySelector(selector);
  return ["dragover", "drop"].map((kind) => {
    const event = new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data });
    where.dispatchEvent(event);
    return event.defaultPrevented;
  });
}"""


def log(page: Page) -> Locator:
    return page.get_by_role("log", name="Messages")


def back(page: Page, layers: int) -> None:
    """Back, once the history has caught up: it moves some milliseconds after what a script asks of it."""
    wait_for(lambda: page.evaluate("history.state?.layer ?? 0") == layers)
    page.go_back()


def picture() -> bytes:
    done = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(done, "PNG")
    return done.getvalue()


def attach(page: Page, *files: tuple[str, str, bytes]) -> None:
    chosen: Any = [{"name": name, "mimeType": kind, "buffer": content} for name, kind, content in files]
    pane = page.get_by_role("region", name="Conversation")  # a tray that closes still has its own for a moment
    pane.locator("input[data-file]").set_input_files(chosen)


def test_back_on_a_phone_closes_what_is_on_top_first(inbox: Inbox, sign_in: SignIn) -> None:
    page = sign_in("Ken", viewport=PHONE, has_touch=True, is_mobile=True).page
    inbox.graph.add_customer("Raj Patel", "85251230000").write("Hi from the pier")
    chats, dialog = page.get_by_role("list", name="Chats"), page.get_by_role("dialog")
    drawer = page.get_by_role("region", name="Contact details")

    expect(chats.get_by_text("Raj Patel")).to_be_visible()
    page.get_by_role("button", name="New chat").click()
    expect(dialog).to_be_visible()
    back(page, 1)
    expect(dialog).to_have_count(0)
    expect(chats).to_be_visible()

    open_chat(page, "Raj Patel")
    attach(page, ("pier.png", "image/png", picture()))
    expect(dialog).to_be_visible()
    back(page, 1)
    expect(dialog).to_have_count(0)
    attach(page, ("pier.png", "image/png", picture()))
    dialog.get_by_role("button", name="Send", exact=True).click()
    log(page).get_by_role("button", name="Open the photo").click()
    expect(dialog).to_be_visible()
    back(page, 1)
    expect(dialog).to_have_count(0)

    page.get_by_role("button", name="Show contact details").click()
    expect(drawer).to_be_visible()
    back(page, 1)
    expect(drawer).to_be_hidden()
    expect(log(page)).to_be_visible()

    # Closed by hand, a layer leaves no step behind: one Back is the list.
    page.get_by_role("button", name="Show contact details").click()
    page.get_by_role("button", name="Close contact details").click()
    back(page, 0)
    expect(chats).to_be_visible()


def test_the_column_of_a_wide_screen_is_no_step_and_escape_closes_it_before_the_chat(inbox: Inbox, sign_in: SignIn) -> None:
    page = sign_in("Ken").page
    inbox.graph.add_customer("Raj Patel", "85251230000").write("Hi")
    open_chat(page, "Raj Patel")
    column = page.get_by_role("region", name="Contact details")
    expect(column).to_be_visible()
    assert page.evaluate("history.state") == {"fromList": True}

    page.get_by_role("button", name="Edit name").click()
    name = column.get_by_role("textbox", name="Name")
    expect(name).to_have_value("Raj Patel")
    assert name.evaluate("field => field.value.slice(field.selectionStart, field.selectionEnd)") == "Raj Patel"
    name.press("Escape")

    page.get_by_role("textbox", name="Type a message").press("Escape")
    expect(column).to_be_hidden()
    expect(log(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(log(page)).to_be_hidden()


def test_files_are_taken_where_they_can_go_and_never_replace_the_page(inbox: Inbox, sign_in: SignIn) -> None:
    page = sign_in("Ken").page
    inbox.graph.add_customer("Mei Ling", "85251234567").write("long ago", at=clock.now() - 25 * 3600)
    inbox.graph.add_customer("Raj Patel", "85251230000").write("Hi")
    open_chat(page, "Raj Patel")
    dialog, toast = page.get_by_role("dialog"), page.locator(".toast")
    for beside in (".list-pane", ".details-pane"):  # the browser would show the file in the page's place
        assert page.evaluate(DROP, [beside, ["one.pdf"]]) == [True, True]
    expect(dialog).to_have_count(0)

    assert page.evaluate(DROP, [".thread-body", ["one.pdf", "two.pdf"]]) == [True, True]
    expect(dialog.get_by_role("heading")).to_have_text("Send to Raj Patel")
    expect(dialog.get_by_role("button", name="two.pdf, 2 of 2")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    wait_for(lambda: page.evaluate("history.state") == {"fromList": True})

    expect(toast).to_have_count(0)
    open_chat(page, "Mei Ling")
    expect(page.locator(".composer-closed")).to_be_visible()
    page.evaluate(DROP, [".thread-body", ["one.pdf"]])
    expect(toast).to_have_text("Only a template can be sent now")


def test_the_list_shows_what_waits_and_what_was_refused(inbox: Inbox, sign_in: SignIn) -> None:
    page = sign_in("Ken").page
    inbox.graph.add_customer("Raj Patel", "85251230000").write("Hi", at=clock.now() - 60)
    inbox.graph.add_customer("Mei Ling", "85251234567").write("Hello", at=clock.now() - 30)
    first = page.get_by_role("list", name="Chats").get_by_role("listitem").first
    expect(first).to_contain_text("Mei Ling")
    open_chat(page, "Raj Patel")
    page.route("**/api/send", lambda route: route.abort())
    write(page, "on its way")
    expect(first).to_contain_text("on its way")
    expect(first.get_by_role("img", name="Waiting to be sent")).to_be_visible()
    page.unroute("**/api/send")
    refusal = {"error": {"code": "invalid", "message": "It is refused."}}
    page.route("**/api/send", lambda route: route.fulfill(status=422, json=refusal))
    expect(first.get_by_role("img", name="Not sent")).to_be_visible()
    attach(page, ("offer.pdf", "application/pdf", b"%PDF-1.4 a"))
    page.get_by_role("dialog").get_by_role("button", name="Send", exact=True).click()
    troubled = log(page).get_by_role("article").filter(has_text="It is refused.")
    expect(troubled).to_have_count(2)
    expect(troubled.first.get_by_role("button", name="Retry")).to_be_visible()
    expect(troubled.last.get_by_role("button", name="Retry")).to_have_count(0)
    for left in (1, 0):
        troubled.first.get_by_role("button", name="Discard").click()
        expect(troubled).to_have_count(left)
    expect(first).to_contain_text("Mei Ling")


def test_signed_out_in_one_tab_is_signed_out_in_all(inbox: Inbox, sign_in: SignIn) -> None:
    ken = sign_in("Ken")
    other = ken.context.new_page()
    other.goto(f"{inbox.url}/inbox")
    other.locator("[data-inbox][data-ready]").wait_for()
    ken.page.locator("[data-account]:visible").first.click()
    ken.page.get_by_role("menuitem", name="Sign out").click()
    other.wait_for_url("**/login*", timeout=3000)


def test_after_renaming_the_focus_is_where_it_began(inbox: Inbox, sign_in: SignIn) -> None:
    page = sign_in("Ken").page
    inbox.graph.add_customer("Raj Patel", "85251230000").write("Hi from the pier")
    open_chat(page, "Raj Patel")
    details, edit = page.get_by_role("region", name="Contact details"), page.get_by_role("button", name="Edit name")
    for leave, name in (("Escape", "Raj Patel"), ("Enter", "Raj of the pier")):
        edit.click()
        details.get_by_label("Name", exact=True).fill("Raj of the pier")
        page.keyboard.press(leave)
        expect(details.get_by_role("heading", name=name, exact=True)).to_be_visible()
        expect(edit).to_be_focused()
