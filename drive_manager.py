"""Where the bytes of media live: a folder on this machine, named by their content.

A file's name is the SHA-256 of its bytes, so nothing from outside ever becomes part of a path, the same photo sent twice
is kept once, and damage can be found. Bytes arrive in a temporary file of the same file system and get their name only
when they are complete and on the disk. Files land here first; `DriveStore` is the second copy, in the owner's Google Drive.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from core.errors import AppError, SetupError, StorageError
from integrations.google.drive import DriveStore as DriveStore
from system.files import sync_folder

MEGABYTE = 1024 * 1024
LOW_WATER_BYTES = 500 * MEGABYTE  # below it files wait: what is left belongs to the database
LARGEST_FILE = 100 * MEGABYTE  # WhatsApp's own limit, both ways

_SHA256 = re.compile(r"[0-9a-f]{64}")
_BLOCK = 256 * 1024
_LOOK_AT_DISK_EVERY = 8 * MEGABYTE
_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class DiskLow(StorageError):
    """Too little room is left on the disk to take files; messages still fit. It passes when room has been made."""

    code = "disk_low"

    def __init__(self) -> None:
        super().__init__("The disk is almost full: files wait until there is room again.")


class FileTooLarge(AppError):
    """More bytes came than may be kept."""

    status, code = 413, "file_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__("The file is larger than {most} MB.", most=limit // MEGABYTE)


@dataclass(frozen=True)
class Stored:
    """Bytes that are in the store for good. `sha256` in hex."""

    sha256: str
    size: int


class LocalStore:
    """Files under `folder`, by content: `ab/cd/abcd...`. Safe between threads; symbolic links inside are refused."""

    def __init__(self, folder: Path, *, low_water_bytes: int = LOW_WATER_BYTES) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder.resolve()  # the folder itself may be a link, to a larger disk
        self.low_water_bytes = low_water_bytes
        self._incoming = self.folder / "incoming"
        self._incoming.mkdir(exist_ok=True, mode=0o700)
        if self._incoming.is_symlink():  # `sweep` would tidy somebody else's folder
            raise SetupError(f"{self._incoming} must be a folder, not a link.")

    def sweep(self) -> int:
        """Remove what a crash left half written; returns how many. Only for the one server, while nothing arrives."""
        leftovers = list(self._incoming.glob(f"{tempfile.gettempprefix()}*"))
        for path in leftovers:
            path.unlink(missing_ok=True)
        return len(leftovers)

    def open_sink(self, limit: int = LARGEST_FILE) -> Sink:
        """Where to write a new file of at most `limit` bytes. Raises DiskLow."""
        self.check_room()
        return Sink(self, self._incoming, limit)

    def check_room(self) -> None:
        """Raises DiskLow below the low-water mark."""
        if shutil.disk_usage(self.folder).free < self.low_water_bytes:
            raise DiskLow

    def path(self, sha256: str) -> Path:
        """Where these bytes are or would be. Raises ValueError on anything but 64 hex digits."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError("not a SHA-256 in lower-case hex")
        return self.folder / sha256[:2] / sha256[2:4] / sha256

    def thumbnail_path(self, sha256: str) -> Path:
        """Where the thumbnail of these bytes is or would be: found by what it shows, not by its own content."""
        return self.path(sha256).with_suffix(".thumbnail")

    def open(self, sha256: str) -> BinaryIO:
        """To read; the caller closes. Raises FileNotFoundError, also for a link or a device in the file's place."""
        return self._open(self.path(sha256))

    def open_thumbnail(self, sha256: str) -> BinaryIO:
        """As `open`."""
        return self._open(self.thumbnail_path(sha256))

    def exists(self, sha256: str) -> bool:
        try:
            self.open(sha256).close()
        except FileNotFoundError:
            return False
        return True

    def verify(self, sha256: str) -> bool:
        """Read it all again: False when it is missing or not what its name says."""
        try:
            with self.open(sha256) as file:
                digest = hashlib.sha256()
                while block := file.read(_BLOCK):
                    digest.update(block)
                return digest.hexdigest() == sha256
        except FileNotFoundError:
            return False

    def remove(self, sha256: str) -> None:
        """The bytes; a thumbnail stays. Nothing happens when they are not here."""
        self.path(sha256).unlink(missing_ok=True)

    def put_thumbnail(self, sha256: str, data: bytes) -> None:
        """Raises DiskLow."""
        with self.open_sink() as sink:
            sink.write(data)
            sink.place(self.thumbnail_path(sha256))

    def _open(self, path: Path) -> BinaryIO:
        try:
            if path.parent.resolve() != path.parent:
                raise FileNotFoundError(errno.ENOENT, "refused: a link in the store", str(path))
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise FileNotFoundError(errno.ENOENT, "refused: a link in the store", str(path)) from error
            raise
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileNotFoundError(errno.ENOENT, "refused: not a file", str(path))
        return os.fdopen(descriptor, "rb")


class Sink:
    """A new file while it is being written. Used as a context manager: what was not committed is gone at its end.

    A full disk is DiskLow, whether it was seen coming or not; other failures of the disk stay OSError.
    """

    def __init__(self, store: LocalStore, incoming: Path, limit: int) -> None:
        self._store = store
        self._limit = limit
        self._digest = hashlib.sha256()
        self._look_at = _LOOK_AT_DISK_EVERY
        self.size = 0
        with _disk_full_told():
            descriptor, name = tempfile.mkstemp(dir=incoming)
        self._path: Path | None = Path(name)
        self._file = os.fdopen(descriptor, "wb", buffering=_BLOCK)

    def __enter__(self) -> Sink:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):  # the rest of the buffer may not fit: it is thrown away anyhow
            self._file.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    @property
    def sha256(self) -> str:
        """In hex, of what has been written so far."""
        return self._digest.hexdigest()

    def write(self, data: bytes) -> int:
        """Raises FileTooLarge, DiskLow."""
        self.size += len(data)
        if self.size > self._limit:
            raise FileTooLarge(self._limit)
        if self.size >= self._look_at:
            self._look_at = self.size + _LOOK_AT_DISK_EVERY
            self._store.check_room()
        self._digest.update(data)
        with _disk_full_told():
            return self._file.write(data)

    def commit(self) -> Stored:
        """On the disk and under its name. A file of the same content is replaced: should it be damaged, it is healed."""
        self.place(self._store.path(self.sha256))
        return Stored(self.sha256, self.size)

    def place(self, target: Path) -> None:
        """On the disk and at `target`, which is one of the store's own paths."""
        assert self._path is not None, "a sink is committed once"
        with _disk_full_told():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            _make_folders(target.parent, self._store.folder)
            os.replace(self._path, target)
            sync_folder(target.parent)
        self._path = None


@contextlib.contextmanager
def _disk_full_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_FULL:
            raise DiskLow from error
        raise


def _make_folders(folder: Path, root: Path) -> None:
    """Like mkdir -p below `root`; a new folder is on the disk before anything is put into it. Refuses links."""
    for part in (folder.parent, folder):
        with contextlib.suppress(FileExistsError):
            part.mkdir(mode=0o700)
            sync_folder(part.parent)
    if folder.resolve() != folder or root not in folder.parents:
        raise OSError(errno.ELOOP, "refused: a link in the store", str(folder))
