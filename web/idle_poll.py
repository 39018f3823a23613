"""The commonest call of all, answered before Flask: "anything new?" - "no".

Every open browser asks every few seconds. Flask's routing, hooks and response object would be nine tenths of its cost
(docs/performance.md). Whatever is not exactly this call goes on to Flask, which gives the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from web.headers import HSTS, SECURITY_HEADERS
from web.live import LiveFeed

_PLAIN = list(SECURITY_HEADERS.items())
_HEADERS = {"http": _PLAIN, "https": [*_PLAIN, ("Strict-Transport-Security", HSTS)]}


class IdlePoll:
    """`is_known` says whether the request carries a living session or token; it must not raise."""

    def __init__(self, app: WSGIApplication, feed: LiveFeed, is_known: Callable[[WSGIEnvironment], bool]) -> None:
        self._app = app
        self._feed = feed
        self._is_known = is_known

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if (
            environ["PATH_INFO"] == "/api/updates"
            and environ["REQUEST_METHOD"] == "GET"
            and environ["QUERY_STRING"] == f"since={self._feed.newest}"
            and self._is_known(environ)
        ):
            start_response("204 NO CONTENT", _HEADERS[environ["wsgi.url_scheme"]])
            return ()
        return self._app(environ, start_response)
