"""What this feature consists of."""

from __future__ import annotations

from features.settings import country
from runtime.feature import Feature

FEATURE = Feature(
    name="settings",
    tables=("settings",),
    settings=(country.DEFAULT_COUNTRY,),
)
