"""What this feature consists of."""

from __future__ import annotations

from features.webhooks import middleware, routes
from features.webhooks.history import HistoryWorker
from runtime.feature import Feature

FEATURE = Feature(
    name="webhooks",
    tables=("webhook_deliveries", "webhook_quarantine"),
    blueprints=(routes.blueprint,),
    middleware=(middleware.answer_deliveries,),
    workers=(HistoryWorker,),
)
