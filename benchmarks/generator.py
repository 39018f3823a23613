"""An invented shop's years of messages, written straight into a database file: `fill(path, messages)`.

English and Chinese, a skew as in real life (a few customers write most, one chat holds 100,000 messages), quotes, files and
reactions here and there. The same count gives the same file. Raw deliveries are left out: no screen reads them.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.text import fold
from db_manager import Connection, Database
from db_manager import sqlite3 as products_sqlite
from tests.builders import NOON, OUR_NUMBER_ID, OUR_WABA_ID

MESSAGES_A_CUSTOMER = 50
BIG_CHAT, BIG_CHAT_MESSAGES = 1, 100_000
SMALL_CHAT, SMALL_CHAT_MESSAGES = 2, 50
_SECONDS_BETWEEN = 20
_BATCH = 20_000

_ENGLISH = (
    "the kayak is free on saturday morning please book two persons thanks what time do you open can we pay there wind"
    " deposit received see you at pier harbour tide board paddle jacket small large child price group discount rain"
    " refund moved sunday afternoon lesson beginner photo receipt invoice address parking late minutes waiting order"
).split()
_CHINESE = (
    "請問明天早上可以訂兩位獨木舟多謝收到風大改期付款碼頭單車租用價錢小童大人"
    "教練課程初學者相片收據地址停車遲到分鐘等候訂單退款星期六下午"
)
_GIVEN = "Mei Raj Ona Ken Ada Li Wing Sana Tom Eva Ivy Ho Fai Kit Zoe Max Ines Omar Yuki Bea".split()
_FAMILY = "Chan Patel Wong Lee Santos Khan Novak Mori Silva Ng Costa Lam Reyes Cheung Okoye Berg".split()

_COUNT = """
    UPDATE conversations SET received_count = counted.received, sent_count = counted.sent, first_message_at = counted.first_at
    FROM (SELECT conversation_id, sum(direction = 'in') AS received, sum(direction = 'out') AS sent, min(timestamp) AS first_at
          FROM messages GROUP BY conversation_id) AS counted
    WHERE counted.conversation_id = conversations.id
"""


@dataclass
class _Chats:
    """What each conversation shows, kept while its messages are made: one slot a conversation."""

    count: int
    last_id: array[int] = field(init=False)
    last_at: array[int] = field(init=False)
    last_in: array[int] = field(init=False)
    last_out: array[int] = field(init=False)
    last_out_id: array[int] = field(init=False)
    first_unanswered: array[int] = field(init=False)

    def __post_init__(self) -> None:
        for name in ("last_id", "last_at", "last_in", "last_out", "last_out_id", "first_unanswered"):
            setattr(self, name, array("q", bytes(8 * (self.count + 1))))

    def take(self, chat: int, message_id: int, at: int, is_ours: bool) -> None:
        self.last_id[chat], self.last_at[chat] = message_id, at
        if is_ours:
            self.last_out[chat], self.last_out_id[chat], self.first_unanswered[chat] = at, message_id, 0
        else:
            self.last_in[chat] = at
            self.first_unanswered[chat] = self.first_unanswered[chat] or at


def fill(path: Path, messages: int, *, chats: int | None = None) -> None:
    """A new database with that many messages and chats (without: MESSAGES_A_CUSTOMER in each, on average)."""
    Database(path).open().close()
    connection = products_sqlite.connect(path, isolation_level=None)
    try:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-600000", "foreign_keys=OFF"):
            connection.execute(f"PRAGMA {pragma}")
        _fill(connection, messages, chats or max(messages // MESSAGES_A_CUSTOMER, 10), random.Random(messages))
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


def _fill(connection: Connection, messages: int, people: int, chance: random.Random) -> None:
    chats = _Chats(people)
    later = {
        name: connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (name,)).fetchone()[0]
        for name in ("messages_by_conversation", "messages_unread")
    }
    connection.execute("BEGIN")
    for name in later:  # built in one go at the end
        connection.execute(f"DROP INDEX {name}")
    _insert_people(connection, chats.count, chance)
    made = _messages(messages, chats, chance)
    while batch := [row for row, _ in zip(made, range(_BATCH), strict=False)]:
        connection.executemany(
            "INSERT INTO messages (id, conversation_id, wamid, direction, type, text, context_wamid, contact_id, origin,"
            " timestamp, status, sent_at, delivered_at, read_at, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            batch,
        )
        connection.executemany(
            "INSERT INTO media (message_id, mime_type, size, state, width, height, created_at) VALUES (?, 'image/jpeg', 90000,"
            " 'expired', 1600, 1200, ?)",
            [(row[0], row[9]) for row in batch if row[4] == "image"],
        )
        connection.executemany(
            "INSERT INTO reactions (wamid, target_wamid, sender, emoji, timestamp, arrival) VALUES (?, ?, ?, '👍', ?, 1)",
            [(f"r.{row[0]}", row[2], f"contact:{row[1]}", row[9]) for row in batch if row[0] % 40 == 0],
        )
    for sql in later.values():
        connection.execute(sql)
    connection.executemany(
        "UPDATE conversations SET last_message_id = ?, last_message_at = ?, last_arrival_id = ?, last_inbound_at = ?,"
        " last_outbound_at = ?, last_outbound_id = ?, waiting_since = ?, unread_count = ? WHERE id = ?",
        _chat_rows(chats),
    )
    connection.execute(
        "UPDATE messages SET is_unread = 1 WHERE id IN (SELECT last_message_id FROM conversations WHERE unread_count > 0)"
    )
    connection.execute(_COUNT)
    connection.execute("COMMIT")
    connection.execute("ANALYZE")


def _insert_people(connection: Connection, count: int, chance: random.Random) -> None:
    connection.execute(
        "INSERT INTO numbers (id, phone_number_id, waba_id, display_phone_number, created_at)"
        " VALUES (1, ?, ?, '85258000100', ?)",
        (OUR_NUMBER_ID, OUR_WABA_ID, NOON),
    )
    names = [f"{chance.choice(_GIVEN)} {chance.choice(_FAMILY)} {number}" for number in range(1, count + 1)]
    phones = [f"8525{number:07d}" for number in range(1, count + 1)]
    connection.executemany(
        "INSERT INTO contacts (id, phone, profile_name, search_text, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (number, phone, name, fold(f"{name}\n{phone}"), NOON, NOON)
            for number, (name, phone) in enumerate(zip(names, phones, strict=True), 1)
        ],
    )
    connection.executemany(
        "INSERT INTO contact_aliases (contact_id, kind, value, since, created_at) VALUES (?, 'phone', ?, 0, ?)",
        [(number, phone, NOON) for number, phone in enumerate(phones, 1)],
    )
    connection.executemany(
        "INSERT INTO conversations (id, number_id, contact_id, last_message_at, created_at) VALUES (?, 1, ?, ?, ?)",
        [(number, number, NOON, NOON) for number in range(1, count + 1)],
    )


def _messages(count: int, chats: _Chats, chance: random.Random) -> Iterator[tuple[Any, ...]]:
    """Rows in order of time; two chats have their fixed share, spread over the whole time."""
    sentences = [_sentence(chance) for _ in range(20_000)]
    start = NOON - count * _SECONDS_BETWEEN
    big, small = min(BIG_CHAT_MESSAGES, count // 5), SMALL_CHAT_MESSAGES
    last_wamid: dict[int, str] = {}
    for number in range(1, count + 1):
        at = start + number * _SECONDS_BETWEEN
        if number * small // count != (number - 1) * small // count:
            chat = SMALL_CHAT
        elif number * big // count != (number - 1) * big // count:
            chat = BIG_CHAT
        else:
            chat = 3 + int((chats.count - 2) * chance.random() ** 3)
        is_ours, kind = chance.random() < 0.45, "image" if number % 30 == 0 else "text"
        chats.take(chat, number, at, is_ours)
        wamid = f"wamid.G{number}"
        quotes = last_wamid.get(chat) if number % 50 == 0 else None
        if number % 7 == 0:
            last_wamid[chat] = wamid
        text = f"{sentences[int(20_000 * chance.random())]} {number % 997}"
        if is_ours:
            ticks = ("read", at + 1, at + 2, at + 60) if number % 4 else ("delivered", at + 1, at + 2, None)
            yield (number, chat, wamid, "out", kind, text, quotes, None, "user", at, *ticks, at)
        else:
            yield (number, chat, wamid, "in", kind, text, quotes, chat, "live", at, None, None, None, None, at)


def _sentence(chance: random.Random) -> str:
    if chance.random() < 0.4:
        return "".join(chance.choice(_CHINESE) for _ in range(chance.randint(4, 40)))
    return " ".join(_ENGLISH[int(len(_ENGLISH) * chance.random() ** 2)] for _ in range(chance.randint(2, 30)))


def _chat_rows(chats: _Chats) -> Iterator[tuple[Any, ...]]:
    """One chat in ten waits unread, as on a busy morning."""
    for chat in range(1, chats.count + 1):
        last_id, waiting = chats.last_id[chat] or None, chats.first_unanswered[chat] or None
        yield (
            last_id,
            chats.last_at[chat] or NOON,
            chats.last_id[chat],
            chats.last_in[chat] or None,
            chats.last_out[chat],
            chats.last_out_id[chat],
            waiting if chat % 10 == 0 else None,
            1 if waiting and chat % 10 == 0 else 0,
            chat,
        )
