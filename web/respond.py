"""Answers: JSON for programs, a plain page for people, never a stack trace."""

from __future__ import annotations

import logging
from typing import Any

import orjson
from flask import Flask, Response, render_template, request
from pydantic import BaseModel
from werkzeug.exceptions import HTTPException

from core.errors import AppError, StorageError
from core.reason import verbatim
from db_manager import is_storage_error
from web.words import t, word_error

log = logging.getLogger("inbox.web")

_JSON_PATHS = ("/api/", "/media/", "/webhook/", "/healthz", "/sandbox/api/")
_HTTP_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    408: "timeout",
    411: "length_required",
    413: "too_large",
    414: "too_large",
    415: "unsupported_media_type",
    416: "range_not_satisfiable",
    431: "too_large",
}


def ok(body: Any, status: int = 200) -> Response:
    """A JSON answer: a model of `answers.py`, or the dict that presenting code made where a model would cost speed."""
    raw = body.model_dump_json(by_alias=True, exclude_unset=True) if isinstance(body, BaseModel) else orjson.dumps(body)
    return Response(raw, status=status, mimetype="application/json")


def wants_json() -> bool:
    return request.path.startswith(_JSON_PATHS)


def error_answer(error: AppError) -> Response:
    """`{"error": {"code", "message"}}`, or the same words on a page."""
    if wants_json():
        inner: dict[str, Any] = {"code": error.code, "message": word_error(error)}
        if error.details:
            inner["details"] = error.details
        response = ok({"error": inner}, error.status)
    else:
        page = render_template("error.html", title=_title(error.status), message=word_error(error), status=error.status)
        response = Response(page, status=error.status, mimetype="text/html")
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def install(app: Flask) -> None:
    """Register the three handlers that every error ends in."""
    app.register_error_handler(AppError, error_answer)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:  # a redirect that Werkzeug raised
        return error.get_response()  # type: ignore[return-value]
    response = error_answer(AppError(verbatim(_title(status)), code=_HTTP_CODES.get(status, "bad_request"), status=status))
    for name, value in error.get_response().headers:
        if name in ("Allow", "Content-Range"):
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    if is_storage_error(error):
        return error_answer(StorageError("The message store cannot be read right now. Please try again."))
    log.exception("unexpected error", extra={"path": request.path, "method": request.method})
    return error_answer(AppError("Something went wrong on our side. It has been logged.", code="internal", status=500))


def _title(status: int) -> str:
    return {
        400: t("The request was not understood."),
        401: t("Please sign in."),
        403: t("This is not allowed."),
        404: t("There is nothing here."),
        405: t("This cannot be done that way."),
        409: t("This cannot be done right now."),
        413: t("This is too large."),
        415: t("This kind of content is not accepted."),
        416: t("This part of the file does not exist."),
        422: t("Something in the request is not right."),
        429: t("Too many tries. Please wait a little."),
        503: t("Not available right now. Please try again."),
    }.get(status, t("Something went wrong."))
