"""What a bubble, a row of the list and a quote show in words. The database keeps what a person wrote; a location, an order or
a message that cannot be shown says so in the language of the reader, made from its type and payload. Never blank, except for
a file without caption.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import orjson

from core.text import one_line
from integrations.whatsapp.errors import describe
from integrations.whatsapp.values import amount, first, integer, line, mapping, objects, string
from web.words import plural, t, word

Json = dict[str, Any]

MEDIA_TOO_LARGE, UNAVAILABLE = 131052, 131060  # Meta's codes
_NAMES_SHOWN = 3
_ANSWER_LENGTH = 300


def shown(kind: str, text: str, payload: str | None) -> str:
    """`kind`, `text` and `payload` (JSON) of a row of `messages`."""
    read = _READERS.get(kind)
    return text if read is None else read(text, orjson.loads(payload) if payload else {})


def _text(text: str, _: Json) -> str:
    return text or t("(empty message)")


def _location(text: str, payload: Json) -> str:
    place = payload.get("name") or payload.get("address")
    latitude, longitude = payload.get("latitude"), payload.get("longitude")
    if not place and latitude is not None and longitude is not None:
        place = f"{latitude:.5f}, {longitude:.5f}"
    return t("Location: {place}", place=place) if place else t("Location")


def _contacts(text: str, payload: Json) -> str:
    names = [_card_name(card) for card in objects(payload.get("contacts"))] or [t("without a name")]
    shown = ", ".join(names[:_NAMES_SHOWN])
    if len(names) == 1:
        return t("Contact: {name}", name=shown)
    if len(names) <= _NAMES_SHOWN:
        return t("Contacts: {names}", names=shown)
    return t("Contacts: {names} and {count} more", names=shown, count=len(names) - _NAMES_SHOWN)


def _card_name(card: Json) -> str:
    name = mapping(card.get("name"))
    parts = [string(name.get(part)) for part in ("first_name", "middle_name", "last_name")]
    return (
        string(name.get("formatted_name"))
        or " ".join(part for part in parts if part)
        or string(mapping(card.get("org")).get("company"))
        or string(first(card.get("phones")).get("phone"))
        or string(first(card.get("emails")).get("email"))
        or t("without a name")
    )


def _button(text: str, _: Json) -> str:
    return text or t("A button was pressed")


def _interactive(text: str, payload: Json) -> str:
    kind = string(payload.get("kind"))
    match kind:
        case "button_reply":
            return text or t("A button was pressed")
        case "list_reply":
            return text or t("An entry of a list was chosen")
        case "nfm_reply":
            return _form(payload)
        case "call_permission_reply":
            return _call_permission(string(mapping(payload.get("response")).get("response")))
    return text or t("An interactive message that cannot be shown here ({kind})", kind=kind or "interactive")


def _form(payload: Json) -> str:
    response = mapping(payload.get("response"))
    is_address = payload.get("title") == "address_message"
    answers = _answers(mapping(response.get("values")) if is_address and response.get("values") else response)
    if not answers:
        return t("Form answered")
    return t("Address: {answers}", answers=answers) if is_address else t("Form answered: {answers}", answers=answers)


def _answers(response: Json) -> str:
    parts = []
    for key, value in response.items():
        if key == "flow_token" or isinstance(value, dict):
            continue
        said = ", ".join(line(item, 100) for item in value) if isinstance(value, list) else _answer(value)
        if said:
            parts.append(f"{line(key, 60)}: {said}")
    return one_line(", ".join(parts), _ANSWER_LENGTH)


def _answer(value: Any) -> str:
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    return str(value) if isinstance(value, float) else line(value)


def _call_permission(answer: str) -> str:
    if answer == "accept":
        return t("Allows us to call")
    return t("Does not allow us to call") if answer == "reject" else t("Answered our request to call")


def _order(text: str, payload: Json) -> str:
    order = _order_line(objects(payload.get("product_items")))
    return t("{order} ({note})", order=order, note=text) if text else order


def _order_line(products: list[Json]) -> str:
    if not products:
        return t("Order")
    quantities = [max(integer(item.get("quantity")) or 1, 1) for item in products]
    prices = [amount(item.get("item_price")) for item in products]
    currencies = {string(item.get("currency")) for item in products}
    items = plural(sum(quantities), "{count} item", "{count} items")
    if len(currencies) > 1 or any(price is None for price in prices):
        return t("Order: {items}", items=items)
    total = sum((price * many for price, many in zip(prices, quantities, strict=True) if price is not None), Decimal(0))
    return t("Order: {items}, {total}", items=items, total=f"{total:.2f} {currencies.pop()}".strip())


def _system(text: str, payload: Json) -> str:
    """Meta's own words where it sent any."""
    if text:
        return text
    name = payload.get("name") or t("The customer")
    match payload.get("kind"):
        case "number_changed":
            return t("{name} changed the phone number to {phone}", name=name, phone=payload.get("phone", ""))
        case "user_id_changed":
            return t("{name} changed the WhatsApp account", name=name)
        case "identity_changed":
            return t("The security code of this customer has changed")
    return t("WhatsApp has a notice about this chat")


def _unsupported(text: str, payload: Json) -> str:
    kind, code = string(payload.get("kind")), payload.get("code")
    if payload.get("file") == "missing":
        reason = word(describe(MEDIA_TOO_LARGE if code is None else code))
        words = t("{kind}: {reason}", kind=_kind(kind), reason=reason)
        return f"{words}\n{text}" if text else words
    if text:
        return text
    if code == MEDIA_TOO_LARGE:
        return word(describe(code))
    if code == UNAVAILABLE:
        return t("This message is not available here yet. Look at the phone.")
    if kind:
        return t("This message ({kind}) cannot be shown here. Look at the phone.", kind=kind.replace("_", " "))
    return t("This message cannot be shown here. Look at the phone.")


def _kind(kind: str) -> str:
    kinds = {
        "image": t("Photo"), "video": t("Video"), "audio": t("Audio"), "document": t("Document"), "sticker": t("Sticker"),
    }  # fmt: skip
    return kinds.get(kind, kind)


def _placeholder(text: str, _: Json) -> str:
    return text or t("A file from before this inbox was connected")


def _unknown(text: str, payload: Json) -> str:
    kind = string(payload.get("type")).replace("_", " ")
    if kind:
        return t("A kind of message that this inbox does not know yet ({kind})", kind=kind)
    return t("A kind of message that this inbox does not know yet")


_READERS: dict[str, Callable[[str, Json], str]] = {
    "text": _text,
    "location": _location,
    "contacts": _contacts,
    "interactive": _interactive,
    "button": _button,
    "order": _order,
    "system": _system,
    "unsupported": _unsupported,
    "unknown": _unknown,
    "media_placeholder": _placeholder,
}
