"""What an error of Google means for us: one function, `classify`, for Drive, Sheets, the token endpoint and the network.

Decided by HTTP status and Google's `reason`, never by its words: those change, and differ between accounts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from core.errors import RemoteError
from core.reason import Reason, define


class Kind(Enum):
    RETRY = "retry"  # passes by itself: 5xx, 429, rate limits, the network
    QUOTA = "quota"  # no storage left, for a person or for a service account
    RECONNECT = "reconnect"  # the owner must give consent again
    CONFIG = "config"  # something at Google must be set up differently
    MISSING = "missing"  # no such file or folder, or none that we may see
    DONE_ALREADY = "done_already"  # a file with this id is there
    BUG = "bug"  # any other refusal: repeating cannot help


class NotConnected(RemoteError):
    """There is no Google account."""

    def __init__(self) -> None:
        super().__init__(Reason("google.not_connected"), permanent=True)


class ReconnectNeeded(RemoteError):
    """Google does not accept our token any more: only the owner's new consent helps."""

    def __init__(self, why: Reason | None = None) -> None:
        super().__init__(why or Reason("google.reconnect"), permanent=True)


class GoogleRefused(RemoteError):
    """What we found out ourselves about how things are at Google; `failure` as of an answer."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.why, permanent=True)
        self.failure = failure


@dataclass(frozen=True)
class Failure:
    """`reason`: Google's word for programs, the first of `reasons`; `why`: ours for people; `link`: where to repair it."""

    kind: Kind
    why: Reason
    reason: str = ""
    status: int | None = None
    retry_after: float | None = None
    link: str | None = None
    reasons: frozenset[str] = frozenset()

    @property
    def message(self) -> str:
        """In English, for logs and commands."""
        return str(self.why)

    @property
    def is_of_one_file(self) -> bool:
        """A refusal that says nothing about the next file."""
        everywhere = _API_OFF_REASONS | _SCOPE_REASONS | {"scope", "my_drive"}
        return self.kind in (Kind.CONFIG, Kind.BUG) and self.reason not in everywhere


define(
    {
        "google.not_connected": "Google is not connected.",
        "google.reconnect": "Google asks you to connect again.",
        "google.unreachable": "Google cannot be reached.",
        "google.bug": "Something went wrong with Google. It has been logged.",
        "google.busy": "Google is busy.",
        "google.daily_limit": "Google allows no more calls today.",
        "google.full": "The Google storage is full.",
        "google.api_off": "An API is switched off in your Google Cloud project: switch it on there.",
        "google.not_ticked": "A permission was not ticked on Google's consent page: connect again and tick it.",
        "google.forbidden": "Google does not allow this ({said}).",
        "google.missing": "This is not there any more at Google, or not shared with this account.",
        "google.already": "This is at Google already.",
        "google.not_understood": "Google did not understand us ({said}).",
        "google.unreadable": "Google's answer could not be understood.",
        "google.wait": "Google asks us to wait (too many requests).",
        "google.refused": "Google refused: {reason}",
    }
)

_RATE_REASONS = frozenset({"userRateLimitExceeded", "rateLimitExceeded", "sharingRateLimitExceeded", "backendError"})
_DAILY_REASONS = frozenset({"dailyLimitExceeded", "dailyLimitExceededUnreg"})
_QUOTA_REASONS = frozenset({"storageQuotaExceeded", "quotaExceeded", "teamDriveFileLimitExceeded"})
_API_OFF_REASONS = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})
_SCOPE_REASONS = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientScopes"})
_PASSING_TOKEN_REASONS = frozenset({"", "internal_failure", "server_error", "temporarily_unavailable"})
_DAILY_PAUSE_S = 3600.0
_GOOGLE_CONSOLE = ("console.developers.google.com", "console.cloud.google.com")


def classify(error: BaseException) -> Failure:
    """Any exception of google-auth, googleapiclient, httplib2, gspread or the network. Others are a BUG too."""
    if isinstance(error, GoogleRefused):
        return error.failure
    if isinstance(error, ReconnectNeeded | NotConnected):
        return Failure(Kind.RECONNECT, error.reason)
    if isinstance(error, RemoteError):
        return Failure(Kind.BUG if error.permanent else Kind.RETRY, error.reason, retry_after=error.retry_after)
    answer = _answer_of(error)
    if answer is not None:
        return judge(*answer)
    if _is_dead_token(error):
        return Failure(Kind.RECONNECT, Reason("google.reconnect"), reason=token_reason(error))
    if _is_passing(error):
        return Failure(Kind.RETRY, Reason("google.unreachable"))
    return Failure(Kind.BUG, Reason("google.bug"), reason=type(error).__name__)


def judge(status: int, body: bytes | str, headers: dict[str, str] | None = None) -> Failure:
    """A complete answer that is not 2xx."""
    reasons, words, link = _read(body)
    reason, found = reasons[0] if reasons else "", frozenset(reasons)
    said = reason or words or str(status)
    retry_after = _seconds((headers or {}).get("retry-after", ""))

    def failure(kind: Kind, name: str, **more: Any) -> Failure:
        why = Reason(f"google.{name}", said=said) if name in ("forbidden", "not_understood") else Reason(f"google.{name}")
        return Failure(kind, why, reason=reason, status=status, reasons=found, **{"retry_after": retry_after, **more})

    if status in (408, 429) or status >= 500 or found & _RATE_REASONS:
        return failure(Kind.RETRY, "busy")
    if found & _DAILY_REASONS:
        return failure(Kind.RETRY, "daily_limit", retry_after=retry_after or _DAILY_PAUSE_S)
    if found & _QUOTA_REASONS:
        return failure(Kind.QUOTA, "full")
    if status == 401:
        return failure(Kind.RECONNECT, "reconnect")
    if found & _API_OFF_REASONS:
        return failure(Kind.CONFIG, "api_off", link=link)
    if found & _SCOPE_REASONS:
        return failure(Kind.CONFIG, "not_ticked")
    if status == 403:
        return failure(Kind.CONFIG, "forbidden")
    if status in (404, 410):
        return failure(Kind.MISSING, "missing")
    if status == 409:
        return failure(Kind.DONE_ALREADY, "already")
    return failure(Kind.BUG, "not_understood")


def token_reason(error: BaseException) -> str:
    """`invalid_grant`, `invalid_client`, ... of a RefreshError; "" when it says none."""
    details = error.args[1] if len(error.args) > 1 else None
    return str(details.get("error", "")) if isinstance(details, dict) else ""


def _answer_of(error: BaseException) -> tuple[int, bytes | str, dict[str, str]] | None:
    """(status, body, headers) of googleapiclient's HttpError (`resp`) or of gspread's APIError (`response`)."""
    if (resp := getattr(error, "resp", None)) is not None and hasattr(resp, "status"):
        return int(resp.status), getattr(error, "content", b""), {str(k).lower(): str(v) for k, v in resp.items()}
    response = getattr(error, "response", None)
    if response is not None and hasattr(response, "status_code"):
        return int(response.status_code), response.content, {k.lower(): v for k, v in response.headers.items()}
    return None


def _is_dead_token(error: BaseException) -> bool:
    """Google has said why, in words for programs. A bare 503 of the token endpoint comes as RefreshError too."""
    from google.auth.exceptions import RefreshError

    return isinstance(error, RefreshError) and token_reason(error) not in _PASSING_TOKEN_REASONS


def _is_passing(error: BaseException) -> bool:
    from google.auth.exceptions import GoogleAuthError
    from httplib2 import HttpLib2Error

    return isinstance(error, OSError | HttpLib2Error | GoogleAuthError) or type(error).__module__ == "http.client"


def _read(body: bytes | str) -> tuple[list[str], str, str | None]:
    """(reasons, words, link) of an error body, in Drive's form and in that of newer APIs."""
    try:
        error = json.loads(body)["error"]
        if isinstance(error, str):  # the token endpoint's form
            return [error], error, None
        entries = [entry for key in ("errors", "details") for entry in error.get(key) or [] if isinstance(entry, dict)]
        reasons = [str(entry["reason"]) for entry in [*entries, {"reason": error.get("status")}] if entry.get("reason")]
        return reasons, str(error.get("message", "")), _link(entries)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return [], "", None


def _link(entries: list[dict[str, Any]]) -> str | None:
    """Where the owner switches an API on: only a page of Google's own console."""
    for entry in entries:
        metadata = entry.get("metadata")
        url = str(entry.get("extendedHelp") or (metadata.get("activationUrl") if isinstance(metadata, dict) else "") or "")
        parts = urlsplit(url)
        if parts.scheme == "https" and parts.hostname in _GOOGLE_CONSOLE:
            return url
    return None


def _seconds(value: str) -> float | None:
    return float(min(int(value[:6]), 24 * 3600)) if value.isascii() and value.isdigit() else None
