"""What the installation takes at idle, and how soon it answers: master and worker, pages shared by both counted once."""

from __future__ import annotations

import statistics
import time

from benchmarks.server import InboxServer, make_tokens, proportional_memory, running
from benchmarks.table import Result
from benchmarks.traffic import Shop
from tests.builders import sign

REQUESTS = 200
SETTLES_S = 1.5


def measure(rounds: int) -> list[Result]:
    figures = [_one_run() for _ in range(rounds)]
    megabytes = statistics.median(bytes_ / 1e6 for bytes_, _ in figures)
    return [
        Result(
            f"idle memory after {REQUESTS} requests (PSS, master + worker)",
            megabytes,
            "MB",
            bar=80,
            stretch=50,
            at_least=False,
            detail="Google not configured",
        ),
        Result("start to the first answer of /healthz", statistics.median(s for _, s in figures), "s", at_least=False),
    ]


def _one_run() -> tuple[float, float]:
    """(bytes, seconds)."""
    with running() as server:
        _use(server, make_tokens(server.config(), 1)[0])
        time.sleep(SETTLES_S)
        taken = proportional_memory(server.pids())
        server.stop()
        return taken, server.start()  # with content in the database, as on any day


def _use(server: InboxServer, token: str) -> None:
    """What a morning brings: deliveries, lists, threads, polls."""
    shop = Shop("memory")
    bearer = {"Authorization": f"Bearer {token}"}
    for number in range(REQUESTS // 4):
        _, body = shop.next_message()
        answers = [
            server.call("POST", "/webhook/whatsapp", body, sign(body)),
            server.get("/api/chats", bearer),
            server.get(f"/api/messages?conversation_id={number % 5 + 1}", bearer),
            server.get("/api/updates?since=0", bearer),
        ]
        if any(status not in (200, 404) for status, _ in answers):
            raise RuntimeError(f"unexpected answers: {answers}")
