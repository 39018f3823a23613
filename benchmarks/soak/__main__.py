"""`python -m benchmarks.soak NAME [--rounds N] [--seed N]`: the long forms of tests/reliability, one line of figures each.

    kills      kill -9 of the process group under deliveries         200 rounds, about 5 minutes
    outbox     crashes before, in and after a call to Meta           300 rounds, about 10 minutes
    power      simulated power cuts, with FULL and with NORMAL       1,000 cuts, about 1 minute
    disk       the disk fills up                                     20 rounds, about 2 minutes
    same       50 threads post one body, 10 one client_msg_id        100 rounds, about 1 minute
    api        schemathesis over the whole API as each role          5,000 cases a role, about 5 minutes
    faults     one fault at the N-th write or sync, for every N      both kinds of fault, about 1 minute
    nowrites   the lock is held, the folder is read-only             30 seconds each
    reader     another process reads in an old snapshot              600 seconds
    backlog    a day's webhooks at full speed, a browser polls       20,000 webhooks, about 1 minute
    graph      Meta hangs, drips, cuts and answers with pages        30 seconds each, about 4 minutes
    orders     random orders of the same events                      5,000 orders, about 10 minutes
    clock      two hours back, thirty days ahead                     20 jumps, about 4 minutes
    canaries   every kind of secret, looked for in logs and files    1 round
    migration  a rebuilt table of a million messages, killed         20 kills of each of two, about 10 minutes
    files      hostile files fetched, looked at, asked for            20 rounds, about 3 minutes
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator

from benchmarks.server import make_tokens, running
from benchmarks.soak import (
    api_cases,
    backlog,
    bad_graph,
    canaries,
    clock_jumps,
    full_disk,
    hostile_files,
    kills,
    migration_kills,
    no_writes,
    old_reader,
    one_body,
    one_fault,
    orders,
    outbox_crashes,
    power_cuts,
)


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


def _faults(rounds: int, seed: int) -> Iterator[object]:
    for _ in range(rounds):
        for kind in one_fault.CODES:
            yield from one_fault.run(kind)


def _no_writes(rounds: int, seed: int) -> Iterator[object]:
    for means in no_writes.MEANS:
        yield no_writes.run(means, rounds, seed=seed)


def _graph(rounds: int, seed: int) -> Iterator[object]:
    for mode in bad_graph.MODES:
        yield bad_graph.run(mode, rounds, seed=seed)


def _backlog(rounds: int, seed: int) -> Iterator[object]:
    yield backlog.run(rounds, seed=seed)


def _migration(kills: int, seed: int) -> Iterator[object]:
    for migration in migration_kills.REBUILT:
        yield migration_kills.run(migration, 1_000_000, kills, seed=seed)


SOAKS: dict[str, tuple[int, Callable[[int, int], Iterator[object]]]] = {
    "kills": (200, lambda rounds, seed: iter([kills.run(rounds, seed=seed)])),
    "outbox": (300, lambda rounds, seed: iter([outbox_crashes.run(rounds, seed=seed)])),
    "power": (1000, _power),
    "disk": (20, _disk),
    "same": (100, _same),
    "api": (5000, _api),
    "faults": (1, _faults),
    "nowrites": (30, _no_writes),
    "reader": (600, lambda rounds, seed: iter([old_reader.run(rounds, per_second=20, seed=seed)])),
    "backlog": (20_000, _backlog),
    "graph": (30, _graph),
    "orders": (5000, lambda rounds, seed: iter([orders.run(rounds, seed=seed)])),
    "clock": (5, lambda rounds, seed: iter([clock_jumps.run(rounds, seed=seed)])),
    "migration": (20, _migration),
    "canaries": (1, lambda rounds, seed: iter([canaries.run()])),
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
