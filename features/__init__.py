"""The features, lowest first: the only list of them. Each declares itself in `features/<name>/feature.py`.

A feature imports only features above it here (tests/test_architecture.py).
"""

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
    "backups",
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
