"""Every answer that a test is given is held against its model: no field may be missing, and none may be there unannounced."""

from __future__ import annotations

import orjson
from flask import Flask, Response, request
from pydantic import ValidationError

from web import openapi
from web.answers import Error

# Of what is no answer of a route, but of the machinery before or around it.
NOBODYS = frozenset({400, 405, 411, 414, 431, 500})


def hold(app: Flask) -> None:
    """From now on the application fails on an answer that is not as its description says."""

    @app.after_request
    def examine(response: Response) -> Response:
        rule = request.url_rule
        if rule is not None and request.method != "OPTIONS" and (description := openapi.description_of(app, rule)):
            if response.status_code >= 400 and response.status_code not in description.answers:
                _examine_error(app, description, response)
            else:
                _examine_answer(description, response)
        return response


def _examine_answer(description: openapi.Description, response: Response) -> None:
    says = description.answers.get(response.status_code)
    assert says is not None, f"{request.method} {request.url_rule}: {response.status_code} is not announced"
    if isinstance(says, str):
        return
    try:
        says.model_validate_json(response.get_data(), strict=True)
    except ValidationError as error:
        raise AssertionError(f"{request.method} {request.url_rule} is not as {says.__name__} says: {error}") from None


def _examine_error(app: Flask, description: openapi.Description, response: Response) -> None:
    error = Error.model_validate_json(response.get_data(), strict=True).error
    assert request.url_rule is not None
    announced = openapi.errors_of(app, request.url_rule, request.method, description).get(response.status_code, {})
    is_known = error.code in announced or (response.status_code in NOBODYS and not announced)
    words = orjson.dumps(sorted(announced)).decode()
    assert is_known, f"{request.method} {request.url_rule}: {response.status_code} {error.code} is not announced, only {words}"
