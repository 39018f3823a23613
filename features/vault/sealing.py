"""What must not be readable in the database or its backups: sealed with keys that lie beside it, in DATA_DIR.

`encryption_keys` holds one key a line, the newest first. Every key can open, only the newest seals, so an older backup stays
readable after a rotation. cryptography is imported when first needed: an installation without secrets never pays for it.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from system.files import sync_folder

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

FILE_NAME = "encryption_keys"


class SecretUnreadable(Exception):
    """No key of this installation opens it: the key file was lost or replaced. What it was for must be connected again."""


class Vault:
    """Safe between threads; reads the key file at every use, so that a rotation needs no restart."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE_NAME

    def seal(self, value: dict[str, Any]) -> bytes:
        self._make_first_key()
        return self._keys().encrypt(orjson.dumps(value))

    def open(self, sealed: bytes) -> dict[str, Any]:
        """Raises SecretUnreadable."""
        from cryptography.fernet import InvalidToken

        try:
            return orjson.loads(self._keys().decrypt(sealed))  # type: ignore[no-any-return]
        except (InvalidToken, FileNotFoundError, PermissionError, ValueError) as error:
            raise SecretUnreadable from error

    def add_key(self) -> None:
        """From now on a new key seals. Written beside and renamed: a crash leaves the old file or the new one."""
        self._make_first_key()
        beside = self._beside(f"{_new_key()}\n{self._path.read_text()}")
        os.replace(beside, self._path)
        sync_folder(self._path.parent)  # what the new key seals is in the database a moment later

    def _make_first_key(self) -> None:
        """Under its name only when it is whole: another thread may look for it now, and a crash may come."""
        if self._path.exists():
            return
        beside = self._beside(f"{_new_key()}\n")
        try:
            with contextlib.suppress(FileExistsError):  # another was quicker
                os.link(beside, self._path)
        finally:
            beside.unlink()
        sync_folder(self._path.parent)

    def _beside(self, text: str) -> Path:
        """A file of its own, on the disk, readable by this user alone."""
        descriptor, name = tempfile.mkstemp(prefix=f"{FILE_NAME}.", dir=self._path.parent)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        return Path(name)

    def _keys(self) -> MultiFernet:
        from cryptography.fernet import Fernet, MultiFernet

        return MultiFernet([Fernet(line) for line in self._path.read_text().split()])


def _new_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()
