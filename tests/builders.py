"""Webhook bodies and rows with sensible defaults: a test names only what it is about."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
from typing import Any

from werkzeug.test import TestResponse

APP_SECRET = "test-app-secret-0123456789"
VERIFY_TOKEN = "test-verify-token"
OUR_NUMBER_ID = "100000000000001"
OUR_WABA_ID = "200000000000002"
OUR_DISPLAY = "85258000100"
MEI = "85251234567"
RAJ = "85251230000"
NOON = 1_790_000_000  # unix seconds

_numbers = itertools.count(1)


def sign(raw: bytes, secret: str = APP_SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}


def post_webhook(client: Any, body: dict[str, Any] | bytes) -> TestResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    response: TestResponse = client.post("/webhook/whatsapp", data=raw, headers=sign(raw))
    return response


def envelope(*values: dict[str, Any], field: str = "messages") -> dict[str, Any]:
    changes = [{"field": field, "value": value} for value in values]
    return {"object": "whatsapp_business_account", "entry": [{"id": OUR_WABA_ID, "changes": changes}]}


def value(**parts: Any) -> dict[str, Any]:
    """`messages`, `statuses`, `contacts` ... of one change."""
    metadata = {"display_phone_number": OUR_DISPLAY, "phone_number_id": OUR_NUMBER_ID}
    return {"messaging_product": "whatsapp", "metadata": metadata, **parts}


def new_wamid() -> str:
    return f"wamid.test{next(_numbers)}=="


def message(
    text: str = "Hello", *, sender: str = MEI, at: int = NOON, wamid: str | None = None, **parts: Any
) -> dict[str, Any]:
    """One of `messages[]`; pass `type=` and its object for anything but a text."""
    body: dict[str, Any] = {"id": wamid or new_wamid(), "from": sender, "timestamp": str(at)}
    if "type" not in parts:
        body |= {"type": "text", "text": {"body": text}}
    return body | parts


def contact(phone: str = MEI, name: str = "Mei Ling Chan", **parts: Any) -> dict[str, Any]:
    return {"wa_id": phone, "profile": {"name": name}} | parts


def inbound(*messages: dict[str, Any], contacts: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """A whole webhook body with customers' messages."""
    known = contacts if contacts is not None else [contact(m["from"]) for m in messages if m.get("from")]
    return envelope(value(contacts=known, messages=list(messages)))


def status(wamid: str, name: str = "delivered", *, at: int = NOON + 10, to: str = MEI, **parts: Any) -> dict[str, Any]:
    return {"id": wamid, "status": name, "timestamp": str(at), "recipient_id": to} | parts


def statuses(*items: dict[str, Any]) -> dict[str, Any]:
    return envelope(value(statuses=list(items)))
