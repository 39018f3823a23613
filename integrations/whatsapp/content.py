"""One message of Meta's -> `Content`: what its bubble shows. Pure, never raises; words of ours are made later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from integrations.whatsapp.events import Content, MediaRef
from integrations.whatsapp.interactive import interactive_reply
from integrations.whatsapp.values import (
    Json,
    first,
    identifier,
    integer,
    is_visible,
    line,
    mapping,
    mime_type,
    number,
    objects,
    present,
    sha256_hex,
    string,
    web_url,
)

MEDIA_TYPES = ("image", "video", "audio", "document", "sticker")
_LONGEST_FILENAME = 4096  # of what comes; features/media shortens it and keeps the extension


def content_of(message: Json, value_errors: Any = None) -> Content:
    """`message` is an item of messages[], message_echoes[], a history thread, or edit.message.

    `value_errors`: the errors[] beside messages[], which explain a message that came without its object.
    """
    kind = message_type(message)
    read = _READERS.get(kind)
    if read is not None:
        content = read(message, value_errors)
    elif mapping(message.get(kind)).get("mime_type"):
        content = _media_of_new_kind(message, kind)
    else:
        content = _unknown(kind)
    beside = _beside(message)
    if not beside:
        return content
    return Content(content.type, content.text, content.media, {**(content.payload or {}), **beside})


def message_type(message: Json) -> str:
    """The type, or the one object that is there when the type is missing."""
    named = line(message.get("type"), 60)
    if named:
        return named
    known = [kind for kind in _READERS if kind in message]
    return known[0] if len(known) == 1 else ""


def _beside(message: Json) -> Json:
    referral = mapping(message.get("referral"))
    product = mapping(mapping(message.get("context")).get("referred_product"))
    shown = present(
        {
            "source_url": web_url(referral.get("source_url")),
            "source_id": string(referral.get("source_id")),
            "source_type": line(referral.get("source_type")),
            "headline": line(referral.get("headline")),
            "body": string(referral.get("body")),
            "media_type": line(referral.get("media_type")),
            "ctwa_clid": string(referral.get("ctwa_clid")),
        }
    )
    asked = present(
        {
            "catalog_id": string(product.get("catalog_id")),
            "product_retailer_id": string(product.get("product_retailer_id")),
        }
    )
    return present({"referral": shown, "referred_product": asked})


def _text(message: Json, _: Any) -> Content:
    text = message.get("text")
    body = string(mapping(text).get("body")) or string(text)
    return Content("text", body if is_visible(body) else "")


def _media(message: Json, value_errors: Any) -> Content:
    kind = message_type(message)
    found = mapping(message.get(kind))
    caption = string(found.get("caption"))
    caption = caption if is_visible(caption) else ""
    media_id = identifier(found.get("id"))
    if media_id is None:
        return _media_missing(kind, caption, _error(message, value_errors))
    filename = line(string(found.get("filename")).replace("\\", "/").rpartition("/")[2], _LONGEST_FILENAME)
    media = MediaRef(
        meta_media_id=media_id,
        mime_type=mime_type(found.get("mime_type")),
        sha256=sha256_hex(found.get("sha256")),
        filename=filename or None,
        voice=kind == "audio" and found.get("voice") is True,
        animated=kind == "sticker" and found.get("animated") is True,
    )
    return Content(kind, caption, media)


def _media_missing(kind: str, caption: str, error: Json) -> Content:
    payload = present({"kind": kind, "file": "missing", "code": integer(error.get("code")), "title": line(error.get("title"))})
    return Content("unsupported", caption, None, payload | present({"caption": caption}))


def _media_of_new_kind(message: Json, kind: str) -> Content:
    """A type we do not know that carries a file (a video note, say): the file is what counts."""
    family = mime_type(mapping(message.get(kind)).get("mime_type")).partition("/")[0]
    shown = family if family in ("image", "video", "audio") else "document"
    return _media({"type": shown, shown: message.get(kind), "errors": message.get("errors")}, None)


def _location(message: Json, _: Any) -> Content:
    found = mapping(message.get("location"))
    latitude, longitude = number(found.get("latitude")), number(found.get("longitude"))
    name, address = line(found.get("name")), line(found.get("address"))
    payload = {
        "latitude": latitude,
        "longitude": longitude,
        "name": name or None,
        "address": address or None,
        "url": web_url(found.get("url")),
    }
    return Content("location", "", None, payload)


def _contacts(message: Json, _: Any) -> Content:
    cards = [_card(card) for card in objects(message.get("contacts"))]
    return Content("contacts", "", None, {"contacts": cards})


def _card(card: Json) -> Json:
    org = mapping(card.get("org"))
    name = mapping(card.get("name"))
    parts = ("formatted_name", "first_name", "middle_name", "last_name", "prefix", "suffix")
    return present(
        {
            "name": present({part: line(name.get(part)) for part in parts}),
            "phones": [_entry(phone, "phone", "wa_id", "type") for phone in objects(card.get("phones"))],
            "emails": [_entry(email, "email", "type") for email in objects(card.get("emails"))],
            "urls": [
                present({"url": web_url(url.get("url")), "type": line(url.get("type"))}) for url in objects(card.get("urls"))
            ],
            "addresses": [
                _entry(address, "street", "city", "state", "zip", "country", "type")
                for address in objects(card.get("addresses"))
            ],
            "org": present({key: line(org.get(key)) for key in ("company", "department", "title")}),
            "birthday": line(card.get("birthday")),
            "origin": line(card.get("origin")),
            "vcard": string(card.get("vcard")),
        }
    )


def _entry(value: Json, *keys: str) -> Json:
    return present({key: line(value.get(key)) for key in keys})


def _interactive(message: Json, value_errors: Any) -> Content:
    found = mapping(message.get("interactive"))
    if not found:
        return _unsupported({"unsupported": {"type": "interactive"}, "errors": message.get("errors")}, value_errors)
    text, payload = interactive_reply(found)
    return Content("interactive", text, None, payload)


def _button(message: Json, _: Any) -> Content:
    found = mapping(message.get("button"))
    text, payload = line(found.get("text")), string(found.get("payload"))
    return Content("button", text or line(payload), None, {"payload": payload, "text": text})


def _order(message: Json, _: Any) -> Content:
    found = mapping(message.get("order"))
    products = [
        {
            "product_retailer_id": string(item.get("product_retailer_id")),
            "quantity": integer(item.get("quantity")),
            "item_price": number(item.get("item_price")),
            "currency": line(item.get("currency"), 12),
        }
        for item in objects(found.get("product_items"))
    ]
    note = string(found.get("text"))
    payload = {"catalog_id": string(found.get("catalog_id")), "text": note, "product_items": products}
    return Content("order", note if is_visible(note) else "", None, payload)


def _system(message: Json, _: Any) -> Content:
    """A notice that is not a change of person: those become `PersonChanged` before they come here."""
    found = mapping(message.get("system"))
    identity = mapping(message.get("identity"))
    kind = line(found.get("type"), 60)
    changed = "identity" in kind or bool(identity)
    body = string(found.get("body"))
    payload = {"kind": "identity_changed" if changed else kind or "system"}
    if identity:
        payload |= present({"hash": string(identity.get("hash"))})
    return Content("system", body if is_visible(body) else "", None, payload)


def _unsupported(message: Json, value_errors: Any) -> Content:
    kind = line(mapping(message.get("unsupported")).get("type"), 60)
    error = _error(message, value_errors)
    code = integer(error.get("code"))
    payload = {"kind": kind or None, "code": code, "title": line(error.get("title")) or line(error.get("message"))}
    return Content("unsupported", "", None, payload)


def _placeholder(message: Json, _: Any) -> Content:
    return Content("media_placeholder")


def _unknown(kind: str) -> Content:
    return Content("unknown", "", None, {"type": kind})


def _error(message: Json, value_errors: Any) -> Json:
    return first(message.get("errors")) or first(value_errors)


_READERS: dict[str, Callable[[Json, Any], Content]] = {
    "text": _text,
    **dict.fromkeys(MEDIA_TYPES, _media),
    "location": _location,
    "contacts": _contacts,
    "interactive": _interactive,
    "button": _button,
    "order": _order,
    "system": _system,
    "unsupported": _unsupported,
    "media_placeholder": _placeholder,
}
