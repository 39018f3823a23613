"""What this feature consists of."""

from __future__ import annotations

from features.google_contacts import jobs, routes
from runtime.feature import Feature, every

FEATURE = Feature(
    name="google_contacts",
    tables=("google_contacts", "google_phones"),
    blueprints=(routes.blueprint,),
    jobs=(every(jobs.tend_contacts, minutes=1),),
)
