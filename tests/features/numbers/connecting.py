"""A sandbox whose Graph API is a double, restarted as gunicorn would: a fresh application on the same data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from app import create_app
from config import Config
from features.accounts import actions as accounts
from features.accounts import staff
from sandbox.graph import GraphDouble
from tests.conftest import PASSWORD
from web.services import Services


class House:
    """`app` is the one of the moment. Ona is its owner, also after a restart."""

    def __init__(self, folder: Path, double: GraphDouble, **settings: Any) -> None:
        self.double = double
        self.config = replace(
            Config(data_dir=folder / "data", graph_api_url=double.url, is_sandbox=True), **settings
        )
        self.app = create_app(self.config)
        sessions = self.app.extensions["sessions"]
        ona = staff.create_user(sessions, staff.new_user("ona@example.com", "Ona", "owner", PASSWORD), by=None)
        _, self.token = accounts.create_token(sessions, ona, "tests")

    @property
    def parts(self) -> Services:
        return self.app.extensions["services"]  # type: ignore[no-any-return]

    @property
    def ona(self) -> FlaskClient:
        client = self.app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {self.token}"
        return client

    def restart(self, **settings: Any) -> None:
        self.stop()
        self.config = replace(self.config, **settings)
        self.app = create_app(self.config)

    def stop(self) -> None:
        self.app.extensions["inbox"].stop()

    def connect(self, **changes: str) -> Any:
        return self.ona.post("/api/numbers", json=five(self.double) | changes)

    def state(self) -> dict[str, Any]:
        return dict(self.ona.get("/api/numbers").get_json())


def five(double: GraphDouble) -> dict[str, str]:
    keys = double.credentials
    return {
        "access_token": keys.access_token,
        "phone_number_id": keys.phone_number_id,
        "business_account_id": keys.waba_id,
        "app_secret": keys.app_secret,
        "verify_token": keys.verify_token,
    }
