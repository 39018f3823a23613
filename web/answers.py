"""What the API answers, as models: the one place where a shape is written. How they are used: docs/developing.md.

`GET /api/openapi.json` and `static/js/types.d.ts` are made from them, and tests hold every answer against its model.
A model's name is its name in the description, so it is a noun that no other model has.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


def _may_grow(schema: dict[str, Any]) -> None:
    """Tests refuse a field that no model names; a program that reads our answers must not, for we add fields."""
    schema.pop("additionalProperties", None)


class Answer(BaseModel):
    """Base of all answers. A field with a default may be missing; null is said by `| None`."""

    # Built when first used: the ordinary start, and rows that presenting code builds as dicts, never pay for a model.
    model_config = ConfigDict(strict=True, extra="forbid", populate_by_name=True, defer_build=True, json_schema_extra=_may_grow)


def like(name: str, *, is_list: bool = False) -> dict[str, Any]:
    """For a field whose model belongs to a higher feature, which this one must not know: only its name is given.

    `openapi.schemas` puts the model in its place.
    """
    return {"x-like": name, "x-list": is_list}


Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""ISO 8601 in UTC, to the second: `clock.iso`."""


class User(Answer):
    """A member of staff, as others see them."""

    id: int
    name: str


class Page(Answer):
    """Base of a part of a list. `next_cursor` asks for the following part; null: this was the last."""

    next_cursor: str | None


class Problem(Answer):
    """`code` is for programs, `message` for people."""

    code: str
    message: str
    details: dict[str, Any] = {}


class Error(Answer):
    """Any answer from 400 on."""

    error: Problem


class Health(Answer):
    """Whether the process is sound, and what of it fails."""

    status: Literal["ok", "failing"]
    failing: list[str] = []
