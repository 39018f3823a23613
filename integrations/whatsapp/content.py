"""One message of Meta's -> `Content`: what its bubble shows. Pure, never raises, never blank."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from integrations.whatsapp.errors import describe
from integrations.whatsapp.events import Content, MediaRef
from integrations.whatsapp.interactive import interactive_reply
from integrations.whatsapp.summaries import say
from integrations.whatsapp.values import (
    Json,
    amount,
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
MEDIA_TOO_LARGE = 131052

_UNAVAILABLE = 131060
_NAMES_SHOWN = 3
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
    return Content("text", body if is_visible(body) else say("text.empty"))


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
    code = integer(error.get("code"))
    reason = str(describe(code if code is not None else MEDIA_TOO_LARGE))
    text = say("media.missing", kind=say(kind), reason=reason)
    payload = present({"kind": kind, "code": code, "title": line(error.get("title")), "caption": caption})
    return Content("unsupported", f"{text}\n{caption}" if caption else text, None, payload)


def _media_of_new_kind(message: Json, kind: str) -> Content:
    """A type we do not know that carries a file (a video note, say): the file is what counts."""
    family = mime_type(mapping(message.get(kind)).get("mime_type")).partition("/")[0]
    shown = family if family in ("image", "video", "audio") else "document"
    return _media({"type": shown, shown: message.get(kind), "errors": message.get("errors")}, None)


def _location(message: Json, _: Any) -> Content:
    found = mapping(message.get("location"))
    latitude, longitude = number(found.get("latitude")), number(found.get("longitude"))
    name, address = line(found.get("name")), line(found.get("address"))
    place = name or address
    if not place and latitude is not None and longitude is not None:
        place = f"{latitude:.5f}, {longitude:.5f}"
    payload = {
        "latitude": latitude,
        "longitude": longitude,
        "name": name or None,
        "address": address or None,
        "url": web_url(found.get("url")),
    }
    return Content("location", say("location", place=place) if place else say("location.bare"), None, payload)


def _contacts(message: Json, _: Any) -> Content:
    cards = [_card(card) for card in objects(message.get("contacts"))]
    names = [_card_name(card) for card in cards] or [say("contact.unnamed")]
    shown = ", ".join(names[:_NAMES_SHOWN])
    if len(names) == 1:
        text = say("contact", name=shown)
    elif len(names) <= _NAMES_SHOWN:
        text = say("contacts", names=shown)
    else:
        text = say("contacts.more", names=shown, count=len(names) - _NAMES_SHOWN)
    return Content("contacts", text, None, {"contacts": cards})


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


def _card_name(card: Json) -> str:
    name = mapping(card.get("name"))
    parts = [string(name.get(part)) for part in ("first_name", "middle_name", "last_name")]
    return (
        string(name.get("formatted_name"))
        or " ".join(part for part in parts if part)
        or string(mapping(card.get("org")).get("company"))
        or string(first(card.get("phones")).get("phone"))
        or string(first(card.get("emails")).get("email"))
        or say("contact.unnamed")
    )


def _interactive(message: Json, value_errors: Any) -> Content:
    found = mapping(message.get("interactive"))
    if not found:
        return _unsupported({"unsupported": {"type": "interactive"}, "errors": message.get("errors")}, value_errors)
    text, payload = interactive_reply(found)
    return Content("interactive", text, None, payload)


def _button(message: Json, _: Any) -> Content:
    found = mapping(message.get("button"))
    text, payload = line(found.get("text")), string(found.get("payload"))
    return Content("button", text or line(payload) or say("button.empty"), None, {"payload": payload, "text": text})


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
    text = _order_line(objects(found.get("product_items")))
    return Content("order", say("order.note", order=text, note=note) if is_visible(note) else text, None, payload)


def _order_line(products: list[Json]) -> str:
    if not products:
        return say("order.empty")
    quantities = [max(integer(item.get("quantity")) or 1, 1) for item in products]
    prices = [amount(item.get("item_price")) for item in products]
    currencies = {line(item.get("currency"), 12) for item in products}
    count = sum(quantities)
    counted = say("item") if count == 1 else say("items", count=count)
    if len(currencies) > 1 or any(price is None for price in prices):
        return say("order.no_total", items=counted)
    total = sum((price * many for price, many in zip(prices, quantities, strict=True) if price is not None), Decimal(0))
    return say("order", items=counted, total=f"{total:.2f} {currencies.pop()}".strip())


def _system(message: Json, _: Any) -> Content:
    """A notice that is not a change of person: those become `PersonChanged` before they come here."""
    found = mapping(message.get("system"))
    identity = mapping(message.get("identity"))
    kind = line(found.get("type"), 60)
    changed = "identity" in kind or bool(identity)
    body = string(found.get("body"))
    text = body if is_visible(body) else say("identity_changed" if changed else "system")
    payload = {"kind": "identity_changed" if changed else kind or "system"}
    if identity:
        payload |= present({"hash": string(identity.get("hash"))})
    return Content("system", text, None, payload)


def _unsupported(message: Json, value_errors: Any) -> Content:
    kind = line(mapping(message.get("unsupported")).get("type"), 60)
    error = _error(message, value_errors)
    code = integer(error.get("code"))
    if code == MEDIA_TOO_LARGE:
        text = str(describe(code))
    elif code == _UNAVAILABLE:
        text = say("unsupported.later")
    elif kind:
        text = say("unsupported.kind", kind=kind.replace("_", " "))
    else:
        text = say("unsupported")
    payload = {"kind": kind or None, "code": code, "title": line(error.get("title")) or line(error.get("message"))}
    return Content("unsupported", text, None, payload)


def _placeholder(message: Json, _: Any) -> Content:
    return Content("media_placeholder", say("media_placeholder"))


def _unknown(kind: str) -> Content:
    text = say("unknown.kind", kind=kind.replace("_", " ")) if kind else say("unknown")
    return Content("unknown", text, None, {"type": kind})


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
