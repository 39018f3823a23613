"""Ours against a plain Flask route of the same process: a webhook against HMAC + JSON + INSERT, an idle poll against hello."""

from __future__ import annotations

import statistics
from collections.abc import Callable

import orjson

from benchmarks.load import Figures, LoadClient
from benchmarks.server import InboxServer, make_tokens, running
from benchmarks.table import Result

APPLICATION = "benchmarks.apps:with_plain_routes()"
Turn = Callable[[int], Figures]


def measure(rounds: int, scale: float) -> list[Result]:
    """`rounds` times each pair of routes in turn; the ratio of a pair is taken within its round, then the median."""
    with running(APPLICATION) as server, LoadClient() as load:
        token = make_tokens(server.config(), 1)[0]
        load.run(server.port, "/webhook/whatsapp", 300, 8, name="warm-up")  # all 200 customers are known now
        load.run(server.port, "/plain/webhook", 300, 8, name="warm-up")
        results = [
            _ingest(server, load, rounds, clients=32, count=int(4000 * scale), bar=0.75, stretch=1.0),
            _ingest(server, load, rounds, clients=1, count=int(1200 * scale), bar=0.55, stretch=0.65),
        ]
        results += [_polling(server, load, rounds, clients, int(5000 * scale), token) for clients in (1, 16)]
    return results


def _ingest(
    server: InboxServer, load: LoadClient, rounds: int, *, clients: int, count: int, bar: float, stretch: float
) -> Result:
    def turn(path: str) -> Turn:
        return lambda number: load.run(server.port, path, count, clients, name=f"{path[1:6]}-{clients}-{number}")

    ours, plain, ratio = _interleaved(rounds, turn("/webhook/whatsapp"), turn("/plain/webhook"))
    return Result(
        f"webhook / plain route, {clients} client{'s' if clients > 1 else ''}",
        ratio,
        bar=bar,
        stretch=stretch,
        detail=f"{_describe(ours)} against {_describe(plain)}",
    )


def _polling(
    server: InboxServer, load: LoadClient, rounds: int, clients: int, count: int, token: str
) -> Result:
    bearer = {"Authorization": f"Bearer {token}"}
    newest = orjson.loads(server.get("/api/updates", bearer)[1])["seq"]
    path = f"/api/updates?since={newest}"
    ours, hello, ratio = _interleaved(
        rounds,
        lambda _: load.run(server.port, path, count, clients, token=token),
        lambda _: load.run(server.port, "/plain/hello", count, clients, token=token),
    )
    status, _ = server.get(path, bearer)
    if status != 204:
        raise RuntimeError(f"the poll was not idle: {status}")
    return Result(
        f"idle poll / hello world, {clients} client{'s' if clients > 1 else ''}",
        ratio,
        bar=0.9,
        stretch=1.5,
        detail=f"{_describe(ours)} against {_describe(hello)}",
    )


def _interleaved(rounds: int, ours: Turn, theirs: Turn) -> tuple[Figures, Figures, float]:
    """The middle figures of each and the median ratio. Who begins changes, so that neither always finds a warmer machine."""
    pairs = []
    for number in range(rounds):
        if number % 2:
            second = theirs(number)
            pairs.append((ours(number), second))
        else:
            pairs.append((ours(number), theirs(number)))
    if wrong := sum(a.wrong + b.wrong for a, b in pairs):
        raise RuntimeError(f"{wrong} requests were not answered with 2xx")
    ratio = statistics.median(a.rate / b.rate for a, b in pairs)
    return _middle([a for a, _ in pairs]), _middle([b for _, b in pairs]), ratio


def _middle(figures: list[Figures]) -> Figures:
    return sorted(figures, key=lambda one: one.rate)[len(figures) // 2]


def _describe(figures: Figures) -> str:
    return f"{figures.rate:.0f}/s, p99 {figures.p99:.1f} ms"
