"""Accounts from the shell, also beside a live server: `flask --app app users create`, `flask --app app tokens create`."""

from __future__ import annotations

import sys

import click
from flask import current_app
from flask.cli import AppGroup

from core.errors import AppError
from core.text import fold
from features.accounts import actions, queries, setup_code, staff
from features.accounts.sessions import Sessions
from web.guards import User

users_cli = AppGroup("users", help="Members of staff.")
tokens_cli = AppGroup("tokens", help="API tokens.")


@users_cli.command("create")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", type=click.Choice(["owner", "admin", "agent"]), required=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
def create_user_command(email: str, name: str, role: str, password_stdin: bool) -> None:
    """Add a member of staff."""
    if password_stdin:
        password = sys.stdin.read().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        user = staff.create_user(_sessions(), staff.new_user(email, name, role, password), by=None)
    except AppError as error:
        raise click.ClickException(error.message) from error
    setup_code.forget(current_app.extensions["services"].config.data_dir)
    click.echo(f"Created {user.role} {user.name} <{user.email}>.")


@tokens_cli.command("create")
@click.option("--email", required=True)
@click.option("--name", default="command line", show_default=True, help="What the token is for.")
def create_token_command(email: str, name: str) -> None:
    """Make an API token and print it, alone; it cannot be shown again."""
    sessions = _sessions()
    with sessions.db.read() as connection:
        row = queries.user_by_email(connection, fold(email.strip()))
    if row is None or row["disabled_at"]:
        raise click.ClickException("There is no active member of staff with this e-mail address.")
    try:
        _, secret = actions.create_token(sessions, User(row["id"], row["email"], row["name"], row["role"]), name)
    except AppError as error:
        raise click.ClickException(error.message) from error
    click.echo(secret)


def _sessions() -> Sessions:
    if "sessions" not in current_app.extensions:
        raise click.ClickException("The database was refused at start-up: see the log.")
    return current_app.extensions["sessions"]  # type: ignore[no-any-return]
