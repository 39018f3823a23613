"""People who work here, their tokens, the settings of the shop and the audit log, as the API answers them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, cast

from pydantic import Field

from features.settings.models import answer_model
from runtime.setting import Setting
from web import guards
from web.answers import Answer, Page, Time, User, like

Role = Literal["owner", "admin", "agent"]


class Account(Answer):
    """Whoever is signed in. `is_demo`: the owner of the sandbox, who ends with it."""

    id: int
    name: str
    email: str
    role: Role
    is_demo: bool


def account_of(user: guards.User) -> Account:
    return Account(id=user.id, name=user.name, email=user.email, role=cast(Role, user.role), is_demo=user.is_demo)


class SignedIn(Answer):
    """Who is signed in now."""

    user: Account


class SignedOut(Answer):
    """Nobody is signed in now."""

    user: None


def preferences_model(declared: Iterable[Setting[Any]]) -> type[Answer]:
    return answer_model("Preferences", declared, "What somebody has chosen for the pages.")


class Me(Answer):
    """Who I am, and what every page needs to know.

    `settings` are those of GET /api/settings; `seq`: the place in the live feed from which to listen.
    """

    user: Account
    preferences: Any = Field(json_schema_extra=like("Preferences"))  # whose model is made of what features declare
    sandbox: bool
    settings: dict[str, Any]
    seq: int


class StaffMember(Answer):
    """Somebody who works here, as admins see them."""

    id: int
    email: str
    name: str
    role: Role
    disabled: bool
    created_at: Time
    last_seen_at: Time | None


class StaffPage(Page):
    """Members of staff, in the order in which they came."""

    staff: list[StaffMember]


class OneStaffMember(Answer):
    """A member of staff."""

    staff: StaffMember


class ApiToken(Answer):
    """An API token, without its secret."""

    id: int
    name: str
    created_at: Time
    last_used_at: Time | None


class TokenPage(Page):
    """API tokens, in the order in which they were made."""

    tokens: list[ApiToken]


class NewApiToken(ApiToken):
    """An API token with its `secret`, which is shown this once."""

    secret: str


class OneNewToken(Answer):
    """A token made just now."""

    token: NewApiToken


class TokenRevoked(Answer):
    """The token opens nothing any more."""

    revoked: Literal[True]


class AuditEntry(Answer):
    """Who did what. `user` is null for the command line and the clock; `detail` is as the action has it."""

    id: int
    at: Time
    user: User | None
    action: str
    detail: dict[str, Any]


class AuditPage(Page):
    """The audit log, newest first."""

    entries: list[AuditEntry]
