"""What this feature consists of."""

from __future__ import annotations

from features.google_account import drive, live_check, routes
from runtime.feature import Feature

FEATURE = Feature(
    name="google_account",
    tables=("google_account", "drive_state", "drive_folders"),
    blueprints=(routes.blueprint,),
    subcommands={"live-check": (live_check.google_command,)},
    on_clock_set=(lambda tx, now: drive.release(tx),),
)
