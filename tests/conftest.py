"""One small cast (owner Ona, admin Ada, agent Ken) and one application a test; no test reaches a network."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

import db_manager
from app import create_app
from config import Config
from db_manager import Database
from drive_manager import LocalStore
from features.accounts import actions as accounts
from features.accounts import passwords, staff
from tests import answers
from tests.builders import APP_SECRET, OUR_NUMBER_ID, OUR_WABA_ID, VERIFY_TOKEN
from tests.fakes.whatsapp import FakeWhatsApp
from web.services import Clients, Services

PASSWORD = "correct horse battery"

collect_ignore = ["fixtures"]  # the example feature's tests run in the copy to which it is added


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of ours may call out; the doubles live on loopback."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else address
        if self.family in (socket.AF_INET, socket.AF_INET6) and host not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """A member of staff in nearly every test: with the real cost they would take a minute of a run."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture(scope="session", autouse=True)
def _quick_routes() -> Iterator[None]:
    """Werkzeug compiles two functions a route, which was half of the time of `create_app`: here once a run, not once a test."""
    built: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}
    compile_builder = Rule._compile_builder

    def remembered(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (rule.rule, *rule._trace, *sorted((rule.defaults or {}).items()), append_unknown)
        if key not in built:
            built[key] = compile_builder(rule, append_unknown)
        return built[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", remembered)
        yield


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database after all migrations: what a test copies instead of migrating again."""
    file = tmp_path_factory.mktemp("migrated") / "chat_history.db"
    db_manager.Database(file).open().close()
    return file


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(
        data_dir=tmp_path / "data",
        whatsapp_access_token="EAAtesttokenforteststestteststests",
        whatsapp_phone_number_id=OUR_NUMBER_ID,
        whatsapp_business_account_id=OUR_WABA_ID,
        whatsapp_app_secret=APP_SECRET,
        whatsapp_verify_token=VERIFY_TOKEN,
        default_country="HK",
    )


@pytest.fixture
def whatsapp() -> FakeWhatsApp:
    return FakeWhatsApp()


@pytest.fixture
def app(config: Config, whatsapp: FakeWhatsApp, migrated_file: Path) -> Iterator[Flask]:
    config.data_dir.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(migrated_file, config.database_path)
    application = create_app(config, Clients(whatsapp=whatsapp, store=LocalStore(config.media_dir)))
    application.testing = True
    answers.hold(application)
    yield application
    application.extensions["inbox"].stop()


@pytest.fixture
def services(app: Flask) -> Services:
    parts: Services = app.extensions["services"]
    return parts


@pytest.fixture
def db(services: Services) -> Database:
    return services.db


@pytest.fixture
def anonymous(app: Flask) -> FlaskClient:
    return app.test_client()


client = anonymous


@pytest.fixture
def owner_client(app: Flask) -> FlaskClient:
    return signed_in(app, "Ona", "owner")


@pytest.fixture
def admin_client(app: Flask) -> FlaskClient:
    return signed_in(app, "Ada", "admin")


@pytest.fixture
def agent_client(app: Flask) -> FlaskClient:
    return signed_in(app, "Ken", "agent")


def signed_in(app: Flask, name: str, role: str) -> FlaskClient:
    """A client that carries an API token of a member of staff made for it."""
    sessions = app.extensions["sessions"]
    person = staff.new_user(f"{name.lower()}@example.com", name, role, PASSWORD)
    _, token = accounts.create_token(sessions, staff.create_user(sessions, person, by=None), "tests")
    bearer_client = app.test_client()
    bearer_client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return bearer_client


@pytest.fixture
def empty_database(tmp_path: Path, migrated_file: Path) -> Iterator[Database]:
    """Without an application around it."""
    file = tmp_path / "plain" / "chat_history.db"
    file.parent.mkdir()
    shutil.copyfile(migrated_file, file)
    database = db_manager.Database(file).open()
    yield database
    database.close()


