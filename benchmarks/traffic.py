"""Meta's deliveries of an invented shop: signed bodies, and whole requests as bytes for the load clients."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator

from tests.builders import contact, inbound, message, sign

PEOPLE = 200
_PHONES = "852510"
_WORDS = (
    "kayak paddle harbour tide booking Saturday morning two persons please deposit receipt thanks wind jacket small large"
    " 請問 明天 早上 可以 訂 兩位 獨木舟 多謝 收到 風大 改期"
).split()


class Shop:
    """Customers with a skew: a few write most of the messages. The same seed gives the same people and texts."""

    def __init__(self, name: str, seed: int = 1) -> None:
        self._name = name
        self._random = random.Random(seed)
        self._count = 0
        self._now = int(time.time())

    def next_message(self, sender: str | None = None) -> tuple[str, bytes]:
        """(wamid, body) of one new text message."""
        self._count += 1
        wamid = f"wamid.{self._name}.{self._count}"
        person = int(PEOPLE * self._random.random() ** 3)
        phone = sender or phone_of(person)
        text = f"{' '.join(self._random.choices(_WORDS, k=self._random.randint(3, 25)))} #{self._count}"
        item = message(text, sender=phone, at=self._now + self._count // 50, wamid=wamid)
        return wamid, json.dumps(inbound(item, contacts=[contact(phone, f"Customer {phone[-5:]}")])).encode()

    def requests(self, path: str, count: int) -> Iterator[bytes]:
        for _ in range(count):
            yield post(path, self.next_message()[1])


def phone_of(person: int) -> str:
    """Of customer 0 (who writes most) to PEOPLE - 1."""
    return f"{_PHONES}{person:05d}"


def person_of(phone: str) -> int | None:
    """None: no customer of the shop."""
    return int(phone[len(_PHONES) :]) if phone.startswith(_PHONES) else None


def post(path: str, body: bytes) -> bytes:
    """A signed POST as it goes over the wire, on a connection that stays open."""
    headers = {"Host": "127.0.0.1", "Content-Length": str(len(body)), **sign(body)}
    return f"POST {path} HTTP/1.1\r\n{_lines(headers)}\r\n".encode() + body


def get(path: str, headers: dict[str, str] | None = None) -> bytes:
    return f"GET {path} HTTP/1.1\r\n{_lines({'Host': '127.0.0.1', **(headers or {})})}\r\n".encode()


def _lines(headers: dict[str, str]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())
