"""The description of the API: complete, and made of what the routes really are."""

from __future__ import annotations

import re
from typing import Any, Literal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from web import openapi
from web.answer_shapes import read_shape
from web.openapi import describe
from web.validation import Body


def test_every_route_of_the_api_is_described(app: Flask) -> None:
    """Annotate a new route with `@describe` of web/openapi.py."""
    assert openapi.undescribed(app) == []


def test_a_route_without_description_is_found() -> None:
    bare = Flask("bare")
    bare.add_url_rule("/api/forgotten", "forgotten", lambda: "")
    assert openapi.undescribed(bare) == ["/api/forgotten"]


def test_the_document_is_served_to_whoever_is_signed_in(anonymous: FlaskClient, owner_client: FlaskClient) -> None:
    assert anonymous.get("/api/openapi.json").status_code == 401
    document = owner_client.get("/api/openapi.json").json
    assert document and document["openapi"] == "3.1.0"
    assert document["paths"]["/api/staff/{user_id}"]["patch"]["parameters"] == [
        {"name": "user_id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}
    ]
    assert document["paths"]["/api/login"]["post"]["security"] == []
    assert document["components"]["schemas"]["Credentials"]["required"] == ["email", "password"]


def test_every_reference_leads_somewhere_and_every_operation_has_its_own_name(app: Flask) -> None:
    document = openapi.document(app)
    for reference in re.findall(r"'\$ref': '#/([^']+)'", str(document)):
        found: Any = document
        for part in reference.split("/"):
            found = found[part]
    operations = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(operations) == len(set(operations)) > 15


def test_paths_and_methods_are_those_of_the_url_map(app: Flask) -> None:
    document = openapi.document(app)
    described = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    routed = {
        (re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routed <= described


class Colour(Body):
    """A colour."""

    name: Literal["red", "blue"]


def test_a_description_carries_body_files_query_and_answers() -> None:
    app = Flask("small")

    @app.post("/api/things/<int:thing_id>")
    @describe("Paint it.", body=Colour, multipart=Colour, query={"dry": "true or false"}, answers={201: Colour})
    def paint(thing_id: int) -> str:
        return ""

    operation = openapi.document(app)["paths"]["/api/things/{thing_id}"]["post"]
    schema = {"$ref": "#/components/schemas/Colour"}
    assert operation["requestBody"]["content"] == {
        "application/json": {"schema": schema},
        "multipart/form-data": {"schema": schema},
    }
    assert [parameter["name"] for parameter in operation["parameters"]] == ["thing_id", "dry"]
    assert operation["responses"]["201"] == {
        "description": "A colour.",
        "content": {"application/json": {"schema": schema}},
    }
    assert set(operation["responses"]) == {"201", "400", "401", "403", "404", "413", "415", "422", "503"}
    refused = operation["responses"]["422"]
    assert refused["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Error"}
    assert "`invalid_dry`" in refused["description"]


def test_two_models_of_one_name_are_refused() -> None:
    app = Flask("small")
    other = type("Colour", (Body,), {})
    for number, model in enumerate((Colour, other)):
        app.add_url_rule(f"/api/{number}", str(number), describe("One.", body=model)(lambda: ""))
    with pytest.raises(ValueError, match="Colour"):
        openapi.document(app)


def test_an_answer_in_words_may_begin_with_its_shape() -> None:
    schema = read_shape('{"run": {"id", "state": "done|held"}|null, "more"?, "all": [{"row"}], "changed": bool, ...}: the newest')
    assert schema
    assert schema["required"] == ["run", "all", "changed"]
    assert list(schema["properties"]) == ["run", "more", "all", "changed"]
    run, nothing = schema["properties"]["run"]["anyOf"]
    assert (run["properties"]["state"], nothing) == ({"enum": ["done", "held"]}, {"type": "null"})
    assert schema["properties"]["all"]["items"]["required"] == ["row"]
    assert read_shape("As it was.") is None


@pytest.mark.parametrize("broken", ['{"a": [...}', '{"a"', '{"a": nonsense}'])
def test_a_broken_shape_is_refused(broken: str) -> None:
    with pytest.raises(ValueError):
        read_shape(broken)
