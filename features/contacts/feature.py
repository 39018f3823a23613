"""What this feature consists of."""

from __future__ import annotations

from runtime.feature import Feature

FEATURE = Feature(
    name="contacts",
    tables=("contacts", "contact_aliases"),
)
