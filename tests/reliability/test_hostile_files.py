"""Customers' files do no harm. Short form of `python -m benchmarks.soak files`; figures in docs/reliability.md."""

from __future__ import annotations

from benchmarks.soak import hostile_files


def test_hostile_files_neither_run_nor_get_out_nor_fill_the_memory() -> None:
    report = hostile_files.run(1)
    assert report.states["stored"] == len(hostile_files.files()) - 1 and report.states["too_large"] == 1, str(report)
    assert (report.could_run, report.strays, report.unsettled) == ([], [], 0), str(report)
    assert set(report.answers) <= {200, 206, 404, 409, 416}, str(report)
    assert report.growth < hostile_files.ALLOWED_BYTES, str(report)
