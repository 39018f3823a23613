"""What every page needs to know about the shop, and the pages of /settings that are about people."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from core.reason import Reason, define
from core.text import clean_name
from runtime.setting import PERSON, Setting, SettingsPage
from web.validation import Text

define(
    {
        "setting.business_name": "Name of the business",
        "setting.sound": "Sound for new messages",
        "setting.notifications": "Desktop notifications",
        "setting.enter_sends": "Enter sends, Shift and Enter makes a new line",
        "setting.theme": "Theme",
        "setting.theme.system": "Like the system",
        "setting.theme.light": "Light",
        "setting.theme.dark": "Dark",
        "setting.language": "Language",
        "page.profile": "Your account",
        "page.preferences": "How the inbox behaves for you",
        "page.staff": "Staff",
        "page.business": "The business",
        "page.tokens": "API tokens",
        "page.running": "How it is running",
        "page.activity": "Who did what",
    }
)

BusinessName = Annotated[Text, Field(max_length=1000), AfterValidator(lambda name: clean_name(name, 100))]

BUSINESS_NAME = Setting("business_name", BusinessName, "", page="business", label=Reason("setting.business_name"))

# ---------------------------------------------------------------- of each person

SOUND = Setting("sound", bool, False, "preferences", Reason("setting.sound"), role="agent", call=PERSON)
NOTIFICATIONS = Setting(
    "notifications", bool, False, "preferences", Reason("setting.notifications"), role="agent", call=PERSON
)
ENTER_SENDS = Setting("enter_sends", bool, True, "preferences", Reason("setting.enter_sends"), role="agent", call=PERSON)
THEME = Setting(
    "theme",
    Literal["system", "light", "dark"],
    "system",
    "preferences",
    Reason("setting.theme"),
    role="agent",
    choices={
        "system": Reason("setting.theme.system"),
        "light": Reason("setting.theme.light"),
        "dark": Reason("setting.theme.dark"),
    },
    call=PERSON,
)
LANGUAGE = Setting(  # no page shows it before there is a second language; null: as the browser asks
    "language", Literal["en", "zh-Hant", "zh-Hans"] | None, None, "", Reason("setting.language"), role="agent", call=PERSON
)

SETTINGS = (BUSINESS_NAME, SOUND, NOTIFICATIONS, ENTER_SENDS, THEME, LANGUAGE)

PAGES = (
    SettingsPage("profile", Reason("page.profile"), 20, ("settings/profile.html", "settings/password.html")),
    SettingsPage("preferences", Reason("page.preferences"), 30, ("settings/preferences.html",)),
    SettingsPage("staff", Reason("page.staff"), 50, ("settings/staff.html",), role="admin", anchors=("staff-title",)),
    SettingsPage("business", Reason("page.business"), 60, role="admin"),
    SettingsPage("tokens", Reason("page.tokens"), 90, ("settings/tokens.html",), in_demo=False),
    SettingsPage("running", Reason("page.running"), 100, ("settings/running.html",), role="admin"),
    SettingsPage("activity", Reason("page.activity"), 110, ("settings/activity.html",), role="admin"),
)
