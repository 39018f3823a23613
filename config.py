"""Every setting, read once from the environment (and `.env`) into a frozen value; fails loudly."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from core.errors import SetupError

# The five that make a number: all or none. None of them: sandbox.
WHATSAPP_CREDENTIALS = (
    "WHATSAPP_ACCESS_TOKEN",
    "WHATSAPP_PHONE_NUMBER_ID",
    "WHATSAPP_BUSINESS_ACCOUNT_ID",
    "WHATSAPP_APP_SECRET",
    "WHATSAPP_VERIFY_TOKEN",
)
SAMPLE_VALUES = frozenset({"changeme", "change-me", "your-secret-key", "secret", "xxx"})


@dataclass(frozen=True)
class Config:
    """One field a setting; the environment variable is the field's name in capitals."""

    data_dir: Path = Path("data")  # holds chat_history.db and media/
    secret_key: str = ""  # signs nothing durable; made and kept in DATA_DIR when unset
    host: str = "127.0.0.1"  # behind a proxy keep it on loopback
    port: int = 8000
    public_url: str = ""  # "https://inbox.example.com": where browsers and Meta reach us
    timezone: str = "UTC"  # of the shop, for days and daily jobs
    default_country: str = ""  # "HK": how phone numbers without country code in the customer list are read

    whatsapp_access_token: str = ""
    whatsapp_phone_number_id: str = ""
    whatsapp_business_account_id: str = ""
    whatsapp_app_secret: str = ""
    whatsapp_verify_token: str = ""
    graph_api_url: str = "https://graph.facebook.com"
    graph_api_version: str = "v25.0"
    media_hosts: tuple[str, ...] = ()  # extra hosts that media may be fetched from, trusted like Meta's

    customers_csv: str = ""
    customer_sheet_id: str = ""
    customer_sheet_tab: str = ""
    google_credentials_file: str = ""
    google_client_id: str = ""
    google_client_secret: str = ""
    drive_folder_id: str = ""

    # Not settings: what became of the connection to WhatsApp (features/numbers/connection.py)
    is_sandbox: bool = False  # no number, neither here nor in the database
    is_stored: bool = False  # the number comes from the database, not from the environment
    is_locked: bool = False  # a number is kept in the database, and no key opens its token

    @property
    def mode(self) -> Literal["sandbox", "live", "locked"]:
        return "sandbox" if self.is_sandbox else "locked" if self.is_locked else "live"

    @property
    def database_path(self) -> Path:
        return self.data_dir / "chat_history.db"

    @property
    def media_dir(self) -> Path:
        return self.data_dir / "media"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Config:
        """Raises SetupError, naming what is missing or wrong."""
        environ = os.environ if environ is None else environ
        values: dict[str, object] = {}
        for setting in fields(cls):
            if setting.name.startswith("is_"):
                continue
            raw = environ.get(setting.name.upper(), "").strip()
            if raw:
                values[setting.name] = _convert(setting.name, raw)
        _refuse_partial_credentials(environ)
        values["is_sandbox"] = not values.get("whatsapp_access_token")
        config = cls(**values)  # type: ignore[arg-type]
        _check(config)
        return config


def keep_secret_key(config: Config) -> str:
    """The configured key, or one made once and kept in DATA_DIR, readable by this user alone."""
    if config.secret_key:
        return config.secret_key
    path = config.data_dir / "secret_key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    key = secrets.token_hex(32)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key)
    except FileExistsError:  # a command beside the server was quicker
        return path.read_text().strip()
    return key


def _convert(name: str, raw: str) -> object:
    if name == "data_dir":
        return Path(raw)
    if name == "port":
        if not raw.isdigit() or not 0 < int(raw) < 65536:
            raise SetupError(f"PORT must be a number from 1 to 65535, not {raw!r}.")
        return int(raw)
    if name == "media_hosts":
        return tuple(host.strip().lower() for host in raw.split(",") if host.strip())
    if name in ("graph_api_url", "public_url"):
        return raw.rstrip("/")
    return raw


def _refuse_partial_credentials(environ: Mapping[str, str]) -> None:
    missing = [name for name in WHATSAPP_CREDENTIALS if not environ.get(name, "").strip()]
    if missing and len(missing) < len(WHATSAPP_CREDENTIALS):
        raise SetupError(
            "WhatsApp is only half configured. Missing: " + ", ".join(missing)
            + ". Set all five WHATSAPP_* credentials, or none of them to run the sandbox."
        )


def _check(config: Config) -> None:
    for name in ("graph_api_url", "public_url"):
        url = getattr(config, name)
        if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
            raise SetupError(f"{name.upper()} must be a full address such as https://example.com, not {url!r}.")
    try:
        ZoneInfo(config.timezone)
    except Exception as error:
        raise SetupError(f"TIMEZONE {config.timezone!r} is not a known time zone (example: Asia/Hong_Kong).") from error
    if config.default_country and not (len(config.default_country) == 2 and config.default_country.isalpha()):
        raise SetupError(f"DEFAULT_COUNTRY must be two letters such as HK, not {config.default_country!r}.")
    for host in config.media_hosts:
        if "/" in host or "@" in host:
            raise SetupError(f"MEDIA_HOSTS are host names only; {host!r} is not one.")
    if config.secret_key and (config.secret_key.lower() in SAMPLE_VALUES or len(config.secret_key) < 16):
        raise SetupError("SECRET_KEY is a sample or too short. Leave it out: a good one is made and kept in DATA_DIR.")
