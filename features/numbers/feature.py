"""What this feature consists of."""

from __future__ import annotations

from core.reason import Reason, define
from features.numbers import actions, connection, routes
from runtime.feature import Feature, daily
from runtime.modes import LIVE
from runtime.setting import SettingsPage

define({"page.number": "WhatsApp number"})

PAGE = SettingsPage(
    "number", Reason("page.number"), 40, ("settings/numbers.html",),
    role="owner", anchors=("number-title", "numbers"),
)

FEATURE = Feature(
    name="numbers",
    tables=("numbers",),
    blueprints=(routes.blueprint,),
    pages=(PAGE,),
    configure=(connection.resolve,),
    jobs=(daily(actions.test, hour=2, modes=LIVE),),  # a token near its end, a number of poor quality
)
