"""The country of the shop: how a phone number without country code is read, in the Customer List and where staff type one."""

from __future__ import annotations

import phonenumbers

from core.errors import Conflict, Invalid
from db_manager import Connection, Transaction
from features.settings.queries import get_setting, put_setting
from system import clock
from web.services import Services

_KEY = "default_country"


def in_force(parts: Services) -> str | None:
    """Two capital letters: the environment's, else the one chosen in /settings."""
    if parts.config.default_country:
        return parts.config.default_country.upper()
    with parts.db.read() as connection:
        return chosen(connection)


def chosen(connection: Connection) -> str | None:
    return get_setting(connection, _KEY) or None


def refuse(parts: Services, code: str) -> None:
    """Raises Conflict (the environment has decided), Invalid. "" is fine: no country."""
    if parts.config.default_country:
        raise Conflict("The country is set on the server (DEFAULT_COUNTRY).", code="set_by_environment")
    if code and code not in phonenumbers.SUPPORTED_REGIONS:
        raise Invalid("There is no such country.", code="invalid_country")


def choose(tx: Transaction, code: str) -> None:
    put_setting(tx.connection, _KEY, code, clock.now())


def as_json(parts: Services) -> dict[str, object]:
    """`choices`: [code, calling code] of every country; browsers know the names."""
    choices = sorted((code, phonenumbers.country_code_for_region(code)) for code in phonenumbers.SUPPORTED_REGIONS)
    return {"code": in_force(parts), "by_environment": bool(parts.config.default_country), "choices": choices}
