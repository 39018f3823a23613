"""What this feature consists of."""

from __future__ import annotations

from features.messages import jobs, routes
from runtime.feature import Feature, every

FEATURE = Feature(
    name="messages",
    tables=("messages", "message_revisions", "reactions", "pending_statuses"),
    blueprints=(routes.blueprint,),
    jobs=(every(jobs.forget_old_statuses, hours=1),),
)
