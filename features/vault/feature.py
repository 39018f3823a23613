"""What this feature consists of."""

from __future__ import annotations

from features.vault.cli import secrets_cli
from runtime.feature import Feature

FEATURE = Feature(
    name="vault",
    tables=("secrets",),
    commands=(secrets_cli,),
)
