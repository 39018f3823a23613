"""Hostile files by the dozen: fetched from Meta, looked at, asked for by browsers. None runs, none leaves DATA_DIR, and the
whole server (master, worker, and the process that looks at pictures) stays within 100 MB of what it took when idle.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import http.client
import io
import random
import sqlite3
import struct
import tempfile
import threading
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from benchmarks.server import ACCESS_TOKEN, InboxServer, free_port, make_tokens, proportional_memory
from sandbox.credentials import Credentials
from sandbox.graph import GraphDouble
from tests.builders import APP_SECRET, OUR_NUMBER_ID, OUR_WABA_ID, VERIFY_TOKEN

MEGABYTE = 1024 * 1024
ALLOWED_BYTES = 100 * MEGABYTE
SETTLES_S = 1.5
SETTLED_WITHIN_S = 120.0
LOOKS_EVERY_S = 0.02
BROWSERS = 8
SETTLED = ("stored", "failed", "too_large", "expired")
NAMES = (
    "photo.jpg", "../../../x", "..\\..\\x.exe", "..\u200b/..\u200b/evil", "photo\u202egpj.exe", ".htaccess", "\x00", "a" * 4000
)  # fmt: skip
# What may stand inside a page. Anything else must come as a download of unknown type.
INLINE = ("image/jpeg", "image/png", "image/webp", "image/gif", "audio/mpeg")


@dataclass
class Report:
    rounds: int
    idle: int = 0
    peak: int = 0
    states: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    could_run: list[str] = field(default_factory=list)  # served so that a browser might run it
    strays: list[str] = field(default_factory=list)  # files that are where no file of a customer may be
    unsettled: int = 0

    @property
    def growth(self) -> int:
        return self.peak - self.idle

    def __str__(self) -> str:
        return (
            f"{self.rounds} rounds: files {dict(self.states)}, answers {dict(self.answers)}, {len(self.could_run)} could run,"
            f" {len(self.strays)} outside, {self.unsettled} unsettled; memory idle {self.idle / 1e6:.0f} MB,"
            f" peak {self.peak / 1e6:.0f} MB (+{self.growth / 1e6:.0f} MB)"
        )


def run(rounds: int, *, seed: int = 1) -> Report:
    chance, report = random.Random(seed), Report(rounds)
    with tempfile.TemporaryDirectory(prefix="inbox-files-") as folder:
        around = Path(folder)
        deep = around / "a" / "b" / "c"  # so that a name that climbs up lands where it is seen
        deep.mkdir(parents=True)
        server = InboxServer(deep / "data", port=free_port())
        credentials = Credentials(ACCESS_TOKEN, OUR_NUMBER_ID, OUR_WABA_ID, APP_SECRET, VERIFY_TOKEN)
        with GraphDouble(f"http://127.0.0.1:{server.port}/webhook/whatsapp", credentials=credentials) as meta:
            token = make_tokens(server.config(), 1)[0]
            server.start(GRAPH_API_URL=meta.url, MEDIA_HOSTS="127.0.0.1")
            try:
                server.get("/api/chats", {"Authorization": f"Bearer {token}"})
                time.sleep(SETTLES_S)
                with _watched(server, report):
                    for number in range(rounds):
                        _send_all(meta, chance, number)
                        _wait_until_settled(server, report)
                        _ask_for_all(server, token, report)
            finally:
                server.stop()
        report.strays += _files_beside(server, around) + _misnamed(server)
    return report


@functools.cache
def files() -> dict[str, tuple[bytes, str]]:
    """name -> (bytes, what the sender calls it). All of them together are 200 MB."""
    page = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
    picture = _picture("JPEG", (640, 400))
    return {
        "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>', "image/svg+xml"),
        "page": (page, "image/jpeg"),
        "picture and page": (picture[:2] + b"\xff\xfe" + struct.pack(">H", len(page) + 2) + page + picture[2:], "image/jpeg"),
        "picture, then archive": (picture + b"PK\x03\x04" + bytes(1000), "image/jpeg"),
        "script as gif": (b"GIF89a/*" + bytes(20) + b"*/=1;<script>alert(1)</script>", "image/gif"),
        "just under the pixels": (_png(7_000, 7_000), "image/png"),
        "far too many pixels": (_png(50_000, 50_000), "image/png"),
        "wide": (_png(2_000_000, 20), "image/png"),
        "progressive": (_picture("JPEG", (5_000, 4_000), progressive=True), "image/jpeg"),
        "large webp": (_picture("WEBP", (5_000, 4_000), quality=10, method=0), "image/webp"),
        "many frames": (_frames(30), "image/gif"),
        "cut off": (_picture("PNG", (3_000, 2_000))[:5_000], "image/png"),
        "zip bomb": (gzip.compress(bytes(50 * MEGABYTE), 1), "application/zip"),
        "text bomb": (_png_with_text_bomb(), "image/png"),
        "program as sound": (b"MZ\x90\x00\x03" + bytes(2000), "audio/mpeg"),
        "largest": (bytes(99 * MEGABYTE), "application/octet-stream"),
        "too large": (bytes(101 * MEGABYTE), "video/mp4"),
        "empty": (b"", "image/jpeg"),
    }


def _send_all(meta: GraphDouble, chance: random.Random, number: int) -> None:
    mallory = meta.add_customer("Mallory", "85251239999")
    batch = list(files().items())
    chance.shuffle(batch)
    for name, (data, mime_type) in batch:
        if 0 < len(data) < 10 * MEGABYTE:  # the same bytes are kept once, which is good enough for the largest
            data += f"{number}".encode()
        kind = chance.choice(("document", mime_type.split("/")[0]))
        kind = kind if kind in ("image", "audio", "video") else "document"
        mallory.send_file(data, mime_type, caption=name, filename=chance.choice(NAMES), kind=kind)
    meta.settle(30)


def _wait_until_settled(server: InboxServer, report: Report) -> None:
    deadline = time.monotonic() + SETTLED_WITHIN_S
    while time.monotonic() < deadline:
        states = Counter(state for _, state in _media(server))
        report.states, report.unsettled = states, sum(count for state, count in states.items() if state not in SETTLED)
        if states and not report.unsettled:
            return
        time.sleep(0.1)


def _media(server: InboxServer) -> list[tuple[int, str]]:
    with contextlib.closing(sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)) as connection:
        return list(connection.execute("SELECT id, state FROM media"))


def _ask_for_all(server: InboxServer, token: str, report: Report) -> None:
    bearer = {"Authorization": f"Bearer {token}"}

    def ask(path: str, **headers: str) -> None:
        status, found = _head_of(server, path, bearer | headers)
        report.answers[status] += 1
        policy, kind = found.get("content-security-policy", ""), found.get("content-type", "")
        is_download = found.get("content-disposition", "").startswith("attachment")
        sound = "sandbox" in policy and found.get("x-content-type-options") == "nosniff"
        if status in (200, 206) and not (sound and (is_download or kind in INLINE)):
            report.could_run.append(f"{path}: {kind}")

    with ThreadPoolExecutor(BROWSERS) as pool:
        for media_id, _ in _media(server):
            for path in (f"/media/{media_id}", f"/media/{media_id}/thumbnail"):
                pool.submit(ask, path)
            pool.submit(ask, f"/media/{media_id}", Range="bytes=1-")


def _head_of(server: InboxServer, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str]]:
    """The whole body is read, in pieces as a browser does, and forgotten."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        while response.read(64 * 1024):
            pass
        return response.status, {name.lower(): value for name, value in response.getheaders()}


# ---------------------------------------------------------------- memory


@contextlib.contextmanager
def _watched(server: InboxServer, report: Report) -> Iterator[None]:
    report.idle = report.peak = proportional_memory(_family(server))
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(LOOKS_EVERY_S):
            with contextlib.suppress(OSError):  # a process that looked at a picture has just ended
                report.peak = max(report.peak, proportional_memory(_family(server)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join()


def _family(server: InboxServer) -> list[int]:
    """Master, worker, and what a thread of the worker has started."""
    found, waiting = [], [server.pid]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                waiting += map(int, (task / "children").read_text().split())
    return found


# ---------------------------------------------------------------- where files may be


def _files_beside(server: InboxServer, around: Path) -> list[str]:
    """Whatever lies around DATA_DIR, but for the server's log."""
    found = (path for path in around.rglob("*") if path.is_file() and server.data_dir not in path.parents)
    return [str(path) for path in found if path.name != f"{server.data_dir.name}.log"]


def _misnamed(server: InboxServer) -> list[str]:
    """Below media/ a file is called by its hash, whatever its sender called it, and nobody may run it."""
    kept = [path for path in (server.data_dir / "media").rglob("*") if path.is_file()]
    return [
        str(path)
        for path in kept
        if len(path.name.removesuffix(".thumbnail")) != 64 or path.is_symlink() or path.stat().st_mode & 0o111
    ]


# ---------------------------------------------------------------- making them


def _picture(kind: str, size: tuple[int, int], **options: object) -> bytes:
    file = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert("RGB").save(file, kind, **options)
    return file.getvalue()


def _frames(count: int) -> bytes:
    frames = [Image.new("P", (1_500, 1_500), number) for number in range(count)]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _png(width: int, height: int, extra: bytes = b"") -> bytes:
    """Small in bytes, `width` x `height` when it is decoded."""
    packer = zlib.compressobj(1)
    rows = height if width * height < 50_000_000 else 1  # what is refused for its size is never decoded
    body = b"".join(packer.compress(bytes(width * 3 + 1)) for _ in range(rows)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + extra + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _png_with_text_bomb() -> bytes:
    """A comment of 100 MB in a picture of 10 x 10."""
    text = zlib.compress(bytes(100 * MEGABYTE), 1)
    return _png(10, 10, _chunk(b"zTXt", b"Comment\x00\x00" + text))

