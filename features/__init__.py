"""The rooms of the house, lowest first. A room imports only rooms above it in this list (tests/test_architecture.py)."""

from __future__ import annotations

FEATURES = (
    "settings",
    "changes",
    "accounts",
    "secrets",
    "numbers",
    "google_account",
    "contacts",
    "media",
    "replies",
    "conversations",
    "customer_sync",
    "google_contacts",
    "webhooks",
    "demo",
    "checklist",
)
