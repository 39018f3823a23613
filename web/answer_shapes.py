"""The notation in which `@describe` says what a JSON answer holds, as JSON schema, so that tests can hold answers to it.

    {"chats": [...], "next_cursor", "more"?, "run": {...}|null, "state": "done|failed", "changed": bool}

A name without a value may hold anything, `?` marks one that may be missing, `...` is whatever else. Words after it are
for people.
"""

from __future__ import annotations

import re
from typing import Any

_TOKEN = re.compile(r'"[^"]*"|\.\.\.|[{}\[\]:,?|]|\w+')
_WORDS: dict[str, dict[str, Any]] = {
    "...": {},
    "null": {"type": "null"},
    "bool": {"type": "boolean"},
    "number": {"type": "number"},
    "true": {"const": True},
}


def read_shape(words: str) -> dict[str, Any] | None:
    """None: these words describe no object. Raises ValueError when the notation is broken."""
    if not words.startswith("{"):
        return None
    return _value(_TOKEN.findall(words))


def _value(tokens: list[str]) -> dict[str, Any]:
    """Takes one value off the front, with all its alternatives."""
    schemas = [_single(tokens)]
    while _takes(tokens, "|"):
        schemas.append(_single(tokens))
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _single(tokens: list[str]) -> dict[str, Any]:
    token = tokens.pop(0) if tokens else ""
    if token == "{":
        return _object(tokens)
    if token == "[":
        items = _value(tokens)
        _expect(tokens, "]")
        return {"type": "array", "items": items}
    if token.startswith('"'):
        return {"enum": token.strip('"').split("|")}
    if token not in _WORDS:
        raise ValueError(f"{token!r} is no value of an answer")
    return dict(_WORDS[token])


def _object(tokens: list[str]) -> dict[str, Any]:
    required, properties = [], {}
    while tokens and tokens[0] != "}":
        name = tokens.pop(0).strip('"')
        if name not in (",", "..."):
            if not _takes(tokens, "?"):
                required.append(name)
            properties[name] = _value(tokens) if _takes(tokens, ":") else {}
    _expect(tokens, "}")
    return {"type": "object", "required": required, "properties": properties}


def _takes(tokens: list[str], token: str) -> bool:
    if tokens[:1] != [token]:
        return False
    del tokens[0]
    return True


def _expect(tokens: list[str], token: str) -> None:
    if not _takes(tokens, token):
        raise ValueError(f"an answer's notation lacks its {token}")
