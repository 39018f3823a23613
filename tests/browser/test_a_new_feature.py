"""The part of the page that the example feature brings along (docs/adding-a-feature.md), in two real browsers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.a_feature import copy_with_feature
from tests.browser.conftest import Inbox, Staff


def test_its_part_is_on_the_page_and_live(inbox: Inbox, sign_in: Callable[..., Staff], tmp_path: Path) -> None:
    copy_with_feature(tmp_path / "product")
    inbox.stop()
    inbox.root = tmp_path / "product"
    inbox.start()
    inbox.graph.add_customer("Raj Patel", "85251230000").write("Hi")
    ona, ken = sign_in("Ona"), sign_in("Ken", locale="zh-TW")
    for staff in (ona, ken):
        staff.page.get_by_role("list", name="Chats").get_by_text("Raj Patel", exact=True).first.click()
    details = ona.page.get_by_role("region", name="Contact details")
    details.get_by_label("New note").fill("pays in cash")
    details.get_by_role("button", name="Add note").click()
    expect(details.get_by_role("list", name="Notes").get_by_text("pays in cash")).to_be_visible()
    expect(ken.page.get_by_role("list", name="備註").get_by_text("pays in cash")).to_be_visible()
