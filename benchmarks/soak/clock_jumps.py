"""Somebody sets the clock of the running server, two hours back and thirty days ahead, again and again, under deliveries.

The wall clock of the process is replaced (ours and APScheduler's, `benchmarks/apps.py`): setting the machine's own would
meet everything else that runs on it. Meta cannot be reached until after each jump back, so replies wait with due times
that then lie two hours ahead.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.server import ACCESS_TOKEN, InboxServer, free_port, make_tokens
from benchmarks.traffic import Shop
from sandbox.credentials import Credentials
from sandbox.graph import GraphDouble
from tests.builders import APP_SECRET, OUR_NUMBER_ID, OUR_WABA_ID, VERIFY_TOKEN, sign

JUMPS = (-2 * 3600, 0, 30 * 24 * 3600, 0)  # seconds off the true time, one after the other
PHONE = "85253009999"
SETTLES_WITHIN_S = 60.0


@dataclass
class Report:
    jumps: int = 0
    delivered: int = 0
    refused: list[int] = field(default_factory=list)
    sick: int = 0  # /healthz was not "ok": a job or the clock stood still
    sent_after_s: list[float] = field(default_factory=list)  # after a jump back, with Meta there again
    statuses: Counter[str] = field(default_factory=Counter)
    taken_twice: int = 0
    out_of_order: int = 0  # of the one chat: messages not in the order in which they happened
    missing: int = 0
    noticed: int = 0

    def __str__(self) -> str:
        return (
            f"{self.jumps} jumps, {self.noticed} noticed: {self.delivered} deliveries taken, refused {self.refused or 'none'},"
            f" {self.sick} times not healthy; replies left at most {max(self.sent_after_s):.0f} s after the jump back:"
            f" {dict(self.statuses)}, taken twice {self.taken_twice}; out of order {self.out_of_order}, missing {self.missing}"
        )


def run(rounds: int, *, seed: int = 1) -> Report:
    report = Report()
    with tempfile.TemporaryDirectory(prefix="inbox-clock-") as folder:
        offset, port = Path(folder) / "offset", free_port()
        _set(offset, 0)
        graph_url = f"http://127.0.0.1:{port}"
        server = InboxServer(
            Path(folder) / "data", application="benchmarks.apps:with_a_clock_that_jumps()", graph_url=graph_url
        )
        token = make_tokens(server.config(), 1)[0]
        talk = _Talk(server, token, seed, report)
        taken: Counter[str] = Counter()
        try:
            server.start(CLOCK_OFFSET=str(offset))
            for _ in range(rounds):
                for jump in JUMPS:
                    talk.customer()
                    talk.others(20)
                    if jump < 0:
                        talk.reply()  # Meta is away: it waits
                        talk.others(40)
                    _set(offset, jump)
                    report.jumps += 1
                    if jump < 0:
                        taken += _until_sent(server, port, report)
                    talk.watch(seconds=8)
        finally:
            server.stop()
        report.noticed = server.log().count("the clock was set")
        report.taken_twice = sum(times > 1 for times in taken.values())
        _inspect(server, talk, report)
    return report


def _set(offset: Path, seconds: int) -> None:
    """In one step: the server reads it at any moment."""
    offset.with_suffix(".new").write_text(str(seconds))
    offset.with_suffix(".new").replace(offset)


class _Talk:
    """One chat whose course is known, and other customers beside it."""

    def __init__(self, server: InboxServer, token: str, seed: int, report: Report) -> None:
        self.said: list[str] = []
        self.wamids: set[str] = set()
        self._server, self._report = server, report
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._seed, self._count = seed, 0

    def customer(self) -> None:
        self._deliver(PHONE)

    def others(self, count: int) -> None:
        for _ in range(count):
            self._deliver(None)
            time.sleep(0.05)

    def reply(self) -> None:
        text = f"Answer {len(self.said)}"
        order = {"phone": PHONE, "client_msg_id": text.replace(" ", "-"), "type": "text", "text": text}
        status, answer = self._server.call("POST", "/api/send", json.dumps(order).encode(), self._headers)
        if status != 201:
            raise RuntimeError(f"a reply was answered {status}: {answer.decode()}")
        self.said.append(text)

    def watch(self, seconds: float) -> None:
        """Deliveries go on, and nothing may stand still."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.others(10)
            self._report.sick += not self._server.is_healthy()

    def _deliver(self, sender: str | None) -> None:
        self._count += 1  # a shop of its own each: Meta's stamps are the true time
        shop = Shop(f"c{self._seed}-{self._count}", self._seed + self._count)
        wamid, body = shop.next_message(sender=sender)
        status, _ = self._server.call("POST", "/webhook/whatsapp", body, sign(body))
        if status != 200:
            self._report.refused.append(status)
            return
        self._report.delivered += 1
        self.wamids.add(wamid)
        if sender:
            self.said.append(wamid)


def _until_sent(server: InboxServer, port: int, report: Report) -> Counter[str]:
    """Meta is there again, for as long as it takes."""
    ours = Credentials(ACCESS_TOKEN, OUR_NUMBER_ID, OUR_WABA_ID, APP_SECRET, VERIFY_TOKEN)
    began = time.monotonic()
    with GraphDouble(None, credentials=ours, port=port) as double:
        while time.monotonic() < began + SETTLES_WITHIN_S and not _all_left(server):
            time.sleep(0.1)
        report.sent_after_s.append(time.monotonic() - began)
        return Counter(one.body["text"]["body"] for one in double.ledger.accepted)


def _all_left(server: InboxServer) -> bool:
    with contextlib.closing(sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)) as connection:
        return bool(connection.execute("SELECT count(*) FROM outbox").fetchone()[0] == 0)


def _inspect(server: InboxServer, talk: _Talk, report: Report) -> None:
    with contextlib.closing(sqlite3.connect(server.database)) as connection:
        present = {row[0] for row in connection.execute("SELECT wamid FROM messages")}
        report.statuses = Counter(row[0] for row in connection.execute("SELECT status FROM messages WHERE direction = 'out'"))
        [(chat,)] = connection.execute("SELECT id FROM contacts WHERE phone = ?", (PHONE,)).fetchall()
        rows = connection.execute(
            "SELECT CASE direction WHEN 'in' THEN wamid ELSE text END FROM messages WHERE conversation_id ="
            " (SELECT id FROM conversations WHERE contact_id = ?) ORDER BY timestamp, id",
            (chat,),
        )
        shown = [row[0] for row in rows]
    report.missing = len(talk.wamids - present)
    report.out_of_order = sum(one != other for one, other in zip(shown, talk.said, strict=True))
