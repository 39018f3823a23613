"""Size and thumbnail of a picture, by a process with tight limits (`thumbnailer.py`); one at a time for the whole server."""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import orjson

log = logging.getLogger("inbox.media")

THUMBNAIL_TYPE = "image/webp"
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"}
_LONGEST_S = 20
_SCRIPT = Path(__file__).with_name("thumbnailer.py")
_one_at_a_time = threading.Lock()  # each may take 80 MB: two would be too much for a machine with 1 GB


@dataclass(frozen=True)
class Look:
    """Width and height as the picture is seen, in pixels; None when it could not be read. `thumbnail` is WebP."""

    width: int | None = None
    height: int | None = None
    animated: bool = False
    too_many_pixels: bool = False
    thumbnail: bytes | None = None


def look_at(file: BinaryIO, mime_type: str) -> Look:
    """`file` has a descriptor and is read from its beginning. A picture that cannot be read gives an empty Look."""
    kind = FORMATS.get(mime_type)
    if kind is None:
        return Look()
    file.seek(0)
    with _one_at_a_time, tempfile.TemporaryFile() as output:
        command = [sys.executable, "-I", str(_SCRIPT), kind]
        try:
            done = subprocess.run(
                command, stdin=file, stdout=output, stderr=subprocess.PIPE, env={}, timeout=_LONGEST_S, check=False
            )
            reason = done.stderr[-200:].decode("utf-8", "replace").strip() if done.returncode else ""
        except subprocess.TimeoutExpired:
            reason = "timed out"
        if reason:
            log.info("a picture could not be read", extra={"reason": reason})
        output.seek(0)
        return _understood(output.readline(), None if reason else output.read())


def _understood(line: bytes, thumbnail: bytes | None) -> Look:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return Look()
    if found.get("too_many_pixels"):
        return Look(too_many_pixels=True)
    return Look(found["width"], found["height"], found["animated"], thumbnail=thumbnail or None)
