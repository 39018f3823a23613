"""The country of the shop: how a phone number without country code is read, in the Customer List and where staff type one."""

from __future__ import annotations

from typing import Annotated

import phonenumbers
from pydantic import Field

from config import Config
from core.errors import Invalid
from core.reason import Reason, define
from db_manager import Transaction
from features.settings import values
from runtime.setting import Environment, Setting
from web.services import Services

define({"setting.default_country": "Country of phone numbers"})


def _decided(config: Config) -> str | None:
    return config.default_country.upper() or None


def _refuse(parts: Services, code: str) -> None:
    if code and code not in phonenumbers.SUPPORTED_REGIONS:
        raise Invalid("There is no such country.", code="invalid_country")


DEFAULT_COUNTRY = Setting(
    "default_country",
    Annotated[str, Field(max_length=2)],  # two capital letters, or "" for none
    "",
    page="customers",
    label=Reason("setting.default_country"),
    call="/api/customers/list",
    environment=Environment("DEFAULT_COUNTRY", _decided),
    refuse=_refuse,
)


def in_force(parts: Services) -> str | None:
    """Two capital letters: the environment's, else the one chosen in /settings."""
    if decided := values.by_environment(parts, DEFAULT_COUNTRY):
        return decided
    with parts.db.read() as connection:
        return values.value(connection, DEFAULT_COUNTRY) or None


def choose(tx: Transaction, code: str) -> None:
    values.keep(tx.connection, {DEFAULT_COUNTRY: code})


def as_json(parts: Services) -> dict[str, object]:
    """`choices`: [code, calling code] of every country; browsers know the names."""
    choices = sorted((code, phonenumbers.country_code_for_region(code)) for code in phonenumbers.SUPPORTED_REGIONS)
    by_environment = values.by_environment(parts, DEFAULT_COUNTRY) is not None
    return {"code": in_force(parts), "by_environment": by_environment, "choices": choices}
