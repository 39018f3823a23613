"""Signing in and out, and what people do to their own account. One commit each; hashing happens before it, never inside."""

from __future__ import annotations

from typing import Any

from core.errors import Conflict, Invalid, NotFound, Unauthorized
from core.ids import token, token_hash
from core.text import clean_name, fold
from db_manager import Row, Transaction
from features.accounts import passwords, queries, throttle
from features.accounts.audit import note
from features.accounts.sessions import ABSOLUTE_S, Sessions
from features.accounts.staff import LONGEST_EMAIL, NewUser, clean_person_name, insert, refuse_demo
from system import clock
from web.guards import User

# ---------------------------------------------------------------- in and out


def log_in(
    sessions: Sessions, email: str, password: str, *, address: str | None, user_agent: str, replaces: bytes | None
) -> tuple[User, str]:
    """The user and the value of a new cookie; the session `replaces` of that browser ends.

    Raises Unauthorized in the same words and time for a wrong password, an unknown, and a disabled user; TooMany.
    """
    known_as = fold(email.strip())
    targets = throttle.account(known_as[:LONGEST_EMAIL]), throttle.address(address)
    throttle.admit(sessions.db, *targets)
    with sessions.db.read() as connection:
        row = queries.user_by_email(connection, known_as)
    if not passwords.verify(row["password_hash"] if row else None, password) or row is None or row["disabled_at"]:
        _note_failed_login(sessions, row, address)
        raise Unauthorized("The e-mail address or the password is not right.", code="bad_credentials")
    better = passwords.make_hash(password) if passwords.is_outdated(row["password_hash"]) else None

    def start(tx: Transaction) -> str:
        if not queries.has_password_hash(tx.connection, row["id"], row["password_hash"]):
            raise Unauthorized("The e-mail address or the password is not right.", code="bad_credentials")
        if better:
            queries.set_password_hash(tx.connection, row["id"], better)
        if replaces:
            queries.delete_session(tx.connection, replaces)
        throttle.absolve(tx, *targets)
        note(tx, row["id"], "login", address=address)
        return _start_session(tx, row["id"], user_agent)

    cookie = sessions.write(start)
    return User(row["id"], row["email"], row["name"], row["role"]), cookie


def _note_failed_login(sessions: Sessions, row: Row | None, address: str | None) -> None:
    """What was typed is not kept for unknown users: it may have been a password in the wrong field."""
    user_id = row["id"] if row else None
    sessions.db.write(note, user_id, "login_failed", address=address)


def _start_session(tx: Transaction, user_id: int, user_agent: str) -> str:
    value, now = token(), clock.now()
    queries.insert_session(
        tx.connection,
        token_hash=token_hash(value),
        user_id=user_id,
        at=now,
        expires_at=now + ABSOLUTE_S,
        user_agent=clean_name(user_agent, 200),
    )
    return value


def log_out(sessions: Sessions, user: User, session: bytes) -> None:
    def end(tx: Transaction) -> None:
        queries.delete_session(tx.connection, session)
        note(tx, user.id, "logout")

    sessions.write(end)


def create_owner(sessions: Sessions, person: NewUser, *, address: str | None, user_agent: str) -> tuple[User, str]:
    """The first owner of an empty installation, signed in. Raises Conflict when somebody was first."""
    password_hash = passwords.make_hash(person.password)

    def create(tx: Transaction) -> tuple[User, str]:
        if queries.has_real_user(tx.connection):
            raise Conflict("This installation already has an owner. Please sign in.", code="already_set_up")
        user = insert(tx, person, password_hash)
        note(tx, user.id, "setup", address=address)
        return user, _start_session(tx, user.id, user_agent)

    return sessions.write(create)


# ---------------------------------------------------------------- oneself


def update_profile(sessions: Sessions, user: User, *, name: str | None, preferences: dict[str, Any]) -> None:
    """`preferences` are merged into the stored ones. Raises Invalid."""
    new_name = clean_person_name(name) if name is not None else None

    def update(tx: Transaction) -> None:
        row = queries.user_by_id(tx.connection, user.id)
        if row is None:
            raise NotFound("There is no such member of staff.")
        merged = queries.preferences_of(row) | preferences
        queries.update_profile(tx.connection, user.id, name=new_name or row["name"], preferences=merged)

    sessions.write(update)


def change_own_password(sessions: Sessions, user: User, current: str, new: str, *, keep: bytes | None) -> None:
    """Ends all other sessions of this user. Raises Invalid (current one wrong, or the new one weak), TooMany, Conflict."""
    refuse_demo(user)
    guessed = throttle.own_password(user.id)  # a stolen session must not be good for guessing
    throttle.admit(sessions.db, guessed)
    with sessions.db.read() as connection:
        row = queries.user_by_id(connection, user.id)
    stored: str | None = row["password_hash"] if row else None
    if not passwords.verify(stored, current) or stored is None:
        raise Invalid("The current password is not right.", code="wrong_password")
    sessions.db.write(throttle.absolve, guessed)
    passwords.check_strength(new, user.email, user.name)
    password_hash = passwords.make_hash(new)

    def change(tx: Transaction) -> None:
        if not queries.has_password_hash(tx.connection, user.id, stored):
            raise Conflict("The password has just been changed elsewhere.", code="password_changed")
        queries.set_password_hash(tx.connection, user.id, password_hash)
        queries.delete_sessions_of(tx.connection, user.id, but=keep or b"")
        note(tx, user.id, "password_changed")

    sessions.write(change)


# ---------------------------------------------------------------- tokens


def create_token(sessions: Sessions, user: User, name: str) -> tuple[Row, str]:
    """(its row, the token itself): shown this once, stored as a hash. Raises Conflict for the demo owner, Invalid."""
    refuse_demo(user)
    label, value = clean_person_name(name), token()

    def create(tx: Transaction) -> Row:
        note(tx, user.id, "token_created", name=label)
        hashed = token_hash(value)
        return queries.insert_token(tx.connection, user_id=user.id, name=label, token_hash=hashed, at=clock.now())

    return sessions.write(create), value


def revoke_token(sessions: Sessions, user: User, token_id: int) -> None:
    """Works from this moment on, in this process. Raises NotFound (also for another's token)."""

    def revoke(tx: Transaction) -> None:
        name = queries.revoke_token(tx.connection, token_id, user.id, clock.now())
        if name is None:
            raise NotFound("There is no such token.")
        note(tx, user.id, "token_revoked", name=name)

    sessions.write(revoke)
