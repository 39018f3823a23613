"""What customers and colleagues type is hostile everywhere: shown as it was typed, nothing runs, the policy has nothing to report."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Locator, Page, Request, expect

from core.text import clean_name
from features.media.filenames import clean_filename
from sandbox.graph import GraphDouble
from tests.browser.conftest import Inbox, Staff, free_port, wait_for
from tests.browser.hostile_world import AT_ONCE_IN_A_TEMPLATE, World
from tests.hostile_strings import STRINGS

SignIn = Callable[..., Staff]

# Before any script of ours: what a browser would do with a mistake is noted.
WATCH = """
  window.violations = [];
  window.rung = [];
  addEventListener("securitypolicyviolation", (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
  window.Notification = class { constructor(title, options) { window.rung.push([title, options.body]); } };
  window.Notification.permission = "granted";
"""
# No element, attribute or address that our own scripts would not have made.
STRANGERS = """() => {
  const tags = new Set(("html head meta title link script body div span p b i u s em strong code pre bdi a img svg path circle rect line " +
    "polyline ul ol li dl dt dd button input textarea select option label form fieldset legend h1 h2 h3 h4 header footer main section " +
    "aside nav article time blockquote dialog small audio video canvas emoji-picker details summary hr br progress table thead tbody tr th td").split(" "));
  const found = [];
  for (const node of document.querySelectorAll("*")) {
    const tag = node.localName;
    if (!tags.has(tag)) found.push(`<${tag}>`);
    for (const { name, value } of node.attributes) {
      if (/^on|^srcdoc$|^formaction$|^action$|^style$|^ping$|^background$/.test(name) && !(name === "style" && node.style.length)) found.push(`${tag}[${name}]`);
      if (/^(href|src|xlink:href|data|poster)$/.test(name) && !/^(https?:|mailto:|tel:|blob:|data:image|#|\\/)/.test(value)) found.push(`${tag}[${name}=${value}]`);
      if (name === "src" && /^https?:/.test(value) && !value.startsWith(location.origin)) found.push(`${tag}[src=${value}]`);
    }
    if (tag === "script" && !node.src.startsWith(location.origin)) found.push("script without a file of ours");
    if (tag === "style" || tag === "base") found.push(tag);
  }
  return [...new Set(found)];
}"""


# A long word must not make the page or a list scroll sideways.
WIDER = """() => [document.scrollingElement, ...document.querySelectorAll("[role=log], [data-list-scroll], [data-details], .picker, main")]
  .filter((node) => node && node.clientWidth && node.scrollWidth > node.clientWidth + 1)
  .map((node) => `${node.localName}.${node.className} ${node.scrollWidth} > ${node.clientWidth}`)"""


class Watch:
    """One question at the end: has anything happened that our own scripts do not do?"""

    def __init__(self, context: BrowserContext, page: Page, origin: str) -> None:
        self.page = page
        self.origin = origin
        self.strangers: set[str] = set()
        self.violations: list[str] = []
        self.elsewhere: list[str] = []
        self.dialogs: list[str] = []
        context.add_init_script(WATCH)
        context.on("request", self._note_request)
        context.on("page", lambda page: self.dialogs.append(f"a window: {page.url}"))
        page.on("dialog", self._note_dialog)

    def look(self) -> None:
        """Before the page is left."""
        self.strangers.update(self.page.evaluate(STRANGERS))
        self.violations += self.page.evaluate("window.violations.splice(0)")
        assert self.page.evaluate("[window.owned, ({}).owned, document.cookie.includes('owned')]") == [None, None, False]
        assert self.page.evaluate(WIDER) == []
        assert (self.strangers, self.violations, self.elsewhere, self.dialogs) == (set(), [], [], [])

    def look_on_a_phone(self) -> None:
        wide = self.page.viewport_size
        self.page.set_viewport_size({"width": 390, "height": 844})
        self.look()
        if wide:
            self.page.set_viewport_size(wide)

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", "data:", "blob:", self.origin.replace("http", "ws"))):
            self.elsewhere.append(request.url)

    def _note_dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


def plain(text: str) -> str:
    """What is left to see when space, invisible marks and WhatsApp's own markers are taken away."""
    return "".join(letter for letter in text if unicodedata.category(letter)[0] not in "CZ" and letter not in "*_~`")


def lacking(shown: str, texts: Iterable[str], most: int = 10_000) -> list[str]:
    """Which of the texts are not there. A bubble shows the marks at the beginning of a line as a list or a quotation."""
    seen = plain(shown)
    dressed = {text: re.sub(r"(?m)^(?:> ?|[-*] |\d{1,3}\. )(?=\S)", "", text) for text in texts}
    return [text for text, bare in dressed.items() if not any(plain(form)[:most] in seen for form in (text, bare))]


@pytest.fixture
def world(inbox: Inbox, tmp_path: Path) -> World:
    made = World(inbox)
    (tmp_path / "customers.csv").write_text(made.customer_list(), encoding="utf-8")
    inbox.environment["CUSTOMERS_CSV"] = str(tmp_path / "customers.csv")
    inbox.graph.templates = made.templates()
    inbox.stop()
    made.hire()
    inbox.start()
    made.deliver(made.names_and_subjects())
    made.deliver(made.messages())
    return made


def test_what_people_type_is_shown_as_typed_and_runs_nowhere(inbox: Inbox, world: World, sign_in: SignIn) -> None:
    ona = sign_in("Ona")
    page = ona.page
    watch = Watch(ona.context, page, inbox.url)
    page.reload()
    page.locator("[data-inbox][data-ready=true]").wait_for()
    look_at_the_chat_list(page)
    watch.look()
    for who, share in zip(world.carriers, world.shares, strict=True):
        look_at_a_chat(page, inbox, who.phone or "", share)
        watch.look()
    watch.look_on_a_phone()
    look_at_the_templates(page)
    watch.look()
    look_at_notifications(page, world)
    watch.look()
    for name in ("staff", "tokens", "activity"):
        page.goto(f"{inbox.url}/settings/{name}")
        look_at_a_list(page, name)
        watch.look()
        watch.look_on_a_phone()
    keep_hostile_names(page, inbox)
    watch.look()
    page.evaluate("document.body.append(document.createElement('iframe'))")
    with pytest.raises(AssertionError, match="<iframe>"):  # a mistake would have been seen
        watch.look()


def look_at_the_chat_list(page: Page) -> None:
    expected = 2 * len(STRINGS) + 5
    rows = page.evaluate("""async (expected) => {
      const scroller = document.querySelector("[data-list-scroll]"), seen = new Map();
      const rest = () => new Promise((done) => setTimeout(done, 20));
      for (let idle = 0; seen.size < expected && idle < 300; ) {
        const before = seen.size;
        for (const row of document.querySelectorAll("li.chat-item"))
          seen.set(row.dataset.id, [row.getAttribute("aria-label"), row.querySelector(".chat-name").textContent, row.querySelector(".chat-preview").textContent]);
        scroller.scrollTop += 700;
        await rest();
        idle = seen.size === before ? idle + 1 : 0;
      }
      scroller.scrollTop = 0;
      return [...seen.values()];
    }""", expected)
    assert len(rows) == expected
    names = "\n".join(name for _, name, _ in rows)
    assert "\n".join(label for label, _, _ in rows) == names
    assert lacking(names, map(clean_name, STRINGS), 150) == []
    assert lacking("\n".join(preview for *_, preview in rows), STRINGS, 60) == []


def look_at_a_chat(page: Page, inbox: Inbox, phone: str, share: list[str]) -> None:
    chats = page.evaluate("async (q) => (await (await fetch(`/api/chats?q=${q}`)).json()).chats", phone)
    page.evaluate("(id) => { location.hash = `#chat=${id}` }", chats[0]["id"])
    page.locator("[role=log] article").first.wait_for()
    expected = 6 * len(share) + 2
    page.evaluate("""async (expected) => {
      const log = document.querySelector("[role=log]");
      for (let turn = 0; turn < 400 && log.querySelectorAll("article").length < expected; turn += 1) {
        log.scrollTop = turn % 2 ? 0 : log.scrollHeight;
        await new Promise((done) => setTimeout(done, 25));
      }
    }""", expected)

    def texts(selector: str) -> str:
        return "\n".join(page.locator(f"[role=log] {selector}").all_text_contents())

    assert page.locator("[role=log] article").count() == expected
    lines = [clean_name(text, 1000) for text in share]
    assert lacking(texts(".bubble-text"), share, 4000) == []
    assert lacking(texts(".referral-card .card-strong"), lines) == []
    assert lacking(texts(".referral-card .card-quiet"), share) == []
    assert lacking(texts(".place-card .card-strong"), lines) == lacking(texts(".place-card .card-quiet"), lines) == []
    assert lacking(texts(".contact-card .card-strong"), lines) == lacking(texts(".contact-card .card-quiet"), lines) == []
    assert lacking(texts(".order-card .order-name"), share) == []
    assert lacking(texts(".form-card dt"), share) == lacking(texts(".form-card dd"), share) == []
    assert lacking(texts(".is-centred .bubble-text"), share) == []
    assert lacking(texts(".reaction-chip"), [text[:64] for text in share]) == []
    assert lacking(texts(".quote-text"), share[:-1], 60) == []
    files = [clean_filename(text.replace("\\", "/").rpartition("/")[2] + ".pdf") or "" for text in share]
    assert lacking(texts(".bubble-body"), files) == []
    details = page.get_by_role("region", name="Contact details")
    details.get_by_text("Own profile").wait_for()
    assert lacking(details.text_content() or "", [clean_name(share[0])]) == []
    if share[0] == STRINGS[0]:
        wait_for(lambda: details.locator("dt").count() > len(STRINGS))
        assert lacking(details.text_content() or "", [text.replace("\x00", "") for text in STRINGS], 90) == []
    assert lacking(page.locator("[data-thread-head]").text_content() or "", [clean_name(share[0])]) == []


def look_at_the_templates(page: Page) -> None:
    page.get_by_role("button", name="Templates").first.click()
    page.locator(".template-row").nth(len(STRINGS) // AT_ONCE_IN_A_TEMPLATE - 1).wait_for()
    assert lacking("\n".join(page.locator(".template-row").all_text_contents()), STRINGS) == []
    previews = page.evaluate("""() => {
      const texts = [];
      for (let at = 0; at < document.querySelectorAll(".template-row").length; at += 1) {
        document.querySelectorAll(".template-row")[at].click();
        const form = document.querySelector(".template-form");
        if (form) {
          texts.push(["header", "footer", "button"].map((part) => form.querySelector(`.template-${part}`).textContent));
          [...form.querySelectorAll("button")].find((button) => button.textContent === "Back").click();
        }
      }
      return texts;
    }""")
    for texts in zip(*previews, strict=True):
        assert lacking("\n".join(texts), [text for text in STRINGS if "{{" not in text]) == []
    page.keyboard.press("Escape")


def look_at_notifications(page: Page, world: World) -> None:
    page.evaluate("""() => fetch("/api/me", { method: "PATCH", headers: { "content-type": "application/json" },
      body: JSON.stringify({ preferences: { notifications: true } }) })""")
    page.reload()
    page.locator("[data-inbox][data-ready=true]").wait_for()
    some = list(zip(world.people, STRINGS, strict=True))[::20]
    world.deliver(world.written_now(who, text) for who, text in some)
    wait_for(lambda: page.evaluate("window.rung.length") >= len(some))
    rung = page.evaluate("window.rung")
    assert lacking("\n".join(title for title, _ in rung), [clean_name(text) for _, text in some], 100) == []
    assert lacking("\n".join(body for _, body in rung), [text for _, text in some], 60) == []
    assert re.fullmatch(r"(\(\d+\) )?[A-Za-z ·-]+", page.title())


def show_all(card: Locator) -> None:
    while (more := card.get_by_role("button", name="Show more")).count():
        before = card.locator("li").count()
        more.click()
        card.locator("li").nth(before).wait_for()


def look_at_a_list(page: Page, name: str) -> None:
    card = page.locator(f"[data-{name}]")
    card.locator("li").first.wait_for()
    show_all(card)
    assert card.locator("li").count() >= {"staff": 202, "tokens": 200, "activity": 400}[name]
    assert lacking(card.text_content() or "", [clean_name(text, 100) for text in STRINGS]) == []
    if name == "tokens":
        page.get_by_role("button", name="Revoke <img src=x onerror=window.owned=1>", exact=True).click()
        page.get_by_role("button", name="Cancel").click()


def keep_hostile_names(page: Page, inbox: Inbox) -> None:
    name = "\"'><script>window.owned=1</script>{{7*7}}&lt;"
    for place, label, button in (("profile", "Name", "Save the name"), ("business", "Name of the business", "Save")):
        page.goto(f"{inbox.url}/settings/{place}")
        page.get_by_label(label, exact=True).fill(name)
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.get_by_text("Saved.")).to_be_visible()
        page.reload()
        assert page.get_by_label(label, exact=True).input_value() == name


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Inbox]:
    """The product without a number: it plays Meta itself."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WHATSAPP_")}
    environment |= {"DATA_DIR": str(tmp_path / "sandbox"), "HOST": "127.0.0.1", "PORT": str(port)}
    product = Inbox(f"http://127.0.0.1:{port}", cast(GraphDouble, None), environment, log=tmp_path / "sandbox.log")
    product.start()
    yield product
    product.stop()


def test_the_phones_of_the_sandbox_show_it_as_typed_too(sandbox: Inbox, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    watch = Watch(context, page, sandbox.url)
    page.goto(f"{sandbox.url}/inbox")
    names = [name[:100] for name in map(clean_name, STRINGS)]
    phone = page.evaluate(PLAY, [names, [text for text in STRINGS if text.strip("\x00")]])
    page.goto(f"{sandbox.url}/sandbox")
    tabs = page.locator(".phone-tab")
    tabs.nth(len(STRINGS) - 1).wait_for()
    assert lacking("\n".join(tabs.all_text_contents()), names) == []
    tabs.filter(has_text=names[0]).first.click()
    opened = page.locator("section.phone").filter(has_text=names[0]).first
    opened.get_by_role("button", name=re.compile("^Open chat")).click()
    opened.locator(".phone-text").nth(len(STRINGS)).wait_for()
    texts = "\n".join(opened.locator(".phone-text").all_text_contents())
    assert lacking(texts, STRINGS) == []
    assert lacking("\n".join(opened.locator(".phone-quote").all_text_contents()), STRINGS[:20], 40) == []
    assert phone and complaints == []
    watch.look()
    context.close()


# 200 customers; the first of them writes all the texts, the first twenty quoted, and gets them back from us.
PLAY = """async ([names, texts]) => {
  const post = async (path, body) => {
    const answer = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  let first = null;
  for (const [at, name] of names.entries()) {
    const { id } = await post("/sandbox/api/customers", { name, phone: `+852 6500 ${String(at).padStart(4, "0")}` });
    first ??= id;
  }
  let quote = null;
  for (const [at, text] of texts.entries()) {
    const { wamid } = await post(`/sandbox/api/customers/${first}/messages`, { text, quote: at < 21 ? quote : null });
    quote = wamid;
  }
  for (let turn = 0; ; turn += 1) {
    const answer = await fetch("/api/send", { method: "POST", headers: { "content-type": "application/json" },
      body: JSON.stringify({ phone: "+85265000000", text: texts[0], client_msg_id: "first" }) });
    if (answer.ok) break;
    if (turn > 100) throw new Error(await answer.text());
    await new Promise((done) => setTimeout(done, 100));  // what the customer wrote has not arrived yet
  }
  return first;
}"""
