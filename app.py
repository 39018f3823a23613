"""The composition root: the only place that knows every part. `create_app()` builds, `Runtime.start()` sets it in motion."""

from __future__ import annotations

import logging
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from dotenv import load_dotenv
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import sandbox
from config import Config, keep_secret_key
from core.errors import SetupError
from db_manager import Database
from drive_manager import LocalStore
from features import FEATURES
from runtime import commands, health
from runtime.feature import Feature, load, page_parts
from runtime.lifecycle import Runtime
from runtime.out_of_order import stand_in
from sandbox.feature import FEATURE as SANDBOX
from system import logs
from web import assets, guards, headers, openapi, respond, words
from web.live import LiveFeed
from web.services import Clients, Services
from web.validation import DigitsConverter, RowIdConverter
from whatsapp_handler import WhatsAppClient

log = logging.getLogger("inbox.app")

LARGEST_BODY = 110 * 1024 * 1024  # WhatsApp's 100 MB document and the form around it


def create_app(config: Config | None = None, clients: Clients | None = None) -> Flask:
    """Build the application. Raises SetupError on a configuration that cannot work.

    A database that must not be touched gives an application that only says so (503), so that Meta keeps its messages.
    """
    logs.install()
    if config is None:
        load_dotenv(Path(__file__).with_name(".env"))
        config = Config.from_env()
    features = (*load(FEATURES), SANDBOX)
    config.data_dir.mkdir(parents=True, exist_ok=True)
    config = replace(config, secret_key=keep_secret_key(config))
    logs.hide(config.google_client_secret)
    try:
        database = Database(config.database_path).open()
    except SetupError as error:
        log.critical("the database was refused", extra={"reason": str(error)})
        return stand_in(config, str(error), features)
    for complete in (hook for feature in features for hook in feature.configure):
        config = complete(config, database)
    logs.hide(config.whatsapp_access_token, config.whatsapp_app_secret, config.whatsapp_verify_token, config.secret_key)
    return _assemble(config, database, clients or _real_clients(config), features)


def _real_clients(config: Config) -> Clients:
    whatsapp = WhatsAppClient(
        sandbox.NOWHERE if config.is_sandbox else config.graph_api_url,
        config.graph_api_version,
        config.whatsapp_access_token,
        config.whatsapp_phone_number_id,
        config.whatsapp_business_account_id,
        media_hosts=config.media_hosts,
    )
    return Clients(whatsapp=whatsapp, store=LocalStore(config.media_dir))


def _assemble(config: Config, database: Database, clients: Clients, features: tuple[Feature, ...]) -> Flask:
    app = Flask(__name__, static_folder=None, root_path=str(Path(__file__).parent))
    app.config.update(SECRET_KEY=config.secret_key, MAX_CONTENT_LENGTH=LARGEST_BODY)
    app.url_map.converters.update(row=RowIdConverter, digits=DigitsConverter)
    feed = LiveFeed()
    database.on_change = feed.announce
    parts = Services(config=config, db=database, clients=clients, feed=feed)
    app.extensions["config"] = config
    app.extensions["services"] = parts
    app.extensions["features"] = features
    app.extensions["inbox"] = runtime = Runtime(app, parts, features)
    app.jinja_env.globals.update(t=words.t, language=words.language, language_tag=words.tag, page_parts=page_parts)
    app.jinja_env.globals.update(sandbox=config.is_sandbox, mode=config.mode)
    respond.install(app)
    assets.install(app)
    health.install(app, runtime.health)
    openapi.install(app)
    _register(app, features)
    if config.public_url:  # only then is there a proxy whose word counts
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=0)  # type: ignore[method-assign]
    guards.install(app)
    headers.install(app)
    commands.register(app, features)
    return app


def _register(app: Flask, features: tuple[Feature, ...]) -> None:
    for feature in features:
        for blueprint in feature.blueprints:
            app.register_blueprint(blueprint)
    if app.extensions["services"].config.is_sandbox:
        app.register_blueprint(import_module("sandbox.phone").blueprint)
    for wrap in (hook for feature in features for hook in feature.middleware):
        app.wsgi_app = wrap(app.wsgi_app, app)  # type: ignore[assignment, method-assign]
