"""Meta's wire format, both ways: the challenge, the signature, webhook bodies into events, and the Graph API client.

Reading lives in `integrations/whatsapp/parse.py`, the error table in `integrations/whatsapp/errors.py`, message bodies
in `integrations/whatsapp/outgoing.py`; what sending, receiving and their errors need is offered here.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import parse_qs, quote, urljoin, urlsplit

from core.errors import Forbidden, RemoteError, Unauthorized
from core.reason import Reason, define
from integrations.http.client import Ambiguous, Answer, Blocked, HttpClient, NotSent, Sink, Timeouts, TooLarge
from integrations.whatsapp.errors import Action, Rule, describe, rule_for
from integrations.whatsapp.media import normal_hosts, vet
from integrations.whatsapp.outgoing import (
    Multipart,
    Recipient,
    build_message,
    media_content,
    reaction_content,
    template_content,
    text_content,
)
from integrations.whatsapp.parse import parse, parse_history
from integrations.whatsapp.values import first, identifier, integer, mapping, mime_type, sha256_hex, string

__all__ = [
    "Accepted", "Action", "Ambiguous", "Blocked", "MediaGone", "MediaInfo", "NotSent", "Recipient", "Refused", "Rule",
    "TooLarge", "WhatsAppClient", "answer_challenge", "build_message", "describe", "media_content", "parse",
    "parse_history", "reaction_content", "rule_for", "template_content", "text_content", "verify_signature",
]  # fmt: skip

_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})", re.IGNORECASE)
_MOST_PAGES = 100
_MOST_HOPS = 3
_SLOWEST_LINE = 250_000  # bytes per second that a transfer may fall to before it is given up
_TEMPLATE_FIELDS = "id,name,language,status,category,components,parameter_format,quality_score,rejected_reason"
_NUMBER_FIELDS = "id,display_phone_number,verified_name,quality_rating,platform_type"
_LARGEST_PAGE = "100"


define(
    {
        "whatsapp.unclear": "WhatsApp's answer could not be understood (HTTP {status}).",
        "whatsapp.file_gone": "WhatsApp does not have this file any more.",
        "whatsapp.link_old": "The link to this file has run out.",
        "whatsapp.file_too_large": "The file is larger than {most} bytes.",
        "whatsapp.wrong_size": "The file came with {size} bytes instead of {expected}.",
        "whatsapp.circle": "The link to this file leads in circles.",
        "whatsapp.blocked_host": "WhatsApp pointed to a file outside the hosts that are allowed.",
        "whatsapp.endless": "WhatsApp's list of templates does not end.",
    }
)


def answer_challenge(args: Mapping[str, str], verify_token: str) -> str:
    """What to echo to Meta's verification GET. Raises Forbidden on a wrong token or a challenge that is not digits."""
    challenge = args.get("hub.challenge", "")
    token_matches = hmac.compare_digest(_bytes(args.get("hub.verify_token", "")), _bytes(verify_token))
    if not verify_token or args.get("hub.mode") != "subscribe" or not token_matches:
        raise Forbidden("The verify token does not match.", code="wrong_verify_token")
    # The challenge is chosen by whoever calls: only digits are echoed, so it can never be markup.
    if not (challenge.isascii() and challenge.isdigit()):
        raise Forbidden("The challenge is not a number.", code="wrong_challenge")
    return challenge


def verify_signature(raw: bytes, header: str | None, app_secret: str) -> None:
    """`header` is X-Hub-Signature-256, `raw` the body as it came (Meta signs its own escapes, not our reading of them).

    Raises Unauthorized without a header, Forbidden when it does not match or no secret is configured.
    """
    if not header:
        raise Unauthorized("The request is not signed.", code="unsigned")
    match = _SIGNATURE.fullmatch(header)
    expected = hmac.new(_bytes(app_secret), raw, hashlib.sha256).hexdigest()
    if not app_secret or not match or not hmac.compare_digest(match[1].lower(), expected):
        raise Forbidden("The signature does not match.", code="wrong_signature")


class Refused(RemoteError):
    """Meta answered with a Graph error object: it certainly did not do what was asked. `action` says what to do now."""

    def __init__(self, code: int | None, details: str, retry_after: float | None = None, *, status: int = 400) -> None:
        self.rule = rule_for(code)
        permanent = self.rule.action in (Action.FAIL, Action.WAIT)
        super().__init__(describe(code, details), code=code, permanent=permanent, retry_after=retry_after)
        self.details = details
        self.action = self.rule.action
        self.status = status


class MediaGone(RemoteError):
    """Meta no longer has this file, or the link to it has run out (ask `media_info` for a new one)."""


@dataclass(frozen=True)
class Accepted:
    """Meta took the message; whether it is delivered comes as a status. `wa_id` may differ from the number dialled."""

    wamid: str
    wa_id: str | None = None
    user_id: str | None = None


@dataclass(frozen=True)
class MediaInfo:
    """`url` works for 5 minutes and needs our token. `sha256` in hex. `size` in bytes."""

    url: str
    mime_type: str
    sha256: str | None
    size: int | None


class WhatsAppClient:
    """The Graph API for one of our numbers. Every method may raise NotSent, Refused or Ambiguous (all RemoteError)."""

    def __init__(
        self,
        base_url: str,
        version: str,
        token: str,
        phone_number_id: str,
        waba_id: str,
        media_hosts: tuple[str, ...] = (),
        http: HttpClient | None = None,
    ) -> None:
        self.phone_number_id = phone_number_id
        self.waba_id = waba_id
        self._root = f"{base_url.rstrip('/')}/{version}"
        self._token = token
        self._media_hosts = normal_hosts(media_hosts)
        self._http = http or HttpClient()

    def send(self, body: dict[str, Any]) -> Accepted:
        """`body` from `build_message`. Anything but a 2xx with a wamid or a Graph error is Ambiguous: do not resend."""
        answer = self._post_message(body)
        reply = _json_object(answer)
        wamid = first(reply.get("messages")).get("id")
        if not answer.ok or not isinstance(wamid, str) or not wamid:
            raise _unclear(answer)
        contact = first(reply.get("contacts"))
        return Accepted(wamid, identifier(contact.get("wa_id")), identifier(contact.get("user_id")))

    def mark_read(self, wamid: str) -> None:
        """Blue ticks for this message and, at Meta's end, for every earlier one."""
        answer = self._post_message({"messaging_product": "whatsapp", "status": "read", "message_id": wamid})
        if not answer.ok:
            raise _unclear(answer)

    def upload_media(self, file: BinaryIO, size: int, mime_type: str, filename: str) -> str:
        """The media id, good for 30 days with this number only. `file` is read from where it stands, `size` bytes."""
        fields = {"messaging_product": "whatsapp", "type": mime_type}
        body = Multipart(fields, file, size, mime_type, filename)
        answer = self._http.request(
            "POST",
            self._url(self.phone_number_id, "media"),
            token=self._token,
            data=body,
            headers={"Content-Type": body.content_type},
            timeouts=Timeouts(read=60, total=60 + size / _SLOWEST_LINE),
        )
        media_id = self._object(answer).get("id")
        if not isinstance(media_id, str | int) or not media_id:
            raise _unclear(answer)
        return str(media_id)

    def media_info(self, media_id: str) -> MediaInfo:
        """Raises MediaGone when Meta does not know the id (any more)."""
        answer = self._http.request(
            "GET", self._url(media_id), token=self._token, params={"phone_number_id": self.phone_number_id}
        )
        try:
            info = self._object(answer)
        except Refused as error:
            # 100 with subcode 33 is how Graph says "no such object".
            missing = error.code == 100 and _graph_error(answer).get("error_subcode") == 33
            if answer.status == 404 or missing:
                raise MediaGone(error.reason, code=error.code, permanent=True) from error
            raise
        except Ambiguous as error:
            if answer.status == 404:
                raise MediaGone(Reason("whatsapp.file_gone"), permanent=True) from error
            raise
        url = info.get("url")
        if not isinstance(url, str) or not url:
            raise _unclear(answer)
        return MediaInfo(url, mime_type(info.get("mime_type")), sha256_hex(info.get("sha256")), integer(info.get("file_size")))

    def download(self, url: str, sink: Sink, max_bytes: int, size: int | None = None) -> int:
        """Writes the file into `sink` and returns its size; after an error `sink` may hold a part of it.

        `url` and `size` come from `media_info` only. Every hop is checked against the allowed hosts before a connection
        is made. Raises Blocked, MediaGone, TooLarge and what every call may raise (Ambiguous for a wrong size).
        """
        if size is not None and size > max_bytes:
            raise TooLarge(Reason("whatsapp.file_too_large", most=max_bytes), permanent=True)
        for _ in range(_MOST_HOPS + 1):
            answer = self._http.request(
                "GET",
                url,
                token=self._token,
                max_bytes=max_bytes,
                sink=sink,
                timeouts=Timeouts(total=120 + (size or max_bytes) / _SLOWEST_LINE),
                public_only=vet(url, self._media_hosts),
            )
            if answer.status == 200:
                if size is not None and answer.size != size:
                    raise Ambiguous(Reason("whatsapp.wrong_size", size=answer.size, expected=size))
                return answer.size
            if answer.status in (404, 410):
                raise MediaGone(Reason("whatsapp.link_old"))
            location = answer.headers.get("Location", "")
            if answer.status not in (301, 302, 303, 307, 308) or not location:
                self._object(answer)
                raise _unclear(answer)
            url = urljoin(url, location)
        raise Blocked(Reason("whatsapp.circle"), permanent=True)

    def templates(self) -> list[dict[str, Any]]:
        """All message templates as Meta gives them, all pages."""
        return self._all("message_templates", fields=_TEMPLATE_FIELDS, limit=_LARGEST_PAGE)

    # ------------------------------------------------------------ connecting a number

    def check(self) -> dict[str, Any]:
        """Are the credentials alive? {id, display_phone_number, verified_name, quality_rating, platform_type}."""
        return self._get(self.phone_number_id, fields=_NUMBER_FIELDS)

    def number_ids(self) -> list[str]:
        """The ids of all numbers of our account."""
        rows = self._all("phone_numbers", fields="id", limit=_LARGEST_PAGE)
        return [found for row in rows if (found := identifier(row.get("id")))]

    def token_info(self) -> dict[str, Any]:
        """{app_id, is_valid, expires_at (unix seconds, 0 = never), scopes, ...} of our own token, as far as Meta tells (https://developers.facebook.com/docs/graph-api/reference/debug_token/)."""
        return mapping(self._get("debug_token", input_token=self._token).get("data"))

    def accepts_secret(self, app_secret: str) -> bool:
        """Does `app_secret` belong to the app of our token? Ask after `check` succeeded: only the proof is new then.

        Graph checks a proof that it is given (https://developers.facebook.com/docs/graph-api/securing-requests).
        """
        proof = hmac.new(_bytes(app_secret), _bytes(self._token), hashlib.sha256).hexdigest()
        try:
            self._get(self.phone_number_id, fields="id", appsecret_proof=proof)
        except Refused as error:
            if error.code == 100:
                return False
            raise
        return True

    def subscribed_app_ids(self) -> list[str]:
        """The apps that get our account's webhooks: ours must be among them (`token_info` names it)."""
        apps = [mapping(row.get("whatsapp_business_api_data")) for row in self._all("subscribed_apps")]
        return [found for app in apps if (found := identifier(app.get("id")))]

    def subscribe(self) -> None:
        """Subscribe our app to our account; again is harmless."""
        self._object(self._http.request("POST", self._url(self.waba_id, "subscribed_apps"), token=self._token))

    def _all(self, edge: str, **params: str) -> list[dict[str, Any]]:
        """Every row of a list of our account, all pages."""
        found: list[dict[str, Any]] = []
        for _ in range(_MOST_PAGES):
            answer = self._http.request("GET", self._url(self.waba_id, edge), token=self._token, params=params)
            page = self._object(answer)
            rows = page.get("data")
            if not isinstance(rows, list):
                raise _unclear(answer)
            found += [row for row in rows if isinstance(row, dict)]
            after = _next_cursor(page.get("paging"))
            if after is None or after == params.get("after"):
                return found
            params["after"] = after
        raise Ambiguous(Reason("whatsapp.endless"))

    def _get(self, object_id: str, **params: str) -> dict[str, Any]:
        return self._object(self._http.request("GET", self._url(object_id), token=self._token, params=params))

    def _post_message(self, body: dict[str, Any]) -> Answer:
        answer = self._http.request(
            "POST", self._url(self.phone_number_id, "messages"), token=self._token, json=body, timeouts=Timeouts()
        )
        _raise_refusal(answer)
        return answer

    def _object(self, answer: Answer) -> dict[str, Any]:
        _raise_refusal(answer)
        found = _json_object(answer)
        if not answer.ok or not found:
            raise _unclear(answer)
        return found

    def _url(self, *parts: str) -> str:
        return "/".join([self._root, *(quote(part, safe="") for part in parts)])


def _raise_refusal(answer: Answer) -> None:
    error = _graph_error(answer)
    if answer.status >= 400 and error:
        raise Refused(integer(error.get("code")), _details(error), answer.retry_after, status=answer.status)


def _graph_error(answer: Answer) -> dict[str, Any]:
    error = _json_object(answer).get("error")
    return error if isinstance(error, dict) else {}


def _details(error: dict[str, Any]) -> str:
    data = error.get("error_data")
    found = data.get("details") if isinstance(data, dict) else data  # error_data may be a plain string
    for words in (found, error.get("error_user_msg"), error.get("message")):
        if isinstance(words, str) and words:
            return words
    return ""


def _unclear(answer: Answer) -> Ambiguous:
    return Ambiguous(Reason("whatsapp.unclear", status=answer.status), retry_after=answer.retry_after)


def _json_object(answer: Answer) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _next_cursor(paging: Any) -> str | None:
    """The page after: its cursor is put into our own address, so no address from an answer is ever called."""
    page = mapping(paging)
    following = string(page.get("next"))
    if not following:
        return None
    found = string(mapping(page.get("cursors")).get("after"))
    return found or next(iter(parse_qs(urlsplit(following).query).get("after", [])), None)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
