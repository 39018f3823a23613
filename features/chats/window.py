"""The customer service window: 24 hours from the customer's own last message, by its time stamp; our replies never extend it.

Source: Meta, Cloud API, "Send messages": https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-messages
"""

from __future__ import annotations

from system import clock

WINDOW_S = 24 * 3600


def closes_at(last_inbound_at: int | None) -> int | None:
    return None if last_inbound_at is None else last_inbound_at + WINDOW_S


def is_open(last_inbound_at: int | None, *, is_group: bool) -> bool:
    """Groups have no such window of their own: there Meta's answer decides."""
    return is_group or (last_inbound_at is not None and clock.now() < last_inbound_at + WINDOW_S)
