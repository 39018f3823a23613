"""The line to WhatsApp as staff see it: fine, not answering, token dead, paused. One row, changed only when it changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.reason import Reason, define, from_plain, plain
from db_manager import Connection, Transaction
from features.changes.actions import record
from features.numbers.connection import LINE
from features.outbox import queries
from features.settings.queries import get_setting, put_setting
from system import clock

State = Literal["ok", "unreachable", "token_dead", "paused"]
TROUBLES_TO_SHOW = 2  # one lost call is weather, two in a row are an outage

define(
    {
        "line.unreachable": "WhatsApp is not answering. Messages wait here and leave by themselves.",
        "line.key_lost": "The key that opens the access token is lost. An owner must connect the number again.",
    }
)


@dataclass(frozen=True)
class Line:
    whatsapp: State = "ok"
    reason: Reason | None = None
    since: int = 0  # unix seconds; for a paused queue: of the last try
    troubles: int = 0

    @property
    def is_paused(self) -> bool:
        return self.whatsapp in ("token_dead", "paused")


def read(connection: Connection) -> Line:
    kept = get_setting(connection, LINE, {})
    return Line(reason=from_plain(kept.pop("message", None)), **kept)


def put(tx: Transaction, whatsapp: State, reason: Reason | None = None, *, renew: bool = False) -> None:
    """`renew`: note the time again though the state stays (the next probe counts from here)."""
    before = read(tx.connection)
    if before.whatsapp == whatsapp and before.troubles == 0 and not renew:
        return
    _store(tx, Line(whatsapp, reason, clock.now()))
    if before.whatsapp != whatsapp:
        if whatsapp == "ok":
            queries.hurry(tx.connection, clock.now())
            tx.wake("outbox")
        record(tx, "status.updated", "live")


def note_trouble(tx: Transaction) -> None:
    """A call got no answer."""
    before = read(tx.connection)
    if before.is_paused:
        return
    troubles = before.troubles + 1
    if troubles >= TROUBLES_TO_SHOW and before.whatsapp == "ok":
        _store(tx, Line("unreachable", Reason("line.unreachable"), clock.now()))
        record(tx, "status.updated", "live")
    elif before.whatsapp == "ok":
        _store(tx, Line("ok", None, before.since, troubles))


def _store(tx: Transaction, line: Line) -> None:
    value = {"whatsapp": line.whatsapp, "message": plain(line.reason), "since": line.since, "troubles": line.troubles}
    put_setting(tx.connection, LINE, value, clock.now())
