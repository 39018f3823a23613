"""Reading and keeping what features have declared as `Setting`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from core.errors import Conflict, Forbidden
from db_manager import Connection
from features.settings.queries import get_setting, put_setting
from runtime.feature import Feature, features
from runtime.setting import SHOP, Setting
from system import clock
from web.guards import User
from web.services import Services

T = TypeVar("T")


def value(connection: Connection, setting: Setting[T]) -> T:
    """What was chosen in the pages, else the default."""
    if setting.kept_in:
        return get_setting(connection, setting.kept_in, {}).get(setting.key, setting.default)  # type: ignore[no-any-return]
    return get_setting(connection, setting.key, setting.default)  # type: ignore[no-any-return]


def in_force(parts: Services, connection: Connection, setting: Setting[T]) -> T:
    """The environment's word, else what was chosen, else the default."""
    decided = by_environment(parts, setting)
    return value(connection, setting) if decided is None else decided


def by_environment(parts: Services, setting: Setting[T]) -> T | None:
    return setting.environment.decided(parts.config) if setting.environment else None


def declared(call: str = SHOP) -> tuple[Setting[Any], ...]:
    """Of all features of the running application, what `call` reads and changes."""
    return declared_by(features(), call)


def declared_by(some: Iterable[Feature], call: str = SHOP) -> tuple[Setting[Any], ...]:
    return tuple(setting for feature in some for setting in feature.settings if setting.call == call)


def values(parts: Services, connection: Connection) -> dict[str, Any]:
    """Those of the shop by key."""
    return {setting.key: in_force(parts, connection, setting) for setting in declared()}


def named(settings: Iterable[Setting[Any]], given: Mapping[str, Any]) -> dict[Setting[Any], Any]:
    """`given` by key, as a call's body has it; by setting."""
    return {setting: given[setting.key] for setting in settings if setting.key in given}


def check(parts: Services, by: User, chosen: Mapping[Setting[Any], Any]) -> None:
    """May this person choose this? Raises Forbidden (the role), Conflict (the environment has decided), what a setting says."""
    for setting, new in chosen.items():
        if not by.may(setting.role):
            raise Forbidden("Your role does not allow this.")
        refuse_decided(parts, setting)
        setting.refuse(parts, new)


def refuse_decided(parts: Services, setting: Setting[Any]) -> None:
    """Raises Conflict: the environment has decided."""
    if setting.environment and by_environment(parts, setting) is not None:
        raise Conflict(
            "{setting}: this is set on the server ({names}) and can be changed there only.",
            code="set_by_environment",
            setting=setting.label,
            names=setting.environment.names,
        )


def keep(connection: Connection, chosen: Mapping[Setting[Any], Any]) -> None:
    now = clock.now()
    for setting, new in chosen.items():
        if setting.kept_in:
            put_setting(connection, setting.kept_in, get_setting(connection, setting.kept_in, {}) | {setting.key: new}, now)
        else:
            put_setting(connection, setting.key, new, now)
