"""Models of the API made from declared settings: what is answered, and what may be changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, get_args, get_origin

from pydantic import create_model

from runtime.setting import Setting
from web.answers import Answer
from web.validation import Body


def answer_model(name: str, settings: Iterable[Setting[Any]], words: str = "") -> type[Answer]:
    """All of them. Their limits are for what comes in. `words`: its description."""
    fields: dict[str, Any] = {one.key: (_bare(one.type), ...) for one in settings}
    return create_model(name, __base__=Answer, __doc__=words or None, **fields)


def change_model(name: str, settings: Iterable[Setting[Any]]) -> type[Body]:
    """Some of them: what is left out stays. Null is the same, but for a setting whose default it is."""
    fields: dict[str, Any] = {one.key: (one.type | None, None) for one in settings}
    return create_model(name, __base__=Body, **fields)


def _bare(of: Any) -> Any:
    return get_args(of)[0] if get_origin(of) is Annotated else of
