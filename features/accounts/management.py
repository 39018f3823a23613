"""HTTP of what `/settings` manages: staff, API tokens, the audit log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import orjson
from flask import Blueprint, Response
from pydantic import Field

from core.errors import NotFound
from core.paging import decode_cursor, encode_cursor
from db_manager import Connection, Row
from features.accounts import actions, authentication, queries, staff
from features.accounts.answers import (
    ApiToken,
    AuditEntry,
    AuditPage,
    NewApiToken,
    OneNewToken,
    OneStaffMember,
    Role,
    StaffMember,
    StaffPage,
    TokenPage,
    TokenRevoked,
)
from system import clock
from web import guards
from web.answers import User
from web.openapi import describe
from web.respond import ok
from web.services import services
from web.validation import LARGEST_ID, Body, PageQuery, Text, parse_json, parse_query

blueprint = Blueprint("management", __name__)

Password = Annotated[str, Field(max_length=1024)]
Words = Annotated[Text, Field(max_length=1000)]

BAD_PERSON = {
    "invalid_email": "This is no e-mail address.",
    "invalid_name": "The name is empty.",
    "weak_password": "The password is too short, too long, or too easy to guess.",
}
NOT_BELOW = {"forbidden": "Admins manage agents, owners manage everybody."}
BUSY = {"busy": "Too many people are signing in right now."}


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
@describe("All members of staff", "Disabled ones too.", query=PageQuery, answers={200: StaffPage})
def get_staff() -> Response:
    rows, following = _page(queries.staff)
    return ok(StaffPage(staff=[_staff_member(row) for row in rows], next_cursor=following))


@blueprint.post("/api/staff")
@guards.role("admin")
@describe(
    "Add somebody",
    "Admins add agents; owners add anybody.",
    body=NewStaff,
    answers={201: OneStaffMember},
    errors={
        403: NOT_BELOW,
        409: {"email_taken": "Somebody has this e-mail address.", "demo_account": "The demo owner adds nobody."},
        422: BAD_PERSON,
        503: BUSY,
    },
)
def post_staff() -> Response:
    body = parse_json(NewStaff)
    person = staff.new_user(body.email, body.name, body.role, body.password)
    user = staff.create_user(authentication.sessions(), person, by=guards.user())
    return ok(OneStaffMember(staff=_member(user.id)), 201)


@blueprint.patch("/api/staff/<row:user_id>")
@guards.role("admin")
@describe(
    "Change somebody below you",
    "What is left out stays. A new role or password, or disabling, signs them out everywhere.",
    body=StaffChange,
    answers={200: OneStaffMember},
    errors={
        403: NOT_BELOW,
        409: {"own_account": "Yourself.", "last_owner": "The last owner stays one."},
        422: BAD_PERSON,
        503: BUSY,
    },
)
def patch_staff(user_id: int) -> Response:
    change = staff.StaffChange(**parse_json(StaffChange).model_dump())
    staff.change_user(authentication.sessions(), user_id, change, by=guards.user())
    return ok(OneStaffMember(staff=_member(user_id)))


def _member(user_id: int) -> StaffMember:
    with services().db.read() as connection:
        row = queries.user_by_id(connection, user_id)
    if row is None:
        raise NotFound("There is no such member of staff.")
    return _staff_member(row)


def _staff_member(row: Row) -> StaffMember:
    return StaffMember(
        id=row["id"],
        email=row["email"],
        name=row["name"],
        role=row["role"],
        disabled=row["disabled_at"] is not None,
        created_at=clock.iso_of(row["created_at"]),
        last_seen_at=clock.iso(row["last_seen_at"]),
    )


# ---------------------------------------------------------------- API tokens


@blueprint.get("/api/tokens")
@describe("My API tokens", "Without their secrets, which nobody can read again.", query=PageQuery, answers={200: TokenPage})
def get_tokens() -> Response:
    own = guards.user().id
    rows, following = _page(lambda connection, after, limit: queries.tokens_of(connection, own, after, limit))
    return ok(TokenPage(tokens=[ApiToken(**_token(row)) for row in rows], next_cursor=following))


@blueprint.post("/api/tokens")
@describe(
    "Make an API token of mine",
    "It may do what I may. `secret` is shown this once.",
    body=NewToken,
    answers={201: OneNewToken},
    errors={409: {"demo_account": "The demo has no tokens."}, 422: {"invalid_name": "The name is empty."}},
)
def post_token() -> Response:
    body = parse_json(NewToken)
    row, secret = actions.create_token(authentication.sessions(), guards.user(), body.name)
    return ok(OneNewToken(token=NewApiToken(**_token(row), secret=secret)), 201)


@blueprint.delete("/api/tokens/<row:token_id>")
@describe("Revoke a token of mine", "From now on it opens nothing.", answers={200: TokenRevoked})
def delete_token(token_id: int) -> Response:
    actions.revoke_token(authentication.sessions(), guards.user(), token_id)
    return ok(TokenRevoked(revoked=True))


def _token(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["name"],
        "created_at": clock.iso(row["created_at"]),
        "last_used_at": clock.iso(row["last_used_at"]),
    }


# ---------------------------------------------------------------- audit, about


@blueprint.get("/api/audit")
@guards.role("admin")
@describe("Who did what", "Newest first. Never a secret, never a message.", query=PageQuery, answers={200: AuditPage})
def get_audit() -> Response:
    rows, following = _page(queries.audit_entries, start=LARGEST_ID)
    return ok(AuditPage(entries=[_audit_entry(row) for row in rows], next_cursor=following))


def _audit_entry(row: Row) -> AuditEntry:
    return AuditEntry(
        id=row["id"],
        at=clock.iso_of(row["at"]),
        user=User(id=row["user_id"], name=row["name"]) if row["user_id"] else None,
        action=row["action"],
        detail=orjson.loads(row["detail"]),
    )


# ---------------------------------------------------------------- paging


def _page(find: Callable[[Connection, int, int], list[Row]], start: int = 0) -> tuple[list[Row], str | None]:
    """One page by id, and the cursor of the next; one row more than asked for tells whether there is one."""
    asked = parse_query(PageQuery)
    beyond = decode_cursor(asked.cursor, 1)[0] if asked.cursor else start
    with services().db.read() as connection:
        rows = find(connection, beyond, asked.limit + 1)
    following = encode_cursor(rows[asked.limit - 1]["id"]) if len(rows) > asked.limit else None
    return rows[: asked.limit], following
