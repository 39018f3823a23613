"""Invented templates, as Meta lists them."""

from __future__ import annotations

import itertools
from typing import Any

_ids = itertools.count(1)


def template(name: str = "booking", *components: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Approved, English, with one sentence, unless said otherwise."""
    return {
        "id": str(700_000 + next(_ids)),
        "name": name,
        "language": "en_US",
        "status": "APPROVED",
        "category": "UTILITY",
        "parameter_format": "POSITIONAL",
        "components": list(components) or [body("See you tomorrow!")],
    } | more


def body(text: str, *examples: str) -> dict[str, Any]:
    return {"type": "BODY", "text": text} | ({"example": {"body_text": [list(examples)]}} if examples else {})


def header(text: str, *examples: str) -> dict[str, Any]:
    example = {"example": {"header_text": list(examples)}} if examples else {}
    return {"type": "HEADER", "format": "TEXT", "text": text} | example


def media_header(kind: str) -> dict[str, Any]:
    return {"type": "HEADER", "format": kind, "example": {"header_handle": ["https://example.com/boat.jpg"]}}


def buttons(*found: dict[str, Any]) -> dict[str, Any]:
    return {"type": "BUTTONS", "buttons": list(found)}
