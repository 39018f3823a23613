"""Meta's deliveries as the API answers them."""

from __future__ import annotations

from typing import Literal

from web.answers import Answer, Page, Time

DeliveryState = Literal["applied", "pending", "quarantined"]


class DeliverySummary(Answer):
    """A delivery without its body: `size` in bytes; `quarantined`: so many of its events were set aside."""

    id: int
    received_at: Time
    state: DeliveryState
    error: str | None
    size: int
    quarantined: int


class DeliveryPage(Page):
    """What Meta delivered, newest first."""

    deliveries: list[DeliverySummary]


class Delivery(Answer):
    """A delivery with its body as it came."""

    id: int
    received_at: Time
    state: DeliveryState
    error: str | None
    body: str


class QuarantinedEvent(Answer):
    """A part of a delivery that could not be applied."""

    event: str
    error: str
    at: Time


class OneDelivery(Answer):
    """A delivery, and what of it was set aside."""

    delivery: Delivery
    quarantined: list[QuarantinedEvent]
