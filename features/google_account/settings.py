"""What the owner has switched on at Google. It is kept as one object, and changed by PATCH /api/google."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field

from core.errors import Conflict
from core.reason import Reason, define
from runtime.setting import Setting
from web.services import Services
from web.validation import Whole

T = TypeVar("T")

define(
    {
        "setting.archive": "Archive every file in Google Drive",
        "setting.backups": "Copy the daily database backup to Google Drive",
        "setting.public_links": "Make a public link for every file",
        "setting.public_links.help": "Everybody who has such a link can open the file, without signing in. Customers' photos"
        " are personal data: leave this off unless you need it.",
        "setting.prune_days": "Remove copies here after",
        "setting.prune_days.help": "Only files whose copy in Drive has been checked. They are then shown from Drive.",
        "setting.never": "Never",
        "setting.days": "{days} days",
        "setting.links_for": "Who sees links to Google Drive",
        "setting.owners": "Owners",
        "setting.admins": "Admins and owners",
        "setting.everybody": "Everybody",
        "setting.contacts": "Name customers as in your Google Contacts",
        "setting.contacts.help": "They are read every ten minutes and never changed. Only with your own Google account, not"
        " with a service account.",
        "setting.sheet": "Read a Google Sheet",
        "setting.sheet_write": "Write into a Google Sheet",
    }
)


def _refuse_contacts(parts: Services, is_on: bool) -> None:
    if is_on and parts.config.google_credentials_file:
        raise Conflict("A service account has no contacts. Connect your own Google account to use yours.", code="no_contacts")


def _google(key: str, type_: Any, default: T, *, page: str = "google", **more: Any) -> Setting[T]:
    """`more`: help, choices, refuse, as in `Setting`."""
    return Setting(
        key, type_, default, page, Reason(f"setting.{key}"), role="owner", call="/api/google", kept_in="google", **more
    )


ARCHIVE = _google("archive", bool, False)
SHEET = _google("sheet", bool, False, page="")  # these two: by choosing a sheet for the Customer List
SHEET_WRITE = _google("sheet_write", bool, False, page="")
BACKUPS = _google("backups", bool, False)
CONTACTS = _google("contacts", bool, False, help=Reason("setting.contacts.help"), refuse=_refuse_contacts)
PUBLIC_LINKS = _google("public_links", bool, False, help=Reason("setting.public_links.help"))
PRUNE_DAYS = _google(
    "prune_days",
    Annotated[int, Field(ge=0, le=3650), Whole],
    0,  # never
    help=Reason("setting.prune_days.help"),
    choices={0: Reason("setting.never")} | {days: Reason("setting.days", days=days) for days in (30, 90, 180, 365)},
)
LINKS_FOR = _google(  # the lowest role that sees links into Drive
    "links_for",
    Literal["owner", "admin", "agent"],
    "admin",
    choices={
        "owner": Reason("setting.owners"),
        "admin": Reason("setting.admins"),
        "agent": Reason("setting.everybody"),
    },
)

SWITCHES: tuple[Setting[Any], ...] = (ARCHIVE, SHEET, SHEET_WRITE, BACKUPS, CONTACTS, PUBLIC_LINKS, PRUNE_DAYS, LINKS_FOR)
