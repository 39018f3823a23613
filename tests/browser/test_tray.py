"""Files before and while they are sent: order, captions, pictures made small and nameless, originals, cancel and retry."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from sandbox.world import Bubble
from tests.browser.conftest import DESKTOP, PHONE, Inbox, Staff, wait_for
from tests.browser.test_accessibility import violations
from tests.browser.test_layers import attach, back, log
from tests.browser.test_two_staff import open_chat
from tests.features.media.samples import png_claiming

SignIn = Callable[..., Staff]

PDF = b"%PDF-1.4 invented"
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
GPS, ORIENTATION, MAKER = 0x8825, 0x0112, 0x010F

DROP = """names => {
  const data = new DataTransfer();
  for (const name of names) data.items.add(new File(["%PDF-1.4 " + name], name, { type: "application/pdf" }));
  for (const kind of ["dragover", "drop"]) {
    document.querySelector("dialog").dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
  }
}"""
PASTE = """names => {
  const data = new DataTransfer();
  for (const name of names) data.items.add(new File(["%PDF-1.4 " + name], name, { type: "application/pdf" }));
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData: data }));
}"""


def encoded(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    done = io.BytesIO()
    picture.save(done, kind, **options)
    return done.getvalue()


def photo(width: int = 640, height: int = 400) -> bytes:
    return encoded(Image.radial_gradient("L").resize((width, height)).convert("RGB"), quality=95)


def noise(width: int, height: int) -> bytes:
    """As large as a photo can be: nothing in it repeats."""
    return encoded(Image.effect_noise((width, height), 120).convert("RGB"), quality=100)


def received(inbox: Inbox) -> list[Bubble]:
    """What is on the customer's phone of ours, in order."""
    profile = inbox.graph.profile_for(phone="85251230000")
    return [bubble for bubble in inbox.graph.world.chat(profile.id) if not bubble.mine]


def content(inbox: Inbox, bubble: Bubble) -> bytes:
    assert bubble.media_id
    return inbox.graph.shelf.read(bubble.media_id)


@pytest.fixture
def raj(inbox: Inbox) -> Inbox:
    inbox.graph.add_customer("Raj Patel", "85251230000").write("Hi")
    return inbox


def throttle(page: Page, bytes_a_second: int) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_a_second},
    )


def test_several_files_go_out_in_the_order_that_a_person_gave_them(raj: Inbox, sign_in: SignIn) -> None:
    page = sign_in("Ken").page
    open_chat(page, "Raj Patel")
    page.get_by_role("textbox", name="Type a message").fill("the offers")
    dialog = page.get_by_role("dialog", name="Send to Raj Patel")
    caption, files = dialog.get_by_role("textbox", name="Caption"), dialog.get_by_role("list", name="Files")

    attach(page, ("one.jpg", "image/jpeg", photo()), ("two.pdf", "application/pdf", PDF))
    expect(caption).to_have_value("the offers")
    expect(caption).to_be_focused()
    page.evaluate(DROP, ["three.pdf", "four.pdf"])
    page.evaluate(PASTE, ["five.pdf"])
    expect(files.get_by_role("listitem")).to_have_count(5)
    expect(dialog.get_by_role("button", name="five.pdf, 5 of 5")).to_have_attribute("aria-current", "true")
    caption.fill("the fifth")
    dialog.get_by_role("button", name="two.pdf, 2 of 5").click()
    expect(caption).to_have_value("")
    page.keyboard.type("no. 2")
    expect(caption).to_have_value("no. 2")
    caption.fill("")
    dialog.get_by_role("button", name="two.pdf, 2 of 5").click()
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_role("button", name="three.pdf, 3 of 5")).to_be_focused()
    page.keyboard.press("Alt+ArrowLeft")
    page.keyboard.press("Alt+ArrowLeft")
    expect(dialog.get_by_role("button", name="three.pdf, 1 of 5")).to_be_focused()
    expect(dialog.get_by_role("status")).to_have_text("three.pdf is now 1 of 5")
    dialog.get_by_role("button", name="Move later").click()
    dialog.get_by_role("button", name="five.pdf, 5 of 5").drag_to(dialog.get_by_role("button", name="one.jpg, 1 of 5"))
    expect(dialog.get_by_role("button", name="five.pdf, 1 of 5")).to_be_visible()
    dialog.get_by_role("button", name="four.pdf, 5 of 5").click()
    page.keyboard.press("Delete")
    expect(files.get_by_role("listitem")).to_have_count(4)
    dialog.get_by_role("button", name="Send 4", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("textbox", name="Type a message")).to_have_value("")
    expect(page.get_by_role("textbox", name="Type a message")).to_be_focused()

    wait_for(lambda: len(received(raj)) == 4)
    got = [(bubble.type, bubble.filename, bubble.text) for bubble in received(raj)]
    assert [(kind, text) for kind, _, text in got] == [("document", "the fifth"), ("image", "the offers"), ("document", ""), ("document", "")]
    assert [name for kind, name, _ in got if kind == "document"] == ["five.pdf", "three.pdf", "two.pdf"]


def test_a_photo_arrives_small_upright_and_without_where_it_was_taken(raj: Inbox, sign_in: SignIn) -> None:
    """As a phone held upright stores it: lying on its side, with a note to turn it. The red corner is the top left one."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "Invented camera"
    exif.get_ifd(GPS).update({1: "N", 2: (22.0, 22.0, 48.0), 3: "E", 4: (114.0, 16.0, 12.0)})
    stored = Image.new("RGB", (4000, 3000), "teal")
    stored.paste("red", (0, 2000, 1000, 3000))
    original = encoded(stored, exif=exif)
    assert b"Invented camera" in original and Image.open(io.BytesIO(original)).getexif().get_ifd(GPS)

    page = sign_in("Ken").page
    open_chat(page, "Raj Patel")
    attach(page, ("IMG_0042.JPG", "image/jpeg", original))
    page.get_by_role("dialog").get_by_role("button", name="Send", exact=True).click()
    wait_for(lambda: len(received(raj)) == 1)
    sent = content(raj, received(raj)[0])
    arrived = Image.open(io.BytesIO(sent))
    assert (arrived.format, arrived.size, dict(arrived.getexif())) == ("JPEG", (1440, 1920), {})
    assert b"Exif" not in sent and b"Invented" not in sent and len(sent) < len(original)
    red, teal = arrived.convert("RGB").getpixel((100, 100)), arrived.convert("RGB").getpixel((1300, 100))
    assert red[0] > 200 > 60 > red[2] and teal[0] < 60 < 100 < teal[2]  # type: ignore[index,operator]
    expect(log(page).get_by_role("button", name="Open the photo")).to_be_visible()


def test_a_small_photo_without_notes_goes_as_it_is_and_one_with_notes_does_not(raj: Inbox, sign_in: SignIn) -> None:
    picture = Image.effect_noise((400, 300), 120)
    bare, commented = encoded(picture, quality=30), encoded(picture, quality=30, comment=b"for Mei only")
    page = sign_in("Ken").page
    open_chat(page, "Raj Patel")
    attach(page, ("bare.jpg", "image/jpeg", bare), ("commented.jpg", "image/jpeg", commented))
    page.get_by_role("dialog").get_by_role("button", name="Send 2", exact=True).click()
    wait_for(lambda: len(received(raj)) == 2)
    first, second = (content(raj, bubble) for bubble in received(raj))
    assert first == bare and second != commented and b"Mei" in commented and b"Mei" not in second


def test_pictures_that_whatsapp_does_not_take_are_made_ones_that_it_takes(raj: Inbox, sign_in: SignIn) -> None:
    see_through = Image.new("RGBA", (300, 200), (0, 0, 0, 0))
    see_through.paste((200, 30, 30, 255), (50, 50, 150, 150))
    page = sign_in("Ken").page
    open_chat(page, "Raj Patel")
    attach(
        page,
        ("logo.webp", "image/webp", encoded(see_through, "WEBP", lossless=True)),
        ("photo.webp", "image/webp", encoded(Image.open(io.BytesIO(photo())), "WEBP")),
        ("wave.gif", "image/gif", encoded(Image.new("P", (60, 40), 5), "GIF")),
        ("scan.bmp", "image/bmp", encoded(Image.open(io.BytesIO(noise(900, 700))), "BMP")),
        ("large.png", "image/png", encoded(Image.effect_noise((2600, 2600), 120).convert("RGB"), "PNG")),
        ("huge.jpg", "image/jpeg", encoded(Image.new("RGB", (8200, 6200), "teal"))),
    )
    page.get_by_role("dialog").get_by_role("button", name="Send 6", exact=True).click(timeout=30_000)
    wait_for(lambda: len(received(raj)) == 6, 20)
    arrived = [Image.open(io.BytesIO(content(raj, bubble))) for bubble in received(raj)]
    assert {bubble.type for bubble in received(raj)} == {"image"}
    assert [one.format for one in arrived][:2] == ["PNG", "JPEG"] and arrived[0].convert("RGBA").getpixel((0, 0)) == (0, 0, 0, 0)
    assert {one.format for one in arrived} <= {"PNG", "JPEG"}
    assert [max(one.size) for one in arrived] == [300, 640, 60, 900, 1920, 1920]
    assert all(len(content(raj, bubble)) <= 5 * 1024 * 1024 for bubble in received(raj))


def test_the_original_goes_whole_as_a_document(raj: Inbox, sign_in: SignIn) -> None:
    large = photo() + bytes(6 * 1024 * 1024)
    page = sign_in("Ken").page
    open_chat(page, "Raj Patel")
    attach(page, ("pier.jpg", "image/jpeg", large), ("IMG_1.HEIC", "", HEIC))
    dialog = page.get_by_role("dialog")
    whole = dialog.get_by_role("switch", name="Send the original as a document")
    expect(dialog.get_by_role("img", name="pier.jpg")).to_be_visible()
    whole.click()
    dialog.get_by_role("button", name="IMG_1.HEIC, 2 of 2").click()
    expect(dialog.get_by_role("alert")).to_have_text("This browser cannot open this picture. Save it as JPEG first, or send it as a document.")
    expect(dialog.get_by_role("button", name="Send 1 of 2", exact=True)).to_be_enabled()
    expect(whole).not_to_be_checked()
    whole.click()
    expect(dialog.get_by_role("alert")).to_be_hidden()
    dialog.get_by_role("textbox", name="Caption").fill("as it came")
    dialog.get_by_role("button", name="Send 2", exact=True).click()
    wait_for(lambda: len(received(raj)) == 2, 20)
    first, second = received(raj)
    assert (first.type, first.filename, content(raj, first)) == ("document", "pier.jpg", large)
    assert (second.type, second.filename, second.text, content(raj, second)) == ("document", "IMG_1.HEIC", "as it came", HEIC)
    expect(log(page).get_by_role("link", name="Download pier.jpg")).to_be_visible()


def test_what_cannot_be_sent_says_why_and_holds_up_nobody(raj: Inbox, sign_in: SignIn, tmp_path: Path) -> None:
    page = sign_in("Ken").page
    open_chat(page, "Raj Patel")
    refused = {
        "setup.exe": (b"MZ" + bytes(99), "WhatsApp takes pictures, videos, sound, PDF"),
        "empty.pdf": (b"", "This file is empty."),
        "clip.mp4": (bytes(17 * 1024 * 1024), "WhatsApp takes videos up to 16 MB. Shorten it, or send it as a document."),
        "vast.png": (png_claiming(20000, 20000), "This picture has more than 100 million pixels."),
    }
    files = {name: data for name, (data, _) in refused.items()} | {"good.pdf": PDF}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    page.locator("input[data-file]").set_input_files([tmp_path / name for name in files])  # by path: 17 MB are a slow call
    dialog = page.get_by_role("dialog")
    for at, (name, (_, words)) in enumerate(refused.items(), 1):
        dialog.get_by_role("button", name=f"{name}, {at} of 5, cannot be sent").click()
        expect(dialog.get_by_role("alert")).to_contain_text(words)
    dialog.get_by_role("button", name="Send 1 of 5", exact=True).click()
    wait_for(lambda: [bubble.filename for bubble in received(raj)] == ["good.pdf"])
    for name in refused:
        expect(log(page).get_by_text(name)).to_have_count(0)


COUNT_ADDRESSES = """() => {
  window.addresses = new Set();
  const [make, revoke] = [URL.createObjectURL, URL.revokeObjectURL];
  URL.createObjectURL = (file) => { const made = make(file); window.addresses.add(made); return made; };
  URL.revokeObjectURL = (made) => { window.addresses.delete(made); revoke(made); };
}"""


def test_a_closed_tray_keeps_nothing_in_memory(raj: Inbox, sign_in: SignIn) -> None:
    page = sign_in("Ken").page
    open_chat(page, "Raj Patel")
    page.evaluate(COUNT_ADDRESSES)
    attach(page, *((f"{number}.jpg", "image/jpeg", photo()) for number in range(3)))
    dialog = page.get_by_role("dialog")
    for number in range(3):
        dialog.get_by_role("button", name=f"{number}.jpg, {number + 1} of 3").click()
        expect(dialog.get_by_role("img", name=f"{number}.jpg")).to_be_visible()
    assert page.evaluate("window.addresses.size") == 3
    dialog.get_by_role("button", name="Remove 2.jpg").click()
    assert page.evaluate("window.addresses.size") == 2
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert page.evaluate("window.addresses.size") == 0


def test_closing_asks_only_when_words_would_be_lost(raj: Inbox, sign_in: SignIn) -> None:
    page = sign_in("Ken", viewport=PHONE, has_touch=True, is_mobile=True).page
    open_chat(page, "Raj Patel")
    writing = page.get_by_role("textbox", name="Type a message")
    writing.fill("the offers")
    tray, caption = page.get_by_role("dialog", name="Send to Raj Patel"), page.get_by_role("textbox", name="Caption")
    question = page.get_by_role("dialog", name="Discard")

    attach(page, ("one.pdf", "application/pdf", PDF), ("two.pdf", "application/pdf", PDF))
    back(page, 1)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(writing).to_have_value("the offers")

    attach(page, ("one.pdf", "application/pdf", PDF), ("two.pdf", "application/pdf", PDF))
    tray.get_by_role("button", name="two.pdf, 2 of 2").click()
    caption.fill("the second")
    back(page, 1)
    expect(question).to_be_visible()
    expect(tray).to_have_count(0)
    question.get_by_role("button", name="Keep").click()
    expect(caption).to_have_value("the second")
    tray.get_by_role("button", name="one.pdf, 1 of 2").click()
    expect(caption).to_have_value("the offers")
    page.keyboard.press("Escape")
    question.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(writing).to_have_value("the offers")
    back(page, 0)
    expect(page.get_by_role("list", name="Chats")).to_be_visible()
    assert received(raj) == []


def test_an_upload_shows_how_far_it_is_and_a_cancelled_one_is_not_sent(raj: Inbox, sign_in: SignIn) -> None:
    page = sign_in("Ken").page
    open_chat(page, "Raj Patel")
    throttle(page, 100_000)
    attach(page, ("slow.pdf", "application/pdf", PDF + bytes(3_000_000)), ("later.pdf", "application/pdf", PDF))
    page.get_by_role("dialog").get_by_role("button", name="Send 2", exact=True).click()
    slow, later = (log(page).get_by_role("article").filter(has_text=name) for name in ("slow.pdf", "later.pdf"))
    expect(later.get_by_role("progressbar", name="Uploading")).to_be_visible()
    bar = slow.get_by_role("progressbar", name="Uploading")
    wait_for(lambda: float(bar.evaluate("bar => bar.value")) > 1)
    slow.get_by_role("button", name="Cancel").click()
    expect(slow).to_have_count(0)
    throttle(page, -1)
    wait_for(lambda: [bubble.filename for bubble in received(raj)] == ["later.pdf"])
    page.reload()
    expect(later).to_be_visible()
    expect(slow).to_have_count(0)


def test_what_the_server_has_stored_cannot_be_cancelled_away(raj: Inbox, sign_in: SignIn) -> None:
    """The bytes were on their way when Cancel was pressed, and arrive all the same."""
    page = sign_in("Ken").page
    open_chat(page, "Raj Patel")
    held: list[Route] = []
    page.route("**/api/send", lambda route: held.append(route))
    attach(page, ("offer.pdf", "application/pdf", PDF))
    page.get_by_role("dialog").get_by_role("button", name="Send", exact=True).click()
    bubble = log(page).get_by_role("article").filter(has_text="offer.pdf")
    wait_for(lambda: page.evaluate("1") and held)  # events come only while the page is asked something
    bubble.get_by_role("button", name="Cancel").click()
    expect(bubble).to_have_count(0)
    held[0].fetch()
    expect(bubble.get_by_role("link", name="Download offer.pdf")).to_be_visible()
    expect(bubble).to_have_count(1)


def test_a_refused_upload_is_tried_again_with_the_same_id_and_the_same_bytes(raj: Inbox, sign_in: SignIn) -> None:
    page = sign_in("Ken").page
    open_chat(page, "Raj Patel")
    bodies: list[bytes] = []

    def refuse(route: Route) -> None:
        bodies.append(route.request.post_data_buffer or b"")
        if len(bodies) > 1:
            route.continue_()
            return
        route.fulfill(status=409, json={"error": {"code": "conflict", "message": "Not now."}})

    page.route("**/api/send", refuse)
    attach(page, ("pier.jpg", "image/jpeg", photo(3000, 2000)))
    page.get_by_role("dialog").get_by_role("button", name="Send", exact=True).click()
    expect(log(page).get_by_text("Not now.")).to_be_visible()
    log(page).get_by_role("button", name="Retry").click()
    wait_for(lambda: page.evaluate("1") and len(received(raj)) == 1)  # a route is served only while the page is asked something
    expect(log(page).get_by_text("Not now.")).to_have_count(0)

    def parts(body: bytes) -> list[bytes]:
        return sorted(body.split(body.split(b"\r\n", 1)[0]))

    assert len(bodies) == 2 and parts(bodies[0]) == parts(bodies[1])
    assert max(Image.open(io.BytesIO(content(raj, received(raj)[0]))).size) == 1920


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_tray_reads_well(raj: Inbox, sign_in: SignIn, viewport: dict[str, int], scheme: str) -> None:
    page = sign_in("Ken", viewport=viewport, color_scheme=scheme).page
    open_chat(page, "Raj Patel")
    attach(page, ("one.jpg", "image/jpeg", photo()), ("two.pdf", "application/pdf", PDF), ("IMG_1.HEIC", "", HEIC))
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("img", name="one.jpg")).to_be_visible()
    expect(dialog.get_by_role("button", name="Send", exact=False).last).to_be_enabled()
    assert violations(page) == []
    dialog.get_by_role("button", name="IMG_1.HEIC, 3 of 3, cannot be sent").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    page.mouse.move(2, 2)
    assert violations(page) == []
    box = dialog.bounding_box()
    assert box and (viewport != PHONE or (box["width"], box["height"]) == (PHONE["width"], PHONE["height"]))
