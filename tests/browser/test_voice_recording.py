"""A voice message is recorded in the composer: sent as one, listened to before, or dropped. The microphone is Chromium's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from core.sound.voice import as_voice_note
from tests.browser.conftest import DESKTOP, PHONE, Inbox, Staff, wait_for
from tests.browser.test_accessibility import violations

SignIn = Callable[..., Staff]

REFUSE = """() => {
  navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", "NotAllowedError"); };
}"""
LOUDEST = """async (address) => {
  const bytes = await (await fetch(address)).arrayBuffer();
  const sound = await new OfflineAudioContext(1, 1, 48000).decodeAudioData(bytes);
  return sound.getChannelData(0).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}"""
LIVE = "() => [...document.querySelectorAll('.recorder-bars rect')].some((bar) => bar.getAttribute('height') > 4)"
LONG_AGO = """() => {
  const now = performance.now.bind(performance);
  performance.now = () => now() + 10_000;
}"""


def open_chat(inbox: Inbox, page: Page) -> None:
    inbox.graph.add_customer("Raj Patel", "85251230000").write("Hi")
    page.get_by_role("list", name="Chats").get_by_text("Raj Patel", exact=True).first.click()
    expect(page.get_by_role("log", name="Messages")).to_be_visible()


def record(page: Page, milliseconds: int) -> Locator:
    page.get_by_role("button", name="Record voice message", exact=True).click()
    bar = page.get_by_role("group", name="Voice message")
    expect(bar.get_by_text("Recording…")).to_be_visible()
    page.wait_for_timeout(milliseconds)
    return bar


def test_a_recording_is_sent_as_a_voice_message_and_plays(inbox: Inbox, sign_in: SignIn) -> None:
    page = sign_in("Ken").page
    open_chat(inbox, page)
    bar = record(page, 1500)
    page.wait_for_function(LIVE)  # Chromium's microphone beeps
    bar.get_by_role("button", name="Send", exact=True).dblclick()
    wait_for(lambda: inbox.graph.count("accepted") == 1)
    body = inbox.graph.ledger.accepted[0].body
    assert (body["type"], body["audio"]["voice"]) == ("audio", True)
    player = page.get_by_role("log", name="Messages").get_by_role("button", name="Play the voice message")
    expect(player).to_have_count(1)
    media = page.request.get(f"{inbox.url}/api/messages?conversation_id=1").json()["messages"][-1]["media"]
    assert (media["mime_type"], media["voice"]) == ("audio/ogg", True)
    note = as_voice_note(page.request.get(f"{inbox.url}{media['url']}").body())
    assert note.channels == 1
    assert 1200 < note.duration_ms < 6000
    assert page.evaluate(LOUDEST, media["url"]) > 0.01  # it is not silence
    player.click()
    expect(page.get_by_role("log", name="Messages").get_by_role("button", name="Pause")).to_be_visible()
    expect(bar).to_be_hidden()  # the second half of the double click did not begin another one
    expect(page.get_by_role("button", name="Record voice message")).to_be_visible()


def test_it_can_be_heard_before_it_is_sent(inbox: Inbox, sign_in: SignIn) -> None:
    page = sign_in("Ken").page
    open_chat(inbox, page)
    bar = record(page, 1500)
    bar.get_by_role("button", name="Stop").click()
    expect(bar.get_by_text("Ready to send")).to_be_visible()
    bar.get_by_role("button", name="Play").click()
    expect(bar.get_by_role("button", name="Pause")).to_be_visible()
    expect(bar.get_by_role("button", name="Play")).to_be_visible()
    assert inbox.graph.count("accepted") == 0
    bar.get_by_role("button", name="Send", exact=True).click()
    wait_for(lambda: inbox.graph.count("accepted") == 1)
    assert inbox.graph.ledger.accepted[0].body["audio"]["voice"] is True


def test_send_and_record_take_turns_as_one_writes(inbox: Inbox, sign_in: SignIn) -> None:
    page = sign_in("Ken").page
    open_chat(inbox, page)
    microphone, send = (page.get_by_role("button", name=name, exact=True) for name in ("Record voice message", "Send"))
    box = page.get_by_role("textbox", name="Type a message")
    for text, shown, hidden in (("", microphone, send), ("Hello", send, microphone), ("  ", microphone, send)):
        box.fill(text)
        expect(shown).to_be_visible()
        expect(hidden).to_be_hidden()


def test_escape_drops_a_short_recording_and_asks_about_a_long_one(inbox: Inbox, sign_in: SignIn) -> None:
    page = sign_in("Ken").page
    open_chat(inbox, page)
    bar = record(page, 300)
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    expect(page.get_by_role("button", name="Record voice message")).to_be_focused()
    bar = record(page, 300)
    page.evaluate(LONG_AGO)
    for leave in (lambda: page.keyboard.press("Escape"), lambda: page.go_back()):
        leave()
        question = page.get_by_role("dialog", name="Delete the recording?")
        expect(question).to_be_visible()
        question.get_by_role("button", name="Cancel").click()
        expect(bar).to_be_visible()
        wait_for(lambda: not page.evaluate("history.state?.layer"))  # the question's own step is taken back
    page.go_back()
    page.get_by_role("dialog", name="Delete the recording?").get_by_role("button", name="Delete").click()
    expect(bar).to_be_hidden()
    expect(page.get_by_role("log", name="Messages")).to_be_hidden()
    assert inbox.graph.count("accepted") == 0


def test_a_refused_microphone_is_told_in_words(inbox: Inbox, sign_in: SignIn) -> None:
    page = sign_in("Ken").page
    open_chat(inbox, page)
    page.evaluate(REFUSE)
    page.get_by_role("button", name="Record voice message").click()
    expect(page.get_by_text("The microphone is blocked.")).to_be_visible()
    expect(page.get_by_role("group", name="Voice message")).to_be_hidden()


def test_without_a_recorder_there_is_no_button(inbox: Inbox, sign_in: SignIn) -> None:
    ken = sign_in("Ken")
    ken.context.add_init_script("delete window.MediaRecorder")
    ken.page.reload()
    open_chat(inbox, ken.page)
    expect(ken.page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    expect(ken.page.get_by_role("button", name="Record voice message")).to_be_hidden()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_while_recording(inbox: Inbox, sign_in: SignIn, viewport: dict[str, int], scheme: str) -> None:
    page = sign_in("Ken", viewport=viewport, color_scheme=scheme).page
    open_chat(inbox, page)
    bar = record(page, 700)
    assert violations(page) == []
    bar.get_by_role("button", name="Stop").click()
    expect(bar.get_by_text("Ready to send")).to_be_visible()
    assert violations(page) == []


FINGER = """([kind, x]) => {
  const button = document.querySelector(".record-button");
  const options = { pointerType: "touch", pointerId: 7, clientX: x, clientY: 0, bubbles: true };
  (kind === "pointerdown" ? button : window).dispatchEvent(new PointerEvent(kind, options));
}"""


def test_on_a_phone_the_microphone_is_held_and_let_go(inbox: Inbox, sign_in: SignIn) -> None:
    page = sign_in("Ken", viewport=PHONE, has_touch=True).page
    open_chat(inbox, page)
    bar = page.get_by_role("group", name="Voice message")

    page.evaluate(FINGER, ["pointerdown", 300])  # slid away: thrown away
    expect(bar.get_by_text("Let go to send, slide away to delete")).to_be_visible()
    page.evaluate(FINGER, ["pointermove", 100])
    expect(bar.get_by_text("Let go to delete it")).to_be_visible()
    page.evaluate(FINGER, ["pointerup", 100])
    expect(bar).to_be_hidden()

    page.evaluate(FINGER, ["pointerdown", 300])  # let go too soon: it goes on as after a tap
    expect(bar.get_by_text("Let go to send, slide away to delete")).to_be_visible()
    page.evaluate(FINGER, ["pointerup", 300])
    expect(bar.get_by_text("Recording…")).to_be_visible()
    bar.get_by_role("button", name="Cancel").click()
    expect(bar).to_be_hidden()
    assert inbox.graph.count("accepted") == 0

    page.evaluate(FINGER, ["pointerdown", 300])  # held: sent
    expect(bar.get_by_role("button", name="Send", exact=True)).to_be_enabled()
    page.evaluate(FINGER, ["pointerup", 310])
    expect(bar).to_be_hidden()
    wait_for(lambda: inbox.graph.count("accepted") == 1)
    assert inbox.graph.ledger.accepted[0].body["audio"]["voice"] is True
