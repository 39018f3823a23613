"""Random names."""

from __future__ import annotations

import hashlib
import secrets


def token() -> str:
    """256 random bits for a cookie or an API token."""
    return secrets.token_urlsafe(32)


def token_hash(value: str) -> bytes:
    """What is stored of a token: it is random, so a plain hash is enough."""
    return hashlib.sha256(value.encode()).digest()


def attempt_id() -> str:
    """Travels as `biz_opaque_callback_data`: no personal data, every app subscribed to the account sees it."""
    return f"m:{secrets.token_hex(16)}"
