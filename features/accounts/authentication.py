"""Before each request: who is it? And the cookie that carries a session."""

from __future__ import annotations

from wsgiref.types import WSGIApplication, WSGIEnvironment

from flask import Flask, Response, current_app, g, request
from werkzeug.http import parse_cookie

from core.errors import Forbidden, StorageError
from core.ids import token_hash
from features.accounts.sessions import ABSOLUTE_S, COOKIE, Identity, Sessions
from web import guards, words
from web.idle_poll import IdlePoll
from web.respond import wants_json
from web.services import services

DEMO_COOKIE = "demo"


def sessions() -> Sessions:
    return sessions_of(current_app)


def sessions_of(app: Flask) -> Sessions:
    return app.extensions["sessions"]  # type: ignore[no-any-return]


def load_user() -> None:
    """Sets `g.user`, `g.signed_in_by` ("cookie", "bearer", "demo" or None), `g.session_hash` and `g.session_check`.

    Public routes, the webhook among them, are not asked who they are: that would cost them a look-up.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    identity = None if getattr(view, "is_public", False) else identify()
    known = sessions()
    g.user = identity.user if identity else None
    g.signed_in_by = identity.signed_in_by if identity else None
    g.session_hash = identity.token_hash if identity and identity.signed_in_by == "cookie" else None
    words.prefer(identity.user.language if identity else None)
    g.session_check = lambda: identity is not None and known.still_valid(identity)


def identify() -> Identity | None:
    """A bad bearer token is nobody, whatever cookie comes with it. No other header says who somebody is."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return sessions().by_bearer(value.strip())
    cookie = request.cookies.get(COOKIE, "")
    if cookie != DEMO_COOKIE and (identity := sessions().by_cookie(cookie)):
        return identity
    # A page opens signed in; a call without the cookie that the page then has is as anonymous here as anywhere.
    may_be_demo = cookie == DEMO_COOKIE or not wants_json()
    if may_be_demo and services().config.is_sandbox and guards.is_direct():
        return sessions().demo()
    return None


def answer_idle_polls(wsgi: WSGIApplication, app: Flask) -> WSGIApplication:
    """Middleware: needs no request of Flask to know who asks."""
    feed = app.extensions["services"].feed
    return IdlePoll(wsgi, feed, lambda environ: is_known(sessions_of(app), environ))


def is_known(known: Sessions, environ: WSGIEnvironment) -> bool:
    """For `web/idle_poll.py`: a living session or token. What is unusual is left to Flask by saying no."""
    authorization = environ.get("HTTP_AUTHORIZATION", "")
    try:
        if authorization:
            return authorization.startswith("Bearer ") and known.by_bearer(authorization[7:].strip()) is not None
        cookie = parse_cookie(environ.get("HTTP_COOKIE", "")).get(COOKIE, "")
        return cookie != DEMO_COOKIE and known.by_cookie(cookie) is not None
    except StorageError:
        return False


def greet_demo(response: Response) -> Response:
    """The page that opened signed in tells its scripts so. The value opens nothing by itself: see `identify`."""
    if g.get("signed_in_by") == "demo" and request.cookies.get(COOKIE) != DEMO_COOKIE:
        response.set_cookie(COOKIE, DEMO_COOKIE, path="/", secure=True, httponly=True, samesite="Lax")
    return response


def session_in_request() -> bytes | None:
    """The hash of whatever cookie came, valid or not."""
    value = request.cookies.get(COOKIE)
    return token_hash(value) if value else None


def refuse_plain_http() -> None:
    """A `Secure` cookie would silently not be kept there, and a password would travel in the clear."""
    if not guards.can_keep_a_session():
        raise Forbidden(
            "Signing in needs https. Open this page by its https address, or on the machine itself at 127.0.0.1.",
            code="https_required",
        )


def set_cookie(response: Response, value: str) -> Response:
    response.set_cookie(COOKIE, value, max_age=ABSOLUTE_S, path="/", secure=True, httponly=True, samesite="Lax")
    return response


def drop_cookie(response: Response) -> Response:
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Lax")
    return response
