"""Reading and keeping what features have declared as `Setting`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from db_manager import Connection
from features.settings.queries import get_setting, put_setting
from runtime.feature import features
from runtime.setting import Setting
from system import clock

T = TypeVar("T")


def value(connection: Connection, setting: Setting[T]) -> T:
    """What was chosen, else the default."""
    return get_setting(connection, setting.key, setting.default)  # type: ignore[no-any-return]


def declared() -> tuple[Setting[Any], ...]:
    """Of all features of the running application."""
    return tuple(setting for feature in features() for setting in feature.settings)


def values(connection: Connection) -> dict[str, Any]:
    """All of them by key."""
    return {setting.key: value(connection, setting) for setting in declared()}


def keep(connection: Connection, chosen: Mapping[str, Any]) -> None:
    for key, new in chosen.items():
        put_setting(connection, key, new, clock.now())
