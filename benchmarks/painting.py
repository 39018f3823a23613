"""From a webhook to the painted bubble, in real Chromium, against the least page there is: it appends what its socket says."""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, sync_playwright

from benchmarks.http_ratios import APPLICATION
from benchmarks.server import ACCESS_TOKEN, InboxServer, free_port, make_tokens
from benchmarks.table import Result
from benchmarks.traffic import Shop, phone_of
from sandbox.credentials import Credentials
from sandbox.graph import GraphDouble
from tests.builders import APP_SECRET, OUR_NUMBER_ID, OUR_WABA_ID, VERIFY_TOKEN, sign

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
SETTLES_MS = 2500
BURST, POSTERS = 40, 4
MESSAGES_A_ROUND = 40
OPEN, OTHER = 0, 1  # people of the shop: whose chat is open in the browser, and whose is not
_INBOX, _BARE = ("[data-messages]", "/webhook/whatsapp"), ("body", "/plain/message")  # where it shows, and where it is posted

# Resolves with the wall clock (ms) after the first frame of the screen that has the text in sight.
_WATCH = """([selector, text]) => {
    window.painted = new Promise((resolve) => {
        const sight = new IntersectionObserver((entries) => {
            if (!entries.some((one) => one.isIntersecting)) return;
            resolve(performance.timeOrigin + performance.now());
            sight.disconnect();
        });
        const observer = new MutationObserver((records) => {
            const added = records.flatMap((one) => [...one.addedNodes]).find((node) => node.textContent.includes(text));
            if (!added) return;
            observer.disconnect();
            sight.observe(added);
        });
        observer.observe(document.querySelector(selector), { childList: true, subtree: true });
    });
}"""


def measure(rounds: int, scale: float) -> list[Result]:
    with _office() as (server, page, bare):
        shop = Shop("page")  # one for all: its texts end in a running number, by which they are found
        return [
            *_requests(server, page, shop),
            _painting(server, page, bare, shop, rounds, int(MESSAGES_A_ROUND * max(scale, 0.5))),
            _burst(server, page, shop, rounds),
        ]


@contextlib.contextmanager
def _office() -> Iterator[tuple[InboxServer, Page, Page]]:
    """(server, the inbox with a chat open, the bare page), both in one Chromium."""
    port = free_port()
    keys = Credentials(ACCESS_TOKEN, OUR_NUMBER_ID, OUR_WABA_ID, APP_SECRET, VERIFY_TOKEN)
    with (
        tempfile.TemporaryDirectory(prefix="inbox-live-") as folder,
        GraphDouble(f"http://127.0.0.1:{port}/webhook/whatsapp", credentials=keys, window="async") as graph,
        sync_playwright() as playwright,
    ):
        server = InboxServer(Path(folder) / "data", application=APPLICATION, port=port, graph_url=graph.url)
        make_tokens(server.config(), 1)
        chromium = playwright.chromium.launch(executable_path=CHROMIUM)
        try:
            server.start()
            shop = Shop("first")
            for person in (OTHER, OPEN):
                _post(server, "/webhook/whatsapp", shop.next_message(phone_of(person))[1])
            page, bare = (chromium.new_context(viewport={"width": 1440, "height": 900}).new_page() for _ in range(2))
            _sign_in(server, page)
            bare.goto(f"http://127.0.0.1:{server.port}/plain/page")
            bare.wait_for_function("window.isOpen")
            yield server, page, bare
        finally:
            chromium.close()
            server.stop()


def _sign_in(server: InboxServer, page: Page) -> None:
    page.goto(f"http://127.0.0.1:{server.port}/login")
    page.get_by_label(re.compile("e-?mail", re.I)).fill("colleague0@example.com")
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("list", name="Chats").get_by_role("listitem").first.click()
    page.get_by_role("log", name="Messages").wait_for()
    page.wait_for_timeout(SETTLES_MS)


# ------------------------------------------------------------ requests


def _requests(server: InboxServer, page: Page, shop: Shop) -> list[Result]:
    """Counted as tests/browser/test_requests.py counts them: without static files and the poll beside the socket."""

    def write(person: int) -> Callable[[], None]:
        return lambda: _post(server, "/webhook/whatsapp", shop.next_message(phone_of(person))[1])

    def answer() -> None:
        box = page.get_by_role("textbox", name="Type a message")
        box.fill("yes, at ten")
        box.press("Enter")

    return [
        _counted(page, "into a closed chat", write(OTHER), bar=0),
        _counted(page, "into the open chat", write(OPEN), bar=2),
        _counted(page, "out, with its ticks", answer, bar=3),
    ]


def _counted(page: Page, name: str, act: Callable[[], None], *, bar: int) -> Result:
    made: list[str] = []

    def note(request: Request) -> None:
        path = urlsplit(request.url).path
        if path != "/api/updates" and not path.startswith("/static/"):
            made.append(f"{request.method} {re.sub(r'[0-9]+', '<id>', path)}")

    page.on("request", note)
    act()
    page.wait_for_timeout(SETTLES_MS)
    page.remove_listener("request", note)
    what = f"requests of a browser, one text {name}"
    return Result(what, len(made), "requests", bar=bar, at_least=False, detail=", ".join(made))


# ------------------------------------------------------------ painting


def _painting(server: InboxServer, page: Page, bare: Page, shop: Shop, rounds: int, count: int) -> Result:
    chance = random.Random(1)
    pairs = []
    for _ in range(rounds):
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(count):
            for times, shown, target in ((ours, page, _INBOX), (theirs, bare, _BARE)):
                bare.wait_for_timeout(chance.uniform(60, 140))  # so that the screen's frames fall anywhere
                times.append(_painted_ms(server, shown, *target, [shop.next_message(phone_of(OPEN))[1]]))
        pairs.append((statistics.median(ours), statistics.median(theirs)))
    ours_ms, theirs_ms = (statistics.median(column) for column in zip(*pairs, strict=True))
    return Result(
        "webhook to painted bubble / to a line of a bare page, p50",
        statistics.median(a / b for a, b in pairs),
        bar=3,
        at_least=False,
        detail=f"{ours_ms:.0f} ms / {theirs_ms:.0f} ms",
    )


def _burst(server: InboxServer, page: Page, shop: Shop, rounds: int) -> Result:
    took = []
    for _ in range(rounds):
        page.wait_for_timeout(SETTLES_MS)
        bodies = [shop.next_message(phone_of(OPEN))[1] for _ in range(BURST)]
        took.append(_painted_ms(server, page, *_INBOX, bodies))
        if page.eval_on_selector(_INBOX[0], "(one) => one.scrollHeight - one.scrollTop - one.clientHeight") > 40:
            raise RuntimeError("the end of the chat is not in sight")
    what = f"a burst of {BURST} messages, first webhook to all painted"
    detail = f"{POSTERS} connections; worst {max(took):.0f} ms"
    return Result(what, statistics.median(took), "ms", bar=500, at_least=False, detail=detail)


def _painted_ms(server: InboxServer, page: Page, selector: str, path: str, bodies: list[bytes]) -> float:
    """From the first request to the frame with the last text in it. The last body is posted when the others are answered."""
    last = re.findall(rb"#\d+", bodies[-1])[-1].decode()
    page.evaluate(_WATCH, [selector, last])
    started = 1000 * time.time()
    threads = [
        threading.Thread(target=_post_all, args=(server, path, bodies[:-1][at::POSTERS]))
        for at in range(min(POSTERS, len(bodies) - 1))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _post(server, path, bodies[-1])
    return float(page.evaluate("window.painted")) - started


def _post_all(server: InboxServer, path: str, bodies: list[bytes]) -> None:
    for body in bodies:
        _post(server, path, body)


def _post(server: InboxServer, path: str, body: bytes) -> None:
    status, _ = server.call("POST", path, body, sign(body))
    if status != 200:
        raise RuntimeError(f"{path} was answered {status}")
