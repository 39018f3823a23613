"""Guessing passwords is made slow, per account and per address. The counters live in SQLite, so a restart changes nothing."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from core.errors import TooMany
from db_manager import Database, Transaction
from features.accounts import queries
from system import clock

FREE_TRIES = {"account": 5, "own": 5, "address": 8}  # an address may be a whole shop
FIRST_BLOCK_S = 30  # doubled with every further failure
LONGEST_BLOCK_S = 15 * 60
FORGOTTEN_AFTER_S = 60 * 60


@dataclass(frozen=True)
class Target:
    """What is being guessed at, or from where."""

    kind: str
    name: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.name}"


def account(name: str) -> Target:
    return Target("account", name)


def own_password(user_id: int) -> Target:
    """Apart from the account: whoever stole a session must not lock its owner out of the login page."""
    return Target("own", str(user_id))


def address(remote: str | None) -> Target:
    """IPv6 is counted by its /64: that is what one household or one server gets."""
    try:
        ip = ipaddress.ip_address(remote or "")
    except ValueError:
        return Target("address", "unknown")
    if isinstance(ip, ipaddress.IPv6Address) and not ip.ipv4_mapped:
        return Target("address", str(ipaddress.ip_network((ip, 64), strict=False)))
    return Target("address", str(getattr(ip, "ipv4_mapped", None) or ip))


def admit(db: Database, *targets: Target) -> None:
    """Count one try *before* the password is looked at, so that tries in parallel cannot slip past the limit.

    `absolve` takes it back when the password was right. Raises TooMany while one of the targets is blocked: such tries
    are not counted, and look alike whether the password is right or not.
    """
    if wait := db.write(_admit, targets):
        raise TooMany("Too many tries. Please wait a little and try again.", retry_after=wait)


def absolve(tx: Transaction, *targets: Target) -> None:
    """The password was right: the account starts anew; from an address only this try is taken back, else somebody with an
    account of his own could wipe out the failures of his guessing at others.
    """
    for target in targets:
        failures = _failures(tx, target, clock.now()) - 1 if target.kind == "address" else 0
        if failures > 0:
            queries.put_throttle(tx.connection, target.key, failures, clock.now(), blocked_until=0)
        else:
            queries.delete_throttle(tx.connection, target.key)


def _admit(tx: Transaction, targets: tuple[Target, ...]) -> int:
    now = clock.now()
    if wait := max(_seconds_to_wait(tx, target, now) for target in targets):
        return wait
    for target in targets:
        failures = _failures(tx, target, now) + 1
        queries.put_throttle(tx.connection, target.key, failures, now, now + _block_s(target, failures))
    return 0


def _seconds_to_wait(tx: Transaction, target: Target, now: int) -> int:
    row = queries.throttle_of(tx.connection, target.key)
    if row is None or row["blocked_until"] <= now:
        return 0
    longest = now + _block_s(target, row["failures"])
    if row["blocked_until"] > longest:  # the clock was put back: the block starts anew, it neither ends nor lasts for hours
        queries.put_throttle(tx.connection, target.key, row["failures"], now, longest)
    return int(min(row["blocked_until"], longest) - now)


def _failures(tx: Transaction, target: Target, now: int) -> int:
    row = queries.throttle_of(tx.connection, target.key)
    if row is None or now - row["last_failed_at"] > FORGOTTEN_AFTER_S:
        return 0
    return int(row["failures"])


def _block_s(target: Target, failures: int) -> int:
    beyond = failures - FREE_TRIES[target.kind]
    return 0 if beyond < 0 else min(FIRST_BLOCK_S << min(beyond, 8), LONGEST_BLOCK_S)
