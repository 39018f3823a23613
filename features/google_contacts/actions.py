"""Bringing the mirror in line with Google Contacts, in steps that may be repeated and interrupted; emptying it again."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from core.reason import Reason, define, from_plain, plain
from db_manager import Connection, Transaction
from features.changes.actions import record
from features.contacts import actions as contacts
from features.google_account import actions as google_account
from features.google_contacts import queries
from features.google_contacts.plan import Known, Plan, make_plan
from features.settings import country
from features.settings.queries import delete_setting, get_setting, put_setting
from integrations.google.auth import GoogleAccount
from integrations.google.people import PeopleClient, PeopleError
from system import clock
from web.services import Services
from web.words import word_if

log = logging.getLogger("inbox.google")

EVERY_S = 600
LONGEST_PAUSE_S = 3600  # that Google may ask for
PEOPLE_A_WRITE = 100  # the writer serves webhooks in between; with two chats each they held it for 22 ms
_STATE = "google.contacts"  # name of the setting

define(
    {
        "people.emptied": "Google lists no contacts any more, so the names stay. If that is right, switch this off and"
        " on again.",
    }
)


@dataclass(frozen=True)
class State:
    """`email`: whose contacts the mirror holds, "" nobody's. `token`: what follows it, None to read everything.

    `country`: as which the numbers were read. `retry_at`, `read_at` unix seconds; `error`: why the last
    try failed, as `core.reason.plain` has it.
    """

    email: str = ""
    token: str | None = None
    country: str = ""
    read_at: int | None = None
    retry_at: int = 0
    tries: int = 0
    error: Any = None


def state(connection: Connection) -> State:
    return State(**get_setting(connection, _STATE, {}))


def tend(parts: Services) -> None:
    """Read what changed, when it is time. Whose contacts may not be read any more is forgotten at once."""
    is_wanted = "contacts" in google_account.wants(parts)
    with parts.db.read() as connection:
        known = state(connection)
    account = google_account.account(parts) if is_wanted else None
    if known.email and (account is None or account.email != known.email):
        forget(parts)
        known = State()
    is_early = clock.now() < known.retry_at <= clock.now() + LONGEST_PAUSE_S  # further off: the clock was set back
    if account is not None and account.has("contacts") and not is_early:
        sync(parts, account, known)


def sync(parts: Services, account: GoogleAccount, known: State) -> None:
    """What cannot be read leaves the mirror as it is and says so in the state."""
    dialled_in = country.in_force(parts) or ""
    try:
        changes = PeopleClient(account, dialled_in).changes(known.token if known.country == dialled_in else None)
        with parts.db.read() as connection:
            plan = make_plan(queries.mirror(connection), changes)
        if plan.empties:
            raise PeopleError("refused", Reason("people.emptied"))
    except PeopleError as error:
        parts.db.write(_put_state, state=_failed(known, account, error))
        log.warning("google contacts not read", extra={"reason": error.message})
        return
    parts.db.write(_put_state, state=replace(known, email=account.email))  # whose they are, before the first row
    for puts, removals in batches(plan):
        parts.db.write(apply_batch, puts=puts, removals=removals)
    now = clock.now()
    done = State(account.email, changes.next_token, dialled_in, read_at=now, retry_at=now + EVERY_S)
    parts.db.write(_put_state, state=done)  # only now: whoever is stopped before reads the same changes again
    log.info("google contacts read", extra={"put": len(plan.puts), "removed": len(plan.removals), "full": changes.is_full})


def forget(parts: Services) -> None:
    """The mirror and the names that came from it."""
    while True:
        with parts.db.read() as connection:
            names = queries.some(connection, PEOPLE_A_WRITE)
        if not names:
            break
        parts.db.write(apply_batch, puts={}, removals=names)
    parts.db.write(delete_setting, _STATE)


def batches(plan: Plan) -> Iterator[tuple[dict[str, Known], list[str]]]:
    """(puts, removals) of one write each."""
    steps: list[tuple[str, Known | None]] = [*plan.puts.items(), *((name, None) for name in plan.removals)]
    for start in range(0, len(steps), PEOPLE_A_WRITE):
        part = steps[start : start + PEOPLE_A_WRITE]
        yield {name: known for name, known in part if known is not None}, [name for name, known in part if known is None]


def apply_batch(tx: Transaction, puts: Mapping[str, Known], removals: list[str]) -> None:
    """One commit: rows and the names of the chats. A second time it changes nothing."""
    phones = queries.phones_of(tx.connection, [*puts, *removals]).union(*(known.phones for known in puts.values()))
    queries.remove(tx.connection, removals)
    queries.put(tx.connection, puts)
    if contacts.refresh_holders(tx, phones):
        record(tx, "contact.updated", "sync")


def as_json(connection: Connection) -> dict[str, Any]:
    known = state(connection)
    problem = word_if(from_plain(known.error))
    return {"count": queries.count(connection), "read_at": clock.iso(known.read_at), "problem": problem}


def _failed(known: State, account: GoogleAccount, error: PeopleError) -> State:
    pause = max(min(30 * 2 ** min(known.tries, 10), EVERY_S), min(error.retry_after or 0, LONGEST_PAUSE_S))
    return replace(
        known,
        email=account.email,
        token=None if error.kind == "refused" else known.token,  # it may be the token that Google does not like
        tries=known.tries + 1,
        retry_at=clock.now() + int(pause),
        error=plain(error.reason),
    )


def _put_state(tx: Transaction, *, state: State) -> None:
    put_setting(tx.connection, _STATE, asdict(state), clock.now())
