"""Every error code of Meta's table, one by one: a slip here sends twice or never."""

from __future__ import annotations

import pytest

from integrations.whatsapp.errors import RANGES, RULES, describe, rule_for
from whatsapp_handler import Refused

EXPECTED = {
    "pause": [0, 190, 3, 10, *range(200, 300), 131005, 368, 131031, 131042, 131044],
    "retry 1": [1],
    "retry 3": [131000],
    "retry 5": [2, 131016],
    "hold": [4, 80007, 130429, 131057],
    "hold_1": [131056],
    "wait": [131048, 131049, 131064, 132015, 132069, 613],
    "fail": [
        33, 100, 130403, 130472, 130497, 131008, 131009, 131020, 131021, 131026, 131030, 131037, 131041, 131045,
        131047, 131050, 131051, 131052, 131053, 131055, 131059, 131060, 131062, 131063, *range(131200, 131300),
        132000, 132001, 132005, 132007, 132008, 132012, 132016, 132018, 132068, *range(133000, 133017), 134011,
        134100, 134101, 134102, 135000, 137000, *range(138000, 138019), 139100, 139101, 139102, 139103,
        2388000, 2388123, 2388999, 2593107, 2593108, 2593109,
    ],
}  # fmt: skip
TABLE = [(code, action) for action, codes in EXPECTED.items() for code in codes]


@pytest.mark.parametrize(("code", "action"), TABLE)
def test_each_code_has_its_action_and_words(code: int, action: str) -> None:
    rule = rule_for(code)
    assert f"{rule.action} {rule.tries}".removesuffix(" 0") == action
    assert str(describe(code)) == f"{rule.words} ({code})"


def test_the_table_holds_nothing_that_is_not_expected() -> None:
    expected = {code for code, _ in TABLE}
    assert set(RULES) <= expected
    assert all(codes.start in expected and codes[-1] in expected for codes, _ in RANGES)


@pytest.mark.parametrize("code", [-1, 5, 199, 300, 131199, 131300, 133017, 138019, 139104, 199999, 2389000, 10**30])
def test_an_unknown_code_fails_and_is_shown(code: int) -> None:
    assert rule_for(code).action == "fail"
    assert str(describe(code, "Meta's own words")) == f"WhatsApp refused this message. Meta's own words ({code})"


def test_a_missing_code_fails_and_is_not_taken_for_a_dead_token() -> None:
    assert rule_for(None).action == "fail"
    assert str(describe(None)) == "WhatsApp refused this message."


def test_only_a_locked_account_fails_the_message_that_met_the_pause() -> None:
    assert {code for code, rule in RULES.items() if rule.fails_row} == {368, 131031}


def test_a_marketing_cap_waits_a_day() -> None:
    assert rule_for(131049).seconds == 24 * 3600


def test_what_waits_or_holds_says_for_how_long() -> None:
    timed = [rule for rule in RULES.values() if rule.action in ("wait", "hold", "hold_1")]
    assert timed and all(rule.seconds > 0 for rule in timed)


def test_known_codes_use_our_words_not_metas() -> None:
    assert "Re-engagement" not in str(describe(131047, "Re-engagement message"))


@pytest.mark.parametrize(("code", "permanent"), [(131047, True), (131049, True), (190, False), (2, False), (4, False)])
def test_a_refusal_is_permanent_when_repeating_it_cannot_help(code: int, permanent: bool) -> None:
    assert Refused(code, "").permanent is permanent
