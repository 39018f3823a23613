"""What this feature consists of."""

from __future__ import annotations

from features.checklist import cli, routes
from runtime.feature import Feature

FEATURE = Feature(
    name="checklist",
    blueprints=(routes.blueprint,),
    subcommands={"live-check": (cli.whatsapp,)},
)
