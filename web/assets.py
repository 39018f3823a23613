"""Static files under a content hash, each at its place in the tree: `/static/<build>/static/js/shell.js`.

So an address may be cached for ever, and a feature's own scripts (`features/<name>/static/`) import the shared ones by the
same relative path in the browser as on the disk.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import os
import re
from functools import cache
from pathlib import Path

from flask import Flask, Response, request, send_from_directory
from werkzeug.exceptions import NotFound
from werkzeug.utils import safe_join

from web.guards import public

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "static"

_SERVED = re.compile(r"static/.+|features/\w+/static/.+")

_STATIC_IMPORT = re.compile(r"""^(?:import|export)\b(?:[^;"]*?\bfrom)?\s*"(\.[^"]+)";""", re.MULTILINE)
_TEXTS = (".js", ".css", ".svg", ".json")
_kept: dict[str, bytes] = {}


def install(app: Flask) -> None:
    build = _hash_of(FOLDER, *sorted(ROOT.glob("features/*/static")))

    def asset(path: str) -> str:
        """`path` below `static/`, or from the root of the tree for a feature's own file."""
        return f"/static/{build}/{path if path.startswith('features/') else f'static/{path}'}"

    app.jinja_env.globals["asset"] = asset
    app.jinja_env.filters["asset"] = asset
    app.jinja_env.globals["modules"] = modules
    app.add_url_rule("/static/<build>/<path:path>", "asset", send_asset)


@cache
def modules(*entries: str) -> list[str]:
    """What these scripts import, and what those import, without the scripts themselves: for the page's preload links.

    A module that is loaded when it is asked for (`import()`) is not among them.

    Raises:
        FileNotFoundError: An import names no file.
    """
    found = dict.fromkeys(entries)
    for path in (queue := list(entries)):
        for specifier in _STATIC_IMPORT.findall((FOLDER / path).read_text(encoding="utf-8")):
            imported = os.path.normpath(Path(path).parent / specifier)
            if imported not in found:
                found[imported] = None
                queue.append(imported)
    return sorted(set(found) - set(entries))


@public
def send_asset(build: str, path: str) -> Response:
    if os.path.normpath(path) != path or not _SERVED.fullmatch(path):  # `..` would lead to the program's own files
        raise NotFound
    if path.endswith(_TEXTS) and "gzip" in request.headers.get("Accept-Encoding", ""):
        response = _packed(path)
    else:
        response = send_from_directory(ROOT, path, conditional=True)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Vary"] = "Accept-Encoding"
    return response


def _packed(path: str) -> Response:
    """Kept packed in memory: the first visit is a third of its size."""
    file = safe_join(str(ROOT), path)
    if file is None or not Path(file).is_file():
        raise NotFound
    if file not in _kept:
        _kept[file] = gzip.compress(Path(file).read_bytes(), compresslevel=6, mtime=0)
    mimetype = mimetypes.guess_type(path)[0]
    return Response(_kept[file], mimetype=mimetype, headers={"Content-Encoding": "gzip"})


@cache
def _hash_of(*folders: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        digest.update(str(file.relative_to(ROOT)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
