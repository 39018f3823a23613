"""The HTTP surface of the double: the calls of Meta's Graph API that the inbox makes, and `/_control` for tests."""

from __future__ import annotations

import functools
import hmac
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from sandbox.errors import GraphError
from sandbox.faults import Fault
from sandbox.ledger import Call
from sandbox.sending import send
from sandbox.shelf import MEGABYTE, check_upload
from sandbox.state import MetaState
from system import clock

View = Callable[..., Response]
TYPING_LASTS = 25

graph = Blueprint("graph", __name__)


def make_app(double: MetaState, control: Callable[[dict[str, Any]], dict[str, Any]]) -> Flask:
    """`control` carries out the orders of POST /_control."""
    app = Flask("sandbox.graph", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 101 * MEGABYTE
    app.config["PROPAGATE_EXCEPTIONS"] = True  # a dropped connection must reach the server, not become a 500
    app.extensions["double"] = double
    app.extensions["control"] = control
    app.register_blueprint(graph)
    app.register_error_handler(GraphError, _graph_error)
    app.register_error_handler(HTTPException, _http_error)
    return app


def the_double() -> MetaState:
    double: MetaState = current_app.extensions["double"]
    return double


def call(kind: str) -> Callable[[View], View]:
    """Every call is counted, needs the token, and may be told to go wrong."""

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def run(**path: str) -> Response:
            double = the_double()
            actual, status = _kind(kind), 0
            double.ledger.note_arrival(actual)
            try:
                _check_token(double)
                _check_proof(double)
                g.fault = double.faults.take(actual)
                answer = double.faults.apply(g.fault, functools.partial(view, **path))
                status = answer.status_code
                return answer
            except GraphError as error:
                status = error.status
                raise
            finally:
                double.ledger.note_call(Call(actual, request.method, request.path, _logged_body(), status))

        return run

    return wrap


@graph.post("/<version>/<phone_number_id>/messages")
@call("send")
def messages(version: str, phone_number_id: str) -> Response:
    double, body = the_double(), _json_body()
    _check_number(double, phone_number_id)
    if body.get("status") == "read":
        return _mark_read(double, body)
    fault: Fault | None = g.fault
    return jsonify(send(double, body, fault))


@graph.post("/<version>/<phone_number_id>/media")
@call("upload")
def upload(version: str, phone_number_id: str) -> Response:
    double = the_double()
    _check_number(double, phone_number_id)
    file = request.files.get("file")
    if request.form.get("messaging_product") != "whatsapp" or file is None:
        raise GraphError(100, "messaging_product and file are required")
    data = file.read()
    mime_type = file.content_type or request.form.get("type", "")
    check_upload(mime_type, data)
    return jsonify({"id": double.shelf.add(data, mime_type, filename=file.filename, inbound=False).id})


@graph.get("/whatsapp_business/attachments/")
@call("download")
def download() -> Response:
    double = the_double()
    item = double.shelf.at_address(request.args.get("hash", ""))
    if item is None:
        return Response("", 404)
    return Response(double.shelf.read(item.id), content_type=item.mime_type)


@graph.get("/<version>/debug_token")
@call("number")
def debug_token(version: str) -> Response:
    double = the_double()
    if request.args.get("input_token") != double.credentials.access_token:
        return jsonify({"data": {"is_valid": False, "scopes": [], "error": {"code": 190, "message": "Invalid token"}}})
    told = {"app_id": "1000", "application": "Inbox", "type": "SYSTEM_USER", "is_valid": True}
    return jsonify({"data": told | double.token})


@graph.get("/<version>/<object_id>")
@call("media")
def look_up(version: str, object_id: str) -> Response:
    double = the_double()
    if object_id == double.credentials.phone_number_id:
        return jsonify(_number(double))
    if object_id == double.credentials.waba_id:
        return jsonify({"id": object_id, "name": double.credentials.business_name, "currency": "HKD"})
    item = double.shelf.get(object_id)
    return jsonify(
        {
            "messaging_product": "whatsapp",
            "url": double.url + double.shelf.address(item.id),
            "mime_type": item.mime_type,
            "sha256": item.sha256,
            "file_size": item.size,
            "id": item.id,
        }
    )


@graph.delete("/<version>/<media_id>")
@call("delete")
def delete_media(version: str, media_id: str) -> Response:
    the_double().shelf.delete(media_id)
    return jsonify({"success": True})


@graph.get("/<version>/<waba_id>/message_templates")
@call("templates")
def message_templates(version: str, waba_id: str) -> Response:
    double = the_double()
    _check_account(double, waba_id)
    return _page(double, double.templates)


@graph.get("/<version>/<waba_id>/phone_numbers")
@call("number")
def phone_numbers(version: str, waba_id: str) -> Response:
    double = the_double()
    _check_account(double, waba_id)
    return _page(double, [_number(double)] if double.owns_number else [])


@graph.route("/<version>/<waba_id>/subscribed_apps", methods=["GET", "POST", "DELETE"])
@call("number")
def subscribed_apps(version: str, waba_id: str) -> Response:
    double = the_double()
    _check_account(double, waba_id)
    if request.method == "GET":
        app = {"whatsapp_business_api_data": {"id": "1000", "name": "Inbox", "link": "https://example.com"}}
        return jsonify({"data": [app] if double.subscribed else []})
    double.subscribed = request.method == "POST"
    return jsonify({"success": True})


@graph.post("/<version>/<phone_number_id>/smb_app_data")
@call("number")
def smb_app_data(version: str, phone_number_id: str) -> Response:
    """Each sync may be asked for once only."""
    double, body = the_double(), _json_body()
    _check_number(double, phone_number_id)
    sync_type = body.get("sync_type")
    if sync_type not in ("smb_app_state_sync", "history"):
        raise GraphError(100, "sync_type must be smb_app_state_sync or history")
    if sync_type in double.synced:
        raise GraphError(2593107)
    double.synced.add(sync_type)
    return jsonify({"messaging_product": "whatsapp", "request_id": f"sync-{sync_type}"})


@graph.route("/_control", methods=["GET", "POST"])
def control() -> Response:
    """GET: counts, accepted messages, calls, faults. POST: see `GraphDouble.control`."""
    double = the_double()
    _check_token(double)
    if request.method == "GET":
        return jsonify({**double.ledger.listing(), "faults": double.faults.listing()})
    try:
        return jsonify(current_app.extensions["control"](_json_body()))
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise GraphError(100, str(error)) from error


def _mark_read(double: MetaState, body: dict[str, Any]) -> Response:
    wamid = str(body.get("message_id", ""))
    if not wamid.startswith("wamid."):
        raise GraphError(131009, "message_id is not a message")
    double.mark_read(wamid, typing_until=clock.now() + TYPING_LASTS if body.get("typing_indicator") else 0)
    return jsonify({"success": True})


def _kind(kind: str) -> str:
    """A mark-read call goes to the address of sends but is counted by itself."""
    if kind == "send" and request.is_json and (request.get_json(silent=True) or {}).get("status") == "read":
        return "read"
    if kind == "media" and request.view_args and request.view_args["object_id"] in the_double().own_ids:
        return "number"
    return kind


def _check_token(double: MetaState) -> None:
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {double.credentials.access_token}".encode()):
        raise GraphError(190)


def _check_proof(double: MetaState) -> None:
    """Graph looks at a proof wherever it is given one."""
    given = request.args.get("appsecret_proof")
    if given is None:
        return
    expected = hmac.new(double.credentials.app_secret.encode(), double.credentials.access_token.encode(), "sha256").hexdigest()
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise GraphError(100, "Invalid appsecret_proof provided in the API argument")


def _check_number(double: MetaState, phone_number_id: str) -> None:
    if phone_number_id != double.credentials.phone_number_id:
        raise GraphError(100, f"Object with ID '{phone_number_id}' does not exist", subcode=33)


def _check_account(double: MetaState, waba_id: str) -> None:
    if waba_id != double.credentials.waba_id:
        raise GraphError(100, f"Object with ID '{waba_id}' does not exist", subcode=33)


def _json_body() -> dict[str, Any]:
    body = request.get_json(silent=True) if request.is_json else request.form.to_dict()
    if not isinstance(body, dict):
        raise GraphError(100, "The body is not a JSON object.")
    return body


def _logged_body() -> dict[str, Any]:
    body = request.get_json(silent=True) if request.is_json else None
    return body if isinstance(body, dict) else {}


def _number(double: MetaState) -> dict[str, Any]:
    return {
        "id": double.credentials.phone_number_id,
        "display_phone_number": f"+{double.credentials.display_phone_number}",
        "verified_name": double.credentials.business_name,
        "quality_rating": "GREEN",
        "name_status": "APPROVED",
        "platform_type": "CLOUD_API",
        "is_on_biz_app": False,
        "throughput": {"level": "STANDARD"},
        "whatsapp_business_manager_messaging_limit": "TIER_250",
    }


def _page(double: MetaState, rows: list[dict[str, Any]]) -> Response:
    """Cursors as Graph's: `paging.next` is there only when more follows."""
    start = request.args.get("after", 0, type=int)
    limit = min(max(request.args.get("limit", 25, type=int), 1), 250)
    page = rows[start : start + limit]
    paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(start + len(page))}}
    if start + limit < len(rows):
        paging["next"] = f"{double.url}{request.path}?limit={limit}&after={start + len(page)}"
    return jsonify({"data": page, "paging": paging} if page else {"data": []})


def _graph_error(error: GraphError) -> Response:
    answer = jsonify(error.body())
    answer.status_code = error.status
    if error.retry_after is not None:
        answer.headers["Retry-After"] = f"{error.retry_after:g}"
    return answer


def _http_error(error: HTTPException) -> Response:
    if isinstance(error, RequestEntityTooLarge):
        return _graph_error(GraphError(131053, "The file is too large.", status=413))
    return _graph_error(GraphError(100, "Unsupported request", status=error.code or 400))
