"""What the double was asked and what it took: the witness of tests on lost and doubled messages."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

KEPT = 20_000  # newest calls and messages kept; the counts go on


@dataclass(frozen=True)
class Call:
    kind: str
    method: str
    path: str
    body: dict[str, Any]
    status: int  # 0: the connection was dropped


@dataclass(frozen=True)
class Accepted:
    """A message that Meta took: from here on the customer gets it whatever the caller was told."""

    wamid: str
    recipient: str
    body: dict[str, Any] = field(repr=False)

    @property
    def callback_data(self) -> str | None:
        return self.body.get("biz_opaque_callback_data")


class Ledger:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.calls: deque[Call] = deque(maxlen=KEPT)
        self.accepted: deque[Accepted] = deque(maxlen=KEPT)
        self.counts: Counter[str] = Counter()

    def note_arrival(self, kind: str) -> None:
        """Counted when it comes in, so that a test can wait for a call that hangs."""
        with self._lock:
            self.counts[kind] += 1

    def note_call(self, call: Call) -> None:
        with self._lock:
            self.calls.append(call)

    def note_accepted(self, accepted: Accepted) -> None:
        with self._lock:
            self.accepted.append(accepted)
            self.counts["accepted"] += 1

    def clear(self) -> None:
        with self._lock:
            self.calls.clear()
            self.accepted.clear()
            self.counts.clear()

    def repeated_texts(self) -> list[str]:
        """Texts that reached one recipient more than once: empty when nothing was sent twice."""
        with self._lock:
            texts = Counter((one.recipient, one.body.get("text", {}).get("body", "")) for one in self.accepted)
        return sorted(text for (_, text), times in texts.items() if text and times > 1)

    def listing(self) -> dict[str, Any]:
        with self._lock:
            return {
                "counts": dict(self.counts),
                "accepted": [
                    {"wamid": one.wamid, "recipient": one.recipient, "body": one.body} for one in self.accepted
                ],
                "calls": [
                    {"kind": call.kind, "method": call.method, "path": call.path, "status": call.status}
                    for call in self.calls
                ],
            }
