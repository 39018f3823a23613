"""Google's People API and token endpoint on 127.0.0.1, as far as the product uses them. Our own model: it has never met Google.

It keeps people, notes what changed, and gives sync tokens that may be declared expired. `faults` are used up first, one a
call; `PeopleServer.reads` are the parameters of what was asked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from integrations.google.auth import Endpoints
from tests.fakes.fault_server import FaultServer, Reply, Request, answer, fault_server

TOKEN = {"access_token": "ya29.invented", "expires_in": 3599, "token_type": "Bearer"}


def refusal(status: int, status_word: str, reason: str = "", **metadata: str) -> bytes:
    """An error as Google's newer APIs shape it."""
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "metadata": metadata}] if reason else []
    error = {"code": status, "message": "Invented words", "status": status_word, "details": details}
    return answer({"error": error}, status)


def person(key: str, name: str, *phones: str, **more: Any) -> dict[str, Any]:
    """`phones` as Google has read them (+852...), or as typed when it could not."""
    numbers = [{"value": phone} | ({"canonicalForm": phone} if phone.startswith("+") else {}) for phone in phones]
    names = [{"displayName": name, "metadata": {"primary": True}}] if name else []
    return {"resourceName": f"people/{key}", "names": names, "phoneNumbers": numbers, **more}


@dataclass
class PeopleServer:
    root: str
    page_size: int = 1000
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed: list[dict[str, Any]] = field(default_factory=list)  # in order; a sync token says how many were known
    expired: int | None = None  # the status with which all tokens given so far are refused, None: they are good
    oldest_token: int = 0
    faults: deque[Reply | None] = field(default_factory=deque)
    reads: list[dict[str, str]] = field(default_factory=list)

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints(
            token_url=f"{self.root}/token", revoke_url=f"{self.root}/revoke", people_root=f"{self.root}/"
        )

    @property
    def full_reads(self) -> int:
        return sum("syncToken" not in read and "pageToken" not in read for read in self.reads)

    def put(self, *people: dict[str, Any]) -> None:
        for one in people:
            self.people[one["resourceName"]] = one
            self.changed.append(one)

    def delete(self, key: str) -> None:
        self.people.pop(f"people/{key}")
        self.changed.append({"resourceName": f"people/{key}", "metadata": {"deleted": True}})

    def expire(self, status: int) -> None:
        """All tokens that were given are too old from now on."""
        self.expired, self.oldest_token = status, len(self.changed) + 1
        self.changed.append({"resourceName": "people/nobody", "metadata": {"deleted": True}})

    def reply(self, request: Request) -> Reply:
        parts = urlsplit(request.path)
        if parts.path in ("/token", "/revoke"):
            return answer(TOKEN)
        assert parts.path == "/v1/people/me/connections" and request.method == "GET"
        assert request.headers["authorization"] == f"Bearer {TOKEN['access_token']}"
        query = dict(parse_qsl(parts.query))
        self.reads.append(query)
        fault = self.faults.popleft() if self.faults else None
        return fault if fault is not None else self._page(query)

    def _page(self, query: dict[str, str]) -> bytes:
        assert query["requestSyncToken"] == "true" and query["personFields"] == "names,phoneNumbers,metadata"
        since = int(query["syncToken"].removeprefix("sync-")) if "syncToken" in query else None
        if since is not None and self.expired and since < self.oldest_token:
            return refusal(self.expired, "FAILED_PRECONDITION", "EXPIRED_SYNC_TOKEN")
        found = list(self.people.values()) if since is None else self.changed[since:]
        start = int(query["pageToken"].removeprefix("page-")) if "pageToken" in query else 0
        end = start + self.page_size
        if start:  # every page must be asked for with the parameters of the first
            assert {k: v for k, v in query.items() if k != "pageToken"} == {
                k: v for k, v in self.reads[-2].items() if k != "pageToken"
            }
        body: dict[str, Any] = {"connections": found[start:end]} if found[start:end] else {}
        more = {"nextPageToken": f"page-{end}"} if end < len(found) else {"nextSyncToken": f"sync-{len(self.changed)}"}
        return answer(body | more)


@contextmanager
def people_server() -> Iterator[PeopleServer]:
    with fault_server(b"") as server:
        model = PeopleServer(_root(server))
        server.reply_to = model.reply
        yield model


def _root(server: FaultServer) -> str:
    return f"http://127.0.0.1:{server.port}"
