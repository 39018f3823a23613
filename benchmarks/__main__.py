"""`python -m benchmarks` measures everything and writes the table of docs/performance.md (about 5 minutes).

    python -m benchmarks --quick           smaller and fewer rounds, prints only (about 1 minute)
    python -m benchmarks --only push       one of: http, commit, push, sync, voice, memory; prints only
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable

from benchmarks import customer_list, group_commit, http_ratios, memory, push, table, voice

PARTS: dict[str, Callable[[int, float], list[table.Result]]] = {
    "http": http_ratios.measure,
    "commit": group_commit.measure,
    "push": push.measure,
    "sync": customer_list.measure,
    "voice": voice.measure,
    "memory": lambda rounds, _: memory.measure(min(rounds, 3)),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure speed and memory.")
    parser.add_argument("--quick", action="store_true", help="smaller, prints only")
    parser.add_argument("--only", choices=PARTS, help="one part, prints only")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are stopped too
    rounds, scale = (3, 0.2) if options.quick else (5, 1.0)
    started = time.monotonic()
    results: list[table.Result] = []
    for name, measure in PARTS.items():
        if options.only in (None, name):
            print(f"measuring: {name} ...", flush=True)
            results += measure(rounds, scale)
    took = time.monotonic() - started
    text = f"{table.render(results)}\n\n{table.machine()}. Median of {rounds} rounds, {took:.0f} s in all."
    print(text)
    if not options.quick and not options.only:
        table.write(text)


if __name__ == "__main__":
    main()
