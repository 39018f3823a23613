"""What every time without writes must show: only refusals, reads that go on, and all of it taken later without a restart."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field

import orjson

from benchmarks.server import InboxServer
from db_manager import sqlite3
from tests.builders import sign

HEALTHY_AGAIN_WITHIN_S = 15.0
READS = ("/api/chats", "/api/messages?conversation_id=1", "/api/updates?since=0")


@dataclass
class Aftermath:
    missing: list[str] = field(default_factory=list)  # answered 200, but not there
    still_refused: int = 0
    healthy_again_s: float = 0.0
    restarted: bool = False
    damage: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        nothing = not self.missing and not self.still_refused and not self.restarted and not self.damage
        return nothing and self.healthy_again_s < HEALTHY_AGAIN_WITHIN_S

    def __str__(self) -> str:
        return (
            f"missing: {len(self.missing)}, afterwards {self.still_refused} still refused, healthy after"
            f" {self.healthy_again_s:.1f} s, {'RESTARTED' if self.restarted else 'no restart'}, damage: {self.damage or 'none'}"
        )


def deliver(server: InboxServer, body: bytes) -> int:
    """The status, 0 when there was no answer."""
    try:
        return server.call("POST", "/webhook/whatsapp", body, sign(body), timeout=30)[0]
    except OSError:
        return 0


def deliver_again(server: InboxServer, refused: list[tuple[str, bytes]], pids: list[int]) -> Aftermath:
    """While the server runs: `pids` before the outage, `refused` (wamid, body) in it."""
    after = Aftermath(still_refused=sum(deliver(server, body) != 200 for _, body in refused))
    after.healthy_again_s = _until_healthy(server)
    after.restarted = server.pids() != pids
    return after


def look_at_the_file(server: InboxServer, expected: set[str], after: Aftermath) -> None:
    """After the server has ended: is every wamid that was `expected` there, and is the file sound?"""
    with contextlib.closing(sqlite3.connect(server.database)) as connection:
        present = {row[0] for row in connection.execute("SELECT wamid FROM messages")}
    after.missing = sorted(expected - present)
    after.damage = server.problems()


def is_read(status: int, body: bytes) -> bool:
    return status == 200 and bool(orjson.loads(body))


def _until_healthy(server: InboxServer) -> float:
    """Seconds, infinite when it took too long."""
    started = time.monotonic()
    while time.monotonic() < started + HEALTHY_AGAIN_WITHIN_S:
        if server.is_healthy():
            return time.monotonic() - started
        time.sleep(0.1)
    return float("inf")
