"""The core keeps its word when things break. Short forms of `python -m benchmarks.soak`; figures in docs/reliability.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from benchmarks.server import InboxServer, make_tokens, running
from benchmarks.soak import full_disk, kills, one_body, outbox_crashes, power_cuts


@pytest.fixture
def server() -> Iterator[InboxServer]:
    with running() as started:
        yield started


def test_kill_9_loses_nothing_that_was_answered_and_doubles_nothing() -> None:
    report = kills.run(15, up_s=(0.1, 0.4))
    assert report.acknowledged > 500 and report.redelivered > 50
    assert (report.lost, report.twice, report.miscounted, report.damage) == ([], [], [], []), str(report)


def test_a_crash_around_a_call_to_meta_neither_loses_a_message_nor_sends_it_twice() -> None:
    report = outbox_crashes.run(12)
    assert report.crashes == Counter(dict.fromkeys(outbox_crashes.POINTS, 3)), str(report)
    assert report.posted > 20 and report.in_the_air and report.reconciled, str(report)
    assert (report.lost, report.twice) == ([], []), str(report)
    assert (report.unsettled, report.wrongly_unconfirmed) == ([], []), str(report)


def test_a_power_cut_loses_nothing_that_was_answered() -> None:
    report = power_cuts.run(200)
    assert report.acknowledged == power_cuts.DELIVERIES
    assert (report.lossy, report.torn, report.corrupt) == (0, 0, 0), report.examples


def test_the_simulated_power_cut_would_notice_a_weaker_setting() -> None:
    assert power_cuts.run(100, synchronous="NORMAL").lossy > 10
    assert power_cuts.run(20, synchronous="OFF").corrupt > 10


def test_a_full_disk_costs_only_refusals_and_ends_without_a_restart() -> None:
    report = full_disk.run()
    assert report.taken > 5 and report.refused > 50, str(report)
    assert (report.other_answers, report.failed_reads) == ([], []) and report.after.is_good, str(report)


def test_fifty_threads_with_one_body_make_one_message(server: InboxServer) -> None:
    report = one_body.same_webhook(server, rounds=5)
    assert report.answers == {200: 250}
    assert report.rows == {1: 5}


def test_ten_clicks_at_once_make_one_message(server: InboxServer) -> None:
    report = one_body.same_click(server, make_tokens(server.config(), 1)[0], rounds=5)
    assert report.answers == {201: 5, 200: 45}
    assert report.rows == report.ids == {1: 5}
