"""Does the world reach us? We call our own public address as Meta will: its question, and a signed, empty delivery."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from core.errors import RemoteError
from core.reason import Reason, define
from features.numbers.checks import Check
from integrations.http.client import Answer, HttpClient, NotSent, Timeouts

PATH = "/webhook/whatsapp"
# Always the same bytes: kept once as a delivery, however often it is sent.
EMPTY_DELIVERY = b'{"object":"whatsapp_business_account","entry":[]}'
_PATIENCE = Timeouts(connect=5, read=8, total=10)

define(
    {
        "check.no_public_url": "PUBLIC_URL is not set, so the public address cannot be tried.",
        "check.set_public_url": "Set it in .env (for example https://inbox.example.com) and restart. Meta needs a public https"
        " address.",
        "check.address_ok": "{url} answers as Meta expects.",
        "check.delivery_ok": "A signed test webhook, sent to {url}, was taken.",
        "check.delivery_refused": "A signed test webhook was answered {status} instead of 200.",
        "check.look_at_proxy": "Look into the proxy: it must pass POST to /webhook/whatsapp on unchanged, up to 4 MB.",
        "check.no_https": "Meta calls https addresses only, and PUBLIC_URL is not one.",
        "check.add_https": "Put a proxy with a certificate in front; deploy/README.md shows how.",
        "check.check_domain": "Check the domain name, the certificate (Meta takes no self-signed one), the proxy and the"
        " firewall.",
        "check.proxy_silent": "The proxy took the call and gave no answer: check that it passes on to this program.",
        "check.unreachable": "{url} cannot be reached from here: {reason}",
        "check.somebody_else": "{url} answered {status}, not as this program would.",
        "check.other_site": "Another site or another installation seems to answer there. Check PUBLIC_URL, the domain name and"
        " the proxy.",
    }
)


def call_ourselves(http: HttpClient, public_url: str, verify_token: str, app_secret: str | None) -> list[Check]:
    """Both calls of Meta's; without `app_secret` the question alone (this process would not know a new one yet)."""
    address = _ask(http, public_url, verify_token)
    if address.state != "ok":
        return [address]
    scheme = [] if urlsplit(public_url).scheme == "https" else [_no_https()]
    return [address, *scheme, *([_deliver(http, public_url, app_secret)] if app_secret else [])]


def _ask(http: HttpClient, public_url: str, verify_token: str) -> Check:
    """The GET that Meta makes when the address is entered there."""
    if not public_url:
        return Check(
            "address", "warn", Reason("check.no_public_url"),
            Reason("check.set_public_url"),
        )  # fmt: skip
    digits = str(secrets.randbelow(10**9) + 10**9)
    question = {"hub.mode": "subscribe", "hub.challenge": digits, "hub.verify_token": verify_token}
    try:
        answer = http.request("GET", public_url + PATH, params=question, timeouts=_PATIENCE, max_bytes=64 * 1024)
    except RemoteError as error:
        return _unreachable(public_url, error)
    if answer.ok and answer.body.strip() == digits.encode():
        return Check("address", "ok", Reason("check.address_ok", url=public_url + PATH))
    return _somebody_else(public_url, answer)


def _deliver(http: HttpClient, public_url: str, app_secret: str) -> Check:
    """The POST that Meta makes for every message, with nothing in it."""
    signature = hmac.new(app_secret.encode(), EMPTY_DELIVERY, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={signature}", "Content-Type": "application/json"}
    try:
        answer = http.request(
            "POST", public_url + PATH, data=EMPTY_DELIVERY, headers=headers, timeouts=_PATIENCE, max_bytes=64 * 1024
        )
    except RemoteError as error:
        return _unreachable(public_url, error)
    if answer.status == 200:
        return Check("delivery", "ok", Reason("check.delivery_ok", url=public_url + PATH))
    return Check(
        "delivery", "bad", Reason("check.delivery_refused", status=answer.status),
        Reason("check.look_at_proxy"),
    )  # fmt: skip


def _no_https() -> Check:
    return Check(
        "https", "warn", Reason("check.no_https"),
        Reason("check.add_https"),
    )  # fmt: skip


def _unreachable(public_url: str, error: RemoteError) -> Check:
    advice = Reason("check.check_domain")
    if not isinstance(error, NotSent):
        advice = Reason("check.proxy_silent")
    words = Reason("check.unreachable", url=public_url, reason=error.reason)
    return Check("address", "warn", words, advice)


def _somebody_else(public_url: str, answer: Answer) -> Check:
    url = public_url + PATH
    return Check(
        "address", "warn", Reason("check.somebody_else", url=url, status=answer.status),
        Reason("check.other_site"),
    )  # fmt: skip
