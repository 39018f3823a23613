"""What this feature consists of."""

from __future__ import annotations

from features.templates import jobs, routes
from runtime.feature import Feature, every
from runtime.modes import NOT_LOCKED

FEATURE = Feature(
    name="templates",
    tables=("templates",),
    blueprints=(routes.blueprint,),
    jobs=(every(jobs.refresh_templates, minutes=1, soon=True, modes=NOT_LOCKED),),
)
