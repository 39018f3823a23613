"""A feature declares everything that it consists of: what is forgotten in `features/<name>/feature.py` fails here."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import click
import pytest
from flask import Blueprint, Flask

from core.reason import verbatim
from db_manager import Database
from features import FEATURES
from runtime.feature import Feature, load
from runtime.lifecycle import Runtime
from runtime.setting import Setting, SettingsPage
from runtime.worker import Worker
from tests.fakes.whatsapp import FakeWhatsApp
from web.services import Services

ROOT = Path(__file__).parent.parent
DECLARED = load(FEATURES)
NOT_OURS = frozenset({"schema_migrations"})  # the database's own


def modules_of(feature: Feature) -> list[ModuleType]:
    files = sorted((ROOT / "features" / feature.name).glob("*.py"))
    return [import_module(f"features.{feature.name}.{path.stem}") for path in files if path.stem not in ("__init__", "thumbnailer")]


def undeclared(feature: Feature, modules: list[ModuleType]) -> list[str]:
    """What lies in the modules of `feature` and is not in its declaration."""
    declared = {*map(id, _declared(feature))}
    return [f"{module.__name__}.{name}" for module in modules for name, found in _parts(module) if id(found) not in declared]


def _declared(feature: Feature) -> Iterator[object]:
    yield from (*feature.settings, *feature.pages, *feature.workers, *feature.at_start, *feature.when_running)
    yield from (job.run for job in feature.jobs)
    for blueprint in feature.blueprints:
        yield from (blueprint, *(nested for nested, _ in blueprint._blueprints))
    for command in (*feature.commands, *(one for group in feature.subcommands.values() for one in group)):
        yield from (command, *(command.commands.values() if isinstance(command, click.Group) else ()))


def _parts(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Blueprints, commands, workers, settings and their pages, and every public function of `jobs.py`."""
    has_jobs = module.__name__.endswith("jobs")
    for name, found in vars(module).items():
        is_here = getattr(found, "__module__", None) == module.__name__
        is_job = has_jobs and inspect.isfunction(found) and is_here and not name.startswith("_")
        is_worker = inspect.isclass(found) and issubclass(found, Worker) and is_here
        if is_job or is_worker or isinstance(found, Blueprint | click.Command | Setting | SettingsPage):
            yield name, found


def wrong_tables(tables: set[str], features: tuple[Feature, ...]) -> list[str]:
    """Tables that no feature, or more than one, calls its own; and declared ones that do not exist."""
    owners = Counter(table for feature in features for table in feature.tables)
    return sorted(table for table in tables | set(owners) if owners[table] != 1 or table not in tables)


@pytest.mark.parametrize("feature", DECLARED, ids=lambda feature: feature.name)
def test_everything_in_its_folder_is_declared(feature: Feature) -> None:
    assert undeclared(feature, modules_of(feature)) == []


def test_every_table_belongs_to_one_feature(empty_database: Database) -> None:
    with empty_database.read() as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    ours = {name for name in names if not name.startswith("sqlite_")} - NOT_OURS
    assert wrong_tables(ours, DECLARED) == []


class Idle(Worker):
    name = "idle"


def tidy(parts: Services) -> None:
    """A job."""


@click.command("forgotten")
def forgotten() -> None:
    """A command."""


@pytest.mark.parametrize(
    ("found", "place"),
    [(Blueprint("toy", __name__), "routes"), (Idle, "worker"), (tidy, "jobs"), (forgotten, "cli"),
     (Setting("toy", bool, False, "business", verbatim("Toy")), "settings"),
     (SettingsPage("toy", verbatim("Toy"), 1), "settings")],
    ids=["blueprint", "worker", "job", "command", "setting", "page"],
)
def test_what_is_forgotten_is_found(found: Callable[..., None], place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType(f"features.toy.{place}")
    if inspect.isfunction(found) or inspect.isclass(found):
        monkeypatch.setattr(found, "__module__", module.__name__)
    vars(module)["part"] = found
    assert undeclared(Feature(name="toy"), [module]) == [f"features.toy.{place}.part"]


def test_a_table_without_an_owner_or_with_two_is_found() -> None:
    features = (Feature("chats", tables=("chats",)), Feature("notes", tables=("chats", "gone")))
    assert wrong_tables({"chats", "notes"}, features) == ["chats", "gone", "notes"]


def test_every_setting_has_a_key_of_its_own_and_no_page_that_is_not_there() -> None:
    settings = [setting for feature in DECLARED for setting in feature.settings]
    pages = {page.name for feature in DECLARED for page in feature.pages}
    places = {(setting.call, setting.kept_in, setting.key) for setting in settings}
    assert len(places) == len(settings) > 0
    assert {setting.page for setting in settings} <= pages | {""}


def test_a_feature_is_called_as_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("features.contacts.feature.FEATURE", Feature("people"))
    with pytest.raises(ValueError, match="people"):
        load(("contacts",))


def test_a_locked_installation_asks_nobody_at_meta(app: Flask, services: Services, whatsapp: FakeWhatsApp) -> None:
    names = {worker.name for worker in app.extensions["inbox"].workers}
    assert {"outbox", "media"} < names
    object.__setattr__(services.config, "is_locked", True)
    assert {worker.name for worker in Runtime(app, services, DECLARED).workers} == names - {"outbox", "media"}
