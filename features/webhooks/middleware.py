"""A signed delivery, stored and answered before Flask sees it.

In a rush of messages Flask's routing, hooks and objects would be a third of what a message costs (docs/performance.md).
Only the good end is here, "committed: 200". Whatever else it is (unsigned, too large, cut short, not committed) goes on to
the route, which words the answer.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask

from features.numbers.arrivals import Arrivals
from features.webhooks.actions import LARGEST_BODY, accept
from web.headers import HSTS, SECURITY_HEADERS
from web.services import Services

REFUSAL = "inbox.refusal"  # environ: why the middleware did not answer, so that nothing is tried twice

_PLAIN = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "2"), *SECURITY_HEADERS.items()]
_HEADERS = {"http": _PLAIN, "https": [*_PLAIN, ("Strict-Transport-Security", HSTS)]}


def answer_deliveries(wsgi: WSGIApplication, app: Flask) -> WSGIApplication:
    return WebhookMiddleware(wsgi, app.extensions["services"], app.extensions["arrivals"])


class WebhookMiddleware:
    def __init__(self, app: WSGIApplication, parts: Services, arrivals: Arrivals) -> None:
        self._app = app
        self._parts = parts
        self._arrivals = arrivals

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/webhook/whatsapp" and environ["REQUEST_METHOD"] == "POST":
            length = environ.get("CONTENT_LENGTH", "")
            if length.isdecimal() and int(length) <= LARGEST_BODY:
                raw = environ["wsgi.input"].read(int(length))
                environ["wsgi.input"] = io.BytesIO(raw)
                if len(raw) == int(length) and self._accepts(environ, raw):
                    start_response("200 OK", _HEADERS[environ["wsgi.url_scheme"]])
                    return (b"ok",)
        return self._app(environ, start_response)

    def _accepts(self, environ: WSGIEnvironment, raw: bytes) -> bool:
        try:
            accept(self._parts, self._arrivals, raw, environ.get("HTTP_X_HUB_SIGNATURE_256"))
        except Exception as error:  # Flask's handlers word and log it
            environ[REFUSAL] = error
            return False
        return True
