"""axe finds no violation, light and dark, desktop and phone; and the page can be used by keyboard alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Inbox, Staff, wait_for

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

SETTLED = """async () => {
  const ends = (animation) => animation.effect?.getComputedTiming().iterations !== Infinity;
  await Promise.allSettled(document.getAnimations().filter(ends).map((animation) => animation.finished));
}"""

SignIn = Callable[..., Staff]


def violations(page: Page) -> list[str]:
    if not AXE.exists():
        if os.environ.get("CI") == "true":
            pytest.fail("axe-core is missing: in CI the accessibility tests must run")
        pytest.skip("axe-core is not installed (npm ci)")
    page.evaluate(SETTLED)  # in the middle of a fade every contrast is a poor one
    page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(
        "async (rules) => (await axe.run(document, {runOnly: rules})).violations", RULES
    )
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(inbox: Inbox, sign_in: SignIn, viewport: dict[str, int], scheme: str) -> None:
    mei = inbox.graph.add_customer("陳美玲 Mei Ling", "85251234567")
    first = mei.write("請問星期六仲有冇位？ https://example.com *now*")
    mei.send_location(22.38, 114.27, "Sai Kung Pier")
    mei.send_contact("Raj Patel", "85251230000")
    mei.order([("kayak-double", 2, 450.0)])
    mei.react(first, "👍")
    inbox.graph.settle()
    staff = sign_in("Ken", viewport=viewport, color_scheme=scheme)
    page = staff.page
    chats = page.get_by_role("list", name="Chats")
    expect(chats.get_by_text("陳美玲 Mei Ling").first).to_be_visible()
    assert violations(page) == []
    chats.get_by_text("陳美玲 Mei Ling").first.click()
    expect(page.get_by_role("log", name="Messages").get_by_text("Sai Kung Pier").first).to_be_visible()
    page.get_by_role("textbox", name="Type a message").fill("An answer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log", name="Messages").get_by_text("An answer")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Templates").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.wait_for_timeout(500)  # closing by hand takes its history entry back, which would abort the next navigation
    page.goto(f"{inbox.url}/settings/profile")
    expect(page.get_by_role("heading", name="Your profile")).to_be_visible()
    assert violations(page) == []


def test_a_larger_text_size_of_the_browser_enlarges_the_whole_page(inbox: Inbox, sign_in: SignIn) -> None:
    for number, name in enumerate(("Raj Patel", "Mei Ling", "Aisha Khan")):
        inbox.graph.add_customer(name, f"8525123000{number}").write("Hi")
    inbox.graph.settle()
    page = sign_in("Ken").page
    page.add_init_script(
        "document.addEventListener('readystatechange', () => { document.documentElement.style.fontSize = '24px' })"
    )
    page.reload()
    rows = page.get_by_role("list", name="Chats").get_by_role("listitem")
    expect(rows).to_have_count(3)
    places: list[list[float]] = rows.evaluate_all(
        "rows => rows.map((row) => row.getBoundingClientRect()).map((box) => [box.top, box.height]).sort((a, b) => a[0] - b[0])"
    )
    tops, heights = zip(*places, strict=True)
    assert list(heights) == [102] * 3  # 4.25 rem
    assert [lower - upper for upper, lower in pairwise(tops)] == [102] * 2
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_chat_is_read_and_answered_by_keyboard_alone(inbox: Inbox, sign_in: SignIn) -> None:
    inbox.graph.add_customer("Raj Patel", "85251230000").write("Hi")
    inbox.graph.settle()
    page = sign_in("Ken").page
    expect(page.get_by_role("list", name="Chats").get_by_text("Raj Patel").first).to_be_visible()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('[role=list], ul, ol')?.getAttribute('aria-label') === 'Chats'"):
            break
    page.keyboard.press("Enter")
    box = page.get_by_role("textbox", name="Type a message")
    expect(box).to_be_focused()
    page.keyboard.type("First line")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("second line")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log", name="Messages").get_by_text("second line")).to_be_visible()
    wait_for(lambda: inbox.graph.count("accepted") == 1)
    assert [sent.body["text"]["body"] for sent in inbox.graph.ledger.accepted] == ["First line\nsecond line"]
