"""The invented business: its keys at the double, random once per data folder, and its number."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path


def _digits(count: int) -> str:
    return "1" + "".join(secrets.choice("0123456789") for _ in range(count - 1))


@dataclass(frozen=True)
class Credentials:
    access_token: str = field(default_factory=lambda: "SANDBOX" + secrets.token_urlsafe(32), repr=False)
    phone_number_id: str = field(default_factory=lambda: _digits(15))
    waba_id: str = field(default_factory=lambda: _digits(15))
    app_secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    verify_token: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)
    display_phone_number: str = "85258000100"
    business_name: str = "Harbour Kayaks"


def keep_credentials(path: Path) -> Credentials:
    """The credentials kept at `path`, made there on the first start, readable by this user alone."""
    try:
        return Credentials(**json.loads(path.read_text()))
    except FileNotFoundError:
        pass
    credentials = Credentials()
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(credentials), file)
    fresh.rename(path)
    return credentials
