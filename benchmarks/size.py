"""Does it stay fast when the shop is old? `python -m benchmarks.size` (about 10 minutes, 4 GB of disk).

    python -m benchmarks.size --small                100,000 against 500,000 messages; prints only
    python -m benchmarks.size --soak 60              an hour of 50 messages a second with 50 open browsers; prints only
    python -m benchmarks.size --folder /some/disk    keep the generated databases there and use them again

Writes its table into docs/performance.md.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import orjson

from benchmarks import generator, table
from benchmarks.busy_day import busy_day
from benchmarks.load import at_percent
from benchmarks.server import InboxServer, make_tokens
from benchmarks.table import Result

ROUNDS, CALLS = 5, 60
_LISTS = {
    "chat list": "/api/chats?limit=50",
    "chat list, page 20": "{cursor}",
    "chat list, unread": "/api/chats?filter=unread&limit=50",
    "chat list, waiting": "/api/chats?filter=waiting&limit=50",
}


@dataclass
class Shop:
    """A server on a generated database."""

    messages: int
    server: InboxServer
    token: str

    def took(self, path: str, calls: int = CALLS) -> list[float]:
        """Milliseconds of each call, on one connection that stays open."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        times = []
        for _ in range(calls):
            started = time.perf_counter()
            connection.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
            answer = connection.getresponse()
            answer.read()
            times.append(1000 * (time.perf_counter() - started))
            if answer.status != 200:
                raise RuntimeError(f"{path} was answered {answer.status}")
        connection.close()
        return times

    def p95(self, path: str) -> float:
        return at_percent(sorted(self.took(path)), 95)

    def json(self, path: str) -> dict[str, object]:
        answer: dict[str, object] = orjson.loads(self.server.get(path, {"Authorization": f"Bearer {self.token}"}, 60)[1])
        return answer

    def deep_list(self) -> str:
        """The address of the 20th page of the chat list."""
        path = "/api/chats?limit=50"
        for _ in range(19):
            cursor = self.json(path)["next_cursor"]
            path = f"/api/chats?limit=50&cursor={quote(str(cursor))}"
        return path

    def deep_history(self, chat: int, pages: int) -> str:
        """The address of a page far up in a chat."""
        path = base = f"/api/messages?conversation_id={chat}&limit=100"
        for _ in range(pages):
            path = f"{base}&before={self.json(path)['next_cursor']}"
        return path


@contextlib.contextmanager
def open_shop(folder: Path, messages: int) -> Iterator[Shop]:
    data_dir = folder / f"{messages}"
    database = data_dir / "chat_history.db"
    if not database.exists():
        print(f"generating {messages:,} messages ...", flush=True)
        data_dir.mkdir(parents=True)
        generator.fill(database, messages)
    server = InboxServer(data_dir)
    try:
        token = make_tokens(server.config(), 1, f"reader{time.time_ns()}")[0]
        server.start()
        yield Shop(messages, server, token)
    finally:
        server.stop()


def compare(folder: Path, fewer: int, more: int) -> list[Result]:
    with open_shop(folder, fewer) as young, open_shop(folder, more) as old:
        results = [_ratio(name, path, young, old) for name, path in _LISTS.items()]
        results += [_big_against_small(old), _deep_against_newest(old), _search(old)]
        size = old.server.database.stat().st_size / 1e9
    return [*results, Result(f"size of {more:,} messages on disk", size, "GB", at_least=False)]


def _ratio(name: str, path: str, young: Shop, old: Shop) -> Result:
    paths = [shop.deep_list() if path == "{cursor}" else path for shop in (young, old)]
    pairs = [(young.p95(paths[0]), old.p95(paths[1])) for _ in range(ROUNDS + 1)][1:]  # the first one warms the caches
    ratio = statistics.median(b / a for a, b in pairs)
    before, after = (statistics.median(column) for column in zip(*pairs, strict=True))
    return Result(
        f"{name}, p95, {old.messages:,} / {young.messages:,} messages",
        ratio,
        bar=2.0,
        stretch=1.2,
        at_least=False,
        detail=f"{after:.1f} ms / {before:.1f} ms",
    )


def _big_against_small(shop: Shop) -> Result:
    paths = [f"/api/messages?conversation_id={chat}&limit=50" for chat in (generator.BIG_CHAT, generator.SMALL_CHAT)]
    return _within(shop, "opening a chat of 100,000 messages / of 50, p95", *paths)


def _deep_against_newest(shop: Shop) -> Result:
    newest = f"/api/messages?conversation_id={generator.BIG_CHAT}&limit=100"
    return _within(shop, "its 200th page up / its newest, p95", shop.deep_history(generator.BIG_CHAT, 200), newest)


def _within(shop: Shop, name: str, path: str, reference: str) -> Result:
    pairs = [(shop.p95(path), shop.p95(reference)) for _ in range(ROUNDS + 1)][1:]
    ratio = statistics.median(a / b for a, b in pairs)
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    return Result(name, ratio, bar=1.5, stretch=1.1, at_least=False, detail=f"{ours:.1f} ms / {theirs:.1f} ms")


def _search(shop: Shop) -> Result:
    value = statistics.median(shop.p95("/api/chats?q=mei%20chan&limit=50") for _ in range(ROUNDS))
    people = shop.messages // generator.MESSAGES_A_CUSTOMER
    return Result(f"finding a name among {people:,} customers, p95", value, "ms", at_least=False)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.size", description="Measure with millions of messages.")
    parser.add_argument("--small", action="store_true", help="a tenth of it, prints only")
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="50 messages a second with 50 browsers; prints only")
    parser.add_argument("--folder", type=Path, help="where the generated databases are kept and found again")
    options = parser.parse_args()
    with contextlib.ExitStack() as held:
        folder = options.folder or Path(held.enter_context(tempfile.TemporaryDirectory(prefix="inbox-size-")))
        fewer, more = (100_000, 500_000) if options.small else (1_000_000, 5_000_000)
        started = time.monotonic()
        results: list[Result] = []
        if not options.soak:
            results += compare(folder, fewer, more)
        with open_shop(folder, more) as shop:
            results += busy_day(shop.server, minutes=options.soak or 1.0)
    text = f"{table.render(results)}\n\n{table.machine()}. {time.monotonic() - started:.0f} s in all."
    print(text)
    if not options.small and not options.soak:
        table.write(text, "size")


if __name__ == "__main__":
    main()
