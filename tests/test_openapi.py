"""The description of the API: complete, made of what the routes really are, and sound to a checker that nobody here wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from web import openapi
from web.answers import Answer
from web.openapi import describe
from web.validation import Body, PageQuery, Query


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        yield from methods.values()


def test_every_route_of_the_api_is_described(app: Flask) -> None:
    """Annotate a new route with `@describe` of web/openapi.py."""
    assert openapi.undescribed(app) == []


def test_a_route_without_description_is_found() -> None:
    bare = Flask("bare")
    bare.add_url_rule("/api/forgotten", "forgotten", lambda: "")
    assert openapi.undescribed(bare) == ["/api/forgotten"]


def test_an_independent_checker_finds_no_fault(app: Flask) -> None:
    faults = [f"{'.'.join(map(str, one.absolute_path))}: {one.message}" for one in check(openapi.document(app))]
    assert faults == []


def test_the_checker_would_find_one(app: Flask) -> None:
    document = openapi.document(app)
    del document["paths"]["/api/chats/{chat_id}"]["get"]["parameters"]
    assert [one for one in check(document) if "chat_id" in one.message]


def check(document: dict[str, Any]) -> Iterator[Any]:
    return OpenAPIV31SpecValidator(document).iter_errors()


def test_the_document_is_served_to_whoever_is_signed_in(app: Flask, anonymous: FlaskClient, owner_client: FlaskClient) -> None:
    assert anonymous.get("/api/openapi.json").status_code == 401
    assert "openapi" not in app.extensions  # made when somebody first asks
    document = owner_client.get("/api/openapi.json").json
    assert document and document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "/", "description": "This installation"}]
    assert document["paths"]["/api/staff/{user_id}"]["patch"]["parameters"] == [
        {"name": "user_id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}
    ]
    assert document["paths"]["/api/login"]["post"]["security"] == []
    assert document["components"]["schemas"]["Credentials"]["required"] == ["email", "password"]
    assert owner_client.get("/api/openapi.json").json == document


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(app: Flask) -> None:
    document = openapi.document(app)
    names = [operation["operationId"] for operation in operations(document)]
    assert len(names) == len(set(names)) > 60
    for operation in operations(document):
        assert re.fullmatch(r"[a-z][A-Za-z]+", operation["operationId"])
        assert operation["summary"] and not operation["summary"].endswith("."), operation["operationId"]
        assert operation["description"].endswith("."), operation["operationId"]
        assert operation["tags"] and set(operation["tags"]) <= {tag["name"] for tag in document["tags"]}
        for parameter in operation["parameters"]:
            assert parameter["in"] == "path" or parameter["description"], (operation["operationId"], parameter["name"])
    assert all(tag["description"] for tag in document["tags"])


def test_what_a_query_takes_is_typed(app: Flask) -> None:
    paths = openapi.document(app)["paths"]

    def kind(path: str, name: str) -> Any:
        [found] = [one["schema"] for one in paths[path]["get"]["parameters"] if one["name"] == name]
        return found.get("enum") or found["type"]

    assert kind("/api/chats", "limit") == "integer"
    assert kind("/api/chats", "cursor") == "string"
    assert kind("/api/chats", "filter") == ["all", "unread", "waiting", "mine", "unassigned", "groups", "archived"]
    assert kind("/api/messages", "conversation_id") == "integer"
    assert kind("/api/updates", "since") == "integer"
    assert kind("/media/{media_id}", "download") == "boolean"


def test_every_json_answer_has_a_model_and_every_error_the_same(app: Flask) -> None:
    document = openapi.document(app)
    for path, methods in document["paths"].items():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                if path.startswith("/api/") and status not in ("101", "204"):
                    schema = response["content"]["application/json"]["schema"]
                    assert schema["$ref"].startswith("#/components/schemas/"), (path, status)
                    assert (schema["$ref"] == "#/components/schemas/Error") is (int(status) >= 400), (path, status)


def test_limits_of_numbers_are_those_of_json_schema(app: Flask) -> None:
    schemas = openapi.document(app)["components"]["schemas"]
    assert schemas["ReadBody"]["properties"]["message_id"]["minimum"] == 1
    assert schemas["PeaksBody"]["properties"]["peaks"]["items"] == {"maximum": 255, "minimum": 0, "type": "integer"}


def test_a_whole_number_may_be_written_with_a_point(owner_client: FlaskClient) -> None:
    asked = {30.0: 404, 30.5: 422, True: 422, "30": 422}  # there is no such chat, but there might be such a message
    for value, status in asked.items():
        assert owner_client.post("/api/chats/1/read", json={"message_id": value}).status_code == status, value


def test_a_body_may_be_left_out_only_where_nothing_in_it_is_needed(app: Flask, owner_client: FlaskClient) -> None:
    paths = openapi.document(app)["paths"]
    assert paths["/api/customers/sync"]["post"]["requestBody"]["required"] is False
    assert paths["/api/staff"]["post"]["requestBody"]["required"] is True
    assert owner_client.post("/api/staff", data=b"", content_type="application/json").status_code == 422


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


def test_options_name_the_methods_that_are_described(app: Flask) -> None:
    adapter = app.url_map.bind("inbox.example.com")
    for path, methods in openapi.document(app)["paths"].items():
        allowed = set(adapter.allowed_methods(re.sub(r"{[^}]+}", "1", path))) - {"HEAD", "OPTIONS"}
        assert allowed == {method.upper() for method in methods}, path


class Paint(Body):
    """What to paint it with."""

    name: Literal["red", "blue"]


class PaintQuery(Query):
    dry: bool = False


class Colour(Answer):
    """A colour."""

    name: str


def test_a_description_carries_body_files_query_answers_and_errors() -> None:
    app = Flask("small")

    @app.post("/api/things/<int:thing_id>")
    @describe(
        "Paint it",
        "At once.",
        body=Paint,
        multipart=Paint,
        query=PaintQuery,
        answers={201: Colour},
        errors={409: {"wet": "It is not dry yet."}},
    )
    def post_paint(thing_id: int) -> str:
        return ""

    document = openapi.document(app)
    operation = document["paths"]["/api/things/{thing_id}"]["post"]
    schema = {"$ref": "#/components/schemas/Paint"}
    assert operation["operationId"] == "postPaint"
    assert operation["requestBody"]["content"] == {
        "application/json": {"schema": schema},
        "multipart/form-data": {"schema": schema},
    }
    assert [parameter["name"] for parameter in operation["parameters"]] == ["thing_id", "dry"]
    assert operation["responses"]["201"] == {
        "description": "A colour.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Colour"}}},
    }
    assert set(operation["responses"]) == {"201", "400", "401", "403", "404", "409", "413", "415", "422", "503"}
    assert operation["responses"]["409"]["description"] == "- `wet`: It is not dry yet."
    assert "`invalid_dry`" in operation["responses"]["422"]["description"]
    colour = document["components"]["schemas"]["Colour"]
    assert "additionalProperties" not in colour  # for those who read us: we may add a field


def test_two_models_of_one_name_are_refused() -> None:
    app = Flask("small")
    other = type("Colour", (Answer,), {})
    for number, model in enumerate((Colour, other)):
        app.add_url_rule(f"/api/{number}", str(number), describe("One", "Of two.", answers={200: model})(lambda: ""))
    with pytest.raises(ValueError, match="Colour"):
        openapi.document(app)


def test_a_query_without_a_value_is_as_good_as_left_out(app: Flask, owner_client: FlaskClient) -> None:
    assert PageQuery().limit == 50
    assert owner_client.get("/api/chats?limit=&cursor=&filter=").status_code == 200
    for name, value in [("limit", "many"), ("limit", "0"), ("filter", "odd"), ("cursor", "x")]:
        answer = owner_client.get(f"/api/chats?{name}={value}")
        assert (answer.status_code, answer.json and answer.json["error"]["code"]) == (422, f"invalid_{name}")
