"""Commands of the shell: `flask --app app db ...`, and the groups that features add theirs to."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup

import db_manager
from core.errors import SetupError, StorageError
from runtime.feature import Feature

db_commands = AppGroup("db", help="Look after the database.")
live_check = AppGroup("live-check", help="Try the real services with what is configured; skips what has no credentials.")
GROUPS = {"db": db_commands, "live-check": live_check}


def register(app: Flask, features: Sequence[Feature]) -> None:
    """Our own commands and those of the features."""
    for group in GROUPS.values():
        app.cli.add_command(group)
    for feature in features:
        for command in feature.commands:
            app.cli.add_command(command)
        for name, commands in feature.subcommands.items():
            for command in commands:
                GROUPS[name].add_command(command)


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


@db_commands.command("example")
@click.argument("path", type=click.Path(path_type=Path), default=db_manager.EXAMPLE)
def example_command(path: Path) -> None:
    """Write an empty database with the current schema to PATH (default: chat_history.db.example of this program)."""
    db_manager.make_example(path)
    click.echo(f"Wrote {path}.")
