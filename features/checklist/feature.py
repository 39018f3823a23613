"""What this feature consists of."""

from __future__ import annotations

from core.reason import Reason, define
from features.checklist import cli, routes
from runtime.feature import Feature
from runtime.setting import SettingsPage

define({"page.getting_started": "Getting started"})

PAGE = SettingsPage(
    "getting-started", Reason("page.getting_started"), 10, ("settings/checklist.html",),
    role="owner", anchors=("getting-started",),
)

FEATURE = Feature(
    name="checklist",
    blueprints=(routes.blueprint,),
    pages=(PAGE,),
    subcommands={"live-check": (cli.whatsapp,)},
)
