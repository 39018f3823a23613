"""What this feature consists of."""

from __future__ import annotations

from features.chats import routes
from runtime.feature import Feature

FEATURE = Feature(
    name="chats",
    tables=("conversations",),
    blueprints=(routes.blueprint,),
)
