"""The rooms of the house, lowest first. A room imports only rooms above it in this list (tests/test_architecture.py)."""

from __future__ import annotations

FEATURES = (
    "references",
    "settings",
    "changes",
    "accounts",
    "vault",
    "numbers",
    "google_account",
    "contacts",
    "media",
    "templates",
    "messages",
    "chats",
    "outbox",
    "customer_list",
    "google_contacts",
    "webhooks",
    "sandbox_removal",
    "status",
    "checklist",
)
