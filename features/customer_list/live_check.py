"""`bin/live-check sheet`: the Google Sheet that is in use, read for real. The tests only ever speak to a model of ours."""

from __future__ import annotations

from collections.abc import Iterator

import click
from flask.cli import with_appcontext

from core.errors import RemoteError
from core.tables import SourceError
from features.customer_list import chosen as chosen_list
from features.google_account.live_check import Skipped, Step, report
from web.services import Services, services


def check_sheet(parts: Services) -> Iterator[Step]:
    """Two reads, nothing is written."""
    with parts.db.read() as connection:
        chosen = chosen_list.read(connection, parts.config)
    if chosen.kind != "sheet":
        raise Skipped("no Google Sheet is the Customer List")
    yield Step("tabs", lambda: _tabs(parts, chosen))
    yield Step("rows", lambda: _rows(parts, chosen))


def _tabs(parts: Services, chosen: chosen_list.Chosen) -> str:
    try:
        return ", ".join(tab.title for tab in chosen_list.sheets(parts, patience=10).tabs(chosen.place.sheet_id)[1])
    except SourceError as error:
        raise RemoteError(error.reason) from error


def _rows(parts: Services, chosen: chosen_list.Chosen) -> str:
    try:
        return f"{len(chosen_list.open_source(parts, chosen, patience=10).read().rows)} rows"
    except SourceError as error:
        raise RemoteError(error.reason) from error


@click.command("sheet")
@with_appcontext
def sheet_command() -> None:
    """The tabs and the rows of the Google Sheet that is the Customer List."""
    report(check_sheet(services()))
