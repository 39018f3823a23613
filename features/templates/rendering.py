"""A template and the values given for it: the text people read, and the components that Meta wants. Pure.

Rules for values: Meta's template components reference (no newline, no tab, not more than four spaces in a row); the
lengths are those of the filled parts. What is refused here would fail at Meta with 132000, 132005 or 132018.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.errors import Invalid
from core.text import storable
from features.templates.template import PLACEHOLDER, Template, Variable

_FORBIDDEN = re.compile(r"[\n\r\t\v\f\x85\u2028\u2029]| {5,}")
LONGEST_BODY, LONGEST_HEADER, LONGEST_URL = 1024, 60, 2000


def render_text(template: Template, variables: Mapping[str, Any]) -> str:
    """Header, body and footer as the customer reads them, one below the other. Raises Invalid naming the variable."""
    values = check_variables(template, variables)
    header = template.header.text if template.header else ""
    parts = [_fill(template, "header", header, values), _fill(template, "body", template.body, values), template.footer]
    return "\n".join(part for part in parts if part)


def build_components(template: Template, variables: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The `components` of a send call: only parts with something filled in. Raises Invalid naming the variable."""
    values = check_variables(template, variables)
    components: list[dict[str, Any]] = []
    for kind in ("header", "body"):
        if wanted := template.at(kind):
            parameters = [_parameter(one, values, named=template.is_named) for one in wanted]
            components.append({"type": kind, "parameters": parameters})
    for index in range(len(template.buttons)):
        if wanted := template.at(f"button:{index}"):
            parameters = [_parameter(one, values, named=False) for one in wanted]
            button = {"type": "button", "sub_type": "url", "index": str(index), "parameters": parameters}
            components.append(button)
    return components


def check_variables(template: Template, variables: Mapping[str, Any]) -> dict[str, str]:
    """The values by key, ready to send. Raises Invalid naming the first one that is missing, unknown or not allowed."""
    known = {variable.key for variable in template.variables}
    for key in variables:
        if key not in known:
            shown = storable(str(key))[:80]
            raise Invalid("This template has no place for “{key}”.", code="unknown_variable", key=shown)
    values = {variable.key: _value(variable, variables.get(variable.key)) for variable in template.variables}
    _check_length(template, "body", template.body, LONGEST_BODY, values)
    if template.header:
        _check_length(template, "header", template.header.text, LONGEST_HEADER, values)
    for index, button in enumerate(template.buttons):
        _check_length(template, f"button:{index}", button.url, LONGEST_URL, values)
    return values


def _value(variable: Variable, given: Any) -> str:
    key = variable.key
    if given is None:
        raise Invalid("A value for “{key}” is missing.", code="missing_variable", key=key)
    if not isinstance(given, str):
        raise Invalid("The value for “{key}” must be a text.", code="invalid_variable", key=key)
    if _FORBIDDEN.search(given):
        raise Invalid(
            "The value for “{key}” must be on one line, without tabs or more than four spaces in a row.",
            code="invalid_variable",
            key=key,
        )
    value = storable(given)
    if not value.strip():
        raise Invalid("The value for “{key}” is empty.", code="missing_variable", key=key)
    if variable.where.startswith("button") and re.search(r"\s", value):
        raise Invalid(
            "The value for “{key}” is part of a web address and must not have spaces.", code="invalid_variable", key=key
        )
    return value


def _check_length(template: Template, where: str, text: str, most: int, values: dict[str, str]) -> None:
    wanted = template.at(where)
    if wanted and len(_fill(template, where, text, values)) > most:
        longest = max(wanted, key=lambda one: len(values[one.key]))
        raise Invalid(
            "The filled text is longer than {most} characters. Shorten “{key}”.", code="too_long", most=most, key=longest.key
        )


def _fill(template: Template, where: str, text: str, values: dict[str, str]) -> str:
    """In one pass: a value that looks like a placeholder stays as it is."""
    by_placeholder = {one.placeholder: values[one.key] for one in template.at(where)}
    return PLACEHOLDER.sub(lambda match: by_placeholder.get(match[1], match[0]), text)


def _parameter(variable: Variable, values: dict[str, str], *, named: bool) -> dict[str, str]:
    parameter = {"type": "text", "text": values[variable.key]}
    if named:
        parameter["parameter_name"] = variable.placeholder
    return parameter
