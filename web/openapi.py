"""The description of the HTTP API (OpenAPI 3.1), made from the routes themselves and what `@describe` says about them.

`@describe` only annotates a view: checking stays with `web/validation.py`, so nothing runs in a request for its sake.
Why no framework does this: docs/decisions/0010-openapi.md.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import orjson
from flask import Flask, Response, current_app
from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import JsonSchemaMode, models_json_schema
from werkzeug.routing import Rule

from web.answers import Answer, Error
from web.openapi_errors import Errors, merged, responses, usual_errors

View = TypeVar("View", bound=Callable[..., Any])
Model = type[BaseModel]

_VERSION: Literal["3.1.0"] = "3.1.0"
_DESCRIBED_PATHS = ("/api/", "/media/", "/webhook/", "/healthz")
_PATH_ARGUMENT = re.compile(r"<(?:(?P<converter>\w+)(?:\([^>]*\))?:)?(?P<name>\w+)>")
_NOT_OPERATIONS = frozenset({"HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Description:
    """What `describe` was told. Answers: status -> model, or words where the answer is not JSON."""

    summary: str
    details: str
    body: Model | None
    multipart: Model | None
    query: Model | None
    answers: Mapping[int, str | Model]
    errors: Errors
    tag: str | None

    @property
    def inputs(self) -> list[Model]:
        return [model for model in (self.body, self.multipart) if model]

    @property
    def outputs(self) -> list[Model]:
        return [answer for answer in self.answers.values() if not isinstance(answer, str)]

    @property
    def query_names(self) -> list[str]:
        return list(self.query.model_fields) if self.query else []


def describe(
    summary: str,
    details: str,
    *,
    body: Model | None = None,
    multipart: Model | None = None,
    query: Model | None = None,
    answers: Mapping[int, str | Model],
    errors: Errors | None = None,
    tag: str | None = None,
) -> Callable[[View], View]:
    """Say what a route takes and answers. Changes nothing about how it runs.

    `summary` is one line, `details` what a caller needs to know beside it. `body`, `multipart` and `query` are models of
    web/validation.py, `answers` status -> model of web/answers.py (words where it is no JSON), `errors` status -> code -> when.
    Errors that follow from the kind of route need no mention (web/openapi_errors.py). `tag`: the feature's name, if not given.
    """
    description = Description(summary, details, body, multipart, query, answers, errors or {}, tag)

    def mark(view: View) -> View:
        view.openapi = description  # type: ignore[attr-defined]
        return view

    return mark


class OpenApiDocument(Answer):
    """An OpenAPI 3.1 document."""

    model_config = ConfigDict(extra="allow")

    openapi: str
    info: dict[str, Any]
    paths: dict[str, Any]


def install(app: Flask) -> None:
    """Serve the document to everybody who is signed in."""
    app.add_url_rule("/api/openapi.json", "openapi", get_openapi)


@describe(
    "This document",
    "Made of the routes as they are, so it is true of the version that serves it.",
    answers={200: OpenApiDocument},
    tag="about",
)
def get_openapi() -> Response:
    """Made when somebody first asks: most processes never are."""
    made = current_app.extensions.get("openapi")
    if made is None:
        made = current_app.extensions["openapi"] = orjson.dumps(document(current_app))
    return Response(made, mimetype="application/json")


def undescribed(app: Flask) -> list[str]:
    """Routes of the API that nobody described yet: a test keeps this empty."""
    return [rule.rule for rule in _rules(app) if description_of(app, rule) is None]


def description_of(app: Flask, rule: Rule) -> Description | None:
    return getattr(app.view_functions[rule.endpoint], "openapi", None)


def errors_of(app: Flask, rule: Rule, method: str, description: Description) -> dict[int, dict[str, str]]:
    """status -> code -> when: everything that a caller of this route has to reckon with."""
    view = app.view_functions[rule.endpoint]
    usual = usual_errors(
        method=method,
        is_public=getattr(view, "is_public", False),
        is_signed=getattr(view, "skips_site_check", False),
        has_role=hasattr(view, "needs_role"),
        has_arguments=bool(rule.arguments),
        takes_body=bool(description.inputs),
        query=description.query_names,
    )
    return merged(usual, description.errors)


def document(app: Flask) -> dict[str, Any]:
    """The whole description, ready for JSON."""
    described = [(rule, found) for rule in _rules(app) if (found := description_of(app, rule))]
    paths: dict[str, dict[str, Any]] = {}
    tags: dict[str, str] = {}
    for rule, description in described:
        path = _PATH_ARGUMENT.sub(r"{\g<name>}", rule.rule)
        name, words = _tag(description, app.view_functions[rule.endpoint])
        tags[name] = words
        for method in sorted((rule.methods or set()) - _NOT_OPERATIONS):
            paths.setdefault(path, {})[method.lower()] = _operation(app, rule, method, description, name)
    inputs = {model for _, description in described for model in description.inputs}
    outputs: set[Model] = {Error, *(model for _, description in described for model in description.outputs)}
    config = app.extensions.get("config")
    return {
        "openapi": _VERSION,
        "info": {"title": "WhatsApp inbox", "version": "1", "description": _ABOUT, "license": _LICENSE},
        "servers": [{"url": (config.public_url if config else "") or "/", "description": "This installation"}],
        "tags": [{"name": name, "description": words} for name, words in sorted(tags.items())],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": schemas(inputs, outputs), "securitySchemes": _SECURITY_SCHEMES},
        "security": [{"session": []}, {"bearer": []}],
    }


_ABOUT = (
    "Times are ISO 8601 in UTC. Lists page by cursor: `next_cursor` of an answer goes into `cursor` of the next request"
    " (messages: `before`), and is null at the end. A call that changes something needs JSON or multipart, even when it has"
    " no body. Fields and codes of errors may be added at any time; what is there keeps its meaning."
)
_LICENSE = {"name": "MIT", "identifier": "MIT"}
_SECURITY_SCHEMES = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-session",
        "description": "Of a browser that has signed in by POST /api/login.",
    },
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API token, made under Settings or by POST /api/tokens."},
}


def _rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(_DESCRIBED_PATHS)]


def _tag(description: Description, view: Callable[..., Any]) -> tuple[str, str]:
    """The feature that a view belongs to, and the first line of what that says of itself."""
    if description.tag or not view.__module__.startswith("features."):
        return description.tag or "about", "The process and this description."
    package = ".".join(view.__module__.split(".")[:2])
    return package.split(".")[1], (sys.modules[package].__doc__ or "").split("\n")[0]


def _operation(app: Flask, rule: Rule, method: str, description: Description, tag: str) -> dict[str, Any]:
    view = app.view_functions[rule.endpoint]
    answers = {str(status): _answer(says) for status, says in sorted(description.answers.items())}
    needed = getattr(view, "needs_role", None)
    operation: dict[str, Any] = {
        "operationId": _camel_case(view.__name__),
        "summary": description.summary,
        "description": " ".join(filter(None, [description.details, f"For the role {needed} and above." if needed else ""])),
        "tags": [tag],
        "parameters": [*_path_parameters(rule), *_query_parameters(description.query)],
        "responses": responses(errors_of(app, rule, method, description)) | answers,
    }
    if content := _content(description):
        is_required = any(model.model_json_schema().get("required") for model in description.inputs)
        operation["requestBody"] = {"required": is_required, "content": content}
    if getattr(view, "is_public", False):
        operation["security"] = []
    return operation


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _path_parameters(rule: Rule) -> Iterator[dict[str, Any]]:
    for found in _PATH_ARGUMENT.finditer(rule.rule):
        is_number = found["converter"] in ("row", "int")
        schema = {"type": "integer", "minimum": 1} if is_number else {"type": "string"}
        yield {"name": found["name"], "in": "path", "required": True, "schema": schema}


def _query_parameters(query: Model | None) -> Iterator[dict[str, Any]]:
    schema = query.model_json_schema() if query else {}
    for name, of_field in schema.get("properties", {}).items():
        needed = name in schema.get("required", [])
        yield {"name": name, "in": "query", "required": needed, **_parameter(of_field)}


def _parameter(of_field: dict[str, Any]) -> dict[str, Any]:
    """A query has no null: what may be left out is not required."""
    schema = dict(of_field)
    if alternatives := [one for one in schema.pop("anyOf", []) if one != {"type": "null"}]:
        schema = alternatives[0] | schema
    if schema.get("default", "") is None:
        del schema["default"]
    return {"description": schema.pop("description", ""), "schema": {key: schema[key] for key in schema if key != "title"}}


def _content(description: Description) -> dict[str, Any]:
    kinds = {"application/json": description.body, "multipart/form-data": description.multipart}
    return {kind: {"schema": _reference(model)} for kind, model in kinds.items() if model}


def _answer(says: str | Model) -> dict[str, Any]:
    if isinstance(says, str):
        return {"description": says}
    words = (says.__doc__ or says.__name__).strip().split("\n")[0]
    return {"description": words, "content": {"application/json": {"schema": _reference(says)}}}


def _reference(model: Model) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def schemas(inputs: set[Model], outputs: set[Model]) -> dict[str, Any]:
    """Each model under its own name; two models of one name would hide one another, so that is refused."""
    models: list[tuple[Model, JsonSchemaMode]] = [
        *((model, "validation") for model in sorted(inputs, key=lambda model: model.__name__)),
        *((model, "serialization") for model in sorted(outputs, key=lambda model: model.__name__)),
    ]
    _, definitions = models_json_schema(models, ref_template="#/components/schemas/{model}")
    found: dict[str, Any] = definitions.get("$defs", {})
    if twice := sorted(name for name in found if "__" in name):  # pydantic tells them apart by their modules
        raise ValueError(f"two models of the API share a name: {', '.join(twice)}")
    for schema in found.values():
        for name, of_field in schema.get("properties", {}).items():
            if like := of_field.get("x-like"):
                one = {"$ref": f"#/components/schemas/{like}"}
                schema["properties"][name] = {"type": "array", "items": one} if of_field["x-list"] else one
    return found
