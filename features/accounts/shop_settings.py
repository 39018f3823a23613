"""HTTP of what features have declared as `Setting`: the API, and the pages at /settings."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template
from flask.blueprints import BlueprintSetupState

from core.errors import Forbidden, NotFound
from db_manager import Transaction
from features.accounts.audit import note
from features.accounts.staff import refuse_demo
from features.settings import values
from features.settings.models import answer_model, change_model
from runtime.feature import features
from runtime.setting import SHOP, SettingsPage
from web import guards
from web.openapi import describe
from web.respond import ok
from web.services import services
from web.validation import parse_json
from web.words import word

blueprint = Blueprint("shop_settings", __name__)


@blueprint.record_once
def install(state: BlueprintSetupState) -> None:
    """The calls are made here because their models are made from what the features of this application declare."""
    declared = values.declared_by(state.app.extensions["features"])
    shown, change = answer_model("ShopSettings", declared), change_model("ShopSettingsChange", declared)
    summary, details = "Change settings of the shop", "What is left out stays."
    errors = {
        403: {"forbidden": "A setting is for a higher role."},
        409: {"set_by_environment": "The environment of the server sets it."},
    }

    @guards.role("admin")
    @describe("Settings of the shop", "They hold for everybody who works here.", answers={200: shown})
    def get_settings() -> Response:
        with services().db.read() as connection:
            return ok(values.values(services(), connection))

    @guards.role("admin")
    @describe(summary, details, body=change, answers={200: shown}, errors=errors)
    def put_settings() -> Response:
        _keep(parse_json(change).model_dump(exclude_none=True))
        return get_settings()

    @guards.role("admin")
    @describe(summary, f"The same as PUT. {details}", body=change, answers={200: shown}, errors=errors)
    def patch_settings() -> Response:
        return put_settings()

    for method, view in (("GET", get_settings), ("PUT", put_settings), ("PATCH", patch_settings)):
        state.add_url_rule("/api/settings", view.__name__, view, methods=[method])


def _keep(chosen: dict[str, Any]) -> None:
    parts, by = services(), guards.user()
    by_setting = values.named(values.declared(), chosen)
    values.check(parts, by, by_setting)

    def change(tx: Transaction) -> None:
        values.keep(tx.connection, by_setting)
        note(tx, by.id, "settings_changed", **chosen)

    parts.db.write(change)


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
    if not guards.user().may(page.role):
        raise Forbidden("Your role does not allow this.")
    if not page.in_demo:
        refuse_demo(guards.user())
    return _page(page)


def _pages() -> list[SettingsPage]:
    """What this person may see, in order."""
    user = guards.user()
    pages = [page for feature in features() for page in feature.pages]
    mine = [page for page in pages if user.may(page.role) and (page.in_demo or not user.is_demo)]
    return sorted(mine, key=lambda page: page.place)


def _page(page: SettingsPage, *, is_index: bool = False) -> str:
    parts, user = services(), guards.user()
    mine = [one for feature in features() for one in feature.settings if one.page == page.name and user.may(one.role)]
    with parts.db.read() as connection:
        fields = [(one, values.in_force(parts, connection, one)) for one in mine if one.call == SHOP]
    return render_template(
        "settings.html",
        user=user,
        pages=_pages(),
        page=page,
        settings={one.key: one for one in mine},  # for cards: their scripts fill them
        fields=fields,
        decided={one.key for one, _ in fields if values.by_environment(parts, one) is not None},
        is_index=is_index,
        word=word,
    )
