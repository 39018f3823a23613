"""Simulated WhatsApp: a stateful double of Meta's Graph API, and a page that plays the customers' phones.

It serves the app while no number is configured, and the tests and benchmarks as their Meta.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from config import Config
from sandbox.credentials import Credentials, keep_credentials

if TYPE_CHECKING:
    from sandbox.graph import GraphDouble

# Where a client would call before `start`: nobody listens there. Never the real Meta.
NOWHERE = "http://127.0.0.1:9"
KEPT_IN = "sandbox.json"


@dataclass(frozen=True)
class SandboxHandle:
    """The running double."""

    double: GraphDouble

    @property
    def graph_url(self) -> str:
        return self.double.url

    def seed(self) -> None:
        """Let the invented customers write. For an empty database; a second time shows nothing twice."""
        from sandbox.seed import plant

        plant(self.double)

    def stop(self) -> None:
        self.double.stop()


def with_credentials(config: Config) -> Config:
    """`config` of a sandbox completed: invented keys, random once per data folder and kept there."""
    kept = keep_credentials(config.data_dir / KEPT_IN)
    return replace(
        config,
        whatsapp_access_token=kept.access_token,
        whatsapp_phone_number_id=kept.phone_number_id,
        whatsapp_business_account_id=kept.waba_id,
        whatsapp_app_secret=kept.app_secret,
        whatsapp_verify_token=kept.verify_token,
        media_hosts=(*config.media_hosts, "127.0.0.1"),
    )


def traces(config: Config) -> Credentials | None:
    """The invented number of this data folder, when there ever was a sandbox."""
    path = config.data_dir / KEPT_IN
    return keep_credentials(path) if path.exists() else None


def forget_phones(config: Config) -> None:
    """What is on the invented customers' phones; a later sandbox begins anew."""
    shutil.rmtree(config.data_dir / "sandbox", ignore_errors=True)


def start(config: Config, webhook_url: str) -> SandboxHandle:
    """Serve the double at once; its webhooks leave when the app behind `webhook_url` answers /healthz with 200."""
    from sandbox.graph import GraphDouble

    origin = urlsplit(webhook_url)
    double = GraphDouble(
        webhook_url,
        credentials=keep_credentials(config.data_dir / KEPT_IN),
        window="async",
        directory=config.data_dir / "sandbox",
        wait_for=f"{origin.scheme}://{origin.netloc}/healthz",
    )
    return SandboxHandle(double.start())
