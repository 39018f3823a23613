"""The errors of a route for the description of the API: its own, and those that follow from what kind of route it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Errors = Mapping[int, Mapping[str, str]]
"""status -> code -> when, in words"""


def usual_errors(
    *,
    method: str,
    is_public: bool,
    is_signed: bool,
    has_role: bool,
    has_arguments: bool,
    takes_body: bool,
    query: Iterable[str],
) -> dict[int, dict[str, str]]:
    """What any route of this kind may answer, as `web/guards.py` and `web/validation.py` have it.

    `is_signed`: authenticated by a signature of its own, so that the rules for browsers do not apply. `query`: its names.
    """
    changes_something = method != "GET"
    for_browsers = changes_something and not is_signed
    found: dict[int, dict[str, str]] = {503: {"storage_unavailable": "The message store cannot be used. Nothing was changed."}}
    if not is_public:
        found[401] = {"unauthorized": "Not signed in."}
    if for_browsers:
        found[403] = {"foreign_site": "Called by a page of another site."}
        found[415] = {"unsupported_media_type": "Neither JSON nor multipart."}
    if has_role:
        found[403] = found.get(403, {}) | {"forbidden": "Not for this role."}
    if has_arguments:
        found[404] = {"not_found": "There is no such thing."}
    if changes_something:
        found[413] = {"too_large": "The body is too large."}
    if takes_body:
        found[400] = {"bad_request": "The body cannot be read."}
        found[422] = {"invalid": "A field is not as described.", "invalid_json": "The body is not JSON."}
    for name in query:
        found[422] = found.get(422, {}) | {f"invalid_{name}": f"`{name}` is not as described."}
    return found


def merged(usual: Errors, own: Errors) -> dict[int, dict[str, str]]:
    """Own words win; own codes come last."""
    return {status: {**usual.get(status, {}), **own.get(status, {})} for status in sorted({*usual, *own})}


def responses(errors: Errors) -> dict[str, dict[str, Any]]:
    """The OpenAPI response of each status. Codes are named in words: another one may be added at any time."""
    schema = {"$ref": "#/components/schemas/Error"}
    return {
        str(status): {
            "description": "\n".join(f"- `{code}`: {words}" for code, words in codes.items()),
            "content": {"application/json": {"schema": schema}},
        }
        for status, codes in errors.items()
    }
