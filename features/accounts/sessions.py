"""Who is calling: a session cookie, an API token, or the demo owner of a sandbox that nobody has taken over yet.

Look-ups are kept in memory for at most 30 s and all forgotten when any account changes, so an idle poll touches no database.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Concatenate, ParamSpec, TypeVar

from core.errors import StorageError
from core.ids import token_hash
from db_manager import Connection, Database, Row, Transaction
from features.accounts import queries
from system import clock
from web.guards import User

P = ParamSpec("P")
T = TypeVar("T")

COOKIE = "__Host-session"
IDLE_S = 14 * 24 * 3600
ABSOLUTE_S = 60 * 24 * 3600
TOUCHED_EVERY_S = 5 * 60  # "last seen" is that exact; every request would be a commit
REMEMBERED_S = 30
MOST_REMEMBERED = 1000
LONGEST_TOKEN = 200

DEMO_EMAIL, DEMO_NAME = "demo@sandbox.invalid", "Demo owner"


@dataclass(frozen=True)
class Identity:
    """Somebody recognised. `token_hash` is None for the demo owner, `expires_at` for what has no absolute limit."""

    user: User
    signed_in_by: str  # 'cookie', 'bearer', 'demo'
    token_hash: bytes | None = None
    seen_at: int = 0
    expires_at: int | None = None

    def has_ended(self, now: int) -> bool:
        return self.expires_at is not None and (now >= self.expires_at or now - self.seen_at >= IDLE_S)


class Sessions:
    """Answers "who is this?". One a running application, shared by its threads."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._lock = threading.Lock()
        self._generation = 0
        self._remembered: dict[tuple[str, bytes], tuple[float, Identity]] = {}
        self._demo: tuple[float, tuple[int, ...], User | None] | None = None

    def by_cookie(self, value: str) -> Identity | None:
        return self._look_up("cookie", value)

    def by_bearer(self, value: str) -> Identity | None:
        return self._look_up("bearer", value)

    def demo(self) -> Identity | None:
        """The demo owner while no real user exists. The caller has made sure of the sandbox and of a direct request."""
        now, files = time.monotonic(), self._state_of_files()
        remembered = self._demo
        if remembered is None or now - remembered[0] >= REMEMBERED_S or remembered[1] != files:
            remembered = self._demo = (now, files, self._find_demo())
        user = remembered[2]
        return Identity(user, "demo") if user else None

    def still_valid(self, identity: Identity) -> bool:
        """Is this identity, recognised earlier, good now? Works outside of a request; False at once after a revocation."""
        if identity.token_hash is None:
            return self.demo() is not None
        return self._recognise(identity.signed_in_by, identity.token_hash) is not None

    def write(self, fn: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`db.write` for whatever changes an account: what is remembered about anybody is forgotten with the commit."""

        def run(tx: Transaction) -> T:
            tx.after_commit(self.forget)
            return fn(tx, *args, **kwargs)

        return self.db.write(run)

    def forget(self) -> None:
        with self._lock:
            self._generation += 1  # a look-up under way must not bring back what it read before
            self._remembered.clear()
            self._demo = None

    def _look_up(self, kind: str, value: str) -> Identity | None:
        if not value or len(value) > LONGEST_TOKEN:
            return None
        return self._recognise(kind, token_hash(value))

    def _recognise(self, kind: str, hashed: bytes) -> Identity | None:
        """Only hits are remembered: a token made by a command beside the server works at once."""
        remembered = self._remembered.get((kind, hashed))
        if remembered and time.monotonic() - remembered[0] < REMEMBERED_S:
            identity: Identity | None = remembered[1]
        else:
            generation = self._generation
            identity = self._read(kind, hashed)
            if identity:
                self._remember(kind, hashed, identity, generation)
        if identity is None or identity.has_ended(clock.now()):
            return None
        return identity

    def _read(self, kind: str, hashed: bytes) -> Identity | None:
        find = queries.session_with_user if kind == "cookie" else queries.token_with_user
        with self.db.read() as connection:
            row = find(connection, hashed)
        if row is None:
            return None
        expires_at = row["expires_at"] if kind == "cookie" else None
        identity = Identity(_user(row), kind, hashed, row["seen_at"] or 0, expires_at)
        now = clock.now()
        if not identity.has_ended(now) and abs(now - identity.seen_at) >= TOUCHED_EVERY_S:
            self._touch(kind, hashed, now)
            identity = replace(identity, seen_at=now)
        return identity

    def _touch(self, kind: str, hashed: bytes, now: int) -> None:
        """A full or locked disk must not keep anybody from reading: only "last seen" stays behind."""
        touch = queries.touch_session if kind == "cookie" else queries.touch_token
        with contextlib.suppress(StorageError):
            self.db.write_later(touch, hashed, now)

    def _remember(self, kind: str, hashed: bytes, identity: Identity, generation: int) -> None:
        with self._lock:
            if generation != self._generation:
                return
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[kind, hashed] = (time.monotonic(), identity)

    def _find_demo(self) -> User | None:
        with self.db.read() as connection:
            if queries.has_real_user(connection):
                return None
            row = queries.demo_user(connection)
        return _user(row) if row else self.db.write(_make_demo)

    def _state_of_files(self) -> tuple[int, ...]:
        """Changes with every commit, also of another process: `users create` ends the demo at the next request."""
        state: list[int] = []
        for path in (self.db.path, self.db.path.with_name(self.db.path.name + "-wal")):
            with contextlib.suppress(FileNotFoundError):
                found = os.stat(path)
                state += (found.st_mtime_ns, found.st_size, found.st_ino)
        return tuple(state)


def _make_demo(tx: Transaction) -> User | None:
    """Once: of two first requests at the same time the second finds the row of the first."""
    connection: Connection = tx.connection
    if queries.has_real_user(connection):
        return None
    if queries.demo_user(connection) is None:
        queries.insert_user(
            connection,
            email=DEMO_EMAIL,
            name=DEMO_NAME,
            role="owner",
            password_hash=None,
            is_demo=True,
            at=clock.now(),
        )
    row = queries.demo_user(connection)
    return _user(row) if row else None


def _user(row: Row) -> User:
    return User(row["id"], row["email"], row["name"], row["role"], bool(row["is_demo"]), row["language"])
