"""Who we are at Google: the owner by consent, or a service account from a file. No google module is loaded before it is needed.

The interface for those who call Google: `GoogleAccount.credentials()` (fresh, for `requests` and gspread) and
`GoogleAccount.http()` (this thread's own httplib2, for googleapiclient).
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from core.errors import RemoteError, SetupError
from core.reason import Reason, define
from integrations.google.errors import Kind, ReconnectNeeded, classify, token_reason

log = logging.getLogger("inbox.google")

# What each part of the product may do. Asked for only when the part is switched on.
SCOPES: dict[str, str] = {
    "drive": "https://www.googleapis.com/auth/drive.file",  # only files that we made ourselves
    "sheet": "https://www.googleapis.com/auth/spreadsheets.readonly",
    "sheet_write": "https://www.googleapis.com/auth/spreadsheets",
    "contacts": "https://www.googleapis.com/auth/contacts.readonly",
}
# Nobody consents for a service account: it sees what is shared with it. `drive.file` would hide the shared drive's folder.
# Contacts cannot be shared with it.
SERVICE_ACCOUNT_SCOPES = {
    "drive": "https://www.googleapis.com/auth/drive",
    **{part: SCOPES[part] for part in ("sheet", "sheet_write")},
}
_COVERED_BY = {"sheet": ("sheet_write",)}

define(
    {
        "google.robot_refused": "Google refuses the service account: look whether its key was deleted and whether this"
        " machine's clock is right.",
        "google.no_key_file": "GOOGLE_CREDENTIALS_FILE ({file}) is not the key of a service account.",
        "google.bad_key_file": "GOOGLE_CREDENTIALS_FILE ({file}) cannot be read as JSON.",
        "google.client_unknown": "Google does not know our client ID any more: check it and its secret, then connect again.",
    }
)

TOKEN_TIMEOUT_S = 20
CALL_TIMEOUT_S = 30  # also how long a lost chunk may hang before the upload asks how far it came


@dataclass(frozen=True)
class Endpoints:
    """Where Google is. Tests give their own server."""

    auth_url: str = "https://accounts.google.com/o/oauth2/v2/auth"
    token_url: str = "https://oauth2.googleapis.com/token"
    revoke_url: str = "https://oauth2.googleapis.com/revoke"
    api_root: str = "https://www.googleapis.com/"
    sheets_root: str = "https://sheets.googleapis.com/"
    people_root: str = "https://people.googleapis.com/"


class GoogleAccount:
    """One connected account. Safe between threads.

    `kind` is "user" or "service_account"; `scopes` are those granted; `on_dead(why)` is called once when Google refuses
    the token for good. `dead`: known to be refused already, no call is made any more.
    """

    def __init__(
        self,
        credentials: Any,
        *,
        kind: str,
        email: str,
        scopes: Iterable[str],
        endpoints: Endpoints = Endpoints(),
        dead: Reason | None = None,
        on_dead: Callable[[Reason], None] = lambda why: None,
        timeout_s: float = CALL_TIMEOUT_S,
    ) -> None:
        self.kind = kind
        self.email = email
        self.scopes = frozenset(scopes)
        self.endpoints = endpoints
        self.timeout_s = timeout_s
        self._credentials = credentials
        self._dead = dead
        self._on_dead = on_dead
        self._lock = threading.Lock()
        self._threads = threading.local()
        self._opened: set[Any] = set()  # of all threads

    def has(self, part: str) -> bool:
        """Was the permission for this part of SCOPES granted (or one that covers it)?"""
        table = SERVICE_ACCOUNT_SCOPES if self.kind == "service_account" else SCOPES
        return any(table.get(name) in self.scopes for name in (part, *_COVERED_BY.get(part, ())))

    @property
    def dead_reason(self) -> Reason | None:
        """Why Google refuses us; None while it does not."""
        return self._dead

    def credentials(self, *, renew: bool = False) -> Any:
        """google.auth credentials whose token is good for minutes; `renew` after a 401.

        Raises ReconnectNeeded, or a RemoteError that is not permanent when Google cannot be asked now.
        """
        from google.auth.credentials import TokenState

        with self._lock:
            if self._dead is not None:
                raise ReconnectNeeded(self._dead)
            if renew or self._credentials.token_state is not TokenState.FRESH:
                self._refresh()
            return self._credentials

    def http(self) -> Any:
        """This thread's connection, with time-outs: httplib2 mixes up the answers of threads that share one.

        It never refreshes by itself: `credentials()` before a call does, once for all threads.
        """
        import google_auth_httplib2
        from httplib2 import Http

        credentials = self.credentials()
        http = getattr(self._threads, "http", None)
        if http is None:
            plain = Http(timeout=self.timeout_s)
            plain.redirect_codes = plain.redirect_codes - {308}  # Drive's "go on", not a redirect
            http = google_auth_httplib2.AuthorizedHttp(credentials, plain, refresh_status_codes=())
            self._threads.http = http
            with self._lock:
                self._opened.add(http)
        return http

    def hang_up(self) -> None:
        """After a broken call: what may still arrive on this thread's connection belongs to nobody."""
        if (http := getattr(self._threads, "http", None)) is not None:
            http.close()
            self._threads.http = None
            with self._lock:
                self._opened.discard(http)

    def close(self) -> None:
        """All threads' connections, at the very end: in the middle of a call a closed descriptor may become another file."""
        with self._lock:
            opened, self._opened, self._threads = self._opened, set(), threading.local()
        for http in opened:
            http.close()

    def refused(self) -> None:
        """Google answered 401 to a token that it has just given out."""
        with self._lock:
            if self._dead is None:
                self._die("unauthorized")

    def _die(self, reason: str) -> None:
        self._dead = _why_dead(reason, self.kind)
        log.warning("google refuses the account", extra={"reason": reason})
        self._on_dead(self._dead)

    def _refresh(self) -> None:
        from google.auth.transport.requests import Request

        request = Request()
        try:
            self._credentials.refresh(partial(request, timeout=TOKEN_TIMEOUT_S))  # its own default is two minutes
        except Exception as error:
            failure = classify(error)
            if failure.kind is not Kind.RECONNECT:
                raise RemoteError(failure.why, retry_after=failure.retry_after) from error
            self._die(token_reason(error))
            raise ReconnectNeeded(self._dead) from error
        finally:
            request.session.close()


@dataclass(frozen=True)
class Pending:
    """A consent that was begun: by whom, and what proves that the answer belongs to it. `until` unix s."""

    user_id: int
    verifier: str
    redirect_uri: str
    until: int
    again: bool


@dataclass
class Google:
    """The way to Google of one process: where it is, and the account in use. `lock` guards what may be replaced."""

    endpoints: Endpoints = Endpoints()
    lock: threading.RLock = field(default_factory=threading.RLock)
    account: GoogleAccount | None = None
    made_from: object = None  # what `account` was made from: another value means that it must be made again
    complaint: str | None = None  # what was last logged about a key file that cannot be used
    pending: dict[str, Pending] = field(default_factory=dict)  # by state; a restart means to begin again

    def use(self, account: GoogleAccount | None, made_from: object = None) -> None:
        """In place of the one before, whose connections are dropped. Hold `lock`."""
        if self.account is not None:
            self.account.hang_up()
        self.account, self.made_from = account, made_from

    def close(self) -> None:
        """At the end of the process."""
        with self.lock:
            if self.account is not None:
                self.account.close()


def user_account(
    client: dict[str, str], tokens: dict[str, Any], *, email: str, endpoints: Endpoints, **more: Any
) -> GoogleAccount:
    """`client` {client_id, client_secret}; `tokens` {refresh_token, scopes}."""
    from google.oauth2.credentials import Credentials

    credentials = Credentials(  # type: ignore[no-untyped-call]
        None,
        refresh_token=tokens["refresh_token"],
        token_uri=endpoints.token_url,
        client_id=client["client_id"],
        client_secret=client["client_secret"],
        scopes=list(tokens["scopes"]),
    )
    return GoogleAccount(credentials, kind="user", email=email, scopes=tokens["scopes"], endpoints=endpoints, **more)


def service_account(path: Path, parts: Iterable[str], *, endpoints: Endpoints, **more: Any) -> GoogleAccount:
    """From the JSON key that Google Cloud gives out. Raises SetupError."""
    from google.oauth2.service_account import Credentials

    scopes = sorted({SERVICE_ACCOUNT_SCOPES[part] for part in parts} or set(SERVICE_ACCOUNT_SCOPES.values()))
    info = read_key_file(path)
    try:
        credentials = Credentials.from_service_account_info(info, scopes=scopes)  # type: ignore[no-untyped-call]
    except (ValueError, KeyError) as error:
        raise SetupError(Reason("google.no_key_file", file=path.name)) from error
    return GoogleAccount(
        credentials, kind="service_account", email=info["client_email"], scopes=scopes, endpoints=endpoints, **more
    )


def read_key_file(path: Path) -> dict[str, Any]:
    """Raises SetupError."""
    try:
        info = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise SetupError(Reason("google.bad_key_file", file=path.name)) from error
    if not isinstance(info, dict) or info.get("type") != "service_account" or not info.get("client_email"):
        raise SetupError(Reason("google.no_key_file", file=path.name))
    return info


def _why_dead(reason: str, kind: str) -> Reason:
    if kind == "service_account":
        return Reason("google.robot_refused")
    if reason in ("invalid_client", "unauthorized_client"):
        return Reason("google.client_unknown")
    return Reason("google.reconnect")
