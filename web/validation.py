"""Input, checked by pydantic models in strict mode: an object where a string is expected is refused, not converted."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import orjson
from flask import request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from werkzeug.routing import BaseConverter
from werkzeug.routing import ValidationError as NotThisRoute

from core.errors import Invalid
from core.text import storable

LARGEST_JSON = 1024 * 1024  # no call needs more; without it anybody could have 110 MB read into memory
LARGEST_ID = 2**63 - 1  # SQLite's integers; a larger one would raise deep inside

RowId = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Text = Annotated[str, AfterValidator(storable)]


class Body(BaseModel):
    """Base of all request bodies."""

    model_config = ConfigDict(strict=True, extra="ignore")


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


def check(model: type[M], values: Any) -> M:
    """`values` as `model`. Raises Invalid."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Invalid(f"{where}: {first['msg']}" if where else first["msg"]) from None


class RowIdConverter(BaseConverter):
    """`<row:chat_id>`: what cannot be a row id is a 404, not an overflow."""

    regex = "[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        number = int(value)
        if number > LARGEST_ID:
            raise NotThisRoute
        return number
