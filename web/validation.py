"""Input, checked by pydantic models in strict mode: an object where a string is expected is refused, not converted."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import orjson
from flask import request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from werkzeug.routing import BaseConverter
from werkzeug.routing import ValidationError as NotThisRoute

from core.errors import Invalid
from core.paging import page_limit
from core.reason import verbatim
from core.text import storable

LARGEST_JSON = 1024 * 1024  # no call needs more; without it anybody could have 110 MB read into memory
LARGEST_ID = 2**63 - 1  # SQLite's integers; a larger one would raise deep inside



def _whole(value: Any) -> Any:
    """30.0 is an integer to JSON (and to JSON schema), whoever wrote the zero."""
    return int(value) if type(value) is float and value.is_integer() else value


Whole = BeforeValidator(_whole)  # after the limits of a field, which its description would lose otherwise
RowId = Annotated[int, Field(ge=1, le=LARGEST_ID), Whole]
Text = Annotated[str, AfterValidator(storable)]


class Body(BaseModel):
    """Base of all request bodies."""

    model_config = ConfigDict(strict=True, extra="ignore", defer_build=True)


class Query(BaseModel):
    """Base of what a call takes from its query string; there everything is text, so it is converted."""

    model_config = ConfigDict(extra="ignore", defer_build=True)


Limit = Annotated[int, Field(ge=1, description="How many; of more than 100 it is 100."), BeforeValidator(page_limit)]
Cursor = Annotated[str, Field(description="`next_cursor` of the page before.")]


class PageQuery(Query):
    """Which part of a list."""

    limit: Limit = 50
    cursor: Cursor | None = None


def with_file(name: str) -> ConfigDict:
    """For the model of a multipart call: its description names the file as well."""

    def add(schema: dict[str, Any]) -> None:
        schema["properties"][name] = {"type": "string", "format": "binary"}
        schema.setdefault("required", []).append(name)

    return ConfigDict(json_schema_extra=add)


M = TypeVar("M", bound=BaseModel)


def parse_json(model: type[M]) -> M:
    """The request's JSON body as `model`. Raises Invalid (422) with the first problem in words; too large: 413."""
    request.max_content_length = LARGEST_JSON
    try:
        body = orjson.loads(request.get_data(cache=True) or b"{}")
    except orjson.JSONDecodeError:
        raise Invalid("The body is not valid JSON.", code="invalid_json") from None
    return check(model, body)


def parse_query(model: type[M]) -> M:
    """The request's query string as `model`; a name without a value is as good as left out. Raises Invalid `invalid_<name>`."""
    given = {name: value for name in model.model_fields if (value := request.args.get(name))}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        where, words = _first(error)
        raise Invalid(verbatim(words), code=f"invalid_{where.split('.')[0]}") from None


def check(model: type[M], values: Any) -> M:
    """`values` as `model`. Raises Invalid."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise Invalid(verbatim(_first(error)[1])) from None


def _first(error: ValidationError) -> tuple[str, str]:
    """Where the first problem is, and the problem in pydantic's words, which are for programmers."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return where, f"{where}: {first['msg']}" if where else first["msg"]


class DigitsConverter(BaseConverter):
    """`<digits:phone_number_id>`: an id of Meta's, which no name of another call can be taken for."""

    regex = "[0-9]{1,40}"


class RowIdConverter(BaseConverter):
    """`<row:chat_id>`: what cannot be a row id is a 404, not an overflow."""

    regex = "[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        number = int(value)
        if number > LARGEST_ID:
            raise NotThisRoute
        return number
