"""`python -m benchmarks.soak NAME [--rounds N] [--seed N]`: the long forms of tests/reliability, one line of figures each.

    kills      kill -9 of the process group under deliveries         200 rounds, about 5 minutes
    outbox     crashes before, in and after a call to Meta           300 rounds, about 10 minutes
    power      simulated power cuts, with FULL and with NORMAL       1,000 cuts, about 1 minute
    disk       the disk fills up                                     20 rounds, about 2 minutes
    same       50 threads post one body, 10 one client_msg_id        100 rounds, about 1 minute
    api        schemathesis over the whole API as each role          5,000 cases a role, about 5 minutes
    files      hostile files fetched, looked at, asked for            20 rounds, about 3 minutes
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator

from benchmarks.server import make_tokens, running
from benchmarks.soak import api_cases, full_disk, hostile_files, kills, one_body, outbox_crashes, power_cuts


def _power(rounds: int, seed: int) -> Iterator[object]:
    yield power_cuts.run(rounds, seed=seed)
    yield power_cuts.run(rounds, synchronous="NORMAL", seed=seed)


def _disk(rounds: int, seed: int) -> Iterator[object]:
    for number in range(rounds):
        yield full_disk.run(seed=seed + number)


def _same(rounds: int, seed: int) -> Iterator[object]:
    with running() as server:
        yield one_body.same_webhook(server, rounds, seed=seed)
        yield one_body.same_click(server, make_tokens(server.config(), 1)[0], rounds, seed=seed)


def _api(cases: int, seed: int) -> Iterator[object]:
    for role in api_cases.ROLES:
        yield api_cases.run(role, cases, seed)


SOAKS: dict[str, tuple[int, Callable[[int, int], Iterator[object]]]] = {
    "kills": (200, lambda rounds, seed: iter([kills.run(rounds, seed=seed)])),
    "outbox": (300, lambda rounds, seed: iter([outbox_crashes.run(rounds, seed=seed)])),
    "power": (1000, _power),
    "disk": (20, _disk),
    "same": (100, _same),
    "api": (5000, _api),
    "files": (20, lambda rounds, seed: iter([hostile_files.run(rounds, seed=seed)])),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description="Break the inbox, many times.")
    parser.add_argument("name", choices=SOAKS)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are stopped too
    rounds, soak = SOAKS[options.name]
    started = time.monotonic()
    for report in soak(options.rounds or rounds, options.seed):
        print(report, flush=True)
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
