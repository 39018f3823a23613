"""Makes static/js/types.d.ts from the models of the answers, for the type checker of the front end.

    .venv/bin/python -m tools.generate_types

tests/test_types.py fails when the committed file is not what this would write.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from features import FEATURES
from features.accounts.answers import preferences_model
from features.settings.values import declared_by
from runtime.feature import load
from runtime.setting import PERSON
from web import answers, openapi

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "static" / "js" / "types.d.ts"
_HEAD = """\
// Made by tools/generate_types.py from features/*/answers.py: change those, not this. Only for the type checker.

declare namespace Api {
"""
_WORDS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def models() -> set[type[BaseModel]]:
    """Every model of an answer, whether a route has it or another model."""
    files = sorted(ROOT.glob("features/*/answers.py"))
    modules = [answers, *(import_module(f"features.{file.parent.name}.answers") for file in files)]
    found = (one for module in modules for one in vars(module).values())
    mine = {one for one in found if isinstance(one, type) and issubclass(one, answers.Answer) and one is not answers.Answer}
    return mine | {preferences_model(declared_by(load(FEATURES), PERSON))}


def render() -> str:
    """The text of the file."""
    schemas = openapi.schemas(set(), models())
    return _HEAD + "\n".join(_interface(name, schemas[name]) for name in sorted(schemas)) + "}\n"


def _interface(name: str, schema: dict[str, Any]) -> str:
    lines = [*_comment(schema.get("description", "")), f"interface {name} {{"]
    for field, of_field in schema.get("properties", {}).items():
        mark = "" if field in schema.get("required", []) else "?"
        lines.append(f"    {field}{mark}: {_type(of_field)};")
    return textwrap.indent("\n".join([*lines, "}"]), "    ") + "\n"


def _comment(words: str) -> Iterator[str]:
    lines = words.split("\n")
    if len(lines) == 1:
        yield f"/** {words} */"
        return
    yield "/**"
    yield from (f" * {line}".rstrip() for line in lines)
    yield " */"


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(_type(one) for one in schema["anyOf"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(one) for one in schema["enum"])
    if schema.get("type") == "array":
        return _array(schema)
    if schema.get("type") == "object":
        values = schema.get("additionalProperties", True)
        return f"Record<string, {_type(values) if isinstance(values, dict) else 'any'}>"
    return _WORDS[schema["type"]] if "type" in schema else "any"


def _array(schema: dict[str, Any]) -> str:
    if "prefixItems" in schema:
        return f"[{', '.join(_type(one) for one in schema['prefixItems'])}]"
    of_items = _type(schema["items"])
    return f"({of_items})[]" if "|" in of_items else f"{of_items}[]"


if __name__ == "__main__":
    TARGET.write_text(render())
