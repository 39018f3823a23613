"""The description of the HTTP API (OpenAPI 3.1), made from the routes themselves and what `@describe` says about them.

`@describe` only annotates a view: checking stays with `web/validation.py`, so nothing runs in a request for its sake.
Why no framework does this: docs/decisions/0010-openapi.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson
from flask import Flask, Response, current_app
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from web.answer_shapes import read_shape

View = TypeVar("View", bound=Callable[..., Any])
Model = type[BaseModel]

VERSION = "3.1.0"
_DESCRIBED_PATHS = ("/api/", "/media/", "/webhook/", "/healthz")
_PATH_ARGUMENT = re.compile(r"<(?:(?P<converter>\w+)(?:\([^>]*\))?:)?(?P<name>\w+)>")
_NOT_OPERATIONS = frozenset({"HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Description:
    summary: str
    body: Model | None = None
    multipart: Model | None = None
    query: Model | Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[int, str | Model] = field(default_factory=lambda: {200: "Done."})
    tags: tuple[str, ...] = ()

    def models(self) -> Iterator[Model]:
        for part in (self.body, self.multipart, *self.answers.values()):
            if isinstance(part, type):
                yield part


def describe(
    summary: str,
    *,
    body: Model | None = None,
    multipart: Model | None = None,
    query: Model | Mapping[str, str] | None = None,
    answers: Mapping[int, str | Model] | None = None,
    tags: tuple[str, ...] = (),
) -> Callable[[View], View]:
    """Say what a route takes and answers. Changes nothing about how it runs.

    `body` and `multipart` are pydantic models; `query` is one too, or name -> words; `answers` are status -> model or words,
    which may begin with the shape of the answer (web/answer_shapes.py). Errors that follow from the kind of route need no
    mention (`_usual_errors`), its own do. `tags` default to the blueprint's name.
    """
    description = Description(
        summary=summary,
        body=body,
        multipart=multipart,
        query=query if query is not None else {},
        answers=answers if answers is not None else {200: "Done."},
        tags=tags,
    )

    def mark(view: View) -> View:
        view.openapi = description  # type: ignore[attr-defined]
        return view

    return mark


def install(app: Flask) -> None:
    """Serve the document to everybody who is signed in."""
    app.add_url_rule("/api/openapi.json", "openapi", get_openapi)


@describe("This document.", answers={200: "An OpenAPI 3.1 document."}, tags=("about",))
def get_openapi() -> Response:
    """Made at the first call and kept: it takes 40 ms, and an application's routes do not change while it runs."""
    kept = current_app.extensions
    if "openapi" not in kept:
        kept["openapi"] = orjson.dumps(document(current_app))
    return Response(kept["openapi"], mimetype="application/json")


def undescribed(app: Flask) -> list[str]:
    """Routes of the API that nobody described yet: a test keeps this empty."""
    return [rule.rule for rule in _rules(app) if _description(app, rule) is None]


def document(app: Flask) -> dict[str, Any]:
    """The whole description, ready for JSON."""
    described = [(rule, found) for rule in _rules(app) if (found := _description(app, rule))]
    paths: dict[str, dict[str, Any]] = {}
    for rule, description in described:
        view = app.view_functions[rule.endpoint]
        path = _PATH_ARGUMENT.sub(r"{\g<name>}", rule.rule)
        for method in sorted((rule.methods or set()) - _NOT_OPERATIONS):
            paths.setdefault(path, {})[method.lower()] = _operation(rule, method, description, view)
    models = {model for _, description in described for model in description.models()}
    return {
        "openapi": VERSION,
        "info": {"title": "WhatsApp inbox", "version": "1", "description": _ABOUT},
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": _schemas(models) | {"Error": _ERROR},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-session"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
        "security": [{"session": []}, {"bearer": []}],
    }


_ABOUT = (
    "Times are ISO 8601 in UTC. Lists page by cursor: `next_cursor` of an answer goes into `cursor` of the next request"
    " (messages: `before`), and is null at the end. A call that changes something needs JSON or multipart."
)
_ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "description": "for programs"},
                "message": {"type": "string", "description": "for people"},
                "details": {"type": "object"},
            },
        }
    },
}


def _rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(_DESCRIBED_PATHS)]


def _description(app: Flask, rule: Rule) -> Description | None:
    return getattr(app.view_functions[rule.endpoint], "openapi", None)


def _operation(rule: Rule, method: str, description: Description, view: Callable[..., Any]) -> dict[str, Any]:
    usual = _usual_errors(rule, method, description, view)
    answers = {
        str(status): _answer(status, says, is_json=rule.rule.startswith("/api/"))
        for status, says in sorted((usual | dict(description.answers)).items())
    }
    operation: dict[str, Any] = {
        "operationId": f"{rule.endpoint}.{method.lower()}",
        "summary": description.summary,
        "tags": list(description.tags or (rule.endpoint.split(".")[0],)),
        "parameters": [*_path_parameters(rule), *_query_parameters(description.query)],
        "responses": answers,
    }
    if content := _content(description):
        operation["requestBody"] = {"required": True, "content": content}
    if getattr(view, "is_public", False):
        operation["security"] = []
    if needed := getattr(view, "needs_role", None):
        operation["description"] = f"For the role {needed} and above."
    return operation


def _path_parameters(rule: Rule) -> Iterator[dict[str, Any]]:
    for found in _PATH_ARGUMENT.finditer(rule.rule):
        is_number = found["converter"] in ("row", "int")
        schema = {"type": "integer", "minimum": 1} if is_number else {"type": "string"}
        yield {"name": found["name"], "in": "path", "required": True, "schema": schema}


def _query_parameters(query: Model | Mapping[str, str]) -> Iterator[dict[str, Any]]:
    if isinstance(query, Mapping):
        for name, words in query.items():
            yield {"name": name, "in": "query", "description": words, "schema": {"type": "string"}}
        return
    schema = query.model_json_schema()
    for name, of_field in schema.get("properties", {}).items():
        needed = name in schema.get("required", [])
        yield {"name": name, "in": "query", "required": needed, "schema": of_field}


def _content(description: Description) -> dict[str, Any]:
    kinds = {"application/json": description.body, "multipart/form-data": description.multipart}
    return {kind: {"schema": _reference(model)} for kind, model in kinds.items() if model}


def _usual_errors(rule: Rule, method: str, description: Description, view: Callable[..., Any]) -> dict[int, str]:
    """What any route of this kind may answer, as `web/guards.py` and `web/validation.py` have it."""
    changes_something = method != "GET"
    takes_part = changes_something and not getattr(view, "skips_site_check", False)
    applies = {
        401: not getattr(view, "is_public", False),
        403: takes_part or hasattr(view, "needs_role"),
        404: bool(rule.arguments),
        413: changes_something,
        415: takes_part,
        422: bool(description.body or description.multipart or description.query),
        503: True,
    }
    return {status: _USUAL_ERRORS[status] for status, does in applies.items() if does}


_USUAL_ERRORS = {
    401: "Not signed in.",
    403: "Not for this role, or called from another site.",
    404: "There is no such thing.",
    413: "Too large.",
    415: "Neither JSON nor multipart.",
    422: "Something in it is not right.",
    503: "The message store cannot be used right now. Nothing was changed: repeat it later.",
}
_WITHOUT_BODY = frozenset({101, 204, 304})


def _answer(status: int, says: str | Model, *, is_json: bool) -> dict[str, Any]:
    if not isinstance(says, str):
        return _json_answer((says.__doc__ or says.__name__).strip().split("\n")[0], _reference(says))
    shape = read_shape(says)
    if status >= 400 and shape is None:
        return _json_answer(says, {"$ref": "#/components/schemas/Error"})
    if status in _WITHOUT_BODY or not (shape or is_json):
        return {"description": says}
    return _json_answer(says, shape or {"type": "object"})


def _json_answer(words: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _reference(model: Model) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _schemas(models: set[Model]) -> dict[str, Any]:
    """Each model under its own name; two models of one name would hide one another, so that is refused."""
    names = [model.__name__ for model in models]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two models of the API share a name: {', '.join(sorted(twice))}")
    inputs = [(model, "validation") for model in sorted(models, key=lambda model: model.__name__)]
    _, definitions = models_json_schema(inputs, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    return dict(definitions.get("$defs", {}))
