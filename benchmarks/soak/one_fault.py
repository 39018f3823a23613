"""One fault at the N-th write or sync of one webhook and of one send, for N = 1, 2, 3, ... until none fires.

After each: the answer was 200 or 503, what was answered 200 is in a copy of the files as they lie there, the same
process takes what it had refused, and the double of Meta has taken every message once. Each commit is followed by a
checkpoint, so that the faults also hit the database file and not only its WAL.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

import db_manager
from app import create_app
from benchmarks import faulty_disk
from benchmarks.faulty_disk import FaultyDisk
from benchmarks.server import make_tokens
from config import Config
from db_manager import sqlite3 as products_sqlite
from drive_manager import LocalStore
from features.outbox.dispatcher import Outbox
from runtime import worker as worker_module
from sandbox.credentials import Credentials
from sandbox.graph import GraphDouble
from tests.builders import APP_SECRET, MEI, OUR_NUMBER_ID, OUR_WABA_ID, VERIFY_TOKEN, inbound, message, post_webhook
from web.services import Clients
from whatsapp_handler import WhatsAppClient

CODES = {"I/O error": faulty_disk.IOERR, "disk full": faulty_disk.FULL}
ACCESS_TOKEN = "EAAsoaktokensoaktokensoaktoken"
SETTLES_WITHIN_S = 20.0
MOST = 500  # far beyond any transaction of ours: a fault that never stops firing is a bug of this test


@dataclass
class Report:
    kind: str
    what: str
    faults: int = 0
    answers: Counter[int] = field(default_factory=Counter)  # with the fault; the repetition must be taken
    refused_again: list[int] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)  # N at which something answered 200 was not in the files
    failed_reads: list[int] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)
    not_once: dict[str, int] = field(default_factory=dict)  # texts that the double took never or twice
    statuses: Counter[str] = field(default_factory=Counter)

    @property
    def is_good(self) -> bool:
        found = (self.refused_again, self.missing, self.failed_reads, self.damage, self.not_once)
        return not any(found) and set(self.answers) <= {200, 201, 503}

    def __str__(self) -> str:
        return (
            f"{self.kind} in one {self.what}: {self.faults} faults, answers {dict(self.answers)},"
            f" refused again {self.refused_again or 'none'}, missing {self.missing or 'none'},"
            f" failed reads {self.failed_reads or 'none'}, damage {self.damage or 'none'}"
            + (f", statuses {dict(self.statuses)}, not taken once {self.not_once or 'none'}" if self.what == "send" else "")
        )


def run(kind: str = "I/O error") -> Iterator[Report]:
    """Yields a report for the webhook, then one for the send."""
    with tempfile.TemporaryDirectory(prefix="inbox-fault-") as folder, faulty_disk.installed() as disk:
        with _inbox(Path(folder) / "data") as bench:
            yield _webhook(bench, disk, kind)
            yield _send(bench, disk, kind)


@dataclass
class _Bench:
    app: Flask
    client: FlaskClient
    double: GraphDouble
    path: Path

    def reads(self) -> bool:
        return self.client.get("/api/chats").status_code == 200


@contextlib.contextmanager
def _inbox(data_dir: Path) -> Iterator[_Bench]:
    """The composed application with its outbox, and the double behind the real HTTP client. No clock: only faults we count."""
    config = Config(
        data_dir=data_dir,
        whatsapp_access_token=ACCESS_TOKEN,
        whatsapp_phone_number_id=OUR_NUMBER_ID,
        whatsapp_business_account_id=OUR_WABA_ID,
        whatsapp_app_secret=APP_SECRET,
        whatsapp_verify_token=VERIFY_TOKEN,
    )
    token = make_tokens(config, 1)[0]
    ours = Credentials(ACCESS_TOKEN, OUR_NUMBER_ID, OUR_WABA_ID, APP_SECRET, VERIFY_TOKEN)
    with GraphDouble(None, credentials=ours) as double:
        whatsapp = WhatsAppClient(double.url, config.graph_api_version, ACCESS_TOKEN, OUR_NUMBER_ID, OUR_WABA_ID)
        app = create_app(config, Clients(whatsapp=whatsapp, store=LocalStore(config.media_dir)))
        database = app.extensions["services"].db
        database.write(lambda tx: tx.execute("PRAGMA wal_autocheckpoint=1"))
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        client.get("/api/chats")  # "last seen" is written now, not in a round
        try:
            yield _Bench(app, client, double, config.database_path)
        finally:
            app.extensions["inbox"].stop()


def _webhook(bench: _Bench, disk: FaultyDisk, kind: str) -> Report:
    report = Report(kind, "webhook")
    for number in range(1, MOST):
        wamid = f"wamid.fault{number}"
        body = inbound(message(f"Is the kayak free? {number}", sender=MEI, at=int(time.time()), wamid=wamid))
        disk.fail_at(number, CODES[kind])
        status = post_webhook(bench.client, body).status_code
        fired = disk.fired
        disk.fail_at(0)
        report.answers[status] += fired
        if not bench.reads():
            report.failed_reads.append(number)
        if status == 200:
            _look(bench.path, "SELECT count(*) FROM messages WHERE wamid = ?", wamid, number, report)
        elif post_webhook(bench.client, body).status_code != 200:
            report.refused_again.append(number)
        _look(bench.path, "SELECT count(*) FROM messages WHERE wamid = ?", wamid, number, report)
        if not fired:
            return report
        report.faults += 1
    raise RuntimeError("the faults never end")


def _send(bench: _Bench, disk: FaultyDisk, kind: str) -> Report:
    """The fault may hit the click's own commit, the claim before the call, or what is kept of Meta's answer."""
    report, texts = Report(kind, "send"), []
    worker = Outbox(bench.app.extensions["services"])
    pause, worker_module.STORAGE_PAUSE_S = worker_module.STORAGE_PAUSE_S, 0.02
    try:
        worker.start()
        for number in range(1, MOST):
            text = f"Your booking {number} is confirmed."
            texts.append(text)
            order = {"phone": f"+{MEI}", "client_msg_id": f"click-{number}", "type": "text", "text": text}
            disk.fail_at(number, CODES[kind])
            status = bench.client.post("/api/send", json=order).status_code
            if status not in (200, 201) and bench.client.post("/api/send", json=order).status_code not in (200, 201):
                report.refused_again.append(number)
            _wait_until_left(bench, text)
            fired = disk.fired
            disk.fail_at(0)
            report.answers[status] += fired
            if not bench.reads():
                report.failed_reads.append(number)
            _look(bench.path, "SELECT count(*) FROM messages WHERE text = ?", text, number, report)
            if not fired:
                break
            report.faults += 1
        else:
            raise RuntimeError("the faults never end")
    finally:
        worker.stop()
        worker_module.STORAGE_PAUSE_S = pause
    taken: Counter[str] = Counter(one.body["text"]["body"] for one in bench.double.ledger.accepted)
    report.not_once = {text: taken[text] for text in texts if taken[text] != 1}
    report.statuses = _statuses(bench)
    return report


def _wait_until_left(bench: _Bench, text: str) -> None:
    deadline = time.monotonic() + SETTLES_WITHIN_S
    while time.monotonic() < deadline:
        if _statuses(bench, text).keys() <= {"accepted", "unconfirmed", "failed"}:
            return
        time.sleep(0.005)


def _statuses(bench: _Bench, text: str = "%") -> Counter[str]:
    database = bench.app.extensions["services"].db
    with database.read() as connection:
        rows = connection.execute("SELECT status FROM messages WHERE direction = 'out' AND text LIKE ?", (text,))
        return Counter(row[0] for row in rows)


def _look(path: Path, sql: str, what: Any, number: int, report: Report) -> None:
    """Into a copy of the files as they lie there: what another process would find after a kill in this instant."""
    with tempfile.TemporaryDirectory(prefix="inbox-copy-") as folder:
        copy = Path(folder) / "copy.db"
        for suffix in ("", "-wal"):
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(f"{path}{suffix}", f"{copy}{suffix}")
        with contextlib.closing(products_sqlite.connect(copy)) as connection:
            [(count,)] = connection.execute(sql, (what,))
        if count != 1:
            report.missing.append(number)
        report.damage += [f"{number}: {problem}" for problem in db_manager.check(copy)]
