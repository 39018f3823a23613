"""A small Google Sheets on 127.0.0.1, with Google's token endpoint. Our own model of Google: it has never met the real one.

It knows the calls that the product makes (tabs, values, append, batch update, RAW only) and keeps cells as JSON values.
`faults` are used up first, one a call (None: answered as usual); `SheetsServer.calls` is what was asked.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from integrations.google.auth import Endpoints, GoogleAccount, service_account

SHEET_ID = "1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_test"
EMAIL = "inbox@kayak-test.iam.gserviceaccount.com"


@dataclass
class Grid:
    title: str
    gid: int
    rows: list[list[Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Fault:
    """`status` and `body` instead of the answer. `applied`: the call is carried out all the same. `cut`: no answer comes."""

    status: int = 503
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()
    applied: bool = False
    cut: bool = False
    wait: threading.Event | None = None


def refusal(status: int, status_word: str = "", message: str = "no", **details: Any) -> Fault:
    """An error as Google's newer APIs shape it."""
    error = {"code": status, "message": message, "status": status_word, "details": [details] if details else []}
    return Fault(status, json.dumps({"error": error}).encode())


@dataclass
class SheetsServer:
    root: str
    grids: list[Grid] = field(default_factory=list)
    title: str = "Customers 2026"
    faults: deque[Fault | None] = field(default_factory=deque)
    calls: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    before_write: Callable[[], None] = lambda: None  # somebody edits the sheet between our reading and writing

    @property
    def rows(self) -> list[list[Any]]:
        return self.grids[0].rows

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints(token_url=f"{self.root}/token", sheets_root=f"{self.root}/")

    def asked(self, what: str) -> int:
        return sum(what in path for _, path in self.calls)

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        if path == "/token":
            return 200, {"access_token": "ya29.test-token", "expires_in": 3600, "token_type": "Bearer"}
        found = re.fullmatch(r"/v4/spreadsheets/([^/:]+)(?:/values(?:/([^:]*(?::[^:]+)??))?)?(:append|:batchUpdate)?", path)
        if not found or found[1] != SHEET_ID:
            return 404, {"error": {"code": 404, "message": "Requested entity was not found.", "status": "NOT_FOUND"}}
        if method == "GET" and found[2] is None:
            sheets = [{"properties": {"sheetId": grid.gid, "title": grid.title, "sheetType": "GRID"}} for grid in self.grids]
            chart = {"properties": {"sheetId": 99, "title": "Chart1", "sheetType": "OBJECT"}}
            return 200, {"properties": {"title": self.title}, "sheets": [*sheets, chart]}
        self.bodies.append(body)
        if found[3] == ":batchUpdate":
            assert body["valueInputOption"] == "RAW"
            self.before_write()
            for one in body["data"]:
                target, column, row = self._cell(one["range"])
                self._put(target, row, column, one["values"][0][0])
            return 200, {"totalUpdatedCells": len(body["data"])}
        grid = self._grid(found[2])
        if grid is None:
            return 400, {"error": {"code": 400, "message": "Unable to parse range", "status": "INVALID_ARGUMENT"}}
        if found[3] == ":append":
            assert (query["valueInputOption"], query["insertDataOption"]) == (["RAW"], ["INSERT_ROWS"])
            self.before_write()
            grid.rows += [list(row) for row in body["values"]]
            return 200, {"updates": {"updatedRows": 1}}
        assert (query["valueRenderOption"], query["prettyPrint"]) == (["UNFORMATTED_VALUE"], ["false"])
        return 200, {"range": found[2], "values": self._cut(grid, found[2])}

    def _grid(self, cells: str) -> Grid | None:
        title = cells.split("!")[0][1:-1].replace("''", "'")
        return next((grid for grid in self.grids if grid.title == title), None)

    def _cut(self, grid: Grid, cells: str) -> list[list[Any]]:
        wanted = cells.split("!")[1] if "!" in cells else ""
        if lines := re.fullmatch(r"(\d+):(\d+)", wanted):
            return grid.rows[int(lines[1]) - 1 : int(lines[2])]
        if column := re.fullmatch(r"([A-Z]+):\1", wanted):
            at = _column(column[1])
            return [row[at : at + 1] for row in grid.rows]
        return grid.rows

    def _cell(self, cells: str) -> tuple[Grid, int, int]:
        grid, found = self._grid(cells), re.fullmatch(r"([A-Z]+)(\d+)", cells.split("!")[1])
        assert grid is not None and found is not None
        return grid, _column(found[1]), int(found[2])

    def _put(self, grid: Grid, row: int, column: int, value: Any) -> None:
        while len(grid.rows) < row:
            grid.rows.append([])
        line = grid.rows[row - 1]
        line += [""] * (column + 1 - len(line))
        line[column] = value


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


@contextmanager
def sheets_server(*rows: list[Any], tab: str = "Kunden & 'VIP'") -> Iterator[SheetsServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve("GET")

        def do_POST(self) -> None:
            self._serve("POST")

        def _serve(self, method: str) -> None:
            with suppress(ConnectionError):  # the client gave up waiting
                self._answer(method)

        def _answer(self, method: str) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = unquote(parts.path)
            is_call = path != "/token"
            if is_call:
                assert self.headers["Authorization"].startswith("Bearer ")
                model.calls.append((method, path))
            fault = model.faults.popleft() if model.faults and is_call else None
            status, answer = 200, b""
            if fault is None or fault.applied:
                body = json.loads(raw) if is_call and raw else None
                status, said = model.answer(method, path, parse_qs(parts.query), body)
                answer = json.dumps(said).encode()
            if fault is not None:
                if fault.wait is not None:
                    fault.wait.wait(10)
                if fault.cut:
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()
                    return
                status, answer = fault.status, fault.body
            self.send_response(status)
            for name, value in fault.headers if fault else ():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    model = SheetsServer(f"http://127.0.0.1:{server.server_address[1]}", [Grid(tab, 7, [list(row) for row in rows])])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()


def key_file(folder: Path, server: SheetsServer) -> Path:
    """The key of an invented service account."""
    path = folder / "google.json"
    token_uri = server.endpoints.token_url
    info = {"type": "service_account", "client_email": EMAIL, "private_key": _private_key(), "token_uri": token_uri}
    path.write_text(json.dumps(info))
    return path


@cache
def _private_key() -> str:
    """One for all tests of a run: making it takes longer than most of them."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem.decode()


def account_for(server: SheetsServer, folder: Path) -> GoogleAccount:
    return service_account(key_file(folder, server), ["sheet_write"], endpoints=server.endpoints)
