"""Keep, read and forget what is sealed: access tokens of Meta and Google, app secrets. One JSON object a name."""

from __future__ import annotations

from typing import Any

from core.errors import StorageError
from db_manager import Transaction
from features.vault import queries
from features.vault.sealing import SecretUnreadable, Vault
from system import clock
from web.services import Services


def seal(parts: Services, value: dict[str, Any]) -> bytes:
    """Before the write: the writer's thread touches no key file. Raises StorageError when there is no good key."""
    try:
        return Vault(parts.config.data_dir).seal(value)
    except (OSError, ValueError) as error:  # ValueError: a damaged key file, which is left for a person to look at
        raise StorageError("The key for secrets cannot be read or written beside the database.") from error


def keep(tx: Transaction, name: str, sealed: bytes) -> None:
    queries.put(tx.connection, name, sealed, clock.now())


def read(parts: Services, name: str) -> dict[str, Any] | None:
    """None when there is none. Raises SecretUnreadable when the keys were lost."""
    with parts.db.read() as connection:
        sealed = queries.get(connection, name)
    return None if sealed is None else Vault(parts.config.data_dir).open(sealed)


def forget(tx: Transaction, name: str) -> None:
    queries.delete(tx.connection, name)


def rotate(parts: Services) -> tuple[int, list[str]]:
    """A new key, and every secret sealed with it. Returns how many were, and the names of those that no key opens."""
    vault = Vault(parts.config.data_dir)
    vault.add_key()
    with parts.db.read() as connection:
        stored = queries.get_all(connection)
    unreadable: list[str] = []
    for name, sealed in stored:
        try:
            fresh = vault.seal(vault.open(sealed))
        except SecretUnreadable:
            unreadable.append(name)
            continue
        # One that was replaced meanwhile is sealed with the new key already.
        parts.db.write(_replace, name=name, old=sealed, fresh=fresh)
    return len(stored) - len(unreadable), unreadable


def _replace(tx: Transaction, *, name: str, old: bytes, fresh: bytes) -> None:
    queries.replace(tx.connection, name, old, fresh, clock.now())
