"""No 5xx and no undocumented answer, whatever comes in. Short form of `python -m benchmarks.soak api`, with a fixed seed."""

from __future__ import annotations

import pytest

from benchmarks.soak import api_cases
from web import openapi


@pytest.mark.parametrize("role", api_cases.ROLES)
def test_every_answer_to_every_role_is_one_that_the_description_announces(role: str) -> None:
    report = api_cases.run(role, 250)
    assert report.cases >= 250
    assert not report.complaints, str(report)
    # Else the cases met a closed door only.
    assert (report.answers[200] > 50) is (role != "anonymous"), str(report)


def test_an_answer_that_nobody_announced_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openapi, "usual_errors", lambda **_: {})
    assert any("Undocumented" in words for words in api_cases.run("agent", 1).complaints)
