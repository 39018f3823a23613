"""Commands of the shell, and the application that stands in while the database must not be touched."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import click
from flask import Flask, Response, current_app, request
from flask.cli import AppGroup

import backups
import db_manager
from config import Config
from core.errors import AppError, SetupError, StorageError
from core.reason import verbatim
from web import assets, headers, respond, words

db_commands = AppGroup("db", help="Look after the database.")
live_check = AppGroup("live-check", help="Try the real services with what is configured; skips what has no credentials.")


def register_commands(app: Flask) -> None:
    app.cli.add_command(db_commands)
    cli = import_module("features.accounts.cli")
    app.cli.add_command(cli.users_cli)
    app.cli.add_command(cli.tokens_cli)
    app.cli.add_command(import_module("features.vault.cli").secrets_cli)
    live_check.add_command(import_module("features.checklist.cli").whatsapp)
    live_check.add_command(import_module("features.google_account.live_check").google_command)
    live_check.add_command(import_module("features.customer_list.live_check").sheet_command)
    app.cli.add_command(live_check)


def _database_path() -> Path:
    return current_app.extensions["config"].database_path  # type: ignore[no-any-return]


@db_commands.command("migrate")
def migrate_command() -> None:
    """Bring the schema up to date (starting the server does the same)."""
    if reason := current_app.extensions.get("refused"):
        raise click.ClickException(reason)
    click.echo("The schema is up to date.")  # create_app has just seen to it


@db_commands.command("check")
def check_command() -> None:
    """Full integrity check. Exit code 1 when something is wrong."""
    problems = db_manager.check(_database_path())
    for problem in problems:
        click.echo(problem)
        db_manager.note_damage(_database_path(), problem)
    if problems:
        sys.exit(1)
    click.echo("ok")


@db_commands.command("backup")
@click.argument("path", type=click.Path(path_type=Path))
def backup_command(path: Path) -> None:
    """Copy the live database to PATH; the copy is checked before it takes its name."""
    try:
        db_manager.backup(_database_path(), path)
    except StorageError as error:
        raise click.ClickException(error.message) from error
    click.echo(f"Backed up to {path}.")


@db_commands.command("restore")
@click.argument("path", type=click.Path(path_type=Path))
def restore_command(path: Path) -> None:
    """Put the backup at PATH in place of the database. The server must be stopped."""
    if "services" in current_app.extensions:
        current_app.extensions["services"].db.close()
    try:
        kept = db_manager.restore(_database_path(), path)
    except SetupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Restored from {path}." + (f" The old file is kept as {kept.name}." if kept else ""))


@db_commands.command("restore-from-drive")
@click.argument("name", required=False)
@click.option("--from", "installation", help="The installation whose backup is meant, when several keep theirs in this Drive.")
def restore_from_drive_command(name: str | None, installation: str | None) -> None:
    """Fetch the backup NAME (without it the newest) from Google Drive and restore it. The server must be stopped."""
    if reason := current_app.extensions.get("refused"):
        raise click.ClickException(f"{reason} Move DATA_DIR away, start anew, connect Google, then repeat this.")
    parts = current_app.extensions["services"]
    try:
        with db_manager.hold_data_folder(parts.config.data_dir, wait_s=0):
            path = backups.fetch_from_drive(parts, name, installation)
        parts.db.close()
        kept = db_manager.restore(_database_path(), path)
    except SetupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Restored from {path.name}." + (f" The old file is kept as {kept.name}." if kept else ""))


@db_commands.command("example")
@click.argument("path", type=click.Path(path_type=Path), default=db_manager.EXAMPLE)
def example_command(path: Path) -> None:
    """Write an empty database with the current schema to PATH (default: chat_history.db.example of this program)."""
    db_manager.make_example(path)
    click.echo(f"Wrote {path}.")


def _is_sound(path: Path) -> bool:
    """There is space again, the lock has gone, or somebody has restored a backup."""
    try:
        db_manager.Database(path).open().close()
    except SetupError:
        return False
    return True


def out_of_order_app(config: Config, reason: str) -> Flask:
    """Answers 503 everywhere: Meta keeps its messages for seven days, and people read why."""
    app = Flask(__name__, static_folder=None, root_path=str(Path(__file__).parent))
    app.extensions["config"] = config
    app.extensions["refused"] = reason
    app.extensions["is_sound_again"] = lambda: _is_sound(config.database_path)
    app.jinja_env.globals.update(t=words.t, language=words.language, language_tag=words.tag, sandbox=False, mode="refused")
    respond.install(app)
    assets.install(app)
    headers.install(app)
    app.cli.add_command(db_commands)

    @app.before_request
    def refuse() -> Response | None:
        if request.endpoint == "asset":
            return None
        raise AppError(verbatim(reason), code="database_refused", status=503, retry_after=60)

    return app
