"""A feature declares itself: `features/<name>/feature.py` holds `FEATURE = Feature(...)`, and nothing else knows it by name.

Whatever exists in a feature's folder and is missing from its declaration fails tests/test_features.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from typing import Any
from wsgiref.types import WSGIApplication

import click
from flask import Blueprint, Flask, current_app

from config import Config
from db_manager import Database, Row, Transaction
from runtime.modes import EVERY_MODE
from runtime.setting import Setting, SettingsPage
from runtime.worker import Worker
from web.services import Services
from web.viewing import View


@dataclass(frozen=True)
class Job:
    """What the clock calls: either every `interval`, or daily at `hour` in the shop's time zone."""

    run: Callable[[Services], Any]
    interval: timedelta | None = None
    hour: int | None = None
    soon: bool = False  # also a second after the start, and after the clock was set
    modes: frozenset[str] = EVERY_MODE


def every(
    run: Callable[[Services], Any], *, soon: bool = False, modes: frozenset[str] = EVERY_MODE, **interval: int
) -> Job:
    """`every(sync, minutes=1)`"""
    return Job(run, interval=timedelta(**interval), soon=soon, modes=modes)


def daily(run: Callable[[Services], Any], *, hour: int, modes: frozenset[str] = EVERY_MODE) -> Job:
    return Job(run, hour=hour, modes=modes)


@dataclass(frozen=True)
class Feature:
    name: str  # of its folder
    tables: tuple[str, ...] = ()  # it alone writes them
    blueprints: tuple[Blueprint, ...] = ()
    settings: tuple[Setting[Any], ...] = ()
    pages: tuple[SettingsPage, ...] = ()
    jobs: tuple[Job, ...] = ()
    workers: tuple[type[Worker], ...] = ()
    commands: tuple[click.Command, ...] = ()  # `flask --app app NAME`
    subcommands: Mapping[str, tuple[click.Command, ...]] = field(default_factory=dict)  # of the groups in runtime/commands.py
    # What a frame of the live feed carries of it, by the name it has there: made from the changes in the frame.
    live: Mapping[str, Callable[[View, list[Row]], Any]] = field(default_factory=dict)
    # Scripts of its own in the inbox: place ("details") -> files of `features/<name>/static/`, see static/js/ui/page_parts.js.
    page_parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # Around the whole application; the last feature's is the outermost.
    middleware: tuple[Callable[[WSGIApplication, Flask], WSGIApplication], ...] = ()
    # While the application is built: may complete the configuration from what the database keeps.
    configure: tuple[Callable[[Config, Database], Config], ...] = ()
    # When the server starts, before workers and clock. What it returns is called after everything has stopped.
    at_start: tuple[Callable[[Services], Callable[[], None] | None], ...] = ()
    # Workers and clock run.
    when_running: tuple[Callable[[Services], None], ...] = ()
    # The wall clock was set: due times of before mean nothing any more. Gets the new time in Unix seconds.
    on_clock_set: tuple[Callable[[Transaction, int], None], ...] = ()


def load(names: Iterable[str]) -> tuple[Feature, ...]:
    """The declarations of `features/__init__.py`, in its order."""
    found = tuple(import_module(f"features.{name}.feature").FEATURE for name in names)
    if misnamed := [feature.name for feature, name in zip(found, names, strict=True) if feature.name != name]:
        raise ValueError(f"a feature is called as its folder is, not {', '.join(misnamed)}")
    return found


def page_parts(place: str) -> list[str]:
    """Where the scripts lie that features add to a place of the inbox, from the root of the tree."""
    return [f"features/{one.name}/static/{file}" for one in features() for file in one.page_parts.get(place, ())]


def features() -> tuple[Feature, ...]:
    """Those of the running application."""
    return current_app.extensions["features"]  # type: ignore[no-any-return]
