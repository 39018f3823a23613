"""THE HTTP seam: every call this product makes itself goes through `HttpClient.request`.

What it adds to `requests` is certainty about what happened. A call ends in exactly one of three ways:

- an `Answer`: the other side answered completely, with whatever status;
- `NotSent`: no byte of the request left this machine (name, connection, TLS), so repeating it is safe;
- `Ambiguous`: the request may have been carried out, and we did not get a complete answer.

The difference is observed, not guessed from exceptions: `integrations/http/transport.py` notes the first byte sent.
Connections are never reused, because a request on a kept connection that the server just closed would be ambiguous.
"""

from __future__ import annotations

import json as jsonlib
import logging
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError, NameResolutionError

from core.errors import RemoteError
from core.reason import Reason, define
from integrations.http.transport import Adapter, Call, RefusedAddress, is_loopback, running
from system import clock

log = logging.getLogger(__name__)
# urllib3 writes whole URLs, some at WARNING, and Graph's page links carry the token.
logging.getLogger("urllib3").setLevel(logging.ERROR)

USER_AGENT = "whatsapp-inbox/1"
_CHUNK = 64 * 1024
_ERROR_BODY = 256 * 1024
_LONGEST_RETRY_AFTER = 24 * 3600
_NETWORK_ERRORS = (requests.RequestException, HTTPError, HTTPException, OSError, ValueError)

define(
    {
        "http.not_resolved": "The address of {host} could not be found.",
        "http.no_connection": "No connection to {host}.",
        "http.connect_timeout": "{host} did not accept a connection in time.",
        "http.tls": "No secure connection to {host}.",
        "http.refused_address": "{host} leads to an address that may not be called.",
        "http.bad_request": "This call to {host} cannot be made.",
        "http.timeout": "{host} did not answer in time.",
        "http.cut": "The connection to {host} broke before the answer was complete.",
        "http.too_large": "The answer of {host} is too large.",
    }
)


class NotSent(RemoteError):
    """The request certainly did not leave: safe to repeat."""


class Blocked(NotSent):
    """We refused to make this call (address not allowed). Repeating it does not help."""


class Ambiguous(RemoteError):
    """The request may have been carried out: never repeat by itself a call that changes something."""


class TooLarge(RemoteError):
    """The answer is larger than `max_bytes`; reading stopped there."""


class Sink(Protocol):
    def write(self, data: bytes, /) -> object: ...


@dataclass(frozen=True)
class Timeouts:
    """Seconds. `total` bounds the whole call, so a server that drips bytes is cut too."""

    connect: float = 10.0
    read: float = 20.0
    total: float = 30.0


@dataclass(frozen=True)
class Answer:
    """A complete answer. `body` is empty when it went into a sink; `size` counts the bytes either way."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    size: int

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Raises ValueError when the body is not JSON (truncated, HTML, absurdly deep)."""
        try:
            return jsonlib.loads(self.body)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error

    @property
    def retry_after(self) -> float | None:
        """Seconds from now, from either form of the Retry-After header; None without a readable one."""
        return _retry_after(self.headers.get("Retry-After", ""))


class HttpClient:
    """Thread safe: one `requests.Session` a thread. Proxy and CA variables of the environment are honoured."""

    def __init__(self, user_agent: str = USER_AGENT) -> None:
        self._user_agent = user_agent
        self._threads = threading.local()

    def request(
        self,
        method: str,
        url: str,
        *,
        token: str | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        data: Any = None,
        timeouts: Timeouts = Timeouts(),
        max_bytes: int = 4 * 1024 * 1024,
        sink: Sink | None = None,
        public_only: bool = False,
    ) -> Answer:
        """One call; redirects are not followed. A 2xx body goes to `sink` if there is one, any other to `Answer.body`.

        `data` may be bytes, a mapping (form), or an object with `read`, `__iter__` and `__len__` (streamed). With
        `public_only` the name is resolved once, every address must be public, and the connection goes to an address
        that was checked (behind a proxy the proxy resolves). Raises NotSent, Blocked, Ambiguous, TooLarge; errors of
        `sink` pass through.
        """
        host, path = _host_and_path(url)
        call = Call(public_only=public_only, total=timeouts.total)
        started = time.monotonic()
        outcome = "failed"
        try:
            with running(call):
                with _translated(host, call):
                    response = self._session().request(
                        method,
                        url,
                        params=params,
                        headers=self._headers(token, headers),
                        json=json,
                        data=data,
                        timeout=(timeouts.connect, timeouts.read),
                        proxies={} if is_loopback(host) else get_environ_proxies(url),
                        verify=os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True,
                        allow_redirects=False,
                        stream=True,
                    )
                try:
                    answer = _read(host, call, response, max_bytes, sink)
                finally:
                    response.close()
            outcome = str(answer.status)
            return answer
        except RemoteError as error:
            outcome = type(error).__name__
            raise
        finally:
            elapsed = (time.monotonic() - started) * 1000
            # Never the query, the headers or a body: they hold tokens and people's words.
            log.info("%s %s%s -> %s in %.0f ms", method, host, path, outcome, elapsed)

    def _headers(self, token: str | None, extra: Mapping[str, str] | None) -> dict[str, str]:
        return {
            "User-Agent": self._user_agent,
            "Accept-Encoding": "identity",
            "Connection": "close",
            **({"Authorization": f"Bearer {token}"} if token else {}),
            **(extra or {}),
        }

    def _session(self) -> requests.Session:
        session = getattr(self._threads, "session", None)
        if session is None:
            session = self._threads.session = _Session()
        return session


def _read(host: str, call: Call, response: requests.Response, max_bytes: int, sink: Sink | None) -> Answer:
    to_sink = sink is not None and 200 <= response.status_code < 300
    # `max_bytes` is then meant for the file; the reason of a refusal may be longer than a small file.
    limit = max_bytes if to_sink or sink is None else _ERROR_BODY
    announced = response.headers.get("Content-Length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:18]) > limit:
        raise TooLarge(_because("too_large", host), permanent=True)
    body = bytearray()
    size = 0
    chunks = response.iter_content(_CHUNK)
    while True:
        # Only the network's errors are translated: a full disk under `sink` is not the server's fault.
        with _translated(host, call):
            chunk = next(chunks, b"")
            call.check_cut()
        if not chunk:
            return Answer(response.status_code, response.headers, bytes(body), size)
        size += len(chunk)
        if size > limit:
            raise TooLarge(_because("too_large", host), permanent=True)
        if to_sink and sink is not None:
            sink.write(chunk)
        else:
            body += chunk


class _Session(requests.Session):
    """Keeps nothing between calls, and leaves redirects alone."""

    def __init__(self) -> None:
        super().__init__()
        # The environment's proxies and CA are passed explicitly; its .netrc would replace our Authorization header.
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.mount("https://", Adapter())
        self.mount("http://", Adapter())

    def get_redirect_target(self, resp: requests.Response) -> None:
        """`requests` would otherwise read the redirect's whole body, however large, even without following it."""
        return None


@contextmanager
def _translated(host: str, call: Call) -> Iterator[None]:
    try:
        yield
    except RefusedAddress as error:
        raise Blocked(_because("refused_address", host), permanent=True) from error
    except _NETWORK_ERRORS as error:
        reason = _reason(error, call)
        # The original text may hold the whole URL: it is chained for a debugger, never logged or shown.
        if call.sent:
            raise Ambiguous(_because(reason, host)) from error
        raise NotSent(_because(reason, host), permanent=reason == "bad_request") from error


def _reason(error: BaseException, call: Call) -> str:
    if call.sent:
        return "timeout" if call.cut or isinstance(error, requests.Timeout) else "cut"
    if isinstance(error, requests.exceptions.ConnectTimeout) or call.cut:
        return "connect_timeout"
    if isinstance(error, requests.exceptions.SSLError):
        return "tls"
    if isinstance(_cause(error), NameResolutionError):
        return "not_resolved"
    if isinstance(error, ValueError) and not isinstance(error, requests.ConnectionError):
        return "bad_request"
    return "no_connection"


def _host_and_path(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        return parts.hostname or "?", parts.path
    except ValueError as error:
        raise NotSent(_because("bad_request", "?"), permanent=True) from error


def _cause(error: BaseException) -> object:
    """What urllib3 said, out of the wrapping of `requests`."""
    wrapped = error.args[0] if error.args else None
    return getattr(wrapped, "reason", wrapped)


def _because(name: str, host: str) -> Reason:
    return Reason(f"http.{name}", host=host)


def _retry_after(value: str) -> float | None:
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(min(int(value[:9]), _LONGEST_RETRY_AFTER))
    try:
        wait = parsedate_to_datetime(value).timestamp() - clock.now()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return float(min(max(wait, 0), _LONGEST_RETRY_AFTER))
