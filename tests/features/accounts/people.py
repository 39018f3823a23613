"""Signing in as a browser does."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from config import Config
from drive_manager import LocalStore
from features.accounts import staff
from features.accounts.sessions import COOKIE
from tests.fakes.whatsapp import FakeWhatsApp
from web.guards import User
from web.services import Clients

PASSWORD = "salt wind and two paddles"
BASE = "https://inbox.example.com"


def build(config: Config) -> Flask:
    """A second application, as after a restart or in another process."""
    return create_app(config, Clients(whatsapp=FakeWhatsApp(), store=LocalStore(config.media_dir)))


def hire(app: Flask, name: str, role: str, password: str = PASSWORD) -> User:
    person = staff.new_user(f"{name.lower()}@example.com", name, role, password)
    return staff.create_user(app.extensions["sessions"], person, by=None)


def log_in(client: FlaskClient, name: str, password: str = PASSWORD, **options: Any) -> TestResponse:
    options.setdefault("base_url", BASE)
    return client.post("/api/login", json={"email": f"{name.lower()}@example.com", "password": password}, **options)


class Browser:
    """One browser with its own cookies, always on https."""

    def __init__(self, app: Flask, name: str = "", password: str = PASSWORD) -> None:
        self.client = app.test_client()
        self.name = name
        if name:
            assert log_in(self.client, name, password).status_code == 200

    @property
    def cookie(self) -> str | None:
        found = self.client.get_cookie(COOKIE, domain="inbox.example.com")
        return found.value if found else None

    def call(self, method: str, path: str, json: Any = None, **options: Any) -> TestResponse:
        return self.client.open(path, method=method, json=json, base_url=BASE, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.call("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        return self.call("POST", path, json if json is not None else {}, **options)

    def patch(self, path: str, json: Any, **options: Any) -> TestResponse:
        return self.call("PATCH", path, json, **options)

    def is_signed_in(self) -> bool:
        return self.get("/api/me").status_code == 200
