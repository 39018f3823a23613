"""What this feature consists of."""

from __future__ import annotations

from core.reason import Reason, define
from features.google_account import drive, live_check, routes, settings
from runtime.feature import Feature
from runtime.setting import SettingsPage

define({"page.google": "Google"})

PAGE = SettingsPage(
    "google", Reason("page.google"), 80, ("settings/google.html",),
    role="owner", in_demo=False, anchors=("google",),
)

FEATURE = Feature(
    name="google_account",
    tables=("google_account", "drive_state", "drive_folders"),
    blueprints=(routes.blueprint,),
    settings=settings.SWITCHES,
    pages=(PAGE,),
    subcommands={"live-check": (live_check.google_command,)},
    on_clock_set=(lambda tx, now: drive.release(tx),),
)
