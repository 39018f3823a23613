"""One writer thread that commits for many, against the same work under a lock, one commit each. In process, FULL."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.load import at_percent
from benchmarks.table import Result
from db_manager import Database, Transaction, sqlite3
from features.changes.actions import record
from features.chats import queries as chats_queries
from features.messages import queries as messages_queries
from features.numbers import queries as numbers_queries
from system import clock

CONVERSATIONS = 50
THREADS = 32


def measure(rounds: int, scale: float) -> list[Result]:
    writes = int(4800 * scale)
    pairs = [(_grouped(writes), _locked(writes)) for _ in range(rounds)]
    grouped, locked = (sorted(column)[rounds // 2] for column in zip(*pairs, strict=True))
    return [
        Result(
            f"group commit / lock, {THREADS} threads",
            statistics.median(ours[0] / theirs[0] for ours, theirs in pairs),
            bar=2.0,
            stretch=2.7,
            detail=f"{grouped[0]:.0f}/s, p99 {grouped[1]:.1f} ms against {locked[0]:.0f}/s, p99 {locked[1]:.1f} ms",
        )
    ]


def _grouped(writes: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory(prefix="inbox-bench-") as folder:
        database = Database(Path(folder) / "chat_history.db").open()
        try:
            database.write(_prepare)
            return _in_threads(lambda number: database.write(lambda tx: _store(tx, number)), writes)
        finally:
            database.close()


def _locked(writes: int) -> tuple[float, float]:
    """The same connection with the same pragmas, taken from the writer; the same statements in a transaction of their own."""
    with tempfile.TemporaryDirectory(prefix="inbox-bench-") as folder:
        database = Database(Path(folder) / "chat_history.db").open()
        try:
            database.write(_prepare)
            connection: sqlite3.Connection = database.write(lambda tx: tx.connection)
            lock = threading.Lock()

            def store(number: int) -> None:
                with lock:
                    connection.execute("BEGIN IMMEDIATE")
                    _store(Transaction(connection), number)
                    connection.execute("COMMIT")

            return _in_threads(store, writes)
        finally:
            database.close()


def _prepare(tx: Transaction) -> None:
    number_id = numbers_queries.ensure_number(tx.connection, "100000000000001", "", "", clock.now())
    for person in range(CONVERSATIONS):
        tx.execute("INSERT INTO contacts (created_at, updated_at) VALUES (0, 0)")
        chats_queries.insert_conversation(tx.connection, number_id, person + 1, None, 0, 0)


def _store(tx: Transaction, number: int) -> None:
    """What one incoming message costs at the least: the row with its indexes, the conversation, the change."""
    conversation_id = number % CONVERSATIONS + 1
    stored = messages_queries.insert_message(
        tx.connection,
        {
            "conversation_id": conversation_id,
            "wamid": f"wamid.{number}",
            "client_msg_id": None,
            "direction": "in",
            "type": "text",
            "text": f"Is the kayak free on Saturday at ten? {number}",
            "payload": None,
            "context_wamid": None,
            "forwarded": 0,
            "contact_id": conversation_id,
            "user_id": None,
            "origin": "live",
            "timestamp": number,
            "is_unread": 1,
            "status": None,
            "created_at": number,
        },
    )
    assert stored is not None
    chats_queries.take_in(tx.connection, conversation_id, stored["id"], number, True)
    record(tx, "message.created", "live", conversation_id=conversation_id, message_id=stored["id"])


def _in_threads(store: Callable[[int], object], writes: int) -> tuple[float, float]:
    """(writes per second, p99 in ms)."""
    took: list[float] = []

    def work(first: int) -> None:
        for number in range(first, writes, THREADS):
            started = time.perf_counter()
            store(number)
            took.append(time.perf_counter() - started)

    threads = [threading.Thread(target=work, args=(first,)) for first in range(THREADS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - started
    if len(took) != writes:
        raise RuntimeError(f"{writes - len(took)} writes failed")
    return writes / elapsed, 1000 * at_percent(sorted(took), 99)
