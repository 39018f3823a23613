"""The catalogue of errors. A route raises one of these; `web/respond.py` alone turns them into answers."""

from __future__ import annotations

from typing import Any

from core.reason import Reason, verbatim


class AppError(Exception):
    """An error to show to the caller: `code` for programs, words for people, `status` for HTTP.

    The words are written out where it is raised, in English, with {name} for a value: `Invalid("At most {most} MB.", most=5)`.
    `web/respond.py` says them in the reader's language. A `Reason` says why with a code, as the database keeps it.
    """

    status = 400
    code = "bad_request"

    def __init__(
        self,
        words: str | Reason,
        *,
        code: str | None = None,
        status: int | None = None,
        details: dict[str, Any] | None = None,
        retry_after: int | None = None,
        **values: Any,
    ) -> None:
        self.reason = words if isinstance(words, Reason) else None
        self.text = words.sentence if isinstance(words, Reason) else words
        self.values = words.values if isinstance(words, Reason) else values
        super().__init__(self.message)
        self.code = code or type(self).code
        self.status = status or type(self).status
        self.details = details
        self.retry_after = retry_after

    @property
    def message(self) -> str:
        """In English, for logs and commands."""
        if self.reason is not None:
            return str(self.reason)
        return self.text.format(**self.values) if self.values else self.text


class Unauthorized(AppError):
    status, code = 401, "unauthorized"


class Forbidden(AppError):
    status, code = 403, "forbidden"


class NotFound(AppError):
    status, code = 404, "not_found"


class Conflict(AppError):
    status, code = 409, "conflict"


class Invalid(AppError):
    status, code = 422, "invalid"


class TooMany(AppError):
    status, code = 429, "too_many_requests"


class StorageError(AppError):
    """The database could not commit (disk full, locked, damaged). Nothing was stored: the caller may safely repeat."""

    status, code = 503, "storage_unavailable"


class SetupError(Exception):
    """The installation cannot start as it is configured: what to change. As text where only a terminal shows it."""

    def __init__(self, reason: Reason | str) -> None:
        super().__init__(str(reason))
        self.reason = reason if isinstance(reason, Reason) else verbatim(reason)


class RemoteError(Exception):
    """A call to Meta or Google failed, and why. `permanent`: repeating the same call cannot help. `retry_after` in seconds.

    `reason`: as text only what is never shown to staff.
    """

    def __init__(
        self, reason: Reason | str, *, code: int | None = None, permanent: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(str(reason))
        self.reason = reason if isinstance(reason, Reason) else verbatim(reason)
        self.code = code
        self.permanent = permanent
        self.retry_after = retry_after

    @property
    def message(self) -> str:
        """In English, for logs and commands."""
        return str(self.reason)
