"""What Meta does with a send call: checks, acceptance, and the statuses that follow."""

from __future__ import annotations

import re
from typing import Any

from sandbox.errors import GraphError
from sandbox.faults import Fault
from sandbox.ledger import Accepted
from sandbox.message_templates import check_template, quick_replies, template_text
from sandbox.payloads import failed_value, make_wamid, status_value
from sandbox.shelf import bytes_match, why_not
from sandbox.state import MetaState
from sandbox.world import Bubble, Profile
from system import clock

Json = dict[str, Any]
WINDOW = 24 * 3600
LONGEST_TEXT, LONGEST_CAPTION, LONGEST_CALLBACK = 4096, 1024, 512
USER_ID = re.compile(r"[A-Z]{2}\.(?:[A-Z]{2,4}\.)?[A-Za-z0-9]{1,128}")
_RANKS = ("accepted", "sent", "delivered", "read", "played")
_MEDIA = ("image", "video", "audio", "document", "sticker")


def send(double: MetaState, body: Json, fault: Fault | None) -> Json:
    """POST /messages: Graph's answer. Raises GraphError for what Meta refuses at once."""
    if body.get("messaging_product") != "whatsapp":
        raise GraphError(100, "messaging_product must be whatsapp")
    kind = body.get("type", "text")
    callback = body.get("biz_opaque_callback_data")
    if callback is not None and not (isinstance(callback, str) and len(callback) <= LONGEST_CALLBACK):
        raise GraphError(100, "biz_opaque_callback_data is longer than 512 characters")
    wamid = make_wamid()
    to = body.get("to")
    if isinstance(to, str) and USER_ID.fullmatch(to):
        return _answer({"input": to, "wa_id": to}, wamid)  # Meta's trap: a user id in `to` is taken and never delivered
    chat, profile, shown = _recipient(double, body)
    bubble = Bubble(wamid, chat, False, kind, timestamp=clock.now(), status="accepted", callback=callback)
    bubble.quoted = (body.get("context") or {}).get("message_id")
    late_error = _fill(double, kind, body, bubble) or _window_error(double, profile, kind)
    if fault is not None and fault.mode == "async":
        late_error = GraphError(fault.code, fault.details)
    if profile is not None and not profile.reachable:
        late_error = GraphError(131026)
    if kind == "reaction":
        _react(double, body["reaction"])
    else:
        double.world.put(bubble)
    double.ledger.note_accepted(Accepted(wamid, chat, body))
    if fault is None or fault.mode != "silent":
        _follow(double, profile, bubble, late_error)
    return _answer(shown, wamid)


def report(double: MetaState, profile: Profile | None, bubble: Bubble, status: str) -> list[tuple[str, Json]]:
    """The change for one status, shown on the phone too; nothing when the phone already went further."""
    if status in _RANKS and bubble.status in _RANKS and _RANKS.index(status) <= _RANKS.index(bubble.status):
        if not double.quirks.out_of_order:
            return []
    else:
        double.world.change(bubble.wamid, status=status)
    return [("messages", status_value(double.credentials, profile, bubble, status))]


def _recipient(double: MetaState, body: Json) -> tuple[str, Profile | None, Json]:
    """(chat, profile or None for a group, `contacts[0]` of the answer). Both given: the phone wins."""
    to, recipient = body.get("to"), body.get("recipient")
    if body.get("recipient_type") == "group":
        if to not in double.world.groups:
            raise GraphError(131041, "group does not exist")
        return str(to), None, {"input": to, "wa_id": to}
    if to:
        digits = re.sub(r"[^0-9]", "", str(to))
        if not 5 <= len(digits) <= 15:
            raise GraphError(100, "to is not a phone number")
        if digits == double.credentials.display_phone_number:
            raise GraphError(131021)
        profile = double.profile_for(phone=digits)
        return profile.id, profile, {"input": to, "wa_id": digits}
    if recipient:
        if not USER_ID.fullmatch(str(recipient)):
            raise GraphError(100, "recipient is not a business-scoped user id")
        profile = double.profile_for(user_id=str(recipient))
        return profile.id, profile, {"input": recipient, "user_id": recipient}
    raise GraphError(100, "The parameter to is required.")


def _fill(double: MetaState, kind: str, body: Json, bubble: Bubble) -> GraphError | None:
    """Check the content and put it into the bubble. Gives the error that Meta would notice later."""
    content = _content(kind, body)
    match kind:
        case "text":
            bubble.text = _text(content)
        case "template":
            template = check_template(double.templates, content)
            bubble.text = template_text(template, content)
            bubble.buttons = quick_replies(template)
        case "reaction":
            if not str(content.get("message_id", "")).startswith("wamid."):
                raise GraphError(131009, "reaction.message_id is not a message")
        case "location":
            bubble.text = f"📍 {content.get('name') or ''} {content.get('latitude')}, {content.get('longitude')}"
        case "contacts":
            bubble.text = "👤 " + ", ".join(str(one.get("name", {}).get("formatted_name", "")) for one in content)
        case "interactive":
            bubble.text = str((content.get("body") or {}).get("text", ""))
        case _ if kind in _MEDIA:
            return _fill_media(double, kind, content, bubble)
        case _:
            raise GraphError(100, f"type {kind} is not one of the message types")
    return None


def _content(kind: str, body: Json) -> Any:
    """The object (for contacts the list) named by the type."""
    content = body.get(kind)
    if not isinstance(content, list if kind == "contacts" else dict):
        raise GraphError(131008, f"{kind} is required")
    return content


def _text(content: Any) -> str:
    text = content.get("body")
    if not isinstance(text, str) or not text.strip():
        raise GraphError(131008, "text.body is required")
    if len(text) > LONGEST_TEXT:
        raise GraphError(100, "Param text['body'] must be at most 4096 characters long.")
    return text


def _fill_media(double: MetaState, kind: str, content: Json, bubble: Bubble) -> GraphError | None:
    caption = content.get("caption") or ""
    if len(caption) > LONGEST_CAPTION:
        raise GraphError(100, "caption must be at most 1024 characters long.")
    if caption and kind in ("audio", "sticker"):
        raise GraphError(100, f"{kind} takes no caption")
    if content.get("link"):
        raise GraphError(131053, "The double fetches no links: upload the file and send its id.")
    item = double.shelf.get(str(content.get("id", "")))
    plain = item.mime_type.split(";")[0]
    bubble.text, bubble.media_id, bubble.mime_type = caption, item.id, plain
    bubble.filename, bubble.voice = content.get("filename") or item.filename, bool(content.get("voice"))
    if reason := why_not(kind, item):
        return GraphError(131053, reason)
    if not bytes_match(plain, double.shelf.read(item.id)):
        return GraphError(131053, f"The file is not {plain}")
    return None


def _window_error(double: MetaState, profile: Profile | None, kind: str) -> GraphError | None:
    if double.window == "off" or profile is None or kind == "template":
        return None
    if profile.wrote_at is not None and clock.now() < profile.wrote_at + WINDOW:
        return None
    error = GraphError(131047, "More than 24 hours have passed since the customer last replied to this number.")
    if double.window == "sync":
        raise error
    return error


def _react(double: MetaState, reaction: Json) -> None:
    target = double.world.bubbles.get(reaction["message_id"])
    if target is not None:
        others = {who: emoji for who, emoji in target.reactions.items() if who != "business"}
        emoji = reaction.get("emoji") or ""
        double.world.change(target.wamid, reactions={**others, "business": emoji} if emoji else others)


def _follow(double: MetaState, profile: Profile | None, bubble: Bubble, error: GraphError | None) -> None:
    """Plan the statuses."""
    quirks, courier = double.quirks, double.courier
    if error is not None:
        double.world.change(bubble.wamid, status="failed")
        courier.post("messages", failed_value(double.credentials, profile, bubble, error), quirks.sent_after)
        return
    if quirks.status_before_response:
        courier.post_now([change for step in ("sent", "delivered") for change in report(double, profile, bubble, step)])
        return
    order = [("sent", quirks.sent_after), ("delivered", quirks.delivered_after)]
    if quirks.out_of_order:
        order = [("delivered", quirks.sent_after), ("sent", quirks.delivered_after)]
    for step, after in order:
        courier.post_later(lambda step=step: _step(double, profile, bubble, step), after)  # type: ignore[misc]


def _step(double: MetaState, profile: Profile | None, bubble: Bubble, status: str) -> list[tuple[str, Json]]:
    """`delivered` to an open chat is followed (or, as Meta often does, replaced) by `read`."""
    if bubble.type == "reaction" and status != "sent":
        return []
    if status != "delivered" or profile is None or not profile.chat_open:
        return report(double, profile, bubble, status)
    delivered = [] if double.quirks.skip_delivered else report(double, profile, bubble, "delivered")
    return [*delivered, *report(double, profile, bubble, "read")]


def _answer(contact: Json, wamid: str) -> Json:
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": wamid}]}
