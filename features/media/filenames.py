"""Names of files as their senders wrote them: shown and offered for download, never used as a path here."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

LONGEST = 200  # bytes in UTF-8; file systems end at 255

_SEPARATORS = re.compile(r"[/\\]")
_NOT_FOR_WINDOWS = re.compile(r'[<>:"|?*]')
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,10}$")
_EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "video/mp4": "mp4",
    "video/3gpp": "3gp",
    "audio/ogg": "ogg",
    "audio/aac": "aac",
    "audio/amr": "amr",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "application/pdf": "pdf",
    "text/plain": "txt",
}


def clean_filename(raw: str) -> str | None:
    """"..\\\\x\\\\photo.jpg" -> "photo.jpg"; None when nothing is left.

    First normalised, then judged: a full-width "／" becomes a separator, and marks that are not seen (bidi, zero-width)
    or break a header are dropped wherever they stood.
    """
    text = unicodedata.normalize("NFKC", raw[: LONGEST * 8])
    visible = "".join(char for char in text if unicodedata.category(char)[0] != "C")
    last = _SEPARATORS.split(visible)[-1]
    name = _NOT_FOR_WINDOWS.sub("_", " ".join(last.split())).strip(". ")
    return _shortened(name) or None


def download_name(filename: str | None, media_id: int, mime_type: str) -> str:
    """What the browser saves it as; a file without a name gets one."""
    return filename or f"file-{media_id}.{_EXTENSIONS.get(mime_type, 'bin')}"


def archive_name(filename: str | None, media_id: int, mime_type: str, day: str) -> str:
    """What it is called in the archive: `2026-11-21 photo 17.jpg` when nobody gave it a name."""
    if filename:
        return filename
    kind = {"image": "photo", "video": "video", "audio": "voice"}.get(mime_type.partition("/")[0], "file")
    return f"{day} {kind} {media_id}.{_EXTENSIONS.get(mime_type, 'bin')}"


def content_disposition(name: str, *, attachment: bool) -> str:
    """RFC 6266: the plain name for old clients, the whole one (RFC 8187) for all others."""
    kind = "attachment" if attachment else "inline"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r'[\x00-\x1f\x7f"\\%;]', "_", plain).strip()
    if plain.startswith(".") or not plain:  # nothing but the extension survived
        plain = f"file{plain}"
    extended = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'{kind}; filename="{plain}"{extended}'


def _shortened(name: str) -> str:
    """Cut between characters; the extension stays."""
    raw = name.encode()
    if len(raw) <= LONGEST:
        return name
    found = _EXTENSION.search(name)
    extension = found[0] if found else ""
    return raw[: LONGEST - len(extension)].decode("utf-8", "ignore").rstrip(". ") + extension
