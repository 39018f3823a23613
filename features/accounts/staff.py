"""Staff: adding people, changing their role, locking them out. Admins manage agents; owners manage everybody."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.text import clean_name, fold
from db_manager import Connection, Row, Transaction
from features.accounts import passwords, queries
from features.accounts.audit import note
from features.accounts.sessions import Sessions
from system import clock
from web.guards import User

LONGEST_EMAIL, LONGEST_NAME = 254, 100
_EMAIL = re.compile(r"[^@\s<>\"\x00-\x1f]+@[^@\s<>\"\x00-\x1f]+")


@dataclass(frozen=True)
class NewUser:
    """Cleaned by `new_user`."""

    email: str
    name: str
    role: str
    password: str


def new_user(email: str, name: str, role: str, password: str) -> NewUser:
    """Raises Invalid, saying what is wrong with which part."""
    person = NewUser(clean_email(email), clean_person_name(name), role, password)
    passwords.check_strength(password, person.email, person.name)
    return person


def clean_email(raw: str) -> str:
    """Folded: one address is one account however it is typed. Raises Invalid."""
    email = fold(raw.strip())
    if len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise Invalid("This is not an e-mail address.", code="invalid_email")
    return email


def clean_person_name(raw: str) -> str:
    """Raises Invalid."""
    if not (name := clean_name(raw, LONGEST_NAME)):
        raise Invalid("The name must not be empty.", code="invalid_name")
    return name


def insert(tx: Transaction, person: NewUser, password_hash: str) -> User:
    """In the caller's transaction. Raises Conflict when the e-mail address is taken."""
    user_id = queries.insert_user(
        tx.connection,
        email=person.email,
        name=person.name,
        role=person.role,
        password_hash=password_hash,
        is_demo=False,
        at=clock.now(),
    )
    if user_id is None:
        raise Conflict("Somebody with this e-mail address is already here.", code="email_taken")
    return User(user_id, person.email, person.name, person.role)


def refuse_demo(user: User) -> None:
    """The demo owner ends with the first real user, so that one must be an owner: made at `/setup`."""
    if user.is_demo:
        raise Conflict("This is the demo. Create your own account at /setup first.", code="demo_account")


def create_user(sessions: Sessions, person: NewUser, *, by: User | None) -> User:
    """`by` None: the command line. Raises Forbidden, Conflict (address taken, or the demo owner asks)."""
    if by:
        refuse_demo(by)
        _must_be_above(by, person.role)
    password_hash = passwords.make_hash(person.password)

    def create(tx: Transaction) -> User:
        user = insert(tx, person, password_hash)
        note(tx, by.id if by else None, "user_created", user_id=user.id, name=user.name, role=user.role)
        return user

    return sessions.write(create)


@dataclass(frozen=True)
class StaffChange:
    """What to change; None leaves it as it is."""

    name: str | None = None
    role: str | None = None
    disabled: bool | None = None
    password: str | None = None


def change_user(sessions: Sessions, user_id: int, change: StaffChange, *, by: User) -> None:
    """A change of role or password, or disabling, ends all sessions of that user; the last two revoke the tokens as well.

    Raises NotFound, Forbidden (not below you), Conflict (yourself, or the last owner), Invalid.
    """
    password_hash = _checked_hash(sessions, user_id, change.password, by)

    def apply(tx: Transaction) -> None:
        target = _manageable(tx.connection, user_id, by)
        role = change.role or target["role"]
        disabled_at = target["disabled_at"]
        if change.disabled is not None:
            disabled_at = (disabled_at or clock.now()) if change.disabled else None
        _must_be_above(by, role)
        _refuse_own_account(target, change, by)
        if (role != "owner" or disabled_at) and target["role"] == "owner" and not target["disabled_at"]:
            if queries.other_active_owners(tx.connection, user_id) == 0:
                raise Conflict("The last owner cannot be disabled or made anything less.", code="last_owner")
        name = clean_person_name(change.name) if change.name is not None else target["name"]
        queries.update_user(tx.connection, user_id, name=name, role=role, disabled_at=disabled_at)
        if password_hash:
            queries.set_password_hash(tx.connection, user_id, password_hash)
        if role != target["role"] or disabled_at or password_hash:
            queries.delete_sessions_of(tx.connection, user_id)
        if disabled_at or password_hash:
            queries.revoke_tokens_of(tx.connection, user_id, clock.now())
        _audit_change(tx, by, target, role=role, disabled=bool(disabled_at), password=bool(password_hash))

    sessions.write(apply)


def _checked_hash(sessions: Sessions, user_id: int, password: str | None, by: User) -> str | None:
    if password is None:
        return None
    with sessions.db.read() as connection:
        target = _manageable(connection, user_id, by)
    passwords.check_strength(password, target["email"], target["name"])
    return passwords.make_hash(password)


def _manageable(connection: Connection, user_id: int, by: User) -> Row:
    row = queries.user_by_id(connection, user_id)
    if row is None or row["is_demo"]:
        raise NotFound("There is no such member of staff.")
    _must_be_above(by, row["role"])
    return row


def _must_be_above(by: User, role: str) -> None:
    """Admins manage agents; owners manage everybody."""
    if by.role != "owner" and not (by.role == "admin" and role == "agent"):
        raise Forbidden("Only an owner manages admins and owners.")


def _refuse_own_account(target: Row, change: StaffChange, by: User) -> None:
    if target["id"] != by.id:
        return
    if change.role not in (None, target["role"]) or change.disabled:
        raise Conflict("Your own role and access are for another owner to change.", code="own_account")
    if change.password is not None:
        raise Conflict("Change your own password under “Your password”.", code="own_account")


def _audit_change(tx: Transaction, by: User, before: Row, *, role: str, disabled: bool, password: bool) -> None:
    whom = {"user_id": before["id"], "name": before["name"]}
    if role != before["role"]:
        note(tx, by.id, "role_changed", **whom, role=role, before=before["role"])
    if disabled != bool(before["disabled_at"]):
        note(tx, by.id, "user_disabled" if disabled else "user_enabled", **whom)
    if password:
        note(tx, by.id, "password_reset", **whom)
