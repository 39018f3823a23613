"""Templates read and filled: what people see, what Meta gets, what is refused and why."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Invalid
from features.templates.rendering import build_components, render_text
from features.templates.template import Template, as_json, read_template
from tests.features.templates.templates import body, buttons, header, media_header, template

WAIVER = template(
    "waiver",
    header("Waiver for {{1}}", "Sunday"),
    body("Please sign before you come, {{1}}. It takes {{2}}.", "Tom", "a minute"),
    {"type": "FOOTER", "text": "Harbour Kayaks"},
    buttons({"type": "URL", "text": "Sign", "url": "https://example.com/w/{{1}}", "example": ["https://example.com/w/a1b2"]}),
)
FILLED = {"header:1": "Sunday", "1": "Tom", "2": "a minute", "button:0:1": "a1b2"}
NAMED = template(
    "reminder",
    {
        "type": "HEADER",
        "format": "TEXT",
        "text": "For {{customer_name}}",
        "example": {"header_text_named_params": [{"param_name": "customer_name", "example": "Raj"}]},
    },
    {
        "type": "BODY",
        "text": "Dear {{customer_name}}, {{amount}} is still open.",
        "example": {
            "body_text_named_params": [
                {"param_name": "customer_name", "example": "Raj"},
                {"param_name": "amount", "example": "HK$ 300"},
            ]
        },
    },
    parameter_format="NAMED",
)


def read(raw: dict[str, Any]) -> Template:
    row: Any = raw | {"id": 7, "components": orjson.dumps(raw["components"])}
    return read_template(row)


def test_every_place_of_a_positional_template_has_a_key_of_its_own() -> None:
    assert as_json(read(WAIVER))["variables"] == [
        {"key": "1", "where": "body", "placeholder": "1", "example": "Tom"},
        {"key": "2", "where": "body", "placeholder": "2", "example": "a minute"},
        {"key": "header:1", "where": "header", "placeholder": "1", "example": "Sunday"},
        {"key": "button:0:1", "where": "button:0", "placeholder": "1", "example": "a1b2"},
    ]


def test_a_number_that_only_the_header_uses_is_its_key() -> None:
    assert as_json(read(template("t", header("For {{1}}", "Tom"), body("Hello"))))["variables"] == [
        {"key": "1", "where": "header", "placeholder": "1", "example": "Tom"}
    ]


def test_a_name_is_asked_for_once_however_often_it_is_used() -> None:
    variables = as_json(read(NAMED))["variables"]
    assert [(one["key"], one["where"], one["example"]) for one in variables] == [
        ("customer_name", "body", "Raj"), ("amount", "body", "HK$ 300"),
    ]


def test_header_body_and_footer_are_read_one_below_the_other() -> None:
    assert render_text(read(WAIVER), FILLED) == (
        "Waiver for Sunday\nPlease sign before you come, Tom. It takes a minute.\nHarbour Kayaks"
    )
    assert render_text(read(template()), {}) == "See you tomorrow!"


def test_positional_values_go_to_meta_in_the_order_of_their_numbers() -> None:
    assert build_components(read(WAIVER), FILLED) == [
        {"type": "header", "parameters": [{"type": "text", "text": "Sunday"}]},
        {"type": "body", "parameters": [{"type": "text", "text": "Tom"}, {"type": "text", "text": "a minute"}]},
        {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "a1b2"}]},
    ]
    swapped = read(template("t", body("At {{2}} for {{1}}, {{2}} sharp; {{10}}")))
    values = {"1": "Tom", "2": "ten", "10": "bye"}
    assert [one["text"] for one in build_components(swapped, values)[0]["parameters"]] == ["Tom", "ten", "bye"]
    assert render_text(swapped, values) == "At ten for Tom, ten sharp; bye"


def test_named_values_carry_their_names_in_header_and_body() -> None:
    values = {"customer_name": "Raj", "amount": "HK$ 300"}
    name = {"type": "text", "text": "Raj", "parameter_name": "customer_name"}
    amount = {"type": "text", "text": "HK$ 300", "parameter_name": "amount"}
    assert build_components(read(NAMED), values) == [
        {"type": "header", "parameters": [name]}, {"type": "body", "parameters": [name, amount]},
    ]


def test_the_index_of_a_button_counts_all_buttons() -> None:
    found = read(template("t", body("Hi"), buttons(
        {"type": "QUICK_REPLY", "text": "Yes"}, {"type": "URL", "text": "See", "url": "https://example.com/{{1}}"},
    )))  # fmt: skip
    assert build_components(found, {"1": "x"})[0]["index"] == "1"


def test_a_template_without_places_has_no_components() -> None:
    assert build_components(read(template()), {}) == []


def test_a_value_that_looks_like_a_place_is_left_as_it_is() -> None:
    found = read(template("t", body("{{1}} and {{2}}")))
    assert render_text(found, {"1": "{{2}}", "2": "{1}"}) == "{{2}} and {1}"


@pytest.mark.parametrize(
    ("values", "key", "code"),
    [
        ({"1": "Tom"}, "2", "missing_variable"),
        ({"1": "Tom", "2": ""}, "2", "missing_variable"),
        ({"1": " \u3000", "2": "x"}, "1", "missing_variable"),
        ({"1": "\x00", "2": "x"}, "1", "missing_variable"),
        ({"1": "two\nlines", "2": "x"}, "1", "invalid_variable"),
        ({"1": "a\tb", "2": "x"}, "1", "invalid_variable"),
        ({"1": "a\u2028b", "2": "x"}, "1", "invalid_variable"),
        ({"1": "a     b", "2": "x"}, "1", "invalid_variable"),
        ({"1": 5, "2": "x"}, "1", "invalid_variable"),
        ({"1": ["Tom"], "2": "x"}, "1", "invalid_variable"),
        ({"1": "Tom", "2": "x" * 1020}, "2", "too_long"),
        ({"1": "Tom", "2": "x", "3": "y"}, "3", "unknown_variable"),
        ({"1": "Tom", "2": "x", "{0}": "y"}, "{0}", "unknown_variable"),
    ],
)
def test_a_refused_value_is_named(values: dict[str, Any], key: str, code: str) -> None:
    found = read(template("t", body("{{1}} until {{2}}")))
    for fill in (render_text, build_components):
        with pytest.raises(Invalid) as refused:
            fill(found, values)
        assert refused.value.code == code
        assert f"“{key}”" in refused.value.message


def test_four_spaces_are_still_allowed() -> None:
    assert render_text(read(template("t", body("{{1}}!"))), {"1": "a    b"}) == "a    b!"


def test_header_and_web_address_have_limits_of_their_own() -> None:
    for values, words in (
        ({"header:1": "x" * 60}, "60 characters"),
        ({"button:0:1": "a b"}, "must not have spaces"),
        ({"button:0:1": "x" * 2000}, "2000 characters"),
    ):
        with pytest.raises(Invalid, match=words):
            build_components(read(WAIVER), FILLED | values)


@pytest.mark.parametrize("status", ["PENDING", "REJECTED", "PAUSED", "DISABLED", "IN_APPEAL", "LIMIT_EXCEEDED", "UNKNOWN"])
def test_only_approved_templates_can_be_sent(status: str) -> None:
    found = read(template(status=status))
    assert not found.sendable
    assert found.why_not


@pytest.mark.parametrize(
    ("components", "words"),
    [
        ([media_header("IMAGE"), body("Hi")], "picture, video or file"),
        ([media_header("DOCUMENT"), body("Hi")], "picture, video or file"),
        ([{"type": "HEADER", "format": "LOCATION"}, body("Hi")], "map"),
        ([body("Hi"), buttons({"type": "COPY_CODE", "text": "Copy", "example": "A1"})], "“Copy”"),
        ([body("Hi"), buttons({"type": "FLOW", "text": "Book"})], "“Book”"),
        ([body("Hi"), buttons({"type": "OTP", "otp_type": "COPY_CODE", "text": "Copy code"})], "“Copy code”"),
        ([body("Hi"), {"type": "CAROUSEL", "cards": []}], "carousel"),
        ([body("Hi"), {"type": "LIMITED_TIME_OFFER"}], "limited time offer"),
        ([header("Only this")], "no text"),
    ],
)
def test_kinds_that_cannot_be_sent_yet_say_so(components: list[dict[str, Any]], words: str) -> None:
    found = read(template("t", *components))
    assert found.why_not is not None and words in found.why_not


def test_plain_buttons_can_be_sent() -> None:
    plain = buttons(
        {"type": "QUICK_REPLY", "text": "Yes"},
        {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+85258000100"},
        {"type": "URL", "text": "Site", "url": "https://example.com"},
    )
    found = read(template("t", body("Hi"), plain))
    assert found.sendable
    assert as_json(found)["buttons"][1] == {"type": "PHONE_NUMBER", "text": "Call", "url": None, "phone_number": "+85258000100"}


ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(
        ["BODY", "HEADER", "BUTTONS", "URL", "TEXT", "Hi {{1}} {{name}}", "{{" + "9" * 5000 + "}}", ""]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["type", "text", "format", "buttons", "example", "body_text", "url", "body_text_named_params"]),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(ANYTHING)
def test_no_list_from_outside_can_break_the_reading(components: Any) -> None:
    found = read(template() | {"components": components})
    shown = as_json(found)
    values = {one["key"]: "x" for one in shown["variables"]}
    if found.sendable:
        assert render_text(found, values)
        build_components(found, values)
