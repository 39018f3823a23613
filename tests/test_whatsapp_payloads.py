"""One payload for every inbound type and trap, and what must be understood of it (written by hand, never recorded)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from features.messages.summaries import shown
from features.webhooks.receiving import change_line
from integrations.whatsapp.events import (
    ContactNamed,
    Content,
    Event,
    GroupChanged,
    HistoryReceived,
    Ignored,
    MediaAdded,
    MediaRef,
    MessageEdited,
    MessageReceived,
    MessageRevoked,
    PersonChanged,
    Reacted,
    Sender,
    StatusChanged,
    Unknown,
)
from whatsapp_handler import parse, parse_history

PAYLOADS = Path(__file__).parent / "payloads"
RAJ = "85251234567/HK.1100220033004400 Raj Patel"
MINA = "-/HK.7700880099001100 Mina"
LOOK = "Look at the phone."

# One line an event. Messages: origin, direction, type, (writer), text, then what stands beside.
EXPECTED: dict[str, list[str]] = {
    "text": [f"live in text ({RAJ}) 'Is the room free on Friday?\\nTwo nights — 謝謝 🙏'"],
    "text_empty": [f"live in text ({RAJ}) '(empty message)'"],
    "text_invisible": [f"live in text ({RAJ}) '(empty message)'"],
    "text_type_missing": [f"live in text ({RAJ}) 'no type given'"],
    "text_dirty": [f"live in text ({RAJ}) 'before\ufffdafter'"],
    "image": [f"live in image ({RAJ}) 'The broken lamp' file=4400110022003301 image/jpeg checked"],
    "image_with_url": [f"live in image ({RAJ}) '' file=4400110022003302 image/jpeg checked"],
    "video": [f"live in video ({RAJ}) '' file=4400110022003303 video/mp4 checked"],
    "video_note": [f"live in video ({RAJ}) '' file=4400110022003304 video/mp4 checked"],
    "audio": [f"live in audio ({RAJ}) '' file=4400110022003305 audio/mpeg checked"],
    "voice": [f"live in audio ({RAJ}) '' file=4400110022003306 audio/ogg checked voice"],
    "document": [f"live in document ({RAJ}) 'Signed' file=4400110022003307 application/pdf checked 'Quote 17.pdf'"],
    "document_hostile_name": [f"live in document ({RAJ}) '' file=4400110022003308 text/html 'gpj.exe'"],
    "sticker_static": [f"live in sticker ({RAJ}) '' file=4400110022003309 image/webp checked"],
    "sticker_animated": [f"live in sticker ({RAJ}) '' file=4400110022003310 image/webp checked animated"],
    "media_too_large": [
        f"live in unsupported ({RAJ}) 'Video: The file could not be fetched or is too large. "
        "Ask the customer to send it again. (131052)\\nWhole party'"
    ],
    "media_too_large_as_unsupported": [
        f"live in unsupported ({RAJ}) 'The file could not be fetched or is too large. "
        "Ask the customer to send it again. (131052)'"
    ],
    "location_current": [f"live in location ({RAJ}) 'Location: 22.38156, 114.27391'"],
    "location_chosen": [f"live in location ({RAJ}) 'Location: Sai Kung Pier'"],
    "contacts": [f"live in contacts ({RAJ}) 'Contacts: Mei Lam, Tom'"],
    "contacts_bare": [f"live in contacts ({RAJ}) 'Contact: without a name'"],
    "contacts_without_name": [f"live in contacts ({RAJ}) 'Contact: +852 5000 1111'"],
    "contacts_many": [f"live in contacts ({RAJ}) 'Contacts: Ann, Bob, Cai and 2 more'"],
    "contacts_shared_number": [
        "live in contacts (85253332222/HK.1100220033004400 Mina @mina.k) 'Contact: Mina'",
    ],
    "button_reply": [f"live in interactive ({RAJ}) 'Yes, please' re=wamid.OURS1=="],
    "list_reply": [f"live in interactive ({RAJ}) 'Friday 15:00'"],
    "flow": [
        f"live in interactive ({RAJ}) 'Form answered: guests: 2, date: 2026-12-01, extras: breakfast, parking, newsletter: no'"
    ],
    "flow_without_token": [f"live in interactive ({RAJ}) 'Form answered'"],
    "flow_garbled": [f"live in interactive ({RAJ}) 'Form answered: answer: {{\"guests\":'"],
    "address": [f"live in interactive ({RAJ}) 'Address: name: Raj Patel, address: 12 Pier Road, city: Sai Kung'"],
    "call_permission_accept": [f"live in interactive ({RAJ}) 'Allows us to call'"],
    "call_permission_reject": [f"live in interactive ({RAJ}) 'Does not allow us to call'"],
    "interactive_missing": [
        f"live in unsupported ({RAJ}) 'This message (interactive) cannot be shown here. {LOOK}' code=131000"
    ],
    "interactive_new_kind": [f"live in interactive ({RAJ}) 'Blue kayak'"],
    "button": [f"live in button ({RAJ}) 'Confirm' re=wamid.OURS1=="],
    "button_without_context": [f"live in button ({RAJ}) 'Confirm'"],
    "reaction": [f"reaction in ❤️ to wamid.OURS1== ({RAJ})"],
    "reaction_removed_empty": [f"reaction in removed to wamid.OURS1== ({RAJ})"],
    "reaction_removed_absent": [f"reaction in removed to wamid.OURS1== ({RAJ})"],
    "order": [f"live in order ({RAJ}) 'Order: 3 items, 120.00 HKD (Please before noon)'"],
    "order_string_quantity": [f"live in order ({RAJ}) 'Order: 3 items, 29.70 USD'"],
    "order_two_currencies": [f"live in order ({RAJ}) 'Order: 2 items'"],
    "number_changed": [
        "number_changed (85251234567/-) -> (85259990000/-) 'Raj Patel changed from +852 5123 4567 to +852 5999 0000'"
    ],
    "number_changed_old_names": ["number_changed (85251234567/-) -> (85259990000/-) 'Raj changed number'"],
    "number_changed_with_user_ids": [
        "number_changed (85251234567/HK.1100220033004400) -> (85259990000/HK.5500660077008800) "
        "'The customer changed the phone number to +85259990000'"
    ],
    "user_id_changed": [
        "user_id_changed (-/HK.1100220033004400) -> (-/HK.5500660077008800) "
        "'User changed from HK.1100220033004400 to HK.5500660077008800'"
    ],
    "user_id_changed_in_words": [
        "user_id_changed (-/HK.1100220033004400) -> (-/HK.5500660077008800) "
        "'User from HK.99990 to HK.88880 changed from HK.1100220033004400 to HK.5500660077008800'"
    ],
    "user_id_changed_unnamed": ["live in system (-/-) 'The account of a customer changed'"],
    "user_id_update": [
        "user_id_changed (85251234567/HK.1100220033004400) -> (85251234567/HK.5500660077008800) "
        "'The customer changed the WhatsApp account'"
    ],
    "identity_changed": ["live in system (85251234567/-) 'The security code of this customer has changed'"],
    "system_other": ["live in system (85251234567/-) 'Raj Patel turned on disappearing messages'"],
    "unsupported": [f"live in unsupported ({RAJ}) 'This message cannot be shown here. {LOOK}' code=131051"],
    "unsupported_poll": [
        f"live in unsupported ({RAJ}) 'This message (poll creation) cannot be shown here. {LOOK}' code=131051"
    ],
    "unsupported_edit": [f"live in unsupported ({RAJ}) 'This message (edit) cannot be shown here. {LOOK}' code=131051"],
    "unsupported_unavailable": [f"live in unsupported ({RAJ}) 'This message is not available here yet. {LOOK}' code=131060"],
    "request_welcome": ["ignored request_welcome"],
    "referral": [f"live in text ({RAJ}) 'I saw your ad' ad=inventedClickId"],
    "referral_on_image": [f"live in image ({RAJ}) '' file=4400110022003311 image/png checked ad="],
    "reply": [f"live in text ({RAJ}) 'Yes, that one' re=wamid.OURS1=="],
    "forwarded": [f"live in text ({RAJ}) 'See below' forwarded=1"],
    "forwarded_many_times": [f"live in text ({RAJ}) 'Chain letter' forwarded=2"],
    "product_question": [f"live in text ({RAJ}) 'Is it in stock?' re=wamid.OURS1== product=sku-1"],
    "edit_text": [f"edit in wamid.TESTtext== ({RAJ}) text 'Is the room free on Saturday?'"],
    "edit_image": [f"edit in wamid.TESTimage== ({RAJ}) image 'The repaired lamp' file=4400110022003312 image/jpeg checked"],
    "edit_without_original": [f"live in unknown ({RAJ}) 'A kind of message that this inbox does not know yet (edit)'"],
    "revoke": [f"revoke in wamid.TESTtext== ({RAJ})"],
    "username_only": [f"live in text ({MINA} @mina.k) 'Hello from a username'"],
    "username_empty_strings": [f"live in text ({MINA} @mina.k) 'Empty, not missing'"],
    "username_without_keys": [f"live in text ({MINA}) 'Only the contact tells'"],
    "profile_missing": ["live in text (85251234567/HK.1100220033004400) 'No profile'"],
    "contacts_in_other_order": [
        "live in text (85254445555/HK.1 First) 'one'",
        "live in text (85256667777/HK.2 Second) 'two'",
        "live in text (85258889999/-) 'three'",
    ],
    "group_message": [f"live in text ({RAJ}) 'Hello all' group=GROUP-INVENTED-1"],
    "unknown_type": [f"live in unknown ({RAJ}) 'A kind of message that this inbox does not know yet (hologram)'"],
    "without_id": [f"live in text ({RAJ}) 'no id'"],
    "absurd_times": [
        f"live in text ({RAJ}) '1795300000'",
        f"live in text ({RAJ}) '1795300000000'",
        f"live in text ({RAJ}) '(empty message)' at=0",
        f"live in text ({RAJ}) 'soon' at=0",
        f"live in text ({RAJ}) '-5' at=0",
        f"live in text ({RAJ}) '99999999999999999999999' at=0",
        f"live in text ({RAJ}) 'None' at=0",
    ],
    "batch": [
        "unknown: a message is not an object",
        f"live in text ({RAJ}) 'first'",
        "unknown: a message is not an object",
        f"live in text ({RAJ}) 'second'",
        "unknown: status sent",
        f"status delivered of wamid.OURS1== to ({RAJ})",
        "unknown: a change without field or value",
        "live in text (85251234567/HK.1100220033004400) 'third'",
        "unknown: an entry is not an object",
        "live in text (85251234567/HK.1100220033004400) 'other number'",
    ],
    "value_errors_only": ["ignored messages"],
    "status_sent": [f"status sent of wamid.OURS1== to ({RAJ})"],
    "status_delivered": [f"status delivered of wamid.OURS1== to ({RAJ})"],
    "status_read": [f"status read of wamid.OURS1== to ({RAJ})"],
    "status_played": [f"status played of wamid.OURS1== to ({RAJ})"],
    "status_failed": [
        "status failed of wamid.OURS1== to (85251234567/-) error=131047 'More than 24 hours have passed since the "
        "customer's last message. Send a template instead. (131047)'"
    ],
    "status_failed_unknown_code": [
        "status failed of wamid.OURS1== to (85251234567/HK.1100220033004400) error=199999 'WhatsApp refused this "
        "message. a plain string (199999)'"
    ],
    "status_failed_bare": [
        "status failed of wamid.OURS1== to (85251234567/HK.1100220033004400) error=None 'WhatsApp refused this message.'"
    ],
    "status_with_tracker": [f"status sent of wamid.OURS1== to ({RAJ}) ours=m:00112233445566778899aabbccddeeff"],
    "status_username": [f"status delivered of wamid.OURS1== to ({MINA} @mina.k)"],
    "status_group": [f"status read of wamid.OURS1== to ({RAJ}) group=GROUP-INVENTED-1"],
    "status_deleted": ["unknown: status deleted"],
    "status_call": ["ignored calls"],
    "echo_text": ["echo out text (85251234567/HK.1100220033004400) 'Typed on the phone'"],
    "echo_image": ["echo out image (85251234567/HK.1100220033004400) '' file=4400110022003313 image/jpeg checked"],
    "echo_edit": ["edit out wamid.ECHO1== (85251234567/HK.1100220033004400) text 'Typed on the phone, twice'"],
    "echo_delete": ["revoke out wamid.ECHO1== (85251234567/HK.1100220033004400)"],
    "echo_reaction": ["reaction out 👍 to wamid.TESTtext== (85251234567/HK.1100220033004400)"],
    "echo_to_username": ["echo out text (-/HK.7700880099001100) 'To a username'"],
    "echo_older_field": ["echo out text (85251234567/HK.1100220033004400) 'Older field'"],
    "echo_under_messages": ["echo out text (85251234567/HK.1100220033004400) 'Odd field'"],
    "echo_called_messages": ["echo out text (85251234567/HK.1100220033004400) 'Odd name'"],
    "history": [
        "history in text (85251234567/-) 'Asked in spring' was=read",
        "history out text (85251234567/-) 'Answered in spring' was=delivered",
        "history in media_placeholder (85251234567/-) 'A file from before this inbox was connected' was=played",
        "history out text (85251234567/-) 'Never left the phone' was=failed",
        "reaction in 👍 to wamid.H2 (85251234567/-)",
        "unknown: a history message is not an object",
        "history out text (85253332222/-) 'Pending'",
    ],
    "history_media": [f"file for wamid.H3 in ({RAJ}) image 'Spring' file=4400110022003314 image/jpeg checked"],
    "history_declined": ["ignored history"],
    "state_sync": [
        "named (85251234567/-) 'Raj the plumber'",
        "named (85253332222/-) None",
        "named (-/HK.7700880099001100 @mina.k) 'Mina'",
    ],
    "group_created": ["group GROUP-INVENTED-1 'Kayak club'"],
    "group_participants": ["ignored group_participants_update"],
    "template_status": ["ignored message_template_status_update"],
    "template_category": ["ignored template_category_update"],
    "account_update": ["ignored account_update"],
    "quality": ["ignored phone_number_quality_update"],
    "user_preferences": ["ignored user_preferences"],
    "calls": ["ignored calls"],
    "standby": ["ignored standby"],
    "field_unheard_of": ["ignored telepathy"],
    "other_object": ["unknown: object page"],
    "dashboard_test": ["live in text (16315551181/- test user name) 'this is a text message'"],
}


def who(sender: Sender) -> str:
    shown = f"{sender.phone or '-'}/{sender.user_id or '-'}"
    shown += f" {sender.profile_name}" if sender.profile_name else ""
    shown += f" @{sender.username}" if sender.username else ""
    return f"({shown})"


def file(media: MediaRef | None) -> str:
    if media is None:
        return ""
    shown = f" file={media.meta_media_id} {media.mime_type}"
    if media.sha256:
        assert media.sha256 == "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
        shown += " checked"
    shown += " voice" * media.voice + " animated" * media.animated
    return shown + (f" {media.filename!r}" if media.filename else "")


def brief(event: Event) -> str:
    way = "out" if getattr(event, "outgoing", False) else "in"
    match event:
        case MessageReceived():
            return brief_message(event, way)
        case Reacted():
            return f"reaction {way} {event.emoji or 'removed'} to {event.target_wamid} {who(event.sender)}"
        case MessageEdited():
            content = event.content
            return f"edit {way} {event.original_wamid} {who(event.sender)} {content.type} {words(content)!r}" + file(
                content.media
            )
        case MessageRevoked():
            return f"revoke {way} {event.original_wamid} {who(event.sender)}"
        case StatusChanged():
            return brief_status(event)
        case MediaAdded():
            content = event.content
            return f"file for {event.wamid} {way} {who(event.sender)} {content.type} {words(content)!r}{file(content.media)}"
        case PersonChanged():
            return f"{event.kind} {who(event.before)} -> {who(event.after)} '{words(change_line(event))}'"
        case ContactNamed():
            return f"named {who(event.person)} {event.name!r}"
        case GroupChanged():
            return f"group {event.group_id} {event.subject!r}"
        case Ignored():
            return f"ignored {event.field}"
        case Unknown():
            return f"unknown: {event.reason}"
    raise AssertionError(event)


def words(content: Content) -> str:
    """As it is shown, after the database has kept it."""
    return shown(content.type, content.text, orjson.dumps(content.payload).decode() if content.payload else None)


def brief_message(event: MessageReceived, way: str) -> str:
    content, payload = event.content, event.content.payload or {}
    shown = f"{event.origin} {way} {content.type} {who(event.sender)} {words(content)!r}{file(content.media)}"
    shown += f" code={payload['code']}" if payload.get("code") and payload["code"] != 131052 else ""
    shown += f" re={event.context_wamid}" if event.context_wamid else ""
    shown += f" forwarded={event.forwarded}" if event.forwarded else ""
    shown += f" group={event.group_id}" if event.group_id else ""
    shown += f" ad={payload['referral'].get('ctwa_clid', '')}" if "referral" in payload else ""
    shown += f" product={payload['referred_product']['product_retailer_id']}" if "referred_product" in payload else ""
    shown += f" was={event.history_status}" if event.history_status else ""
    return shown + ("" if event.timestamp else " at=0")


def brief_status(event: StatusChanged) -> str:
    shown = f"status {event.status} of {event.wamid} to {who(event.recipient)}"
    shown += f" error={event.error_code} '{event.error}'" if event.status == "failed" else ""
    shown += f" ours={event.callback_data}" if event.callback_data else ""
    return shown + (f" group={event.group_id}" if event.group_id else "")


def load(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def understood(body: Any) -> list[Event]:
    """With `history` read as its job reads it."""
    found: list[Event] = []
    for event in parse(body):
        found += parse_history(event.raw) if isinstance(event, HistoryReceived) else [event]
    return found


@pytest.mark.parametrize("name", EXPECTED)
def test_a_payload_is_understood(name: str) -> None:
    assert [brief(event) for event in understood(load(name))] == EXPECTED[name]


def test_every_payload_has_an_expectation() -> None:
    assert {path.stem for path in PAYLOADS.glob("*.json")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_bytes_and_decoded_json_are_read_alike(name: str) -> None:
    assert understood(load(name)) == understood(json.loads(load(name)))


@pytest.mark.parametrize("name", sorted(set(EXPECTED) - {"other_object", "batch", "dashboard_test"}))
def test_every_event_says_which_number_and_account_it_came_for(name: str) -> None:
    for event in understood(load(name)):
        assert event.waba_id == "900800700600500"
        if event.phone_number_id:  # account fields carry none
            assert (event.phone_number_id, event.display_phone_number) == ("100200300400500", "85225550100")


def test_each_entry_of_a_batch_keeps_its_own_number() -> None:
    numbers = {event.wamid: event.phone_number_id for event in parse(load("batch")) if isinstance(event, MessageReceived)}
    assert numbers["wamid.B3"] == "100200300400500"
    assert numbers["wamid.B4"] == "100200300400599"


def test_history_is_left_to_its_job_and_never_read_as_new_mail() -> None:
    for name in ("history", "history_media", "history_declined"):
        assert [type(event) for event in parse(load(name))] == [HistoryReceived]


def test_the_whole_stored_body_can_be_given_to_the_history_job() -> None:
    for name in ("history", "history_media"):
        event = parse(load(name))[0]
        assert parse_history(load(name)) == parse_history(event.raw)
        assert parse_history(json.dumps(event.raw).encode()) == parse_history(event.raw)


def test_the_same_message_without_an_id_is_recognised_when_it_repeats() -> None:
    first, again = parse(load("without_id"))[0], parse(load("without_id"))[0]
    assert isinstance(first, MessageReceived) and isinstance(again, MessageReceived)
    assert first.wamid == again.wamid and first.wamid.startswith("missing:")


def test_an_event_keeps_the_piece_it_was_read_from() -> None:
    event = parse(load("unknown_type"))[0]
    assert event.raw["hologram"] == {"depth": 3}


def payload_of(name: str) -> dict[str, Any]:
    event = understood(load(name))[0]
    assert isinstance(event, MessageReceived) and event.content.payload is not None
    return event.content.payload


def test_a_location_keeps_its_numbers() -> None:
    assert payload_of("location_chosen") == {
        "latitude": 22.3815,
        "longitude": 114.2739,
        "name": "Sai Kung Pier",
        "address": "Wai Man Road, Sai Kung",
        "url": "https://example.org/pier",
    }


def test_a_card_keeps_what_it_has() -> None:
    mei, tom = payload_of("contacts")["contacts"]
    assert mei["phones"] == [{"phone": "+852 5987 6543", "wa_id": "85259876543", "type": "CELL"}]
    assert (mei["org"], mei["birthday"], mei["emails"][0]["email"]) == (
        {"company": "Lam Boats"},
        "1990-04-01",
        "mei@example.org",
    )
    assert tom == {"name": {"first_name": "Tom"}, "phones": [{"phone": "+1 555 010 4477"}]}


def test_an_order_keeps_its_products() -> None:
    order = payload_of("order_string_quantity")
    assert order["product_items"] == [{"product_retailer_id": "sku-1", "quantity": 3, "item_price": 9.9, "currency": "USD"}]


def test_an_answer_keeps_its_id() -> None:
    assert payload_of("button_reply") == {"kind": "button_reply", "id": "yes-1", "title": "Yes, please"}
    assert payload_of("list_reply")["description"] == "With Ana"
    assert payload_of("button") == {"payload": "CONFIRM-17", "text": "Confirm"}
    assert payload_of("flow")["response"]["extras"] == ["breakfast", "parking"]
    assert payload_of("call_permission_accept")["response"]["expiration_timestamp"] == 1795900000


def test_an_ad_is_kept_but_not_a_link_that_could_run() -> None:
    assert payload_of("referral")["referral"]["source_url"] == "https://fb.example/ad17"
    assert payload_of("referral_on_image")["referral"] == {"source_id": "120200300400", "source_type": "post"}


def test_a_long_text_is_kept_whole() -> None:
    body = json.loads(load("text"))
    body["entry"][0]["changes"][0]["value"]["messages"][0]["text"]["body"] = "é" * 65_536
    event = parse(body)[0]
    assert isinstance(event, MessageReceived) and event.content.text == "é" * 65_536


def test_a_long_name_of_a_file_keeps_its_extension() -> None:
    body = json.loads(load("document"))
    body["entry"][0]["changes"][0]["value"]["messages"][0]["document"]["filename"] = "é" * 400 + ".pdf"
    event = parse(body)[0]
    assert isinstance(event, MessageReceived) and event.content.media
    assert (event.content.media.filename or "").endswith(".pdf")
