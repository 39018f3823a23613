"""HTTP of what features have declared as `Setting`: the API, and the pages at /settings."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import Blueprint, Response, render_template
from flask.blueprints import BlueprintSetupState
from pydantic import BaseModel, create_model

from core.errors import Forbidden, NotFound
from db_manager import Transaction
from features.accounts.audit import note
from features.settings import values
from runtime.feature import features
from runtime.setting import SettingsPage
from web import guards
from web.answers import Answer
from web.openapi import describe
from web.respond import ok
from web.services import services
from web.validation import Body, parse_json
from web.words import word

Model = TypeVar("Model", bound=BaseModel)

blueprint = Blueprint("shop_settings", __name__)


@blueprint.record_once
def install(state: BlueprintSetupState) -> None:
    """The calls are made here because their models are made from what the features of this application declare."""
    declared = [setting for feature in state.app.extensions["features"] for setting in feature.settings]
    shown = _model("ShopSettings", Answer, {one.key: (type(one.default), ...) for one in declared})
    change = _model("ShopSettingsChange", Body, {one.key: (one.type | None, None) for one in declared})
    summary, details = "Change settings of the shop", "What is left out stays."

    @guards.role("admin")
    @describe("Settings of the shop", "They hold for everybody who works here.", answers={200: shown})
    def get_settings() -> Response:
        with services().db.read() as connection:
            return ok(values.values(connection))

    @guards.role("admin")
    @describe(summary, details, body=change, answers={200: shown})
    def put_settings() -> Response:
        _keep(parse_json(change).model_dump(exclude_none=True))
        return get_settings()

    @guards.role("admin")
    @describe(summary, f"The same as PUT. {details}", body=change, answers={200: shown})
    def patch_settings() -> Response:
        return put_settings()

    for method, view in (("GET", get_settings), ("PUT", put_settings), ("PATCH", patch_settings)):
        state.add_url_rule("/api/settings", view.__name__, view, methods=[method])


def _model(name: str, base: type[Model], fields: dict[str, Any]) -> type[Model]:
    return create_model(name, __base__=base, **fields)


def _keep(chosen: dict[str, Any]) -> None:
    by = guards.user()

    def change(tx: Transaction) -> None:
        values.keep(tx.connection, chosen)
        note(tx, by.id, "settings_changed", **chosen)

    services().db.write(change)


# ---------------------------------------------------------------- pages


@blueprint.get("/settings")
def settings_index() -> str:
    """On a phone the list alone, elsewhere with the first page beside it."""
    return _page(_pages()[0], is_index=True)


@blueprint.get("/settings/<name>")
def settings_page(name: str) -> str:
    page = next((page for feature in features() for page in feature.pages if page.name == name), None)
    if page is None:
        raise NotFound("There is nothing here.")
    if page not in _pages():
        raise Forbidden("Your role does not allow this.")
    return _page(page)


def _pages() -> list[SettingsPage]:
    """What this person may see, in order."""
    user = guards.user()
    pages = [page for feature in features() for page in feature.pages]
    mine = [page for page in pages if user.may(page.role) and (page.in_demo or not user.is_demo)]
    return sorted(mine, key=lambda page: page.place)


def _page(page: SettingsPage, *, is_index: bool = False) -> str:
    with services().db.read() as connection:
        fields = [(one, values.value(connection, one)) for one in values.declared() if one.page == page.name]
    return render_template(
        "settings.html", user=guards.user(), pages=_pages(), page=page, fields=fields, is_index=is_index, word=word
    )
