"""A setting, declared once by the feature that reads it: the API, its description and the page are made from this.

Read it by `features.settings.values.value(connection, SETTING)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from core.reason import Reason

T = TypeVar("T")


@dataclass(frozen=True)
class Setting(Generic[T]):
    """`type` is what pydantic checks a new value against: a type, or one annotated with limits and validators."""

    key: str  # in the database and in the API
    type: Any
    default: T
    page: str  # /settings/<page> shows it
    label: Reason
    help: Reason | None = None


@dataclass(frozen=True)
class SettingsPage:
    """`/settings/<name>`. Its cards are templates; the settings that name the page are one more, as a form."""

    name: str
    title: Reason
    place: int  # in the list of pages
    cards: tuple[str, ...] = ()
    role: str = "agent"  # the lowest that sees it, and may change what is on it
    in_demo: bool = True
    anchors: tuple[str, ...] = ()  # names in links of before: /settings#google
