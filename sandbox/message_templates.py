"""Invented message templates, as Meta lists them, and Meta's checks of a template that is sent."""

from __future__ import annotations

import re
from typing import Any

from sandbox.errors import GraphError

Json = dict[str, Any]
VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_BAD_VALUE = re.compile(r"[\n\t]| {5,}")


def _template(
    id: int, name: str, language: str, category: str, *components: Json, named: bool = False, **more: Any
) -> Json:
    return {
        "id": str(700_000_000_000_000 + id),
        "name": name,
        "language": language,
        "category": category,
        "status": "APPROVED",
        "parameter_format": "NAMED" if named else "POSITIONAL",
        "components": list(components),
        **more,
    }


def _body(text: str, *examples: str, **named: str) -> Json:
    body: Json = {"type": "BODY", "text": text}
    if examples:
        body["example"] = {"body_text": [list(examples)]}
    if named:
        pairs = [{"param_name": key, "example": value} for key, value in named.items()]
        body["example"] = {"body_text_named_params": pairs}
    return body


def invented_templates() -> list[Json]:
    """A fresh list: positional and named variables, three languages, text and media header, buttons, one rejected."""
    footer = {"type": "FOOTER", "text": "Harbour Kayaks, Sai Kung"}
    replies = {
        "type": "BUTTONS",
        "buttons": [{"type": "QUICK_REPLY", "text": "Yes, please"}, {"type": "QUICK_REPLY", "text": "Another day"}],
    }
    return [
        _template(
            1, "booking_confirmed", "en_US", "UTILITY",
            _body("Hi {{1}}, your kayak is booked for {{2}} at {{3}}. See you there!", "Mei", "Saturday", "10:00"),
            footer,
        ),
        _template(
            2, "booking_confirmed", "zh_HK", "UTILITY",
            _body("{{1}}你好，已為你預留{{2}} {{3}}嘅獨木舟。碼頭見！", "美玲", "星期六", "10:00"),
            footer,
        ),
        _template(
            3, "payment_reminder", "en_US", "UTILITY",
            _body(
                "Dear {{customer_name}}, the deposit of {{amount}} for your trip is still open.",
                customer_name="Raj", amount="HK$ 300",
            ),
            named=True,
        ),
        _template(
            4, "still_interested", "en_US", "MARKETING",
            _body("Hello! You asked us about kayaks some days ago. Shall we hold a boat for you?"), replies,
        ),
        _template(
            5, "trip_photo", "en_US", "MARKETING",
            {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["https://example.com/boat.jpg"]}},
            _body("Thank you for paddling with us, {{1}}! Here is your photo.", "Sofia"),
        ),
        _template(
            6, "waiver", "en_GB", "UTILITY",
            {"type": "HEADER", "format": "TEXT", "text": "Waiver for {{1}}", "example": {"header_text": ["Sunday"]}},
            _body("Please sign before you come, {{1}}. It takes a minute.", "Tom"),
            {"type": "BUTTONS", "buttons": [
                {"type": "URL", "text": "Sign", "url": "https://example.com/waiver/{{1}}", "example": ["a1b2"]}
            ]},
        ),
        _template(
            7, "spring_sale", "en_US", "MARKETING", _body("EVERYTHING FREE!!! Click now"),
            status="REJECTED", rejected_reason="PROMOTIONAL",
        ),
        _template(8, "weather_warning", "zh_HK", "UTILITY", _body("因天氣關係，{{1}}嘅行程取消。", "今日")),
    ]


def check_template(templates: list[Json], sent: Json) -> Json:
    """The template that `sent` (the `template` object of a send call) names. Raises GraphError."""
    name, language = sent.get("name"), (sent.get("language") or {}).get("code")
    if not name or not language:
        raise GraphError(131008, "template needs name and language.code.")
    template = next((one for one in templates if one["name"] == name and one["language"] == language), None)
    if template is None or template["status"] in ("REJECTED", "PENDING"):
        raise GraphError(132001, f"template name ({name}) does not exist in {language}")
    if template["status"] == "PAUSED":
        raise GraphError(132015)
    if template["status"] == "DISABLED":
        raise GraphError(132016)
    for component in template["components"]:
        _check_component(template, component, sent.get("components") or [])
    return template


def template_text(template: Json, sent: Json) -> str:
    """What the customer reads."""
    body = next((one["text"] for one in template["components"] if one["type"] == "BODY"), "")
    parameters = _parameters(sent.get("components") or [], "body")
    named = {one.get("parameter_name"): str(one.get("text", "")) for one in parameters}
    listed = {str(index): str(one.get("text", "")) for index, one in enumerate(parameters, start=1)}
    values = named if template["parameter_format"] == "NAMED" else listed
    return VARIABLE.sub(lambda match: values.get(match[1], match[0]), body)


def quick_replies(template: Json) -> list[str]:
    buttons = [one for part in template["components"] if part["type"] == "BUTTONS" for one in part["buttons"]]
    return [one["text"] for one in buttons if one["type"] == "QUICK_REPLY"]


def _check_component(template: Json, component: Json, sent: list[Json]) -> None:
    kind = component["type"].lower()
    if kind == "header" and component["format"] != "TEXT":
        given = [one.get("type") for one in _parameters(sent, "header")]
        if given != [component["format"].lower()]:
            raise GraphError(132012, f"header: Format mismatch, expected {component['format']}, received {given}")
    elif kind in ("header", "body"):
        _check_texts(template, kind, component["text"], _parameters(sent, kind))
    elif kind == "buttons":
        for index, button in enumerate(component["buttons"]):
            wanted = VARIABLE.findall(button.get("url", ""))
            if button["type"] == "URL" and len(wanted) != len(_parameters(sent, "button", str(index))):
                raise GraphError(131008, f"buttons: Button at index {index} of type Url requires a parameter")


def _check_texts(template: Json, kind: str, text: str, given: list[Json]) -> None:
    wanted = VARIABLE.findall(text)
    if len(given) != len(wanted):
        raise GraphError(132000, f"{kind}: number of localizable_params ({len(given)}) does not match ({len(wanted)})")
    if template["parameter_format"] == "NAMED" and sorted(wanted) != sorted(
        str(one.get("parameter_name")) for one in given
    ):
        raise GraphError(132012, f"{kind}: parameter names do not match {wanted}")
    for one in given:
        value = one.get("text")
        if one.get("type") != "text" or not isinstance(value, str) or not value:
            raise GraphError(131008, f"{kind}: every parameter needs type text and a text")
        if _BAD_VALUE.search(value):
            raise GraphError(132018, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces")


def _parameters(components: list[Json], kind: str, index: str | None = None) -> list[Json]:
    for component in components:
        if str(component.get("type", "")).lower() == kind and (index is None or str(component.get("index")) == index):
            return list(component.get("parameters") or [])
    return []
