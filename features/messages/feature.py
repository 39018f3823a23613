"""What this feature consists of."""

from __future__ import annotations

from features.messages import jobs, live, routes
from runtime.feature import Feature, every

FEATURE = Feature(
    name="messages",
    tables=("messages", "message_revisions", "reactions", "pending_statuses"),
    blueprints=(routes.blueprint,),
    live={"messages": live.messages_in},
    jobs=(every(jobs.forget_old_statuses, hours=1),),
)
