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
from features.accounts import authentication
from features.changes.queries import bounds
from features.changes.routes import SOCKET_OPTIONS
from features.numbers import connection
from features.webhooks.middleware import WebhookMiddleware
from maintenance import out_of_order_app, register_commands
from runtime import Runtime, install_health
from system import logs
from web import assets, guards, headers, openapi, respond, words
from web.idle_poll import IdlePoll
from web.live import LiveFeed
from web.services import Clients, Services
from web.validation import RowIdConverter
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
    config.data_dir.mkdir(parents=True, exist_ok=True)
    config = replace(config, secret_key=keep_secret_key(config))
    logs.hide(config.google_client_secret)
    try:
        database = Database(config.database_path).open()
    except SetupError as error:
        log.critical("the database was refused", extra={"reason": str(error)})
        return out_of_order_app(config, str(error))
    config = connection.resolve(config, database)
    if config.is_sandbox:
        config = sandbox.with_credentials(config)
    logs.hide(config.whatsapp_access_token, config.whatsapp_app_secret, config.whatsapp_verify_token, config.secret_key)
    return _assemble(config, database, clients or _real_clients(config))


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


def _assemble(config: Config, database: Database, clients: Clients) -> Flask:
    app = Flask(__name__, static_folder=None, root_path=str(Path(__file__).parent))
    app.config.update(
        SECRET_KEY=config.secret_key, MAX_CONTENT_LENGTH=LARGEST_BODY, SOCK_SERVER_OPTIONS=SOCKET_OPTIONS
    )
    app.url_map.converters["row"] = RowIdConverter
    with database.read() as reader:
        feed = LiveFeed(*bounds(reader))
    database.on_change = feed.announce
    parts = Services(config=config, db=database, clients=clients, feed=feed)
    app.extensions["config"] = config
    app.extensions["services"] = parts
    app.extensions["inbox"] = runtime = Runtime(app, parts)
    app.jinja_env.globals.update(t=words.t, language=words.language, language_tag=words.tag)
    app.jinja_env.globals.update(sandbox=config.is_sandbox, mode=config.mode)
    app.wsgi_app = IdlePoll(  # type: ignore[method-assign]
        app.wsgi_app, feed, lambda environ: authentication.is_known(app.extensions["sessions"], environ)
    )
    respond.install(app)
    assets.install(app)
    install_health(app, runtime)
    openapi.install(app)
    _register_features(app)
    app.wsgi_app = WebhookMiddleware(app.wsgi_app, parts, app.extensions["arrivals"])  # type: ignore[method-assign]
    if config.public_url:  # only then is there a proxy whose word counts
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=0)  # type: ignore[method-assign]
    guards.install(app)
    headers.install(app)
    register_commands(app)
    return app


def _register_features(app: Flask) -> None:
    for name in FEATURES:
        try:
            module = import_module(f"features.{name}.routes")
        except ModuleNotFoundError as error:
            if error.name != f"features.{name}.routes":
                raise
            continue  # a feature without routes
        app.register_blueprint(module.blueprint)
    if app.extensions["services"].config.is_sandbox:
        app.register_blueprint(import_module("sandbox.phone").blueprint)
