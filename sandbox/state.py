"""What our model of Meta knows: the number, its customers and messages, files, templates, and how it is to misbehave.

The HTTP surface (`graph_api.py`), sending (`sending.py`) and the customers' phones (`customer.py`) all work on this;
`graph.py` puts it behind a port.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import phonenumbers

from sandbox.courier import Courier, Endpoint, Quirks
from sandbox.credentials import Credentials
from sandbox.faults import Faults
from sandbox.ledger import Ledger
from sandbox.message_templates import invented_templates
from sandbox.shelf import Shelf
from sandbox.world import Profile, World

SCOPES = ("whatsapp_business_management", "whatsapp_business_messaging")


class MetaState:
    """`window`: how the closed 24-hour window answers: "async" a failed status, "sync" an error at once, "off" not at all."""

    def __init__(
        self,
        webhook: Endpoint | None,
        credentials: Credentials | None,
        window: str,
        quirks: Quirks | None,
        directory: Path | None,
        wait_for: str | None,
    ) -> None:
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
        self.url = ""  # where the calls are answered, known once the port is bound
        self.credentials = credentials or Credentials()
        self.window = window
        self.world = World(directory / "phones.json" if directory else None)
        self.shelf = Shelf(directory / "media" if directory else None)
        self.templates = invented_templates()
        self.faults = Faults()
        self.ledger = Ledger()
        self.subscribed = True
        self.owns_number = True  # False: the account's list of numbers does not hold ours
        self.token: dict[str, Any] = {"expires_at": 0, "scopes": list(SCOPES)}
        self.synced: set[str] = set()
        self.courier = Courier(self.credentials, webhook, quirks or Quirks(), wait_for)

    @property
    def quirks(self) -> Quirks:
        return self.courier.quirks

    @property
    def own_ids(self) -> tuple[str, str]:
        return self.credentials.phone_number_id, self.credentials.waba_id

    def profile(
        self, name: str, phone: str | None = None, *, username: str | None = None, user_id: str | None = None
    ) -> Profile:
        """Found or made. Without `phone` the customer hides the number."""
        user_id = user_id or make_user_id(phone or username or name)
        known = self.world.find(phone=phone, user_id=user_id)
        return known or self.world.add(Profile(phone or user_id, name, user_id, phone, username))

    def profile_for(self, *, phone: str | None = None, user_id: str | None = None) -> Profile:
        """Who is written to; a stranger gets a phone, as every number may have WhatsApp."""
        known = self.world.find(phone=phone, user_id=user_id)
        return known or self.profile(f"+{phone}" if phone else str(user_id), phone, user_id=user_id)

    def mark_read(self, wamid: str, typing_until: int = 0) -> None:
        """Blue ticks for this message and all earlier ones of its writer."""
        read = self.world.bubbles.get(wamid)
        if read is None:
            return
        for bubble in self.world.chat(read.chat):
            if bubble.mine and bubble.timestamp <= read.timestamp and bubble.status != "read":
                self.world.change(bubble.wamid, status="read")
        profile = self.world.profiles.get(read.author)
        if profile is not None and typing_until:
            self.world.touch(profile, typing_until=typing_until)


def make_user_id(seed: str) -> str:
    """A business-scoped user id, the same for the same seed: country, dot, digits."""
    country = "HK"
    if seed.isdigit():
        try:
            country = phonenumbers.region_code_for_number(phonenumbers.parse(f"+{seed}")) or country
        except phonenumbers.NumberParseException:
            pass
    return f"{country}.{int(hashlib.sha256(seed.encode()).hexdigest()[:16], 16):020d}"
