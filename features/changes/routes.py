"""The live feed: `GET /api/updates` (pull, the truth) and `WS /api/live` (push, a hint)."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, cast

import orjson
from flask import Blueprint, Flask, Response, current_app, g, request
from flask.blueprints import BlueprintSetupState
from flask_sock import Sock
from pydantic import BeforeValidator, Field
from simple_websocket import Server

from core.errors import AppError, Forbidden, Invalid
from features.changes.answers import Updates
from features.changes.frames import Part, frame_since
from features.changes.jobs import refresh_feed
from features.changes.pushing import Audience, Listener, Pusher
from runtime.feature import features
from web import guards
from web.live import LiveFeed
from web.openapi import describe
from web.respond import ok
from web.services import services
from web.validation import Query, parse_query
from web.viewing import EVERYBODY, viewer
from web.words import language, speaking

SOCKETS = 100  # each holds a thread for life; gunicorn has this many plus a reserve
SOCKETS_A_USER = 8
RECHECK_S = 25  # a revoked session's socket is closed within 30 s

blueprint = Blueprint("changes", __name__)
sock = Sock()

# Dead peers are found by ping, a frame from a browser never needs more than this.
SOCKET_OPTIONS = {"ping_interval": 25, "max_message_size": 16 * 1024}


def _since(raw: str) -> int:
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 18):
        raise Invalid("since must be a sequence number.", code="invalid_since")
    return int(raw)


class UpdatesQuery(Query):
    since: Annotated[
        Annotated[int, Field(ge=0), BeforeValidator(_since)] | None,
        Field(description="`seq` of the last answer; left out: where the feed is now, and no changes."),
    ] = None


@blueprint.record_once
def install(state: BlueprintSetupState) -> None:
    app = cast(Flask, state.app)
    app.config["SOCK_SERVER_OPTIONS"] = SOCKET_OPTIONS
    app.extensions["pusher"] = Pusher(app.extensions["services"].feed, partial(_frame_text, app))
    refresh_feed(app.extensions["services"])


@blueprint.get("/api/updates")
@describe(
    "What has changed since a place in the feed",
    "With the chats and messages it touched, as they are now. The truth that every browser asks for; WS /api/live only saves it"
    " the waiting. 204: nothing has changed.",
    query=UpdatesQuery,
    answers={200: Updates, 204: "Nothing has changed."},
)
def get_updates() -> Response:
    """204 when nothing changed: answered from memory, without a look at the database."""
    feed = services().feed
    since = parse_query(UpdatesQuery).since
    if since is None:
        return ok(Updates(seq=feed.newest, changes=[]))
    if since == feed.newest:
        return Response(status=204)
    audience = _audience()
    key = ("polled", since, feed.newest, audience)
    return ok(feed.shared(key, lambda: frame_since(services(), _carried(), audience.viewer, since)))


@sock.route("/api/live", bp=blueprint)
@describe(
    "The same over WebSocket",
    "One object of GET /api/updates a frame, as soon as it is committed. Frames from the browser mean nothing. A browser needs"
    " its session and an Origin of ours, a program its API token and no Origin. Close code 4401: the session has ended;"
    " 1001: the process starts anew.",
    query=UpdatesQuery,
    answers={101: "Switching to WebSocket."},
    errors={
        400: {"bad_request": "Not a sound handshake."},
        403: {"foreign_site": "From another site, or without the right Origin."},
        503: {"use_polling": "Too many sockets: ask GET /api/updates instead."},
    },
)
def live(socket: Server) -> None:
    """Sends the same objects as `/api/updates`, one a frame, as soon as they commit. Frames from the browser mean nothing."""
    feed, since = services().feed, parse_query(UpdatesQuery).since
    listener = Listener(socket, feed.newest if since is None else since, _audience())
    _stay(socket, listener, current_app.extensions["pusher"], feed, g.session_check)


@blueprint.before_request
def admit_socket() -> None:
    """Before the upgrade: session, Origin, a sound handshake, and room for one more."""
    if request.endpoint != "changes.live":
        return
    origin = request.headers.get("Origin")
    if g.signed_in_by == "bearer":
        if origin is not None:
            raise Forbidden("A browser must use its session.", code="foreign_site")
    elif origin is None or not guards.is_own_origin(origin):
        raise Forbidden("This call came from another site.", code="foreign_site")
    parse_query(UpdatesQuery)
    _refuse_broken_handshake()
    if not _take(guards.user().id):
        raise AppError("Too many live connections; poll /api/updates instead.", code="use_polling", status=503)
    g.holds_socket = True


@blueprint.teardown_request
def leave_socket(_: BaseException | None) -> None:
    if g.pop("holds_socket", False):
        _release(guards.user().id)


def _audience() -> Audience:
    who = viewer()
    return Audience(EVERYBODY if who.sees_everything else who, language())


def _refuse_broken_handshake() -> None:
    """simple-websocket raises deep inside on these; RFC 6455, section 4.2.1."""
    key = request.headers.get("Sec-WebSocket-Key", "")
    has_socket = "gunicorn.socket" in request.environ or "werkzeug.socket" in request.environ
    if not re.fullmatch(r"[A-Za-z0-9+/]{22}==", key) or not has_socket:
        raise AppError("This is not a WebSocket handshake.")
    if request.headers.get("Sec-WebSocket-Version") != "13":
        raise AppError("Only WebSocket version 13 is spoken here.")


def _stay(
    socket: Server, listener: Listener, pusher: Pusher, feed: LiveFeed, still_valid: Callable[[], bool]
) -> None:
    """Until the socket or the feed closes, or the session ends. Whatever is due to the browser, the pusher sees to it."""
    checked = time.monotonic()
    threading.Thread(target=_drain, args=(socket,), daemon=True, name="live-reader").start()
    pusher.add(listener)
    try:
        while socket.connected and not feed.closed:
            if listener.own_turn.wait(timeout=5):
                pusher.catch_up(listener)
            if time.monotonic() - checked > RECHECK_S:
                checked = time.monotonic()
                if not still_valid():
                    socket.close(4401, "session ended")
                    return
    except OSError:  # the line went while we pushed
        return
    finally:
        pusher.remove(listener)
    socket.close(1001, "restarting")


def _frame_text(app: Flask, since: int, audience: Audience) -> tuple[str, int]:
    """The frame as they get it, and where it leads."""
    with app.app_context(), speaking(audience.language):
        frame = frame_since(services(), _carried(), audience.viewer, since)
    return orjson.dumps(frame).decode(), frame["seq"]


def _carried() -> Mapping[str, Part]:
    return {name: part for feature in features() for name, part in feature.live.items()}


def _drain(socket: Server) -> None:
    """Read and forget: the socket carries notifications only, and an unread buffer would grow."""
    try:
        while socket.connected:
            socket.receive(timeout=60)
    except Exception:  # closed, oversized or broken frames: the pushing side notices
        return


_lock = threading.Lock()
_open: dict[int, int] = {}


def _take(user_id: int) -> bool:
    with _lock:
        if sum(_open.values()) >= SOCKETS or _open.get(user_id, 0) >= SOCKETS_A_USER:
            return False
        _open[user_id] = _open.get(user_id, 0) + 1
        return True


def _release(user_id: int) -> None:
    with _lock:
        _open[user_id] -= 1
        if not _open[user_id]:
            del _open[user_id]
