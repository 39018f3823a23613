"""Media at Meta: ids, the bytes behind them, and download addresses that live five minutes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import threading
from base64 import b64encode
from dataclasses import asdict, dataclass
from pathlib import Path

from sandbox.errors import GraphError
from system import clock

URL_LIVES = 5 * 60
INBOUND_LIVES, UPLOAD_LIVES = 7 * 86400, 30 * 86400
MEGABYTE = 1024 * 1024
LARGEST = 100 * MEGABYTE

# What the send side takes (Meta's media page, September 2026): kind -> (types, largest size). A document may be anything.
ACCEPTED: dict[str, tuple[frozenset[str], int]] = {
    "audio": (frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}), 16 * MEGABYTE),
    "image": (frozenset({"image/jpeg", "image/png"}), 5 * MEGABYTE),
    "sticker": (frozenset({"image/webp"}), 500 * 1024),
    "video": (frozenset({"video/mp4", "video/3gpp"}), 16 * MEGABYTE),
}
_MAGIC = {"image/jpeg": (b"\xff\xd8\xff",), "image/png": (b"\x89PNG\r\n\x1a\n",), "image/webp": (b"RIFF",)}


@dataclass(frozen=True)
class Item:
    id: str
    mime_type: str  # as given, parameters included: "audio/ogg; codecs=opus"
    sha256: str  # hex
    size: int
    created_at: int
    lives: int
    filename: str | None = None

    @property
    def sha256_base64(self) -> str:
        """As Meta writes it in message webhooks."""
        return b64encode(bytes.fromhex(self.sha256)).decode()


def check_upload(mime_type: str, data: bytes) -> None:
    """Any type up to 100 MB, since it may be for a document. Raises GraphError 100, 131053."""
    if not re.fullmatch(r"[\w.+-]+/[\w.+-]+(;.*)?", mime_type):
        raise GraphError(131053, f"{mime_type or 'No type'} is not a supported media type.")
    if len(data) > LARGEST:
        raise GraphError(131053, f"File is {len(data)} bytes, the limit is {LARGEST}.")
    if not data:
        raise GraphError(100, "File is empty.")


def why_not(kind: str, item: Item) -> str | None:
    """Why a message of this kind cannot carry it. A document carries anything."""
    if kind == "document":
        return None
    plain = item.mime_type.split(";")[0]
    types, most = ACCEPTED[kind]
    if plain not in types:
        return f"{plain} cannot be sent as {kind}"
    return f"File is {item.size} bytes, the limit for {kind} is {most}." if item.size > most else None


def bytes_match(mime_type: str, data: bytes) -> bool:
    """False when an image is not what it says: Meta finds out after accepting the message."""
    plain = mime_type.split(";")[0].strip().lower()
    return plain not in _MAGIC or data.startswith(_MAGIC[plain])


class Shelf:
    """Items by id, in memory or (with a directory) as files. Safe between threads."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._bytes: dict[str, bytes] = {}
        self._items: dict[str, Item] = {}
        self._addresses: dict[str, tuple[str, int]] = {}  # hash -> (media id, expires)
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
            for path in directory.glob("*.json"):
                item = Item(**json.loads(path.read_text()))
                self._items[item.id] = item

    def add(
        self, data: bytes, mime_type: str, *, filename: str | None = None, inbound: bool = True, id: str | None = None
    ) -> Item:
        """`inbound`: a customer's file, kept 7 days; else an upload of the business, 30 days."""
        item = Item(
            id=id or "9" + "".join(secrets.choice("0123456789") for _ in range(15)),
            mime_type=mime_type,
            sha256=hashlib.sha256(data).hexdigest(),
            size=len(data),
            created_at=clock.now(),
            lives=INBOUND_LIVES if inbound else UPLOAD_LIVES,
            filename=filename,
        )
        if self._directory is not None:
            self._write(item.id, data, json.dumps(asdict(item)))
        with self._lock:
            self._items[item.id] = item
            if self._directory is None:
                self._bytes[item.id] = data
        return item

    def get(self, media_id: str) -> Item:
        """Raises GraphError, as Graph words an id that is unknown, deleted or too old."""
        with self._lock:
            item = self._items.get(media_id)
        if item is None or clock.now() > item.created_at + item.lives:
            raise GraphError(100, f"Object with ID '{media_id}' does not exist", subcode=33)
        return item

    def read(self, media_id: str) -> bytes:
        if self._directory is None:
            return self._bytes[media_id]
        return (self._directory / f"{media_id}.bin").read_bytes()

    def delete(self, media_id: str) -> None:
        self.get(media_id)
        with self._lock:
            del self._items[media_id]
            self._bytes.pop(media_id, None)
        if self._directory is not None:
            for suffix in (".json", ".bin"):
                (self._directory / f"{media_id}{suffix}").unlink(missing_ok=True)

    def address(self, media_id: str) -> str:
        """A fresh path and query for the bytes."""
        expires, key = clock.now() + URL_LIVES, secrets.token_urlsafe(24)
        with self._lock:
            self._addresses = {k: v for k, v in self._addresses.items() if v[1] >= clock.now()}
            self._addresses[key] = (media_id, expires)
        return f"/whatsapp_business/attachments/?mid={media_id}&ext={expires}&hash={key}"

    def at_address(self, key: str) -> Item | None:
        """None when the address expired or never was."""
        with self._lock:
            media_id, expires = self._addresses.get(key, ("", 0))
            return self._items.get(media_id) if clock.now() <= expires else None

    def expire_addresses(self) -> None:
        with self._lock:
            self._addresses.clear()

    def _write(self, media_id: str, data: bytes, meta: str) -> None:
        assert self._directory is not None
        (self._directory / f"{media_id}.bin").write_bytes(data)
        fresh = self._directory / f"{media_id}.new"
        fresh.write_text(meta)
        os.replace(fresh, self._directory / f"{media_id}.json")
