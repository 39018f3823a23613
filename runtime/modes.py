"""In which modes of the connection to WhatsApp (`Config.mode`) something runs."""

from __future__ import annotations

EVERY_MODE = frozenset({"live", "sandbox", "locked"})
NOT_LOCKED = frozenset({"live", "sandbox"})  # there is a token: Meta, or its double, can be asked
LIVE = frozenset({"live"})
