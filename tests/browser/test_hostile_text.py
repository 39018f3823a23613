"""Customers' text is hostile everywhere: shown literally, no script runs, the policy has nothing to report."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Inbox, Staff

SignIn = Callable[..., Staff]

PROBES = [
    "<script>window.owned = 1</script>",
    "<img src=x onerror=window.owned=1>",
    "<svg onload=window.owned=1>",
    "\"><iframe srcdoc='<script>parent.owned=1</script>'></iframe>",
    "javascript:window.owned=1",
    "[x](javascript:window.owned=1)",
    "https://example.com/<img src=x onerror=window.owned=1>",
    "{{constructor.constructor('window.owned=1')()}}",
    "${window.owned=1}",
    "*<b onmouseover=window.owned=1>bold</b>* _<u>_ ~<s>~ ```<pre>```",
    "\u202egpj.exe\u202c <a href=javascript:window.owned=1>x</a>",
    "<template shadowrootmode=open><script>window.owned=1</script></template>",
]


def test_hostile_text_is_shown_literally_and_runs_nowhere(inbox: Inbox, sign_in: SignIn) -> None:
    """Any complaint of the policy would arrive on the console and fail the test (see the fixture)."""
    mallory = inbox.graph.add_customer(PROBES[1], "85251230000")
    for probe in PROBES:
        mallory.write(probe)
    mallory.send_location(1.0, 2.0, PROBES[0], PROBES[1])
    mallory.send_contact(PROBES[2], "85251111111")
    mallory.order([(PROBES[1], 1, 10.0)], PROBES[0])
    mallory.send_file(b"%PDF-1.4 nothing", "application/pdf", caption=PROBES[3], filename=PROBES[1] + ".pdf")
    mallory.react(mallory.write("target"), PROBES[1])
    mallory.send_raw(PROBES[0], {"text": PROBES[1]})
    inbox.graph.settle()
    page = sign_in("Ken").page
    page.get_by_role("list", name="Chats").get_by_text(PROBES[1]).first.click()
    log = page.get_by_role("log", name="Messages")
    for probe in PROBES[:8]:
        expect(log.get_by_text(probe, exact=False).first).to_be_attached()
    page.get_by_role("textbox", name="Type a message").fill(PROBES[1])
    page.keyboard.press("Enter")
    page.wait_for_timeout(1500)
    assert page.evaluate("window.owned") is None
    assert page.evaluate("document.querySelectorAll('[role=log] script, [role=log] iframe, [role=log] svg[onload]').length") == 0
    hrefs: list[str] = page.evaluate("[...document.querySelectorAll('[role=log] a')].map((a) => a.href)")
    assert all(href.startswith(("http://", "https://", "mailto:", "tel:", "blob:")) for href in hrefs), hrefs
