"""A setting, declared once by the feature that reads it: the API, its description and the page are made from this.

Read it by `features.settings.values.value(connection, SETTING)`, or `in_force` when the environment may have decided.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from config import Config
from core.reason import Reason
from web.services import Services

T = TypeVar("T")

SHOP = "/api/settings"
PERSON = "/api/me"  # its settings are preferences: kept on the account, for anybody to change their own


@dataclass(frozen=True)
class Environment(Generic[T]):
    """What the environment of the server has decided, which nobody can change in the pages."""

    names: str  # of the variables, for whoever tries
    decided: Callable[[Config], T | None]  # None: nothing


def _accept(parts: Services, new: Any) -> None:
    pass


@dataclass(frozen=True, eq=False)
class Setting(Generic[T]):
    """`type` is what pydantic checks a new value against: a type, or one annotated with limits and validators."""

    key: str  # in the database and in the API
    type: Any
    default: T
    page: str  # /settings/<page> shows it; "" for one that no page shows
    label: Reason
    help: Reason | None = None
    role: str = "admin"  # the lowest that may change it
    choices: Mapping[Any, Reason] = field(default_factory=dict)  # what the page offers, when it is not all of `type`
    call: str = SHOP  # which reads and changes it: one of its own when a change does more than keep a value
    kept_in: str = ""  # the row (a JSON object) that it shares with others; "" for one of its own
    environment: Environment[T] | None = None
    refuse: Callable[[Services, T], None] = _accept  # what only the running application knows; raises AppError


@dataclass(frozen=True)
class SettingsPage:
    """`/settings/<name>`. Its cards are templates; the settings that name the page are one more, as a form."""

    name: str
    title: Reason
    place: int  # in the list of pages
    cards: tuple[str, ...] = ()
    role: str = "agent"  # the lowest that sees it
    in_demo: bool = True
    anchors: tuple[str, ...] = ()  # names in links of before: /settings#google
