"""What this feature consists of."""

from __future__ import annotations

from features.changes import jobs, routes
from runtime.feature import Feature, every

FEATURE = Feature(
    name="changes",
    tables=("changes",),
    blueprints=(routes.blueprint,),
    # A restart overlaps: what the old process still committed between our opening and its end is caught up at the start.
    at_start=(jobs.refresh_feed,),
    jobs=(every(jobs.refresh_feed, seconds=2), every(jobs.prune, hours=1)),
)
