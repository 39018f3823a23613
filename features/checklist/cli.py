"""`flask --app app live-check whatsapp --to NUMBER`: one real message, and what Meta says of it. Beside a running server."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator

import click
from flask.cli import with_appcontext

from core import phone
from core.errors import AppError, RemoteError
from features.numbers import actions as numbers
from features.settings import country
from features.webhooks import queries as deliveries
from integrations.whatsapp.events import StatusChanged
from web.services import Services, services
from whatsapp_handler import Recipient, build_message, parse, template_content, text_content

LOOK_EVERY_S = 0.5
LAST_WORDS = ("delivered", "read", "failed")


@click.command("whatsapp")
@click.option("--to", required=True, help="The number to write to, with country code: one that you may disturb.")
@click.option("--text", default="A test message of the inbox.", show_default=True)
@click.option("--template", help="Name of an approved template without variables: when 24 hours have passed.")
@click.option("--language", default="en_US", show_default=True, help="Of the template.")
@click.option("--wait", type=float, default=60, show_default=True, help="Seconds to wait for statuses.")
@with_appcontext
def whatsapp(to: str, text: str, template: str | None, language: str, wait: float) -> None:
    """Test the connected number, send one message, and print which of its statuses carried our id."""
    parts = services()
    if parts.config.mode != "live":
        click.echo("Skipped: no WhatsApp number is connected.")
        return
    for check in numbers.test(parts).checks:
        click.echo(f"{check.state:>4}  {check.words} {check.advice or ''}".rstrip())
    our_id = f"c:{secrets.token_hex(16)}"
    content = template_content(template, language) if template else text_content(text)
    with parts.db.read() as connection:
        newest = deliveries.newest_id(connection)
    try:
        recipient = Recipient(phone=phone.normalise(to, country.in_force(parts)))
        accepted = parts.clients.whatsapp.send(build_message(recipient, content, callback_data=our_id))
    except (AppError, RemoteError) as error:
        raise click.ClickException(f"Not sent: {error.message}") from error
    click.echo(f"Meta accepted it as {accepted.wamid}; our id is {our_id}. Waiting for statuses…")
    if not any([_tell(status, our_id) for status in _statuses(parts, accepted.wamid, newest, wait)]):
        raise click.ClickException("No status came. Does the server run, and does Meta deliver to it?")


def _statuses(parts: Services, wamid: str, newest: int, wait: float) -> Iterator[StatusChanged]:
    """As the running server stores them, until the last one or the end of patience."""
    deadline = time.monotonic() + wait
    while True:
        with parts.db.read() as connection:
            rows = deliveries.bodies_after(connection, newest)
        for row in rows:
            newest = row["id"]
            for event in parse(row["body"]):
                if isinstance(event, StatusChanged) and event.wamid == wamid:
                    yield event
                    if event.status in LAST_WORDS:
                        return
        if time.monotonic() >= deadline:
            return
        time.sleep(LOOK_EVERY_S)


def _tell(status: StatusChanged, our_id: str) -> bool:
    carried = "carried our id" if status.callback_data == our_id else "did NOT carry our id"
    click.echo(f"{status.status}: {carried}" + (f" ({status.error})" if status.error else ""))
    return True
