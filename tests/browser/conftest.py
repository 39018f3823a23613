"""A real server (gunicorn), a double of Meta, and real browsers. No Chromium: skipped on a laptop, a failure in CI."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from app import create_app
from config import Config
from features.accounts import staff
from sandbox.credentials import Credentials
from sandbox.graph import GraphDouble

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
PASSWORD = "correct horse battery"

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@dataclass
class Inbox:
    """The product under test: where it is, the double behind it, and how to stop and start it."""

    url: str
    graph: GraphDouble
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    log: Path = field(default=Path("/dev/null"))
    root: Path = ROOT

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "app:create_app()"],
                cwd=self.root,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_for(lambda: _answers(f"{self.url}/healthz"), 20)

    def stop(self) -> None:
        if self.process:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(timeout=15)

    def flask(self, *args: str, stdin: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", *args],
            cwd=ROOT, env=self.environment, input=stdin, capture_output=True, text=True, check=True, timeout=30,
        )  # fmt: skip
        return done.stdout.strip()


def wait_for(condition: Callable[[], Any], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code == 200
    except requests.RequestException:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which Ona and Ken have their accounts, made once: every test starts on a copy."""
    folder = tmp_path_factory.mktemp("house")
    application = create_app(Config(data_dir=folder, is_sandbox=True))
    sessions = application.extensions["sessions"]
    for name, role in (("Ona", "owner"), ("Ken", "agent")):
        staff.create_user(sessions, staff.new_user(f"{name.lower()}@example.com", name, role, PASSWORD), by=None)
    application.extensions["inbox"].stop()
    return folder


@pytest.fixture
def inbox(tmp_path: Path, house: Path) -> Iterator[Inbox]:
    """A connected number (at the double), an owner Ona and an agent Ken; no chats yet."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    credentials = Credentials()
    with GraphDouble(f"{url}/webhook/whatsapp", credentials=credentials, window="async") as graph:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WHATSAPP_")} | {
            "DATA_DIR": str(tmp_path / "data"),
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "TIMEZONE": "Asia/Hong_Kong",
            "GRAPH_API_URL": graph.url,
            "MEDIA_HOSTS": "127.0.0.1",
            "WHATSAPP_ACCESS_TOKEN": credentials.access_token,
            "WHATSAPP_PHONE_NUMBER_ID": credentials.phone_number_id,
            "WHATSAPP_BUSINESS_ACCOUNT_ID": credentials.waba_id,
            "WHATSAPP_APP_SECRET": credentials.app_secret,
            "WHATSAPP_VERIFY_TOKEN": credentials.verify_token,
        }
        product = Inbox(url, graph, environment, log=tmp_path / "server.log")
        shutil.copytree(house, tmp_path / "data", ignore=shutil.ignore_patterns("lock", "sandbox*"))
        product.start()
        yield product
        product.stop()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    if not Path(CHROMIUM).exists():
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing: in CI the browser tests must run")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium of its own for every test: nothing of the one before is left, and one that hangs can be killed."""
    flags = ["--disable-background-networking", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    pid = next(process["id"] for process in processes if process["type"] == "browser")
    yield browser
    # Once in a hundred runs Chromium did not answer when a context was closed in the middle of a navigation.
    killer = threading.Timer(15, os.kill, (pid, signal.SIGKILL))
    killer.start()
    with contextlib.suppress(PlaywrightError):
        browser.close()
    killer.cancel()


@dataclass
class Staff:
    """One member of staff at one browser. Whatever the console complains of fails the test."""

    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)


@pytest.fixture
def sign_in(browser: Browser, inbox: Inbox) -> Iterator[Callable[..., Staff]]:
    """`sign_in("Ken")` or `sign_in("Ken", viewport=PHONE, color_scheme="dark")`: through the login page, to the inbox."""
    people: list[Staff] = []

    def enter(name: str, **options: Any) -> Staff:
        context = browser.new_context(**{"viewport": DESKTOP, "locale": "en-GB", "timezone_id": "Asia/Hong_Kong"} | options)
        context.set_default_timeout(10_000)
        staff = Staff(context, context.new_page())

        def note(message: ConsoleMessage) -> None:
            # Chromium itself reports every refused connection; the tests of restarts cause them on purpose.
            if message.type == "error" and not message.text.startswith(("Failed to load resource", "WebSocket connection")):
                staff.complaints.append(message.text)

        staff.page.on("console", note)
        staff.page.on("pageerror", lambda error: staff.complaints.append(str(error)))
        staff.page.goto(f"{inbox.url}/login")
        staff.page.get_by_label(re.compile("e-?mail", re.I)).fill(f"{name.lower()}@example.com")
        staff.page.get_by_label("Password", exact=True).fill(PASSWORD)
        staff.page.get_by_role("button", name="Sign in").click()
        staff.page.wait_for_url("**/inbox*")
        people.append(staff)
        return staff

    yield enter
    complaints = [complaint for staff in people for complaint in staff.complaints]
    assert complaints == []
