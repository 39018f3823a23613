"""The application that stands in while the database must not be touched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flask import Flask, Response, request

import db_manager
from config import Config
from core.errors import AppError, SetupError
from core.reason import verbatim
from runtime import commands
from runtime.feature import Feature
from web import assets, headers, respond, words


def _is_sound(path: Path) -> bool:
    """There is space again, the lock has gone, or somebody has restored a backup."""
    try:
        db_manager.Database(path).open().close()
    except SetupError:
        return False
    return True


def stand_in(config: Config, reason: str, features: Sequence[Feature]) -> Flask:
    """Answers 503 everywhere: Meta keeps its messages for seven days, and people read why."""
    app = Flask(__name__, static_folder=None, root_path=str(Path(__file__).parent.parent))
    app.extensions["config"] = config
    app.extensions["refused"] = reason
    app.extensions["is_sound_again"] = lambda: _is_sound(config.database_path)
    app.jinja_env.globals.update(t=words.t, language=words.language, language_tag=words.tag, sandbox=False, mode="refused")
    respond.install(app)
    assets.install(app)
    headers.install(app)
    commands.register(app, features)

    @app.before_request
    def refuse() -> Response | None:
        if request.endpoint == "asset":
            return None
        raise AppError(verbatim(reason), code="database_refused", status=503, retry_after=60)

    return app
