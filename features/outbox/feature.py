"""What this feature consists of."""

from __future__ import annotations

from features.outbox import queries, routes
from features.outbox.dispatcher import Outbox
from runtime.feature import Feature

FEATURE = Feature(
    name="outbox",
    tables=("outbox", "send_attempts"),
    blueprints=(routes.blueprint,),
    workers=(Outbox,),
    on_clock_set=(queries.hurry,),
)
