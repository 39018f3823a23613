"""Who may pass: login by default, roles, and the defence against foreign sites. `accounts` sets `g.user`, we only read it.

Order of decisions: 401 before anything else is looked at, then 403 (foreign site, role), then validation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, has_request_context, redirect, request

from core.errors import AppError, Forbidden, Unauthorized
from web.respond import wants_json
from web.services import services

View = TypeVar("View", bound=Callable[..., Any])

RANKS = {"agent": 1, "admin": 2, "owner": 3}
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FORWARDING_HEADERS = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})


@dataclass(frozen=True)
class User:
    id: int
    email: str
    name: str
    role: str
    is_demo: bool = False
    language: str | None = None  # in which this person reads; None: as the browser asks

    def may(self, role: str) -> bool:
        return RANKS[self.role] >= RANKS[role]


def public(view: View) -> View:
    """No login needed."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def unforgeable(view: View) -> View:
    """Authenticated by a signature of its own: the browser rules do not apply."""
    view.skips_site_check = True  # type: ignore[attr-defined]
    return view


def role(name: str) -> Callable[[View], View]:
    """Only for members of staff of at least this role."""

    def mark(view: View) -> View:
        view.needs_role = name  # type: ignore[attr-defined]
        return view

    return mark


def install(app: Flask) -> None:
    """Must be installed after the hook that sets `g.user`."""
    app.before_request(_guard)


def user() -> User:
    """The signed-in member of staff. Only inside routes that are not public."""
    return g.user  # type: ignore[no-any-return]


def viewer() -> User | None:
    """Who looks at what is being presented; None where nobody does (a job, a command)."""
    return g.get("user") if has_request_context() else None


def _guard() -> Response | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if request.endpoint == "static" or view is None:
        if view is None and wants_json() and g.get("user") is None and not request.path.startswith(("/webhook", "/healthz")):
            raise Unauthorized("Please sign in.")
        return None
    if not getattr(view, "is_public", False) and g.get("user") is None:
        if wants_json():
            raise Unauthorized("Please sign in.")
        return redirect("/login")  # type: ignore[return-value]
    if request.method not in _SAFE_METHODS and not getattr(view, "skips_site_check", False):
        refuse_foreign_site()
    if needed := getattr(view, "needs_role", None):
        if not user().may(needed):
            raise Forbidden("Your role does not allow this.")
    return None


def refuse_foreign_site() -> None:
    """A page of another site must not act with our cookie. Bearer calls carry no cookie and pass.

    A form of a foreign page can send neither JSON nor our Origin; `Sec-Fetch-Site` is set by the browser alone.
    """
    if g.get("signed_in_by") == "bearer":
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("This call came from another site.", code="foreign_site")
    if (origin := request.headers.get("Origin")) is not None and not is_own_origin(origin):
        raise Forbidden("This call came from another site.", code="foreign_site")
    if request.mimetype not in ("application/json", "multipart/form-data"):
        raise AppError("Send JSON (or multipart for files).", code="unsupported_media_type", status=415)


def is_own_origin(origin: str) -> bool:
    """Exact scheme, host and port: what this request was addressed to, or PUBLIC_URL."""
    public_url = services().config.public_url
    own = {request.host_url.rstrip("/")}
    if public_url:
        parts = urlsplit(public_url)
        own = {f"{parts.scheme}://{parts.netloc}"} | (own if is_loopback_host(request.host) else set())
    return origin in own


def is_loopback_host(host: str) -> bool:
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return name.strip("[]") in {"127.0.0.1", "localhost", "::1"} or name in _LOOPBACK


def is_direct() -> bool:
    """From this very machine, not through a proxy: loopback peer and Host, no forwarding header, no PUBLIC_URL."""
    return (
        not services().config.public_url
        and request.remote_addr in ("127.0.0.1", "::1")
        and is_loopback_host(request.host)
        and not any(name in request.headers for name in _FORWARDING_HEADERS)
    )


def can_keep_a_session() -> bool:
    """`__Host-` cookies need https; browsers make an exception for loopback. Elsewhere plain http must refuse."""
    return request.is_secure or is_loopback_host(request.host)
