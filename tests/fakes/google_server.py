"""Our own model of Google's token endpoint and of Drive v3, on 127.0.0.1. It is not Google.

It follows Google's documentation and the answers cited in public issues; the real client libraries speak to it over HTTP.
`server.fail(...)` scripts what goes wrong with the next matching calls. Nothing here proves what real Google does: for
that there is `bin/live-check google`.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from integrations.google.auth import Endpoints

CLIENT = {"client_id": "42-inbox.apps.googleusercontent.com", "client_secret": "GOCSPX-invented"}
OWNER = "ona@example.com"
SERVICE_ACCOUNT = "inbox@invented-project.iam.gserviceaccount.com"
SHARED_FOLDER = "folder-on-a-shared-drive"
QUARTER_MB = 256 * 1024

# Bodies as cited in public issues: match on `reason`.
SA_QUOTA = ("storageQuotaExceeded", "Service Accounts do not have storage quota.", "usageLimits")
FULL = ("storageQuotaExceeded", "The user's Drive storage quota has been exceeded.", "global")


def error_body(status: int, reason: str, message: str = "Invented words", domain: str = "global", **more: Any) -> bytes:
    entry = {"message": message, "domain": domain, "reason": reason} | more
    return json.dumps({"error": {"code": status, "message": message, "errors": [entry]}}).encode()


class Answer(Exception):
    """Raised inside the model to answer at once."""

    def __init__(self, status: int, body: bytes | dict[str, Any] = b"", **headers: str) -> None:
        super().__init__(status)
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Cut(Exception):
    """The connection is reset, with no answer."""


class Hang(Exception):
    """The connection stays open, and nothing comes."""


@dataclass
class Fault:
    """`stage`: "before" the call is carried out, "half" of a chunk stored, "after" it is carried out."""

    method: str
    path: re.Pattern[str]
    outcome: Exception
    stage: str = "before"
    skip: int = 0  # so many matching calls go well first

    def strikes(self, call: Call) -> bool:
        if self.method != call.method or not self.path.search(call.path):
            return False
        self.skip -= 1
        return self.skip < 0


@dataclass
class Call:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class GoogleServer:
    port: int
    files: dict[str, dict[str, Any]] = field(default_factory=dict)  # id -> metadata with "_bytes"
    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    limit: int | None = 15 * 1024**3
    other_usage: int = 0
    untick: frozenset[str] = frozenset()  # scopes that the person does not tick
    gives_refresh_token: bool = True
    refuses_refresh: bool = False  # every refresh: invalid_grant
    unknown_client: bool = False
    spoil: int = 0  # so many of the next contents are stored damaged
    down: Exception | None = None  # every call ends like this
    revoked: list[str] = field(default_factory=list)
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    is_over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.numbers = itertools.count(1)
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: dict[str, str] = {}  # access token -> whose
        self.generated: set[str] = set()
        self.files[SHARED_FOLDER] = self._folder("Archive", driveId="shared-drive-1")

    # ------------------------------------------------------------ for tests

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def endpoints(self) -> Endpoints:
        root = f"{self.url}/"
        return Endpoints(f"{root}auth", f"{root}token", f"{root}revoke", root, people_root=root)

    def fail(
        self, method: str, path: str, outcome: Exception, *, times: int = 1, stage: str = "before", skip: int = 0
    ) -> None:
        """The next `times` calls whose path matches the pattern end like this, after the first `skip`."""
        self.faults += [Fault(method, re.compile(path), outcome, stage, skip) for _ in range(times)]

    def stored(self, kind: str = "media") -> list[dict[str, Any]]:
        """What uploads have left, the bin included."""
        return [item for item in self.files.values() if item.get("appProperties", {}).get("kind") == kind]

    def folders(self) -> list[str]:
        return [item["name"] for item in self.files.values() if item["mimeType"].endswith("folder")]

    def count(self, method: str, path: str) -> int:
        return sum(call.method == method and re.search(path, call.path) is not None for call in self.calls)

    def _folder(self, name: str, **more: Any) -> dict[str, Any]:
        return {"name": name, "mimeType": "application/vnd.google-apps.folder", "parents": ["root"], "trashed": False,
                "capabilities": {"canAddChildren": True}, "owner": OWNER, "_bytes": None} | more  # fmt: skip

    # ------------------------------------------------------------ the calls

    def handle(self, call: Call) -> Answer:
        with self.lock:
            self.calls.append(call)
            if self.down:
                raise self.down
            fault = next((fault for fault in self.faults if fault.strikes(call)), None)
            if fault:
                self.faults.remove(fault)
                if fault.stage == "before":
                    raise fault.outcome
                if fault.stage == "half":
                    self._take_chunk(call, len(call.body) // 2 // QUARTER_MB * QUARTER_MB)
                    raise fault.outcome
            answer = self._route(call)
            if fault:
                raise fault.outcome
            return answer

    def _route(self, call: Call) -> Answer:
        path = call.path
        try:
            if path == "/auth":
                return self._consent(call)
            if path == "/token":
                return self._token(parse_form(call.body))
            if path == "/revoke":
                self.revoked.append(parse_form(call.body)["token"])
                return Answer(200, {})
            if path == "/v1/people/me/connections":  # nobody: tests/fakes/people_server.py knows people
                return Answer(200, {"nextSyncToken": "sync-0"})
            if path.startswith("/session/"):
                return self._take_chunk(call, len(call.body))
            return self._drive(call, self._who(call))
        except Answer as answer:
            return answer

    # ------------------------------------------------------------ consent and tokens

    def _consent(self, call: Call) -> Answer:
        asked = call.query
        code = f"code-{next(self.numbers)}"
        self.codes[code] = asked
        target = f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
        return Answer(302, b"", Location=target)

    def _token(self, form: dict[str, str]) -> Answer:
        kind = form["grant_type"]
        if self.unknown_client:
            return Answer(401, {"error": "invalid_client", "error_description": "The OAuth client was not found."})
        if kind == "refresh_token":
            if self.refuses_refresh or form["refresh_token"] in self.revoked:
                return Answer(400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."})
            return Answer(200, {"access_token": self._new_token(OWNER), "expires_in": 3599, "token_type": "Bearer"})
        if kind == "urn:ietf:params:oauth:grant-type:jwt-bearer":
            if self.refuses_refresh:
                return Answer(400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
            return Answer(200, {"access_token": self._new_token(SERVICE_ACCOUNT), "expires_in": 3599, "token_type": "Bearer"})
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or challenge != asked["code_challenge"] or asked["code_challenge_method"] != "S256":
            return Answer(400, {"error": "invalid_grant", "error_description": "Bad code or verifier."})
        granted = [scope for scope in asked["scope"].split() if scope not in self.untick]
        answer = {
            "access_token": self._new_token(OWNER),
            "expires_in": 3599,
            "token_type": "Bearer",
            "scope": " ".join(granted),
            "id_token": f"x.{base64.urlsafe_b64encode(json.dumps({'email': OWNER}).encode()).decode().rstrip('=')}.x",
        }
        if self.gives_refresh_token:
            answer["refresh_token"] = f"1//refresh-{next(self.numbers)}"
        return Answer(200, answer)

    def _new_token(self, whose: str) -> str:
        token = f"ya29.invented-{next(self.numbers)}"
        self.tokens[token] = whose
        return token

    def _who(self, call: Call) -> str:
        token = call.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            raise Answer(401, error_body(401, "authError", "Invalid Credentials"))
        return self.tokens[token]

    # ------------------------------------------------------------ Drive

    def _drive(self, call: Call, who: str) -> Answer:
        path, method = call.path.removeprefix("/upload").removeprefix("/drive/v3"), call.method
        if path == "/about":
            return self._shaped(call, {"storageQuota": self._quota(), "user": {"emailAddress": who}})
        if path == "/files/generateIds":
            ids = [f"id{next(self.numbers):06d}" for _ in range(int(call.query.get("count", 10)))]
            self.generated |= set(ids)
            return Answer(200, {"ids": ids})
        if path == "/files":
            return self._create(call, who) if method == "POST" else self._list(call)
        if found := re.fullmatch(r"/files/([^/]+)", path):
            return self._one(call, found[1])
        if found := re.fullmatch(r"/files/([^/]+)/permissions(?:/([^/]+))?", path):
            return self._permissions(call, self._get(found[1]), found[2])
        raise Answer(404, error_body(404, "notFound"))

    def _quota(self) -> dict[str, str]:
        used = self.other_usage + sum(len(item["_bytes"] or b"") for item in self.files.values())
        return {"usage": str(used)} | ({"limit": str(self.limit)} if self.limit is not None else {})

    def _get(self, file_id: str) -> dict[str, Any]:
        if file_id not in self.files:
            raise Answer(404, error_body(404, "notFound", f"File not found: {file_id}."))
        return self.files[file_id]

    def _create(self, call: Call, who: str) -> Answer:
        kind = call.query.get("uploadType")
        if kind == "resumable":
            metadata = json.loads(call.body)
            self._check_new(metadata, who, int(call.headers["x-upload-content-length"]))
            session = f"/session/{next(self.numbers)}"
            self.sessions[session] = {
                "metadata": metadata | {"mimeType": call.headers["x-upload-content-type"]},
                "size": int(call.headers["x-upload-content-length"]),
                "bytes": b"",
                "who": who,
                "query": call.query,
                "done": None,
            }
            return Answer(200, b"", Location=f"{self.url}{session}")
        metadata, content = parse_multipart(call) if kind == "multipart" else (json.loads(call.body), None)
        self._check_new(metadata, who, len(content or b""))
        return self._shaped(call, self._keep(metadata, content, who))

    def _check_new(self, metadata: dict[str, Any], who: str, size: int) -> None:
        file_id = metadata.get("id")
        if file_id is not None and file_id in self.files:
            raise Answer(409, error_body(409, "fileIdInUse", "A file already exists with the provided ID."))
        if file_id is not None and file_id not in self.generated:
            raise Answer(400, error_body(400, "invalid", "The provided file ID is not usable."))
        parent = self._get(metadata["parents"][0]) if metadata.get("parents", ["root"])[0] != "root" else {}
        if not parent.get("capabilities", {}).get("canAddChildren", True):
            raise Answer(403, error_body(403, "insufficientFilePermissions"))
        if not parent.get("driveId"):
            if who == SERVICE_ACCOUNT:
                raise Answer(403, error_body(403, *SA_QUOTA))
            if self.limit is not None and int(self._quota()["usage"]) + size > self.limit:
                raise Answer(403, error_body(403, *FULL))

    def _keep(self, metadata: dict[str, Any], content: bytes | None, who: str) -> dict[str, Any]:
        number = next(self.numbers)
        if content is not None and self.spoil:
            self.spoil -= 1
            content = b"?" + content[1:]
        file_id = metadata.get("id") or f"made-{number}"
        parents = metadata.get("parents", ["root"])
        drive = self.files.get(parents[0], {}).get("driveId")
        url = f"https://drive.google.com/file/d/{file_id}/view"
        item: dict[str, Any] = {"mimeType": "application/octet-stream"} | metadata
        item |= {"id": file_id, "parents": parents, "trashed": False, "webViewLink": url, "owner": who, "_bytes": content}
        item |= {"createdTime": f"2026-11-21T00:00:{number:06d}Z", "capabilities": {"canAddChildren": True}, "permissions": {}}
        if drive:
            item["driveId"] = drive
        if content is not None:
            item |= {
                "size": str(len(content)),
                "md5Checksum": hashlib.md5(content).hexdigest(),
                "sha256Checksum": hashlib.sha256(content).hexdigest(),
                "webContentLink": f"https://drive.google.com/uc?id={file_id}&export=download",
            }
        self.files[file_id] = item
        return item

    def _take_chunk(self, call: Call, take: int) -> Answer:
        session = self.sessions.get(call.path)
        if session is None:
            raise Answer(404, error_body(404, "notFound"))
        span = re.fullmatch(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)", call.headers.get("content-range", ""))
        if span is None or int(span[3]) != session["size"]:
            raise Answer(400, error_body(400, "badRequest", "Bad Content-Range."))
        if session["done"] is None and span[1] is not None:
            start, stop = int(span[1]), int(span[2]) + 1
            if start != len(session["bytes"]) or stop - start != len(call.body):
                raise Answer(400, error_body(400, "badRequest", "The chunk does not fit."))
            if stop != session["size"] and len(call.body) % QUARTER_MB:
                raise Answer(400, error_body(400, "badRequest", "Not a multiple of 256 KiB."))
            session["bytes"] += call.body[:take]
            if len(session["bytes"]) == session["size"]:
                self._check_new(session["metadata"], session["who"], session["size"])
                session["done"] = self._keep(session["metadata"], session["bytes"], session["who"])
        if session["done"] is not None:
            return self._shaped(Call("GET", "", session["query"], {}, b""), session["done"])
        received = len(session["bytes"])
        return Answer(308, b"", **({"Range": f"bytes=0-{received - 1}"} if received else {}))

    def _list(self, call: Call) -> Answer:
        query = call.query.get("q", "")
        found = [item for item in self.files.values() if matches(item, query)]
        found.sort(key=lambda item: str(item.get("createdTime", "")), reverse=True)
        if call.query.get("corpora", "user") == "user":
            found = [item for item in found if not item.get("driveId")]
        return self._shaped(call, {"files": found[: int(call.query.get("pageSize", 100))]})

    def _one(self, call: Call, file_id: str) -> Answer:
        item = self._get(file_id)
        if call.method == "DELETE":
            if item.get("driveId"):  # "the user must be an `organizer` on the parent folder", which a content manager is not
                raise Answer(403, error_body(403, "insufficientFilePermissions"))
            del self.files[file_id]
            return Answer(204)
        if call.method == "PATCH":
            item |= json.loads(call.body)
            return self._shaped(call, {"id": file_id} | item)
        if call.query.get("alt") != "media":
            return self._shaped(call, {"id": file_id} | item)
        content = item["_bytes"]
        span = re.fullmatch(r"bytes=(\d+)-(\d+)", call.headers.get("range", ""))
        if span is None:
            return Answer(200, content)
        start, stop = int(span[1]), min(int(span[2]) + 1, len(content))
        if start >= len(content):
            raise Answer(416, error_body(416, "requestedRangeNotSatisfiable"))
        return Answer(206, content[start:stop], Content_Range=f"bytes {start}-{stop - 1}/{len(content)}")

    def _permissions(self, call: Call, item: dict[str, Any], permission_id: str | None) -> Answer:
        if call.method == "POST":
            body = json.loads(call.body)
            item["permissions"]["anyoneWithLink"] = body
            return Answer(200, {"id": "anyoneWithLink"})
        if call.method == "DELETE":
            item["permissions"].pop(permission_id)
            return Answer(204)
        listed = [{"id": key} | value for key, value in item["permissions"].items()]
        return self._shaped(call, {"permissions": listed})

    def _shaped(self, call: Call, item: dict[str, Any]) -> Answer:
        """Only the fields that were asked for: what is forgotten in `fields` does not come."""
        return Answer(200, select(item, call.query.get("fields", "id,name,mimeType")))


def select(item: dict[str, Any], fields: str) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for name, inner in re.findall(r"(\w+)(?:\(((?:[^()]|\([^()]*\))*)\))?", fields):
        if name not in item:
            continue
        value = item[name]
        if inner and isinstance(value, list):
            value = [select(one, inner) for one in value]
        elif inner:
            value = select(value, inner)
        chosen[name] = value
    return chosen


def matches(item: dict[str, Any], query: str) -> bool:
    for term in query.split(" and ") if query else []:
        if "appProperties" in term:
            continue
        if term == "trashed = false" and item["trashed"]:
            return False
        if (parent := re.fullmatch(r"'([^']+)' in parents", term)) and parent[1] not in item["parents"]:
            return False
    wanted = re.findall(r"appProperties has \{ key='([^']*)' and value='([^']*)' \}", query)
    return all(item.get("appProperties", {}).get(key) == value for key, value in wanted)


def parse_form(body: bytes) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(body.decode()).items()}


def parse_multipart(call: Call) -> tuple[dict[str, Any], bytes]:
    raw = b"Content-Type: " + call.headers["content-type"].encode() + b"\r\n\r\n" + call.body
    parts: Any = message_from_bytes(raw).get_payload()
    metadata, media = parts
    return json.loads(metadata.get_payload()) | {"mimeType": media.get_content_type()}, media.get_payload(decode=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {key.lower(): value for key, value in self.headers.items()}
        method = headers.get("x-http-method-override", self.command)
        try:
            answer = self.server.google.handle(Call(method, parts.path, query, headers, body))
        except Answer as scripted:
            answer = scripted
        except Hang:
            self.server.google.is_over.wait(60)
            self.close_connection = True
            return
        except Cut:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reset connection is our doing."""


@contextmanager
def google_server(prepare: Callable[[GoogleServer], None] = lambda server: None) -> Iterator[GoogleServer]:
    server = _Server(("127.0.0.1", 0), _Handler)
    google = GoogleServer(server.server_address[1])
    server.google = google  # type: ignore[attr-defined]
    prepare(google)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield google
    finally:
        google.is_over.set()
        server.shutdown()
        server.server_close()


def key_file(server: GoogleServer) -> dict[str, str]:
    """A service account's key, made for this test, whose tokens come from `server`."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return {
        "type": "service_account",
        "project_id": "invented-project",
        "private_key_id": "1",
        "private_key": pem,
        "client_email": SERVICE_ACCOUNT,
        "token_uri": f"{server.url}/token",
    }
