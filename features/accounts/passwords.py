"""Passwords: which are good enough, and how they are kept: argon2id with little memory, so that a 1 GB VM stands a crowd."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import AppError, Invalid
from core.text import fold

T = TypeVar("T")

SHORTEST, LONGEST = 8, 256
LONGEST_WAIT_S = 20
# The 3,000 most used passwords of at least eight characters (frequency list of zxcvbn, MIT licence).
COMMON_PASSWORDS = Path(__file__).with_name("common_passwords.txt")

# What an unknown user's password is compared with; made once of random bytes, so that even the first look takes no longer.
DECOY = "$argon2id$v=19$m=19456,t=3,p=1$yY7jO/jC1jkU4lRslH57rw$cc9reVf+4NST4gQK+Q9N2GlvZMFjzemizI3RxOKSU3Q"

_hasher = PasswordHasher(time_cost=3, memory_cost=19 * 1024, parallelism=1)
# One hash at a time, and always on the same thread: the allocator keeps 19 MiB for every thread that ever hashed.
_hashing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="passwords")


def check_strength(password: str, *about_the_person: str) -> None:
    """Raises Invalid with the reason in words. No rules of composition: length and not being guessable count."""
    if len(password) < SHORTEST:
        raise Invalid("The password needs at least 8 characters.", code="weak_password")
    if len(password) > LONGEST:
        raise Invalid("The password may have at most 256 characters.", code="weak_password")
    folded = fold(password)
    if len(set(folded)) < 3 or folded in COMMON_PASSWORDS.read_text().split():
        raise Invalid("This password is one of the first that a stranger would try.", code="weak_password")
    if folded in {fold(word) for word in about_the_person}:
        raise Invalid("The password must not be the name or the e-mail address.", code="weak_password")


def make_hash(password: str) -> str:
    """About 40 ms. Raises AppError 503 when too many others wait for the same."""
    return _in_turn(lambda: _hasher.hash(_bytes(password)))


def verify(stored: str | None, password: str) -> bool:
    """True when `password` belongs to `stored`. Takes the same time when there is no such user (`stored` is None)."""

    def look() -> bool:
        try:
            return _hasher.verify(stored or DECOY, _bytes(password)) and stored is not None
        except (VerificationError, InvalidHashError):
            return False

    return _in_turn(look)


def is_outdated(stored: str) -> bool:
    """True when it was made with other parameters than today's: hash anew while the password is at hand."""
    return _hasher.check_needs_rehash(stored)


def _bytes(password: str) -> bytes:
    """The same characters from any keyboard: composed and decomposed forms fall together."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _in_turn(work: Callable[[], T]) -> T:
    waiting = _hashing.submit(work)
    try:
        return waiting.result(timeout=LONGEST_WAIT_S)
    except TimeoutError:
        waiting.cancel()
        raise AppError("Too many people are signing in right now. Please try again.", code="busy", status=503) from None
