"""What this feature consists of."""

from __future__ import annotations

from features.chats import live, routes
from features.chats.settings import TELL_CUSTOMERS_READ
from runtime.feature import Feature

FEATURE = Feature(
    name="chats",
    tables=("conversations", "chat_counts"),
    blueprints=(routes.blueprint,),
    settings=(TELL_CUSTOMERS_READ,),
    live={"chats": live.chats_in, "counts": live.counts_in},
)
