"""HTTP of signing in and out, and of the first visit. One's own account: profile.py. Staff, tokens: management.py."""

from __future__ import annotations

from typing import Annotated

from flask import Blueprint, Response, g, redirect, render_template, request
from flask.blueprints import BlueprintSetupState
from pydantic import Field

from core.errors import AppError, Conflict, Forbidden
from features.accounts import actions, authentication, queries, setup_code, staff, throttle
from features.accounts.answers import SignedIn, SignedOut, account_of
from features.accounts.management import BAD_PERSON, BUSY
from features.accounts.management import blueprint as management
from features.accounts.sessions import Sessions
from web import guards
from web.openapi import describe
from web.respond import ok
from web.services import services
from web.validation import Body, Text, parse_json

blueprint = Blueprint("accounts", __name__)
blueprint.register_blueprint(management)
blueprint.before_app_request(authentication.load_user)
blueprint.after_app_request(authentication.greet_demo)

LONGEST_TYPED_PASSWORD = 1024  # of a request; passwords.py says what may be set

Password = Annotated[str, Field(max_length=LONGEST_TYPED_PASSWORD)]
Email = Annotated[Text, Field(max_length=1000)]
Name = Annotated[Text, Field(max_length=1000)]

TOO_MANY = {"too_many_requests": "Too many tries: see Retry-After."}
PLAIN_HTTP = {"https_required": "Over plain http no session can be kept."}



class Credentials(Body):
    email: Email
    password: Password


class Setup(Body):
    email: Email
    name: Name
    password: Password
    code: str | None = Field(default=None, max_length=100)


@blueprint.record_once
def install(state: BlueprintSetupState) -> None:
    state.app.extensions["sessions"] = Sessions(state.app.extensions["services"].db)


# ---------------------------------------------------------------- pages


@blueprint.get("/login")
@guards.public
def login_page() -> Response | str:
    if authentication.identify():
        return redirect("/inbox")  # type: ignore[return-value]
    if _is_empty():
        return redirect("/setup")  # type: ignore[return-value]
    return render_template("login.html", can_sign_in=guards.can_keep_a_session(), public_url=services().config.public_url)


@blueprint.get("/setup")
@guards.public
def setup_page() -> Response | str:
    if not _is_empty():
        return redirect("/login")  # type: ignore[return-value]
    return render_template(
        "setup.html",
        needs_code=not guards.is_direct(),
        can_sign_in=guards.can_keep_a_session(),
        public_url=services().config.public_url,
    )


def _is_empty() -> bool:
    with services().db.read() as connection:
        return not queries.has_real_user(connection)


# ---------------------------------------------------------------- in and out


@blueprint.post("/api/login")
@guards.public
@describe(
    "Sign in",
    "The answer sets the session cookie. Programs use API tokens instead.",
    body=Credentials,
    answers={200: SignedIn},
    errors={401: {"bad_credentials": "The address or the password is wrong."}, 403: PLAIN_HTTP, 429: TOO_MANY, 503: BUSY},
)
def post_login() -> Response:
    _json_only()
    authentication.refuse_plain_http()
    body = parse_json(Credentials)
    user, cookie = actions.log_in(
        authentication.sessions(),
        body.email,
        body.password,
        address=request.remote_addr,
        user_agent=request.headers.get("User-Agent", ""),
        replaces=authentication.session_in_request(),
    )
    return authentication.set_cookie(ok(SignedIn(user=account_of(user))), cookie)


@blueprint.post("/api/logout")
@describe("End this session", "An API token stays: it is revoked by DELETE.", answers={200: SignedOut})
def post_logout() -> Response:
    if g.session_hash:
        actions.log_out(authentication.sessions(), guards.user(), g.session_hash)
    return authentication.drop_cookie(ok(SignedOut(user=None)))


@blueprint.post("/api/setup")
@guards.public
@describe(
    "Create the owner of an empty installation and sign in",
    "Through a proxy `code` is what DATA_DIR/setup-code holds.",
    body=Setup,
    answers={201: SignedIn},
    errors={
        403: PLAIN_HTTP | {"wrong_setup_code": "`code` is not right."},
        409: {"already_set_up": "There is an owner already."},
        422: BAD_PERSON,
        429: TOO_MANY,
        503: BUSY,
    },
)
def post_setup() -> Response:
    _json_only()
    authentication.refuse_plain_http()
    body = parse_json(Setup)
    if not _is_empty():
        raise Conflict("This installation already has an owner. Please sign in.", code="already_set_up")
    if not guards.is_direct():
        _check_setup_code(body.code or "")
    person = staff.new_user(body.email, body.name, "owner", body.password)
    user, cookie = actions.create_owner(
        authentication.sessions(),
        person,
        address=request.remote_addr,
        user_agent=request.headers.get("User-Agent", ""),
    )
    setup_code.forget(services().config.data_dir)
    return authentication.set_cookie(ok(SignedIn(user=account_of(user)), 201), cookie)


def _check_setup_code(code: str) -> None:
    here = throttle.address(request.remote_addr)
    throttle.admit(services().db, here)
    if not setup_code.is_right(services().config.data_dir, code):
        raise Forbidden(
            "The setup code is not right. It stands in the file setup-code of the data folder.", code="wrong_setup_code"
        )
    services().db.write(throttle.absolve, here)


def _json_only() -> None:
    """Before there is a session no file is uploaded, so multipart has no business here."""
    if request.mimetype != "application/json":
        raise AppError("Send JSON.", code="unsupported_media_type", status=415)
