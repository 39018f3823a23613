"""Looking at and listening to what a chat has: voice messages one after the other, photos and films, gallery, PDFs."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from sandbox import samples
from sandbox.customer import Customer
from system import clock
from tests.browser.conftest import DESKTOP, PHONE, Inbox, Staff, wait_for
from tests.browser.test_accessibility import violations
from tests.browser.test_two_staff import open_chat

SignIn = Callable[..., Staff]
VOICE = "audio/ogg; codecs=opus"
FILM = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 180, height: 320 });
  const pen = canvas.getContext("2d");
  let step = 0;
  const timer = setInterval(() => { pen.fillStyle = `hsl(${(step += 9)} 70% 50%)`; pen.fillRect(0, 0, 180, 320); }, 40);
  const type = ["video/mp4;codecs=avc1.42E01E", "video/mp4;codecs=vp9"].find((one) => MediaRecorder.isTypeSupported(one));
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: type });
  const data = new Promise((resolve) => (recorder.ondataavailable = (event) => resolve(event.data)));
  recorder.start();
  await new Promise((resolve) => setTimeout(resolve, 1200));
  recorder.stop();
  clearInterval(timer);
  return btoa(Array.from(new Uint8Array(await (await data).arrayBuffer()), (byte) => String.fromCharCode(byte)).join(""));
}"""


@pytest.fixture
def mei(inbox: Inbox) -> Customer:
    return inbox.graph.add_customer("Mei Ling", "85251234567")


def log(page: Page) -> Locator:
    return page.get_by_role("log", name="Messages")


def lightbox(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Photos and videos")


def caption(page: Page) -> str:
    return lightbox(page).locator(".lightbox-caption").inner_text()


def picture(page: Page) -> Any:
    """Where the picture is on the screen: x, y, width, height."""
    return lightbox(page).locator(".lightbox-picture").bounding_box()


COUNT = """async () => {
  let [count, before] = [0, ""];
  do {
    const page = await (await fetch(`/api/messages?conversation_id=1&limit=100${before && `&before=${before}`}`)).json();
    count += page.messages.filter((one) => one.media?.state === "stored").length;
    before = page.next_cursor;
  } while (before);
  return count;
}"""


def files(page: Page) -> int:
    """How many of the chat's files are here."""
    return int(page.evaluate(COUNT))


def photos(inbox: Inbox, customer: Customer, count: int) -> None:
    """One a second up to now: webhooks of one second come in any order."""
    for number in range(count):
        at = clock.now() - count + number
        customer.send_file(samples.photo(number, (240, 160)), "image/jpeg", caption=f"Boat {number}", at=at)
    assert inbox.graph.settle(60)


def enter(sign_in: SignIn, stored: int, **options: Any) -> Page:
    """Into Mei Ling's chat once all its files have been fetched."""
    page = sign_in("Ken", **options).page
    wait_for(lambda: files(page) == stored, 30)
    open_chat(page, "Mei Ling")
    return page


# ---------------------------------------------------------------- voice


def waits(page: Page, times: list[str]) -> None:
    """What the sliders say."""
    wait_for(lambda: [one.get_attribute("aria-valuetext") for one in log(page).get_by_role("slider").all()] == times)


def test_voice_messages_play_on_until_something_else_comes(inbox: Inbox, sign_in: SignIn, mei: Customer) -> None:
    for _ in range(2):
        mei.send_file(samples.voice(), VOICE, voice=True)
    mei.write("That is all")
    mei.send_file(samples.voice(), VOICE, voice=True)
    assert inbox.graph.settle()
    page = enter(sign_in, 3)
    log(page).get_by_role("button", name="Speed 1×").first.click()
    log(page).get_by_role("button", name="Speed 1.5×").first.click()
    first = log(page).get_by_role("button", name="Play the voice message").first
    first.focus()
    page.keyboard.press("Enter")
    expect(log(page).get_by_role("button", name="Pause")).to_have_count(1)
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Pause", "the focus was lost while it played"
    second = log(page).get_by_role("article").nth(1).get_by_role("button", name="Pause")
    expect(second).to_be_visible()
    expect(log(page).get_by_role("button", name="Pause")).to_have_count(0)
    waits(page, ["0:00 of 0:04"] * 3)

    page.reload()
    expect(log(page).get_by_role("button", name="Speed 2×")).to_have_count(3)


def test_a_voice_message_is_sought_by_keys_and_remembers_where_one_was(inbox: Inbox, sign_in: SignIn, mei: Customer) -> None:
    mei.send_file(samples.voice(), VOICE, voice=True)
    inbox.graph.add_customer("Raj Patel", "85251230000").write("Hi")
    assert inbox.graph.settle()
    page = enter(sign_in, 1)
    log(page).get_by_role("slider", name="Position").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    waits(page, ["0:02 of 0:04"])
    log(page).get_by_role("button", name="Play the voice message").click()
    waits(page, ["0:03 of 0:04"])
    log(page).get_by_role("button", name="Pause").click()
    open_chat(page, "Raj Patel")
    expect(log(page).get_by_text("Hi")).to_be_visible()
    open_chat(page, "Mei Ling")
    waits(page, ["0:03 of 0:04"])
    log(page).get_by_role("slider").focus()
    page.keyboard.press("Home")
    waits(page, ["0:00 of 0:04"])


def test_the_first_browser_draws_the_sound_for_all(inbox: Inbox, sign_in: SignIn, mei: Customer) -> None:
    mei.send_file(samples.voice(), VOICE, voice=True)
    assert inbox.graph.settle()
    ken, ona = sign_in("Ken").page, sign_in("Ona").page
    posts: list[str] = []
    for page in (ken, ona):
        page.on("request", lambda request: posts.append(request.url) if request.url.endswith("/peaks") else None)
    wait_for(lambda: files(ken) == 1)

    def heights(page: Page) -> set[str | None]:
        return {bar.get_attribute("height") for bar in log(page).locator(".sound-bars rect").all()}

    def box(page: Page) -> Any:
        return log(page).locator(".voice").bounding_box()

    ona.evaluate("() => { OfflineAudioContext.prototype.decodeAudioData = () => new Promise(() => {}); }")
    open_chat(ona, "Mei Ling")
    expect(log(ona).locator(".voice")).to_be_visible()
    flat = box(ona)
    assert heights(ona) == {"3"}
    open_chat(ken, "Mei Ling")
    for page in (ken, ona):
        wait_for(lambda page=page: len(heights(page)) > 5)  # type: ignore[misc]
    assert box(ona) == flat, "the bubble moved when its bars came"
    assert len(posts) == 1
    ken.reload()
    wait_for(lambda: len(heights(ken)) > 5)
    assert len(posts) == 1


# ---------------------------------------------------------------- lightbox


def test_all_photos_of_a_long_chat_by_keys_from_the_one_in_sight(inbox: Inbox, sign_in: SignIn, mei: Customer) -> None:
    photos(inbox, mei, 60)
    page = sign_in("Ken").page
    wait_for(lambda: files(page) == 60, 60)
    open_chat(page, "Mei Ling")
    page.get_by_role("button", name=re.compile("Go to 60 new")).click()
    opener = log(page).get_by_role("button", name="Open the photo: Boat 59")
    opener.focus()
    page.keyboard.press("Enter")
    expect(lightbox(page)).to_be_visible()
    expect(lightbox(page).get_by_role("button", name="Next")).to_be_hidden()
    for number in range(58, -1, -1):
        page.keyboard.press("ArrowLeft")
        expect(lightbox(page).locator(".lightbox-caption")).to_have_text(f"Boat {number}")
    expect(lightbox(page).get_by_role("button", name="Previous")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(lightbox(page).locator(".lightbox-caption")).to_have_text("Boat 1")
    expect(lightbox(page).get_by_text("Mei Ling")).to_be_visible()

    lightbox(page).get_by_role("button", name="Show in chat").click()
    expect(lightbox(page)).to_have_count(0)
    there = log(page).get_by_role("article", name="Mei Ling, Boat 1,")
    expect(there).to_be_in_viewport()
    expect(there).to_be_focused()


def test_escape_gives_the_focus_back_and_tab_stays_inside(inbox: Inbox, sign_in: SignIn, mei: Customer) -> None:
    photos(inbox, mei, 3)
    page = enter(sign_in, 3)
    opener = log(page).get_by_role("button", name="Open the photo: Boat 1")
    opener.focus()
    page.keyboard.press("Enter")
    names = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        names.add(page.evaluate("document.activeElement.closest('dialog') ? document.activeElement.getAttribute('aria-label') : null"))
    assert {"Previous", "Next", "Zoom in", "Show in chat", "Download", "Close"} <= names
    with page.expect_download() as download:
        lightbox(page).get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.endswith(".jpg")
    lightbox(page).get_by_role("button", name="Next").focus()
    page.keyboard.press("Enter")
    expect(lightbox(page).locator(".lightbox-caption")).to_have_text("Boat 2")
    page.keyboard.press("ArrowLeft")  # although the button that had the focus has gone
    expect(lightbox(page).locator(".lightbox-caption")).to_have_text("Boat 1")
    page.keyboard.press("Escape")
    expect(lightbox(page)).to_have_count(0)
    expect(opener).to_be_focused()


def test_a_photo_is_zoomed_and_moved_with_the_mouse(inbox: Inbox, sign_in: SignIn, mei: Customer) -> None:
    mei.send_file(samples.photo(1, (1600, 1000)), "image/jpeg")
    assert inbox.graph.settle()
    page = enter(sign_in, 1)
    log(page).get_by_role("button", name="Open the photo").click()
    expect(lightbox(page).locator("img")).to_be_visible()
    fitted = picture(page)
    page.mouse.move(500, 400)
    page.mouse.wheel(0, -400)
    wait_for(lambda: picture(page)["width"] > fitted["width"] * 1.5)
    before = picture(page)
    page.mouse.down()
    page.mouse.move(560, 430, steps=4)
    page.mouse.up()
    moved = picture(page)
    assert (moved["x"] - before["x"], moved["y"] - before["y"]) == pytest.approx((60, 30), abs=1)
    expect(lightbox(page)).to_be_visible()
    page.keyboard.press("0")
    wait_for(lambda: picture(page) == fitted)
    page.mouse.dblclick(500, 400)
    assert picture(page)["width"] == pytest.approx(fitted["width"] * 2.5, rel=0.01)
    page.mouse.dblclick(500, 400)
    assert picture(page) == fitted
    lightbox(page).get_by_role("button", name="Zoom in").click()
    lightbox(page).get_by_role("button", name="Zoom in").click()
    assert picture(page)["width"] == pytest.approx(fitted["width"] * 2.25, rel=0.01)
    page.keyboard.press("-")
    page.keyboard.press("-")
    expect(lightbox(page).get_by_role("button", name="Zoom out")).to_be_disabled()
    page.set_viewport_size({"width": 1000, "height": 700})
    wait_for(lambda: picture(page)["width"] < fitted["width"])
    page.mouse.click(10, 400)  # beside it
    expect(lightbox(page)).to_have_count(0)


def touch(session: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    spots = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})


def swipe(session: CDPSession, start: float, end: float, y: float = 400) -> None:
    touch(session, "touchStart", (start, y))
    for step in range(1, 6):
        touch(session, "touchMove", (start + (end - start) * step / 5, y))
    touch(session, "touchEnd")


def test_fingers_swipe_and_pinch_on_a_phone_and_back_closes(inbox: Inbox, sign_in: SignIn, mei: Customer) -> None:
    photos(inbox, mei, 3)
    page = enter(sign_in, 3, viewport=PHONE, has_touch=True, is_mobile=True)
    log(page).get_by_role("button", name="Open the photo: Boat 1").tap()
    expect(lightbox(page)).to_be_visible()
    wait_for(lambda: picture(page)["width"] > 100)
    session = page.context.new_cdp_session(page)
    shown = lightbox(page).locator(".lightbox-caption")
    swipe(session, 300, 100)
    expect(shown).to_have_text("Boat 2")
    swipe(session, 300, 100)
    expect(shown).to_have_text("Boat 2")  # the last one
    swipe(session, 100, 300)
    expect(shown).to_have_text("Boat 1")
    swipe(session, 200, 230)
    expect(shown).to_have_text("Boat 1")  # not far enough

    fitted = picture(page)
    touch(session, "touchStart", (150, 400), (240, 400))
    for step in range(1, 6):
        touch(session, "touchMove", (150 - 15 * step, 400), (240 + 15 * step, 400))
    touch(session, "touchEnd")
    assert picture(page)["width"] > fitted["width"] * 1.8
    expect(shown).to_have_text("Boat 1")
    before = picture(page)
    swipe(session, 200, 150)
    assert picture(page)["x"] < before["x"] - 30
    expect(shown).to_have_text("Boat 1")
    wait_for(lambda: page.evaluate("history.state?.layer ?? 0") == 1)
    page.go_back()
    expect(lightbox(page)).to_have_count(0)
    expect(log(page)).to_be_visible()


def test_a_film_has_its_place_before_it_is_loaded_and_plays_in_full_size(
    inbox: Inbox, sign_in: SignIn, mei: Customer
) -> None:
    staff = sign_in("Ken")
    page = staff.page
    film = base64.b64decode(page.evaluate(FILM))
    mei.send_file(film, "video/mp4", caption="The pier")
    assert inbox.graph.settle()
    wait_for(lambda: files(page) == 1)
    media = page.request.get(f"{inbox.url}/api/messages?conversation_id=1").json()["messages"][0]["media"]
    assert (media["width"], media["height"]) == (180, 320)
    page.route("**/media/*", lambda route: None)  # nothing of it comes
    open_chat(page, "Mei Ling")
    opener = log(page).get_by_role("button", name="Play the video: The pier")
    reserved = opener.bounding_box()
    assert reserved and reserved["width"] / reserved["height"] == pytest.approx(180 / 320, rel=0.02)
    page.unroute("**/media/*")
    page.reload()
    wait_for(lambda: opener.locator("video").evaluate("(video) => video.readyState") >= 2)
    shown = opener.bounding_box()
    assert shown and (shown["width"], shown["height"]) == (reserved["width"], reserved["height"])
    opener.click()
    video = lightbox(page).locator("video")
    wait_for(lambda: video.evaluate("(video) => video.currentTime") > 0.3)
    expect(lightbox(page).get_by_role("button", name="Zoom in")).to_be_hidden()
    assert picture(page)["height"] == 640  # twice its own size at the most


# ---------------------------------------------------------------- gallery


def panel(page: Page) -> Locator:
    return page.get_by_role("region", name="Contact details")


def test_the_gallery_holds_media_links_and_documents(inbox: Inbox, sign_in: SignIn, mei: Customer) -> None:
    photos(inbox, mei, 30)
    mei.send_file(samples.document("Prices"), "application/pdf", filename="Prices 2026.pdf")
    mei.send_file(b"a note", "text/plain", filename="notes.txt")
    mei.write("See https://example.com/boats?size=2")
    inbox.graph.add_customer("Raj Patel", "85251230000").write("Hi")
    assert inbox.graph.settle()
    page = enter(sign_in, 32)
    tiles = panel(page).get_by_role("button", name=re.compile("^Photo of .*Boat"))
    expect(tiles.nth(23)).to_be_attached()  # a page; the next is asked for when its end comes into sight
    panel(page).evaluate("(pane) => pane.scrollTo(0, pane.scrollHeight)")
    expect(tiles).to_have_count(30)

    tiles.nth(28).click()
    expect(lightbox(page).locator(".lightbox-caption")).to_have_text("Boat 1")
    page.keyboard.press("ArrowRight")
    expect(lightbox(page).locator(".lightbox-caption")).to_have_text("Boat 2")
    page.keyboard.press("Escape")
    expect(tiles.nth(28)).to_be_focused()
    kept = panel(page).evaluate("(pane) => pane.scrollTop")
    mei.send_file(samples.photo(99, (240, 160)), "image/jpeg", caption="Boat 30")
    expect(tiles).to_have_count(31)
    assert panel(page).evaluate("(pane) => pane.scrollTop") == kept
    expect(tiles.nth(29)).to_be_focused()

    panel(page).get_by_role("tab", name="Media").focus()
    page.keyboard.press("ArrowRight")
    link = panel(page).get_by_role("link", name="https://example.com/boats?size=2")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    page.keyboard.press("ArrowRight")
    expect(panel(page).get_by_role("tab", name="Documents")).to_be_focused()
    expect(panel(page).get_by_text("notes.txt")).to_be_visible()
    panel(page).get_by_role("button", name="Show in chat").last.click()
    expect(log(page).get_by_role("article").filter(has_text="Prices 2026.pdf")).to_be_focused()

    open_chat(page, "Raj Patel")
    expect(panel(page).get_by_text("No photos or videos yet")).to_be_visible()
    panel(page).get_by_role("tab", name="Links").click()
    expect(panel(page).get_by_text("No links yet")).to_be_visible()


def test_a_gallery_that_cannot_be_loaded_says_so_and_tries_again(inbox: Inbox, sign_in: SignIn, mei: Customer) -> None:
    photos(inbox, mei, 1)
    page = sign_in("Ken").page
    wait_for(lambda: files(page) == 1)
    page.route("**/media?kind=*", lambda route: route.fulfill(status=503, json={"error": {"code": "x", "message": "Not now."}}))
    open_chat(page, "Mei Ling")
    expect(panel(page).get_by_text("Not now.")).to_be_visible()
    page.unroute("**/media?kind=*")
    panel(page).get_by_role("button", name="Try again").click()
    expect(panel(page).get_by_role("button", name=re.compile("Boat 0"))).to_be_visible()


def test_a_pdf_opens_in_the_browsers_own_viewer(inbox: Inbox, sign_in: SignIn, mei: Customer) -> None:
    mei.send_file(samples.document("Prices"), "application/pdf", filename="Prices 2026.pdf")
    assert inbox.graph.settle()
    page = enter(sign_in, 1)
    with page.expect_popup() as opened:
        log(page).get_by_role("link", name="Open Prices 2026.pdf").click()
    viewer = opened.value
    expected = ["application/pdf", None]
    wait_for(lambda: viewer.evaluate("[document.contentType, window.opener]") == expected)
    wait_for(lambda: viewer.evaluate("1") and any(frame.url.startswith("chrome-extension:") for frame in viewer.frames))
    viewer.close()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_lightbox_player_and_gallery(
    inbox: Inbox, sign_in: SignIn, mei: Customer, viewport: dict[str, int], scheme: str
) -> None:
    photos(inbox, mei, 2)
    mei.send_file(samples.voice(), VOICE, voice=True)
    mei.send_file(samples.document("Prices"), "application/pdf", filename="Prices 2026.pdf")
    mei.write("See https://example.com/boats")
    assert inbox.graph.settle()
    page = enter(sign_in, 4, viewport=viewport, color_scheme=scheme)
    log(page).get_by_role("button", name="Open the photo: Boat 0").click()
    expect(lightbox(page).locator("img")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(lightbox(page)).to_have_count(0)
    if not panel(page).is_visible():
        page.get_by_role("button", name=re.compile("Mei Ling")).last.click()
    for name in ("Media", "Links", "Documents"):
        panel(page).get_by_role("tab", name=name).click()
        expect(panel(page).locator(".skeleton")).to_have_count(0)
        assert violations(page) == []
