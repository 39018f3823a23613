"""What this feature consists of."""

from __future__ import annotations

from features.changes import actions as changes
from features.status import routes
from runtime.feature import Feature
from web.services import Services


def tell_pages(parts: Services) -> None:
    """Open pages learn that the connection to WhatsApp may be another one now."""
    parts.db.write_later(changes.record, "status.updated", "live")


FEATURE = Feature(
    name="status",
    blueprints=(routes.blueprint,),
    when_running=(tell_pages,),
)
