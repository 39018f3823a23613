"""What this feature consists of."""

from __future__ import annotations

from features.numbers import actions, connection, routes
from runtime.feature import Feature, daily
from runtime.modes import LIVE

FEATURE = Feature(
    name="numbers",
    tables=("numbers",),
    blueprints=(routes.blueprint,),
    configure=(connection.resolve,),
    jobs=(daily(actions.test, hour=2, modes=LIVE),),  # a token near its end, a number of poor quality
)
