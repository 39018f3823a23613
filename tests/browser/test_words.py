"""The scripts say nothing in English when they are given another language: every text node of the inbox and of the settings."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from playwright.sync_api import Page, Response, Route, expect

from tests.browser.conftest import Inbox, Staff
from tests.test_words import PSEUDO, plain_english, strange

ROOT = Path(__file__).resolve().parents[2]
SHOWN = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node instanceof Element) {
      for (const name of ["aria-label", "title", "placeholder", "alt"]) found.push(node.getAttribute(name) ?? "");
    } else if (!node.parentElement.closest("script, style, code, option")) found.push(node.data);
  }
  return found.map((text) => text.trim()).filter(Boolean);
}"""


@pytest.fixture
def script(tmp_path: Path) -> str:
    """static/js/words/en-XA.js, as tools/compile-words makes it."""
    tool: dict[str, Any] = runpy.run_path(str(ROOT / "tools" / "compile-words"))
    with (ROOT / "locales" / "messages.pot").open("rb") as stream:
        template = read_po(stream)
    catalog = Catalog(locale="en", charset="utf-8")
    for one in template:
        if one.id:
            text = tuple(map(strange, one.id)) if isinstance(one.id, tuple | list) else strange(str(one.id))
            catalog.add(one.id, text, locations=one.locations)
    return str(tool["browser"](catalog, PSEUDO))


@pytest.mark.parametrize("path", ["/inbox", "/settings"])
def test_what_the_scripts_say_is_in_the_language_given(
    inbox: Inbox, sign_in: Callable[..., Staff], script: str, path: str
) -> None:
    mei = inbox.graph.add_customer("Mei", "85251234567")
    mei.write("12345")
    inbox.graph.settle()
    page = sign_in("Ona").page
    from_server: list[str] = []

    def with_catalogue(route: Route) -> None:
        answer = route.fetch()
        body = answer.text()
        from_server.append(unescape(re.sub(r"<[^>]+>", "\n", body)))
        from_server.extend(unescape(found) for found in re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]*)"', body))
        folder = re.search(r"/static/[^/]+/static/js/", body)
        assert folder
        tag = f'<script type="module" src="{folder[0]}words/{PSEUDO}.js"></script></head>'
        route.fulfill(response=answer, body=body.replace("</head>", tag))

    page.route(f"{inbox.url}{path}", with_catalogue)
    page.route(f"**/js/words/{PSEUDO}.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
    page.on("response", lambda response: _remember(response, from_server))
    page.goto(f"{inbox.url}{path}")
    if path == "/inbox":
        page.get_by_role("list").get_by_text("Mei").first.click()
        expect(page.get_by_text("12345").last).to_be_visible()
    settled(page)
    shown: list[str] = page.evaluate(SHOWN)
    assert any(strange("a") in text for text in shown), "the scripts have said something"
    known = "\n".join(from_server)
    ours = {text for text in shown if plain_english(text) and text not in known and not _is_data(text)}
    assert not {text for text in ours if plain_english(_without(text, from_server))}


def settled(page: Page) -> None:
    """Until two looks, a while apart, see the same: push and polls keep the network busy for ever."""
    before: list[str] = []
    while (now := page.evaluate(SHOWN)) != before:
        before = now
        page.wait_for_timeout(700)


def _remember(response: Response, texts: list[str]) -> None:
    """What the server words is its own test's."""
    if "/api/" in response.url and response.ok and "json" in response.headers.get("content-type", ""):
        try:
            _collect(response.json(), texts)
        except Exception:  # a page that was left meanwhile takes its answers with it
            return


def _collect(value: Any, texts: list[str]) -> None:
    if isinstance(value, str):
        texts.append(value)
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            _collect(one, texts)


def _without(text: str, from_server: list[str]) -> str:
    """The script's own part of what it has put together with the server's words."""
    for said in sorted(from_server, key=len, reverse=True):
        text = text.replace(said, "") if len(said) > 3 else text
    return text


def _is_data(text: str) -> bool:
    """Names of countries, months and days are the browser's."""
    return bool(re.search(r"[\d@/]", text)) and not re.search(r"[a-z]{3,} [a-z]{3,} [a-z]{3,}", text)
