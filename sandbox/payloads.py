"""The shapes of Meta's webhooks, as values: pure functions, nothing is sent here.

Rules as seen in September 2026: `from` and `wa_id` are left out for people who hide their number, `from_user_id` is
always there, time stamps are text, statuses carry contacts[] unless they failed.
"""

from __future__ import annotations

import json
import secrets
from base64 import b64encode
from typing import Any

from sandbox.credentials import Credentials
from sandbox.errors import GraphError
from sandbox.world import Bubble, Profile
from system import clock

Json = dict[str, Any]


def make_wamid() -> str:
    return "wamid." + b64encode(b"\x1d\x0b" + secrets.token_bytes(26)).decode()


def contact(profile: Profile, with_username: bool = True) -> Json:
    shown: Json = {"name": profile.name}
    if profile.username and with_username:
        shown["username"] = profile.username
    entry: Json = {"profile": shown, "user_id": profile.user_id}
    if profile.phone:
        entry["wa_id"] = profile.phone
    return entry


def message(
    profile: Profile,
    wamid: str,
    type: str,
    content: Any,
    *,
    at: int,
    quoted: str | None = None,
    quoted_from: str = "",
    group_id: str | None = None,
    **extra: Any,
) -> Json:
    """One entry of `messages[]`; `extra` stands beside the content (referral, errors)."""
    entry: Json = {"from_user_id": profile.user_id, "id": wamid, "timestamp": str(at), "type": type, **extra}
    if profile.phone:
        entry["from"] = profile.phone
    if content is not None:
        entry[type] = content
    if group_id:
        entry["group_id"] = group_id
    if quoted:
        entry["context"] = {"from": quoted_from, "id": quoted}
    return entry


def messages_value(credentials: Credentials, profile: Profile, *messages: Json) -> Json:
    return {**_head(credentials), "contacts": [contact(profile)], "messages": list(messages)}


def status_value(
    credentials: Credentials, profile: Profile | None, bubble: Bubble, status: str, at: int | None = None
) -> Json:
    """A good status. `profile` None: a group, which is its own recipient."""
    entry = _status(profile, bubble, status, at)
    entry["pricing"] = {
        "billable": False,
        "pricing_model": "PMP",
        "type": "free_customer_service",
        "category": "utility" if bubble.type == "template" else "service",
    }
    value = {**_head(credentials), "statuses": [entry]}
    if profile is not None:
        value["contacts"] = [contact(profile, with_username=status != "sent")]
    return value


def failed_value(credentials: Credentials, profile: Profile | None, bubble: Bubble, error: GraphError) -> Json:
    entry = _status(profile, bubble, "failed")
    if profile is not None and profile.phone:
        entry.pop("recipient_user_id", None)
    return {**_head(credentials), "statuses": [{**entry, "errors": [error.item()]}]}


def echo_value(credentials: Credentials, profile: Profile, wamid: str, type: str, content: Any, at: int) -> Json:
    """A message that the business wrote on its own phone (coexistence); field `smb_message_echoes`."""
    entry: Json = {
        "from": credentials.display_phone_number,
        "to_user_id": profile.user_id,
        "id": wamid,
        "timestamp": str(at),
        "type": type,
        type: content,
    }
    if profile.phone:
        entry["to"] = profile.phone
    return {**_head(credentials), "message_echoes": [entry]}


def group_value(credentials: Credentials, group_id: str, subject: str) -> Json:
    """A group came to be; field `group_lifecycle_update`."""
    group = {"timestamp": str(clock.now()), "group_id": group_id, "type": "group_create", "subject": subject}
    return {**_head(credentials), "groups": [group]}


def envelope(credentials: Credentials, changes: list[tuple[str, Json]]) -> bytes:
    """The raw body of one POST; `changes` are (field, value). Escaped as Meta does, slashes too: that gets signed."""
    body = {
        "object": "whatsapp_business_account",
        "entry": [
            {"id": credentials.waba_id, "changes": [{"value": value, "field": field} for field, value in changes]}
        ],
    }
    return json.dumps(body, ensure_ascii=True, separators=(",", ":")).replace("/", "\\/").encode()


def _head(credentials: Credentials) -> Json:
    return {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": credentials.display_phone_number,
            "phone_number_id": credentials.phone_number_id,
        },
    }


def _status(profile: Profile | None, bubble: Bubble, status: str, at: int | None = None) -> Json:
    entry: Json = {"id": bubble.wamid, "status": status, "timestamp": str(at or clock.now())}
    if profile is None:
        entry |= {"recipient_id": bubble.chat, "recipient_type": "group"}
    else:
        entry["recipient_user_id"] = profile.user_id
        if profile.phone:
            entry["recipient_id"] = profile.phone
    if bubble.callback:
        entry["biz_opaque_callback_data"] = bubble.callback
    return entry
