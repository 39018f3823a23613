"""HTTP of one's own account: name, password, and the preferences that features have declared as settings of a person."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g
from flask.blueprints import BlueprintSetupState
from pydantic import create_model

from features.accounts import actions, authentication, queries
from features.accounts.answers import Me, SignedIn, account_of, preferences_model
from features.accounts.management import BUSY
from features.accounts.routes import TOO_MANY, Name, Password
from features.settings import values
from features.settings.models import change_model
from runtime.setting import PERSON, Setting
from web import guards
from web.openapi import describe
from web.respond import ok
from web.services import services
from web.validation import Body, parse_json

blueprint = Blueprint("profile", __name__)


class PasswordChange(Body):
    current: Password
    new: Password


@blueprint.record_once
def install(state: BlueprintSetupState) -> None:
    """The calls are made here because their models are made from what the features of this application declare."""
    declared = values.declared_by(state.app.extensions["features"], PERSON)
    preferences, change = preferences_model(declared), change_model("PreferencesChange", declared)
    shown = create_model("Me", __base__=Me, __doc__=Me.__doc__, preferences=(preferences, ...))
    fields: dict[str, Any] = {"name": (Name | None, None), "preferences": (change | None, None)}
    profile = create_model("ProfileChange", __base__=Body, **fields)

    @describe("Who am I", "With my preferences, and what every page needs to know.", answers={200: shown})
    def get_me() -> Response:
        return _me(declared)

    @describe(
        "Change my name or preferences",
        "What is left out stays.",
        body=profile,
        answers={200: shown},
        errors={422: {"invalid_name": "The name is empty."}},
    )
    def patch_me() -> Response:
        body: Any = parse_json(profile)
        given = body.preferences.model_dump(exclude_unset=True) if body.preferences else {}
        by_setting = values.named(declared, given)
        chosen = {one.key: new for one, new in by_setting.items() if new is not None or one.default is None}
        actions.update_profile(authentication.sessions(), guards.user(), name=body.name, preferences=chosen)
        authentication.load_user()  # the new name, and the language
        return _me(declared)

    for method, view in (("GET", get_me), ("PATCH", patch_me)):
        state.add_url_rule("/api/me", view.__name__, view, methods=[method])


def _me(declared: tuple[Setting[Any], ...]) -> Response:
    parts, user = services(), guards.user()
    with parts.db.read() as connection:
        row = queries.user_by_id(connection, user.id)
        settings = values.values(parts, connection)
    chosen = queries.preferences_of(row) if row else {}
    return ok(
        {
            "user": account_of(user).model_dump(),
            "preferences": {one.key: chosen.get(one.key, one.default) for one in declared},
            "sandbox": parts.config.is_sandbox,
            "settings": settings,
            "seq": parts.feed.newest,
        }
    )


@blueprint.post("/api/me/password")
@describe(
    "Change my password",
    "All my other sessions end; API tokens stay.",
    body=PasswordChange,
    answers={200: SignedIn},
    errors={
        409: {"demo_account": "The demo has none.", "password_changed": "It was changed elsewhere just now."},
        422: {"wrong_password": "`current` is not right.", "weak_password": "`new` is too easy to guess."},
        429: TOO_MANY,
        503: BUSY,
    },
)
def post_password() -> Response:
    body = parse_json(PasswordChange)
    actions.change_own_password(authentication.sessions(), guards.user(), body.current, body.new, keep=g.session_hash)
    return ok(SignedIn(user=account_of(guards.user())))
