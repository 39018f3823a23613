"""A file in the store and everything its bytes tell: type, size as a picture, length as a sound, thumbnail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.errors import StorageError
from core.sound import movie
from drive_manager import LocalStore, Stored
from features.media.durations import opus_duration_ms
from features.media.sniffing import HEAD, Sniffed, sniff
from features.media.thumbnails import look_at

_MP4_TYPES = frozenset({"video/mp4", "video/3gpp", "audio/mp4"})


@dataclass(frozen=True)
class StoredFile:
    """`sniffed.mime_type` is what it is, `inline_type` what it may be shown as (None: download only)."""

    sha256: str
    size: int
    sniffed: Sniffed
    inline_type: str | None
    width: int | None = None
    height: int | None = None
    animated: bool = False
    duration_ms: int | None = None
    thumbnail: bool = False

    def columns(self) -> dict[str, Any]:
        """Of the table `media`."""
        return {
            "sha256": self.sha256,
            "size": self.size,
            "inline_type": self.inline_type,
            "width": self.width,
            "height": self.height,
            "animated": int(self.animated),
            "duration_ms": self.duration_ms,
            "thumbnail": int(self.thumbnail),
        }


def examine(store: LocalStore, stored: Stored, declared_type: str, filename: str = "") -> StoredFile:
    """Look at bytes that are in the store, and put a thumbnail beside them if they are a picture.

    Raises FileNotFoundError. A picture that cannot be read, or a disk too full for the thumbnail, is no error.
    """
    with store.open(stored.sha256) as file:
        sniffed = sniff(file.read(HEAD), declared_type, filename)
        look = look_at(file, sniffed.mime_type)
        film = movie.look_at(file) if sniffed.mime_type in _MP4_TYPES else movie.Movie()
        duration = opus_duration_ms(file) if sniffed.codec == "opus" else film.duration_ms
    has_thumbnail = False
    if look.thumbnail:
        try:
            store.put_thumbnail(stored.sha256, look.thumbnail)
            has_thumbnail = True
        except (StorageError, OSError):
            pass  # the picture itself is safe, and is shown instead
    return StoredFile(
        sha256=stored.sha256,
        size=stored.size,
        sniffed=sniffed,
        # A picture of absurd size would take down the browser that shows it.
        inline_type=None if look.too_many_pixels else sniffed.inline_type,
        width=look.width or film.width,
        height=look.height or film.height,
        animated=look.animated,
        duration_ms=duration,
        thumbnail=has_thumbnail,
    )
