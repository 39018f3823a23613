"""Carries webhooks to the app: signed, over real HTTP, repeated with growing pauses until the endpoint answers 200."""

from __future__ import annotations

import hashlib
import heapq
import hmac
import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from sandbox.credentials import Credentials
from sandbox.payloads import envelope

logger = logging.getLogger(__name__)

Change = tuple[str, dict[str, Any]]  # webhook field, value
Endpoint = str | Callable[[bytes, dict[str, str]], int]  # an address, or a function that answers an HTTP status
TIME_OUT = 10.0
STOP_PATIENCE = 1.0  # an app that stops does not answer its own webhooks any more: do not wait for it
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0


@dataclass
class Quirks:
    """What Meta also does, off by default. Times in seconds."""

    status_before_response: bool = False  # `sent` and `delivered` arrive before the send call is answered
    duplicates: bool = False  # every POST comes twice
    out_of_order: bool = False  # delivered before sent
    skip_delivered: bool = False  # read without delivered
    batch: int = 1  # up to so many changes that are due together share one POST
    sent_after: float = 0.15
    delivered_after: float = 0.5
    give_up_after: int = 60  # tries of one POST (with the pauses: about half an hour)


@dataclass(order=True)
class _Parcel:
    due: float
    order: int
    make: Callable[[], list[Change]] = field(compare=False)
    body: bytes | None = field(default=None, compare=False)
    tries: int = field(default=0, compare=False)


def sign(app_secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature-256."""
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


class Courier:
    """One thread, one POST at a time, earliest due first; a POST to be repeated does not hold up the others."""

    def __init__(
        self, credentials: Credentials, endpoint: Endpoint | None, quirks: Quirks, wait_for: str | None = None
    ) -> None:
        self._credentials = credentials
        self.endpoint = endpoint
        self.quirks = quirks
        self._wait_for = wait_for  # an address that must answer 200 before the first POST
        self._parcels: list[_Parcel] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._stopped = False
        self._busy = False
        self._http = requests.Session()
        self._http.trust_env = False  # loopback, whatever proxy the machine has
        self._thread = threading.Thread(target=self._run, name="sandbox-webhooks", daemon=True)
        self.posted: deque[tuple[bytes, int]] = deque(maxlen=2000)  # body, HTTP status (0: no answer)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout=STOP_PATIENCE)

    def post(self, field: str, value: dict[str, Any], after: float = 0.0) -> None:
        self.post_later(lambda: [(field, value)], after)

    def post_later(self, make: Callable[[], list[Change]], after: float = 0.0) -> None:
        """`make` runs when the time has come, so that its time stamps are right; an empty list posts nothing."""
        with self._changed:
            heapq.heappush(self._parcels, _Parcel(time.monotonic() + after, next(self._order), make))
            self._changed.notify_all()

    def post_now(self, changes: list[Change]) -> int:
        """In the caller's thread, once. Gives the HTTP status."""
        return self._send(envelope(self._credentials, changes)) if changes else 0

    def settle(self, timeout: float = 5.0) -> bool:
        """Wait until nothing is due or under way any more."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._parcels and not self._busy, timeout)

    def _run(self) -> None:
        if not self._endpoint_is_up():
            return
        while (parcels := self._take()) is not None:
            self._deliver(parcels)
            with self._changed:
                self._busy = False
                self._changed.notify_all()

    def _endpoint_is_up(self) -> bool:
        while not self._stopped:
            try:
                if self._wait_for is None or self._http.get(self._wait_for, timeout=TIME_OUT).status_code == 200:
                    return True
            except requests.RequestException:
                pass
            with self._changed:
                self._changed.wait(0.2)
        return False

    def _take(self) -> list[_Parcel] | None:
        """The parcels of the next POST; None when stopped."""
        with self._changed:
            while not self._stopped:
                now = time.monotonic()
                if self._parcels and self._parcels[0].due <= now:
                    taken = [heapq.heappop(self._parcels)]
                    while taken[0].body is None and len(taken) < self.quirks.batch and self._can_join(now):
                        taken.append(heapq.heappop(self._parcels))
                    self._busy = True
                    return taken
                self._changed.wait(self._parcels[0].due - now if self._parcels else None)
        return None

    def _can_join(self, now: float) -> bool:
        return bool(self._parcels) and self._parcels[0].due <= now and self._parcels[0].body is None

    def _deliver(self, parcels: list[_Parcel]) -> None:
        parcel = parcels[0]
        if parcel.body is None:
            changes = [change for one in parcels for change in one.make()]
            if not changes:
                return
            parcel.body = envelope(self._credentials, _merge(changes))
        parcel.tries += 1
        status = self._send(parcel.body)
        if status == 200 and self.quirks.duplicates and parcel.tries == 1:
            self._send(parcel.body)
        if status != 200 and self.endpoint is not None:
            self._repeat(parcel)

    def _repeat(self, parcel: _Parcel) -> None:
        if parcel.tries >= self.quirks.give_up_after:
            logger.warning("the sandbox gave up on a webhook after %d tries", parcel.tries)
            return
        parcel.due = time.monotonic() + min(FIRST_PAUSE * 2 ** (parcel.tries - 1), LONGEST_PAUSE)
        with self._changed:
            heapq.heappush(self._parcels, parcel)

    def _send(self, body: bytes) -> int:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "facebookexternalua",
            "X-Hub-Signature-256": sign(self._credentials.app_secret, body),
        }
        status = self._answer(body, headers)
        self.posted.append((body, status))
        return status

    def _answer(self, body: bytes, headers: dict[str, str]) -> int:
        if self.endpoint is None:
            return 0
        if callable(self.endpoint):
            return self.endpoint(body, headers)
        try:
            answer = self._http.post(self.endpoint, data=body, headers=headers, timeout=TIME_OUT, allow_redirects=False)
        except requests.RequestException:
            return 0
        return answer.status_code


def _merge(changes: list[Change]) -> list[Change]:
    """Neighbours of one field share a value, as in Meta's batches: contacts, messages and statuses side by side."""
    merged: list[Change] = []
    for field_name, value in changes:
        if merged and merged[-1][0] == field_name == "messages":
            before = merged[-1][1]
            joined = dict(before)
            for key in ("contacts", "messages", "statuses"):
                if before.get(key) or value.get(key):
                    joined[key] = [*before.get(key, []), *value.get(key, [])]
            merged[-1] = (field_name, joined)
        else:
            merged.append((field_name, value))
    return merged
