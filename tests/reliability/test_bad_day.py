"""A bad Graph, a day's backlog, and what such days leave in logs and files. Long forms: `python -m benchmarks.soak`."""

from __future__ import annotations

import pytest

from benchmarks.soak import backlog, bad_graph, canaries


@pytest.mark.parametrize("mode", ["hang", "drip"])  # the quick ways to fail (cut, html) take minutes of back-off to drain
def test_a_graph_that_does_not_answer_stops_neither_webhooks_nor_pages(mode: str) -> None:
    report = bad_graph.run(mode, 2)
    assert set(report.calls) == {"send", "read", "media", "templates"}, str(report)  # each kind is stuck
    assert report.bad_answers == [] and len(report.webhooks_ms) > 10, str(report)
    assert report.most_threads < 60, str(report)
    assert report.statuses["unconfirmed"] == report.calls["send"], str(report)
    assert set(report.statuses) == {"accepted", "unconfirmed"}, str(report)
    assert (report.taken_twice, report.wrong, report.not_stored) == ([], [], 0), str(report)


def test_a_backlog_is_stored_while_the_inbox_is_read() -> None:
    report = backlog.run(1000)
    assert report.took is not None and report.took.wrong == 0, str(report)
    assert report.reads_ms.keys() == {"/api/chats", "/api/messages", "/api/updates"} and report.failed_reads == []
    assert (report.stored, report.miscounted, report.damage) == (1000, 0, []), str(report)


def test_no_secret_is_in_the_log_the_database_or_the_backup() -> None:
    report = canaries.run()
    assert report.found == [], str(report)
    assert report.control and report.exceptions >= 2 and report.refused_calls >= 5, str(report)
    assert {"server.log", "the live WAL", "chat_history.db"} < report.searched.keys()
    assert any(name.startswith("backups/") for name in report.searched)
