"""`flask --app app db restore-from-drive`: after the loss of a machine."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

import db_manager
from core.errors import SetupError
from features.backups import actions
from web.services import services


@click.command("restore-from-drive")
@click.argument("name", required=False)
@click.option("--from", "installation", help="The installation whose backup is meant, when several keep theirs in this Drive.")
@with_appcontext
def restore_from_drive_command(name: str | None, installation: str | None) -> None:
    """Fetch the backup NAME (without it the newest) from Google Drive and restore it. The server must be stopped."""
    if reason := current_app.extensions.get("refused"):
        raise click.ClickException(f"{reason} Move DATA_DIR away, start anew, connect Google, then repeat this.")
    parts = services()
    try:
        with db_manager.hold_data_folder(parts.config.data_dir, wait_s=0):
            path = actions.fetch_from_drive(parts, name, installation)
        parts.db.close()
        kept = db_manager.restore(parts.config.database_path, path)
    except SetupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Restored from {path.name}." + (f" The old file is kept as {kept.name}." if kept else ""))
