"""The page /sandbox: the customers' phones, played by whoever tries the inbox. Registered in sandbox mode only."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Literal

from flask import Blueprint, Response, current_app, render_template, request, send_file
from pydantic import Field

from core.errors import AppError, Invalid, NotFound
from core.phone import e164, normalise, pretty
from core.text import clean_name
from sandbox import SandboxHandle, samples
from sandbox.customer import Customer
from sandbox.errors import GraphError
from sandbox.graph import GraphDouble
from web.respond import ok
from web.validation import Body, Text, check, parse_json

blueprint = Blueprint("sandbox", __name__)

OPEN_LASTS = 45  # seconds; the page repeats itself sooner, a closed page reads nothing
LARGEST_FILE = 20 * 1024 * 1024
INLINE = frozenset({"image/jpeg", "image/png", "image/webp", "audio/ogg", "audio/mpeg", "audio/mp4", "video/mp4"})

# What "the next send fails with ..." offers. All of them are in the handbook of Meta's bad days.
FAULTS: dict[str, dict[str, Any]] = {
    "busy": {"code": 131016},
    "refused": {"code": 131026},
    "late": {"mode": "async", "code": 131026},
    "window": {"mode": "async", "code": 131047},
    "lost": {"mode": "reset", "when": "after"},
    "unknown": {"mode": "reset", "when": "before"},
    "slow": {"mode": "slow", "seconds": 8.0},
    "token": {"code": 190},
}


class NewCustomer(Body):
    name: Text = Field(min_length=1, max_length=100)
    phone: Text | None = Field(None, max_length=40)
    username: Text | None = Field(None, max_length=35)


class NewMessage(Body):
    type: Literal["text", "photo", "voice", "document", "sticker", "location", "contact"] = "text"
    text: Text = Field("", max_length=10_000)
    quote: Text | None = Field(None, max_length=300)


class OnMessage(Body):
    wamid: Text = Field(max_length=300)
    text: Text = Field("", max_length=10_000)


class Switch(Body):
    on: bool


class NewFault(Body):
    fault: str


@blueprint.get("/sandbox")
def page() -> str:
    return render_template("sandbox.html")


@blueprint.get("/sandbox/api/state")
def state() -> Response:
    """Everything on the phones that changed after version `since`, and which errors are switched on."""
    double, since = the_double(), request.args.get("since", 0, type=int)
    snapshot = double.world.snapshot(since)
    if since > snapshot["version"]:  # an older state came back with a restart: the page begins anew
        snapshot = {**double.world.snapshot(0), "reset": True}
    waiting = [name for name, how in FAULTS.items() if any(_is(fault, how) for fault in double.faults.listing())]
    business = {"name": double.credentials.business_name, "phone": double.credentials.display_phone_number}
    for customer in snapshot["customers"]:
        phone, username = customer["phone"], customer["username"]
        customer["reached_by"] = pretty(phone) if phone else f"@{username}" if username else customer["user_id"]
        customer["key"] = e164(phone) if phone else username or customer["id"]  # the inbox chooses the colour by it
    return ok({**snapshot, "business": business, "faults": waiting, "reachable": double.reachable})


@blueprint.post("/sandbox/api/customers")
def add_customer() -> Response:
    wanted = parse_json(NewCustomer)
    name = clean_name(wanted.name)
    if not name:
        raise Invalid("A name is needed.")
    username = (wanted.username or "").strip().lstrip("@") or None
    if bool(wanted.phone) == bool(username):
        raise Invalid("Give a phone number, or a username for somebody who hides the number.")
    phone = normalise(wanted.phone) if wanted.phone else None
    return ok({"id": the_double().add_customer(name, phone, username=username).profile.id}, 201)


@blueprint.post("/sandbox/api/customers/<id>/messages")
def write(id: str) -> Response:
    """JSON for text and built-in samples, multipart with `file` for the customer's own."""
    customer = _customer(id)
    if request.mimetype == "multipart/form-data":
        return ok({"wamid": _send_upload(customer)}, 201)
    wanted = parse_json(NewMessage)
    if wanted.type == "text" and not wanted.text.strip():
        raise Invalid("Nothing was written.")
    return ok({"wamid": _send_sample(customer, wanted)}, 201)


@blueprint.post("/sandbox/api/customers/<id>/reactions")
def react(id: str) -> Response:
    wanted = parse_json(OnMessage)
    return ok({"wamid": _customer(id).react(_existing(id, wanted.wamid), wanted.text)}, 201)


@blueprint.post("/sandbox/api/customers/<id>/edits")
def edit(id: str) -> Response:
    wanted = parse_json(OnMessage)
    if not wanted.text.strip():
        raise Invalid("Nothing was written.")
    return ok({"wamid": _customer(id).edit(_existing(id, wanted.wamid, mine=True), wanted.text)}, 201)


@blueprint.post("/sandbox/api/customers/<id>/revocations")
def revoke(id: str) -> Response:
    wanted = parse_json(OnMessage)
    return ok({"wamid": _customer(id).revoke(_existing(id, wanted.wamid, mine=True))}, 201)


@blueprint.post("/sandbox/api/customers/<id>/buttons")
def press(id: str) -> Response:
    wanted = parse_json(OnMessage)
    return ok({"wamid": _customer(id).press(_existing(id, wanted.wamid), wanted.text)}, 201)


@blueprint.post("/sandbox/api/customers/<id>/open")
def open_chat(id: str) -> Response:
    """The phone looks at our chat (blue ticks), or turns away."""
    customer = _customer(id)
    if parse_json(Switch).on:
        customer.open_chat(OPEN_LASTS)
    else:
        customer.close_chat()
    return ok({})


@blueprint.post("/sandbox/api/customers/<id>/plays")
def play(id: str) -> Response:
    _customer(id).play(_existing(id, parse_json(OnMessage).wamid))
    return ok({})


@blueprint.post("/sandbox/api/faults")
def add_fault() -> Response:
    how = FAULTS.get(parse_json(NewFault).fault)
    if how is None:
        raise Invalid("There is no such error.")
    the_double().fail_next("send", **how)
    return ok({}, 201)


@blueprint.delete("/sandbox/api/faults")
def clear_faults() -> Response:
    the_double().faults.clear()
    return ok({})


@blueprint.post("/sandbox/api/reachable")
def set_reachable() -> Response:
    """Switch Meta off and on: connections are refused meanwhile."""
    double = the_double()
    double.plug_in() if parse_json(Switch).on else double.unplug()
    return ok({})


@blueprint.get("/sandbox/api/media/<media_id>")
def media(media_id: str) -> Response:
    """A file on a phone. Types that could run script are downloads."""
    double = the_double()
    try:
        item = double.shelf.get(media_id)
    except GraphError:
        raise NotFound("There is nothing here.") from None
    plain = item.mime_type.split(";")[0]
    answer = send_file(
        BytesIO(double.shelf.read(media_id)),
        mimetype=plain if plain in INLINE else "application/octet-stream",
        as_attachment=plain not in INLINE,
        download_name=item.filename or media_id,
        conditional=True,  # players ask for pieces
    )
    answer.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return answer


def the_double() -> GraphDouble:
    handle: SandboxHandle | None = current_app.extensions.get("sandbox")
    if handle is None:
        raise AppError("The sandbox is starting.", code="starting", status=503, retry_after=1)
    return handle.double


def _customer(id: str) -> Customer:
    try:
        return the_double().customer(id)
    except KeyError:
        raise NotFound("There is no such customer.") from None


def _existing(id: str, wamid: str, mine: bool = False) -> str:
    """The wamid of a message on this phone; with `mine` one that the customer wrote."""
    bubble = the_double().world.bubbles.get(wamid)
    if bubble is None or bubble.chat != id or (mine and not bubble.mine):
        raise NotFound("There is no such message on this phone.")
    return wamid


def _send_upload(customer: Customer) -> str:
    file = request.files.get("file")
    data = file.read(LARGEST_FILE + 1) if file else b""
    if file is None or not data:
        raise Invalid("The file is empty.")
    if len(data) > LARGEST_FILE:
        raise Invalid("The sandbox takes files up to 20 MB.", code="too_large", status=413)
    wanted = check(NewMessage, {key: request.form[key] for key in ("text", "quote") if request.form.get(key)})
    mime_type, voice = file.mimetype or "application/octet-stream", request.form.get("voice") == "1"
    return customer.send_file(
        data, mime_type, caption=wanted.text, filename=clean_name(file.filename or ""), voice=voice, quote=wanted.quote
    )


def _send_sample(customer: Customer, wanted: NewMessage) -> str:
    number, quote = len(customer.double.world.bubbles), wanted.quote
    match wanted.type:
        case "photo":
            return customer.send_file(samples.photo(number), "image/jpeg", caption=wanted.text, quote=quote)
        case "voice":
            return customer.send_file(samples.voice(), samples.VOICE_TYPE, voice=True, quote=quote)
        case "document":
            form = samples.document("Booking form")
            return customer.send_file(form, "application/pdf", filename="Booking form.pdf", quote=quote)
        case "sticker":
            return customer.send_file(samples.sticker(), "image/webp", kind="sticker", quote=quote)
        case "location":
            return customer.send_location(22.3812, 114.2735, "Sai Kung Pier", "Sai Kung, Hong Kong", quote=quote)
        case "contact":
            return customer.send_contact("Hana Mori", "15550100134", quote=quote)
    return customer.write(wanted.text, quote=quote)


def _is(fault: dict[str, Any], how: dict[str, Any]) -> bool:
    return how.items() <= fault.items() and (how.get("mode", "error") == fault["mode"])
