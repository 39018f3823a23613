"""Random orders, repeats and groupings of the same events, all ending in one same state (the world of Hypothesis' own test)."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.features.webhooks.test_order_independence import EXPECTED, WORLD, _body, _state


@dataclass
class Report:
    orders: int = 0
    deliveries: int = 0
    repeats: int = 0
    different: list[list[int]] = field(default_factory=list)  # the orders that ended otherwise

    def __str__(self) -> str:
        return (
            f"{self.orders} orders of {len(WORLD)} events, {self.repeats} of them repeated, in {self.deliveries} deliveries:"
            f" {len(self.different)} ended differently {self.different[:1] or ''}"
        )


def run(orders: int, *, seed: int = 1) -> Report:
    chance, report = random.Random(seed), Report()
    for _ in range(orders):
        order = chance.sample(range(len(WORLD)), len(WORLD))
        repeats = chance.choices(range(len(WORLD)), k=chance.randint(0, 12))
        order = [*order, *repeats]
        if chance.random() < 0.5:
            chance.shuffle(order)  # the repeats are not always the last
        parts, bodies = [WORLD[index] for index in order], []
        while parts:
            size = chance.randint(1, 6)
            bodies.append(_body(parts[:size]))
            parts = parts[size:]
        report.orders += 1
        report.deliveries += len(bodies)
        report.repeats += len(repeats)
        if _state(bodies) != EXPECTED:
            report.different.append(order)
    return report
