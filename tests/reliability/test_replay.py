"""Meta delivers everything again, as it may for seven days: no row changes."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from benchmarks.soak import orders
from db_manager import Database
from features.webhooks.actions import apply_next_history
from system import clock
from tests.builders import post_webhook

PAYLOADS = sorted(Path(__file__).parent.parent.glob("payloads/*.json"))
STAMP = 1_795_300_000  # of nearly all of them; here each happens a second after the one before
THEN = STAMP + 1000

# What a repeat with other bytes may add to: the raw bodies (another body is another delivery, kept as it came), the events
# of it that were set aside once more, and SQLite's own counters of row ids. And a word about templates is a reason to
# fetch their list, however often it is said: the counter of such words is not compared.
KEPT_OF_BODIES = {"webhook_deliveries", "webhook_quarantine", "sqlite_sequence"}
NOT_COMPARED = {"settings": "WHERE key <> 'templates.marks'"}

Tables = dict[str, list[tuple[Any, ...]]]


@pytest.fixture
def delivered(anonymous: FlaskClient, db: Database) -> list[bytes]:
    """All payloads, delivered once, histories applied."""
    at = itertools.count(STAMP)
    bodies = [path.read_bytes().replace(b'"%d"' % STAMP, b'"%d"' % next(at)) for path in PAYLOADS]
    with clock.freeze(THEN):
        _deliver(anonymous, db, bodies)
    return bodies


def _deliver(client: FlaskClient, db: Database, bodies: list[bytes]) -> None:
    for body in bodies:
        assert post_webhook(client, body).status_code == 200
    while apply_next_history(db):
        pass


def _tables(db: Database) -> Tables:
    """Every row of every table, byte by byte."""
    with db.read() as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
        return {
            name: [tuple(row.values()) for row in connection.execute(f"SELECT * FROM {name} {NOT_COMPARED.get(name, '')}")]
            for name in names
        }


def _changed(before: Tables, after: Tables) -> set[str]:
    return {name for name in before if before[name] != after[name]}


def test_the_same_bodies_in_another_order_change_no_row_at_all(
    anonymous: FlaskClient, db: Database, delivered: list[bytes]
) -> None:
    before = _tables(db)
    assert len(before["messages"]) > 30 and len(before["webhook_deliveries"]) > 100
    with clock.freeze(THEN + 3600):
        _deliver(anonymous, db, delivered[::-1])
        _deliver(anonymous, db, random.Random(1).sample(delivered, len(delivered)))
    assert _changed(before, _tables(db)) == set()


def test_the_same_events_in_other_bytes_change_no_row_but_the_bodies_themselves(
    anonymous: FlaskClient, db: Database, delivered: list[bytes]
) -> None:
    before = _tables(db)
    other_bytes = [json.dumps(json.loads(body), indent=1).encode() for body in delivered]
    with clock.freeze(THEN + 3600):
        _deliver(anonymous, db, other_bytes)
    after = _tables(db)
    assert _changed(before, after) - KEPT_OF_BODIES == set(), _first_differences(before, after)


def _first_differences(before: Tables, after: Tables) -> str:
    lines = []
    for name in sorted(_changed(before, after) - KEPT_OF_BODIES):
        gone = [row for row in before[name] if row not in after[name]]
        new = [row for row in after[name] if row not in before[name]]
        lines.append(f"{name}: - {gone[:3]} + {new[:3]}")
    return "\n".join(lines)


def test_random_orders_end_the_same() -> None:
    report = orders.run(40)
    assert report.orders == 40 and report.different == [], str(report)
