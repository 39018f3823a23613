"""The secrets from the shell: `flask --app app secrets rotate`, also beside a live server."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from features.vault import actions
from web.services import services

secrets_cli = AppGroup("secrets", help="Tokens and secrets that are kept encrypted.")


@secrets_cli.command("rotate")
def rotate_command() -> None:
    """Make a new key and encrypt every stored secret with it."""
    count, unreadable = actions.rotate(services())
    click.echo(f"Encrypted {count} with a new key.")
    if unreadable:
        raise click.ClickException("No key opens these; connect them again: " + ", ".join(sorted(unreadable)))
