"""The catalogue of errors. A route raises one of these; `web/respond.py` alone turns them into answers."""

from __future__ import annotations

from typing import Any


class AppError(Exception):
    """An error to show to the caller: `code` for programs, `message` for people, `status` for HTTP."""

    status = 400
    code = "bad_request"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        details: dict[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.status = status or type(self).status
        self.details = details
        self.retry_after = retry_after


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
    """The installation cannot start as it is configured; the text says what to change."""


class RemoteError(Exception):
    """A call to Meta or Google failed. `permanent`: repeating the same call cannot help. `retry_after` in seconds."""

    def __init__(
        self, message: str, *, code: int | None = None, permanent: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.permanent = permanent
        self.retry_after = retry_after
