"""The owner's Google Contacts through the People API, read only: everybody once, then only what changed since.

Sync tokens: https://developers.google.com/people/api/rest/v1/people.connections/list. They last 7 days after a full read; an
expired one is answered with 400 in the field, with 410 by other APIs of Google, and by the reason in both cases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core import phone
from core.errors import Invalid, RemoteError
from core.reason import Reason, define
from core.text import clean_name
from integrations.google.auth import GoogleAccount
from integrations.google.errors import Kind, ReconnectNeeded, judge
from integrations.http.client import Answer, HttpClient, Timeouts, TooLarge

TIMEOUTS = Timeouts(connect=5, read=30, total=60)
PAGE_SIZE = 1000  # Google's most
MOST_PAGES = 100  # Google keeps 25,000 contacts for a person, and more than a thousand on a page never come
MOST_PHONES = 50
_LARGEST_ANSWER = 16 * 1024 * 1024
_RESOURCE_NAME = re.compile(r"people/[A-Za-z0-9_-]{1,200}")

define(
    {
        "people.too_many": "There are too many Google contacts to be read.",
        "people.unreachable": "Google Contacts cannot be reached: {reason}",
        "people.problem": "Google Contacts has a problem (error {status}).",
        "people.reconnect": "Google does not let us read your contacts. Connect Google again and allow it.",
        "people.switched_off": "The People API is switched off. Switch it on: {link}",
    }
)


class PeopleError(RemoteError):
    """`kind`: busy down (these pass), reconnect switched_off refused too_large. `reason`: for the owner."""

    def __init__(self, kind: str, why: Reason, *, retry_after: float | None = None) -> None:
        super().__init__(why, permanent=kind not in ("busy", "down"), retry_after=retry_after)
        self.kind = kind


class _Expired(Exception):
    """Google has forgotten what we had read before."""


@dataclass(frozen=True, slots=True)
class Person:
    """`phones`: digits with country code. Of a deleted one only `resource_name` counts."""

    resource_name: str
    name: str = ""
    phones: tuple[str, ...] = ()
    deleted: bool = False


@dataclass(frozen=True)
class Changes:
    """`is_full`: these are all there are, who is not among them is gone. `next_token` None: the next read is full again."""

    people: tuple[Person, ...]
    next_token: str | None
    is_full: bool


class PeopleClient:
    """`default_country` ("HK"): where numbers without country code are dialled, "" when that is not known."""

    def __init__(self, account: GoogleAccount, default_country: str = "") -> None:
        self._account = account
        self._default_country = default_country or None
        self._http = HttpClient()

    def changes(self, sync_token: str | None) -> Changes:
        """What changed since `sync_token` was given; everything without one, or when it has expired. Raises PeopleError."""
        if sync_token is not None:
            try:
                return self._read(sync_token)
            except _Expired:
                pass
        try:
            return self._read(None)
        except _Expired as error:  # of a read that named no token: Google would say so for ever
            raise PeopleError("refused", Reason("google.unreadable")) from error

    def _read(self, sync_token: str | None) -> Changes:
        people: list[Person] = []
        page: Mapping[str, Any] = {}
        for page in self._pages(sync_token):
            for entry in page.get("connections") or ():
                people += _people(entry, self._default_country)
        return Changes(tuple(people), _text(page.get("nextSyncToken")) or None, sync_token is None)

    def _pages(self, sync_token: str | None) -> Iterator[Mapping[str, Any]]:
        """Google demands the same parameters for every page of a read."""
        params = {"personFields": "names,phoneNumbers,metadata", "pageSize": str(PAGE_SIZE), "requestSyncToken": "true"}
        if sync_token is not None:
            params["syncToken"] = sync_token
        for _ in range(MOST_PAGES):
            page = self._get(params)
            yield page
            if not (token := _text(page.get("nextPageToken"))):
                return
            params["pageToken"] = token
        raise PeopleError("too_large", Reason("people.too_many"))

    def _get(self, params: Mapping[str, str]) -> Mapping[str, Any]:
        answer = self._send(params)
        if answer.status == 401:  # a token may end before its time
            answer = self._send(params, renew=True)
        if not answer.ok:
            raise _refusal(answer)
        try:
            page = answer.json()
        except ValueError as error:  # a page of a proxy
            raise PeopleError("down", Reason("google.unreadable")) from error
        if not isinstance(page, dict) or not isinstance(page.get("connections", []), list):
            raise PeopleError("down", Reason("google.unreadable"))
        return page

    def _send(self, params: Mapping[str, str], *, renew: bool = False) -> Answer:
        url = f"{self._account.endpoints.people_root}v1/people/me/connections"
        try:
            token = str(self._account.credentials(renew=renew).token)
            return self._http.request(
                "GET", url, token=token, params=params, timeouts=TIMEOUTS, max_bytes=_LARGEST_ANSWER
            )
        except TooLarge as error:
            raise PeopleError("too_large", Reason("people.too_many")) from error
        except ReconnectNeeded as error:
            raise PeopleError("reconnect", error.reason) from error
        except RemoteError as error:
            why = Reason("people.unreachable", reason=error.reason)
            raise PeopleError("down", why, retry_after=error.retry_after) from error


def _refusal(answer: Answer) -> PeopleError | _Expired:
    failure = judge(answer.status, answer.body)
    wait = answer.retry_after or failure.retry_after
    if "EXPIRED_SYNC_TOKEN" in failure.reasons and answer.status in (400, 410):
        return _Expired()
    if answer.status == 408 or answer.status >= 500:
        return PeopleError("down", Reason("people.problem", status=answer.status), retry_after=wait)
    if failure.kind is Kind.RETRY:
        return PeopleError("busy", Reason("google.wait"), retry_after=wait)
    if failure.kind is Kind.RECONNECT or "ACCESS_TOKEN_SCOPE_INSUFFICIENT" in failure.reasons:
        return PeopleError("reconnect", Reason("people.reconnect"))
    if failure.link:
        return PeopleError("switched_off", Reason("people.switched_off", link=failure.link))
    return PeopleError("refused", Reason("google.refused", reason=failure.why))


def _people(entry: Any, default_country: str | None) -> list[Person]:
    """One entry; before it the names under which Google knew the same person earlier, as deleted."""
    if not isinstance(entry, dict) or not (name := _resource_name(entry.get("resourceName"))):
        return []
    metadata = entry.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    earlier = [one for value in _entries(metadata.get("previousResourceNames")) if (one := _resource_name(value))]
    people = [Person(one, deleted=True) for one in earlier if one != name]
    if metadata.get("deleted") is True:
        return [*people, Person(name, deleted=True)]
    return [*people, Person(name, _name(entry.get("names")), _phones(entry.get("phoneNumbers"), default_country))]


def _name(names: Any) -> str:
    """The one that Google marks as the primary one, else the first."""
    found = [one for one in _entries(names) if isinstance(one, dict) and clean_name(_text(one.get("displayName")))]
    found.sort(key=lambda one: not (isinstance(one.get("metadata"), dict) and one["metadata"].get("primary") is True))
    return clean_name(_text(found[0]["displayName"])) if found else ""


def _phones(numbers: Any, default_country: str | None) -> tuple[str, ...]:
    """What Google could not read (no canonicalForm) counts only when its country is certain."""
    phones: dict[str, None] = {}
    for one in _entries(numbers)[:MOST_PHONES]:
        if not isinstance(one, dict):
            continue
        written = _text(one.get("canonicalForm")) or _text(one.get("value")).strip()
        if default_country or written.startswith(("+", "00")):
            try:
                phones[phone.normalise(written, default_country)] = None
            except Invalid:
                continue
    return tuple(phones)


def _entries(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _resource_name(value: Any) -> str:
    return _text(value) if _RESOURCE_NAME.fullmatch(_text(value)) else ""
