"""HTTP of what `/settings` manages: staff, API tokens, the audit log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import orjson
from flask import Blueprint, Response, request
from pydantic import Field

from core.errors import NotFound
from core.paging import decode_cursor, encode_cursor, page_limit
from db_manager import Connection, Row
from features.accounts import actions, authentication, queries, staff
from system import clock
from web import guards
from web.openapi import describe
from web.respond import ok
from web.services import services
from web.validation import LARGEST_ID, Body, Text, parse_json

blueprint = Blueprint("management", __name__)

Role = Literal["owner", "admin", "agent"]
Password = Annotated[str, Field(max_length=1024)]
Words = Annotated[Text, Field(max_length=1000)]

PAGE = {"limit": "1 to 100, 50 when left out.", "cursor": "The `next_cursor` of the page before."}


class NewStaff(Body):
    email: Words
    name: Words
    role: Role
    password: Password


class StaffChange(Body):
    name: Words | None = None
    role: Role | None = None
    disabled: bool | None = None
    password: Password | None = None


class NewToken(Body):
    name: Words


# ---------------------------------------------------------------- staff


@blueprint.get("/api/staff")
@guards.role("admin")
@describe("All members of staff.", query=PAGE, answers={200: '{"staff": [...], "next_cursor"}'})
def get_staff() -> Response:
    return _page("staff", staff_json, lambda connection, after, limit: queries.staff(connection, after, limit))


@blueprint.post("/api/staff")
@guards.role("admin")
@describe(
    "Add somebody. Admins add agents; owners add anybody.",
    body=NewStaff,
    answers={201: '{"staff": {...}}', 409: "The address is taken, or this is the demo."},
)
def post_staff() -> Response:
    body = parse_json(NewStaff)
    person = staff.new_user(body.email, body.name, body.role, body.password)
    user = staff.create_user(authentication.sessions(), person, by=guards.user())
    return ok({"staff": _member(user.id)}, 201)


@blueprint.patch("/api/staff/<row:user_id>")
@guards.role("admin")
@describe(
    "Change somebody below you. A new role or password, or disabling, signs them out everywhere.",
    body=StaffChange,
    answers={200: '{"staff": {...}}', 409: "Yourself, or the last owner."},
)
def patch_staff(user_id: int) -> Response:
    change = staff.StaffChange(**parse_json(StaffChange).model_dump())
    staff.change_user(authentication.sessions(), user_id, change, by=guards.user())
    return ok({"staff": _member(user_id)})


def _member(user_id: int) -> dict[str, Any]:
    with services().db.read() as connection:
        row = queries.user_by_id(connection, user_id)
    if row is None:
        raise NotFound("There is no such member of staff.")
    return staff_json(row)


def staff_json(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "email": row["email"],
        "name": row["name"],
        "role": row["role"],
        "disabled": row["disabled_at"] is not None,
        "created_at": clock.iso(row["created_at"]),
        "last_seen_at": clock.iso(row["last_seen_at"]),
    }


# ---------------------------------------------------------------- API tokens


@blueprint.get("/api/tokens")
@describe("My API tokens, without their secret.", query=PAGE, answers={200: '{"tokens": [...], "next_cursor"}'})
def get_tokens() -> Response:
    own = guards.user().id
    return _page("tokens", token_json, lambda connection, after, limit: queries.tokens_of(connection, own, after, limit))


@blueprint.post("/api/tokens")
@describe(
    "Make an API token of mine; `secret` is shown this once.",
    body=NewToken,
    answers={201: '{"token": {"id", "name", "created_at", "last_used_at", "secret"}}', 409: "The demo has no tokens."},
)
def post_token() -> Response:
    body = parse_json(NewToken)
    row, secret = actions.create_token(authentication.sessions(), guards.user(), body.name)
    return ok({"token": token_json(row) | {"secret": secret}}, 201)


@blueprint.delete("/api/tokens/<row:token_id>")
@describe("Revoke a token of mine at once.", answers={200: '{"revoked": true}'})
def delete_token(token_id: int) -> Response:
    actions.revoke_token(authentication.sessions(), guards.user(), token_id)
    return ok({"revoked": True})


def token_json(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["name"],
        "created_at": clock.iso(row["created_at"]),
        "last_used_at": clock.iso(row["last_used_at"]),
    }


# ---------------------------------------------------------------- audit, about


@blueprint.get("/api/audit")
@guards.role("admin")
@describe("Who did what, newest first.", query=PAGE, answers={200: '{"entries": [...], "next_cursor"}'})
def get_audit() -> Response:
    return _page("entries", audit_json, queries.audit_entries, start=LARGEST_ID)


def audit_json(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "at": clock.iso(row["at"]),
        "user": {"id": row["user_id"], "name": row["name"]} if row["user_id"] else None,
        "action": row["action"],
        "detail": orjson.loads(row["detail"]),
    }


@blueprint.get("/api/about")
@guards.role("admin")
@describe("How this installation is doing.", answers={200: '{"mode", "database", "journal_mode", "last_webhook_at"}'})
def get_about() -> Response:
    parts = services()
    with parts.db.read() as connection:
        last_webhook_at = queries.last_webhook_at(connection)
    return ok(
        {
            "mode": parts.config.mode,
            "database": "failing" if parts.db.last_storage_error else "ok",
            "journal_mode": parts.db.journal_mode,
            "last_webhook_at": clock.iso(last_webhook_at),
            "public_url": parts.config.public_url or None,
        }
    )


# ---------------------------------------------------------------- paging


def _page(
    name: str, as_json: Callable[[Row], dict[str, Any]], find: Callable[[Connection, int, int], list[Row]], start: int = 0
) -> Response:
    """One page by id; one row more than asked for tells whether there is another page."""
    limit = page_limit(request.args.get("limit"))
    cursor = request.args.get("cursor")
    beyond = decode_cursor(cursor, 1)[0] if cursor else start
    with services().db.read() as connection:
        rows = find(connection, beyond, limit + 1)
    following = encode_cursor(rows[limit - 1]["id"]) if len(rows) > limit else None
    return ok({name: [as_json(row) for row in rows[:limit]], "next_cursor": following})
