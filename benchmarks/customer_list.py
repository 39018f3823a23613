"""A Google Sheet of 50,000 customers: how long does one step of the sync hold the writer, which webhooks wait for?

In process, against our own model of Google Sheets on loopback; three reads: everybody new, a tenth changed, a twentieth gone.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.table import Result
from config import Config
from db_manager import Database, Transaction
from features.contacts import actions as contacts
from features.customer_list import actions
from integrations.google.auth import Google
from integrations.whatsapp.events import Sender
from system import clock
from tests.fakes.sheets_server import SHEET_ID, SheetsServer, key_file, sheets_server
from web.live import LiveFeed
from web.services import Clients, Services

CUSTOMERS = 50_000
CHATS = 5_000  # people with whom there is a chat already: their names change with the list
Step = tuple[float, float]  # ms on the clock, ms of the processor: the first says what a busy machine made of it
HEADER: list[Any] = ["Phone", "Name", "Member since", "Course", "Boat", "Notes"]


def measure(rounds: int, scale: float) -> list[Result]:
    """The worst of all rounds for the longest step; the median would hide what a customer met once."""
    measured = [_once(int(CUSTOMERS * scale)) for _ in range(min(rounds, 3))]
    every = sorted(step for steps, _ in measured for step in steps)
    held, busy = every[-1][0], max(busy for _, busy in every)
    reads = "; ".join(f"{what} {took:.1f} s" for what, took in measured[-1][1])
    return [
        Result(
            f"customer sync of {int(CUSTOMERS * scale):,} rows, longest write function",
            held,
            unit="ms",
            bar=100,
            stretch=50,
            at_least=False,
            detail=f"{len(every) // len(measured)} steps, median {every[len(every) // 2][0]:.1f} ms, at most {busy:.1f} ms of"
            f" processor time; {reads}",
        )
    ]


def _once(customers: int) -> tuple[list[Step], list[tuple[str, float]]]:
    """(every write function, [(what, seconds of the whole run)])."""
    logging.getLogger("inbox").setLevel(logging.ERROR)
    rows = [_row(number) for number in range(customers)]
    with tempfile.TemporaryDirectory(prefix="inbox-bench-") as name, sheets_server(HEADER, *rows) as server:
        parts = _open(Path(name), server)
        try:
            parts.db.write(_meet)
            steps = _watch(parts.db)
            took = [("all new", _run(parts))]
            for row in server.rows[1::10]:
                row[1] += " (new)"
            took.append(("a tenth changed", _run(parts)))
            del server.rows[-len(server.rows) // 20 :]
            _run(parts)
            took.append(("a twentieth gone", _run(parts)))
            return steps, took
        finally:
            parts.db.close()


def _row(number: int) -> list[Any]:
    return [_phone(number), f"Customer {number} 陳大文", "2024-03-01", "Level 2", "Single kayak", f"Note of row {number}"]


def _phone(number: int) -> str:
    return f"+852510{number:05d}"


def _meet(tx: Transaction) -> None:
    for number in range(CHATS):
        contacts.resolve(tx, Sender(phone=_phone(number)[1:], profile_name=f"~{number}"), clock.now())


def _open(folder: Path, server: SheetsServer) -> Services:
    key = str(key_file(folder, server))
    config = Config(data_dir=folder, customer_sheet_id=SHEET_ID, google_credentials_file=key, default_country="HK")
    database, feed = Database(config.database_path).open(), LiveFeed()
    database.on_change = feed.announce
    clients = Clients(whatsapp=None, store=None, google=Google(server.endpoints))
    return Services(config=config, db=database, clients=clients, feed=feed)


def _watch(database: Database) -> list[Step]:
    """Every write function from now on leaves its times on the writer's thread in the list."""
    steps: list[Step] = []
    write = database.write

    def timed(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        def watched(tx: Transaction) -> Any:
            started, busy = time.perf_counter(), time.thread_time()
            try:
                return fn(tx, *args, **kwargs)
            finally:
                steps.append(((time.perf_counter() - started) * 1000, (time.thread_time() - busy) * 1000))

        return write(watched)

    database.write = timed  # type: ignore[method-assign, assignment]
    return steps


def _run(parts: Services) -> float:
    started = time.perf_counter()
    assert actions.sync(parts) is not None
    return time.perf_counter() - started
