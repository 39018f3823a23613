"""A message template as Meta describes it, read into values that the rest can rely on. Pure.

Shape of the components: GET /{waba_id}/message_templates of the Graph API. Anything odd in them makes a template that
cannot be sent, never an exception: the list comes from outside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import orjson

from db_manager import Row
from web.words import t

PLACEHOLDER = re.compile(r"\{\{\s*([0-9A-Za-z_]{1,100})\s*\}\}")

# Buttons that need nothing from us when the template is sent (a web address may need the end of its path).
_PLAIN_BUTTONS = frozenset({"QUICK_REPLY", "PHONE_NUMBER", "URL", "VOICE_CALL"})
_PLAIN_COMPONENTS = frozenset({"HEADER", "BODY", "FOOTER", "BUTTONS"})


@dataclass(frozen=True)
class Variable:
    """A place to fill in. `key` is unique in the template; `placeholder` is what stands between the braces.

    `where`: "body", "header" or "button:<index>". The body's placeholder is its key; where another place uses the same
    number for something else, its key says the place too ("header:1", "button:0:1"). A name means the same everywhere.
    """

    key: str
    where: str
    placeholder: str
    example: str


@dataclass(frozen=True)
class Header:
    """`format`: TEXT, IMAGE, VIDEO, DOCUMENT, LOCATION ...; `text` is empty unless it is TEXT."""

    format: str
    text: str


@dataclass(frozen=True)
class Button:
    """`type` in Meta's words; `url` and `phone_number` are empty unless the type has them."""

    type: str
    text: str
    url: str = ""
    phone_number: str = ""


@dataclass(frozen=True)
class Template:
    """`why_not`: None when it can be sent, else the reason in words."""

    id: int
    name: str
    language: str
    category: str
    status: str
    parameter_format: str
    header: Header | None
    body: str
    footer: str
    buttons: tuple[Button, ...]
    variables: tuple[Variable, ...]
    why_not: str | None

    @property
    def sendable(self) -> bool:
        return self.why_not is None

    @property
    def is_named(self) -> bool:
        return self.parameter_format == "NAMED"

    def at(self, where: str) -> list[Variable]:
        """The variables of one place, in the order in which Meta counts them."""
        return [variable for variable in self.variables if variable.where == where]


def read_template(row: Row) -> Template:
    """A row of `templates`."""
    parts = [part for part in _list(orjson.loads(row["components"])) if isinstance(part, dict)]
    body, footer, top, bottom = (_component(parts, kind) for kind in ("BODY", "FOOTER", "HEADER", "BUTTONS"))
    header = Header(_word(top.get("format")) or "TEXT", _text(top.get("text"))) if top else None
    raw_buttons = [button for button in _list(bottom.get("buttons")) if isinstance(button, dict)]
    buttons = tuple(_button(button) for button in raw_buttons)
    is_named = row["parameter_format"] == "NAMED"
    texts = [("body", _text(body.get("text")), _examples(body, "body_text"))]
    if header and header.format == "TEXT":
        texts.append(("header", header.text, _examples(top, "header_text")))
    for index, raw in enumerate(raw_buttons):
        texts.append((f"button:{index}", buttons[index].url, _button_examples(raw)))
    return Template(
        id=row["id"],
        name=row["name"],
        language=row["language"],
        category=row["category"],
        status=row["status"],
        parameter_format=row["parameter_format"],
        header=header,
        body=_text(body.get("text")),
        footer=_text(footer.get("text")),
        buttons=buttons,
        variables=_variables(texts, is_named),
        why_not=_why_not(row["status"], parts, header, _text(body.get("text")), buttons),
    )


def as_json(template: Template) -> dict[str, Any]:
    """What the browser gets."""
    header = template.header
    asked = {one.key: one for one in reversed(template.variables)}  # a name in header and body is asked for once
    variables = [one for one in template.variables if asked[one.key] is one]
    return {
        "id": template.id,
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "status": template.status,
        "parameter_format": template.parameter_format,
        "header": {"format": header.format, "text": header.text} if header else None,
        "body": template.body,
        "footer": template.footer,
        "buttons": [
            {"type": one.type, "text": one.text, "url": one.url or None, "phone_number": one.phone_number or None}
            for one in template.buttons
        ],
        "variables": [vars(one) for one in variables],
        "sendable": template.sendable,
        "why_not": template.why_not,
    }


def _variables(texts: list[tuple[str, str, dict[str, str]]], is_named: bool) -> tuple[Variable, ...]:
    found: list[Variable] = []
    keys: set[str] = set()
    for where, text, examples in texts:
        placeholders = list(dict.fromkeys(PLACEHOLDER.findall(text)))
        if all(one.isdigit() for one in placeholders):  # Meta counts numbers, not the order in the sentence
            placeholders.sort(key=int)
        for position, placeholder in enumerate(placeholders, start=1):
            shares_value = is_named and not where.startswith("button")
            key = placeholder if shares_value or placeholder not in keys else f"{where}:{placeholder}"
            keys.add(key)
            example = examples.get(placeholder) or examples.get(f"#{position}", "")
            found.append(Variable(key, where, placeholder, example))
    return tuple(found)


def _why_not(
    status: str, parts: list[dict[str, Any]], header: Header | None, body: str, buttons: tuple[Button, ...]
) -> str | None:
    if status != "APPROVED":
        return _words_for(status)
    kinds = {_word(part.get("type")) for part in parts}
    if strange := sorted(kinds - _PLAIN_COMPONENTS):
        kind = strange[0].lower().replace("_", " ")
        return t("This kind of template ({kind}) cannot be sent from here yet.", kind=kind)
    if not body:
        return t("This template has no text.")
    if header and header.format != "TEXT":
        if header.format == "LOCATION":
            return t("Templates with a map at the top cannot be sent from here yet.")
        return t("Templates with a picture, video or file at the top cannot be sent from here yet.")
    for button in buttons:
        if button.type not in _PLAIN_BUTTONS:
            return t("Templates with a button like “{label}” cannot be sent from here yet.", label=button.text)
    return None


def _words_for(status: str) -> str:
    return {
        "PENDING": t("WhatsApp has not approved this template yet."),
        "IN_APPEAL": t("WhatsApp rejected this template; the appeal is not decided yet."),
        "REJECTED": t("WhatsApp rejected this template."),
        "PAUSED": t("WhatsApp has paused this template because customers reported it."),
        "DISABLED": t("WhatsApp has disabled this template because customers reported it."),
        "ARCHIVED": t("This template is archived."),
        "DELETED": t("This template was deleted."),
        "PENDING_DELETION": t("This template is being deleted."),
    }.get(status, t("WhatsApp does not allow this template at the moment ({status}).", status=status))


def _button(raw: dict[str, Any]) -> Button:
    kind = _word(raw.get("type"))
    url = _text(raw.get("url")) if kind == "URL" else ""
    return Button(kind, _text(raw.get("text")), url, _text(raw.get("phone_number")))


def _examples(component: dict[str, Any], kind: str) -> dict[str, str]:
    """Placeholder -> example; those without names by position ("#1")."""
    example = component.get("example")
    if not isinstance(example, dict):
        return {}
    named = [one for one in _list(example.get(f"{kind}_named_params")) if isinstance(one, dict)]
    if named:
        return {_text(one.get("param_name")): _text(one.get("example")) for one in named}
    listed = _list(example.get(kind))
    if listed and isinstance(listed[0], list):
        listed = listed[0]
    return {f"#{position}": _text(one) for position, one in enumerate(listed, start=1)}


def _button_examples(raw: dict[str, Any]) -> dict[str, str]:
    """Meta gives the whole address as the example; the end of it is what is filled in."""
    example = raw.get("example")
    first = _text(example[0] if isinstance(example, list) and example else example)
    url = _text(raw.get("url"))
    before = url.split("{{")[0]
    return {"#1": first.removeprefix(before)}


def _component(parts: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    return next((part for part in parts if _word(part.get("type")) == kind), {})


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _word(value: Any) -> str:
    return _text(value).upper()
