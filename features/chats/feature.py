"""What this feature consists of."""

from __future__ import annotations

from features.chats import routes
from features.chats.settings import TELL_CUSTOMERS_READ
from runtime.feature import Feature

FEATURE = Feature(
    name="chats",
    tables=("conversations",),
    blueprints=(routes.blueprint,),
    settings=(TELL_CUSTOMERS_READ,),
)
