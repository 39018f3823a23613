"""From a commit to a hundred browsers: 50 messages a second, every socket must hear of every one."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass

from benchmarks.http_ratios import APPLICATION
from benchmarks.listeners import Listeners
from benchmarks.load import at_percent
from benchmarks.server import InboxServer, make_tokens, running
from benchmarks.table import Result
from benchmarks.traffic import Shop
from tests.builders import sign

MEMBERS, SOCKETS_EACH = 20, 5  # no more than 8 a member are allowed
PER_SECOND = 50
POSTERS = 4


def measure(rounds: int, scale: float) -> list[Result]:
    """The middle one of `rounds`, by p99."""
    seconds = max(4.0, 10 * scale)
    with running(APPLICATION) as server:
        tokens = make_tokens(server.config(), MEMBERS)
        runs = sorted((_one_run(server, tokens, seconds, str(number)) for number in range(rounds)), key=lambda run: run.p99)
        middle = runs[len(runs) // 2]
    sockets = MEMBERS * SOCKETS_EACH
    return [
        Result(
            f"push to {sockets} sockets at {PER_SECOND}/s, commit to client, p99",
            middle.p99,
            "ms",
            bar=25,
            stretch=10,
            at_least=False,
            detail=f"p50 {middle.p50:.1f} ms; webhooks meanwhile p99 {middle.answered:.1f} ms; "
            f"needless resets in all runs: {sum(run.resets for run in runs)}",
        )
    ]


@dataclass(frozen=True)
class Run:
    """Commit to client, and the p99 of the webhooks' own answers, in ms. `resets`: frames that made a browser reload."""

    p50: float
    p99: float
    answered: float
    resets: int


def _one_run(server: InboxServer, tokens: list[str], seconds: float, name: str) -> Run:
    with Listeners(server.port, tokens, SOCKETS_EACH) as listeners:
        _, text = server.get("/plain/commits")
        before = max(map(int, json.loads(text)), default=0)
        answered = _post_evenly(server, seconds, name)
        time.sleep(1.0)
        heard = listeners.finish()
    committed = {int(seq): at for seq, at in json.loads(server.get("/plain/commits")[1]).items() if int(seq) > before}
    delays = sorted((at - committed[seq]) / 1e6 for seq, at in heard["heard"] if seq in committed)
    expected = len(committed) * MEMBERS * SOCKETS_EACH
    if len(delays) != expected or heard["open"] != MEMBERS * SOCKETS_EACH:
        raise RuntimeError(f"{expected - len(delays)} of {expected} pushes were not heard, {heard['open']} sockets open")
    return Run(at_percent(delays, 50), at_percent(delays, 99), at_percent(answered, 99), heard["resets"])


def _post_evenly(server: InboxServer, seconds: float, name: str) -> list[float]:
    """PER_SECOND webhooks a second, whatever the answers take. Returns what those took, in ms, in rising order."""
    shop = Shop(f"push-{name}")
    bodies = [shop.next_message()[1] for _ in range(int(seconds * PER_SECOND))]
    took: list[float] = []
    begin = time.monotonic() + 0.2

    def work(first: int) -> None:
        for number in range(first, len(bodies), POSTERS):
            time.sleep(max(0.0, begin + number / PER_SECOND - time.monotonic()))
            started = time.monotonic()
            status, _ = server.call("POST", "/webhook/whatsapp", bodies[number], sign(bodies[number]))
            if status == 200:
                took.append(1000 * (time.monotonic() - started))

    threads = [threading.Thread(target=work, args=(first,)) for first in range(POSTERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(took) != len(bodies):
        raise RuntimeError(f"{len(bodies) - len(took)} webhooks were not answered 200")
    return sorted(took)
