"""SQL of staff, sessions, tokens, the login throttle and the audit log."""

from __future__ import annotations

from typing import Any

import orjson

from db_manager import Connection, Row

# ---------------------------------------------------------------- users


def has_real_user(connection: Connection) -> bool:
    """False while the installation is empty: only then may anybody become its owner."""
    return bool(connection.execute("SELECT EXISTS (SELECT 1 FROM users WHERE is_demo = 0)").fetchone()[0])


def demo_user(connection: Connection) -> Row | None:
    return connection.execute(
        """
        SELECT id, email, name, role, is_demo, preferences ->> '$.language' AS language
        FROM users WHERE is_demo = 1 ORDER BY id LIMIT 1
        """
    ).fetchone()


def user_by_email(connection: Connection, email: str) -> Row | None:
    return connection.execute(
        """
        SELECT id, email, name, role, is_demo, password_hash, disabled_at
        FROM users WHERE email = :email AND is_demo = 0
        """,
        {"email": email},
    ).fetchone()


def user_by_id(connection: Connection, user_id: int) -> Row | None:
    return connection.execute(
        """
        SELECT id, email, name, role, is_demo, password_hash, preferences, disabled_at, created_at,
               (SELECT max(last_seen_at) FROM sessions WHERE user_id = users.id) AS last_seen_at
        FROM users WHERE id = :id
        """,
        {"id": user_id},
    ).fetchone()


def preferences_of(row: Row) -> dict[str, Any]:
    return dict(orjson.loads(row["preferences"]))


def staff(connection: Connection, after_id: int, limit: int) -> list[Row]:
    """Everybody but the demo owner, in the order in which they came."""
    return connection.execute(
        """
        SELECT id, email, name, role, disabled_at, created_at,
               (SELECT max(last_seen_at) FROM sessions WHERE user_id = users.id) AS last_seen_at
        FROM users WHERE is_demo = 0 AND id > :after_id ORDER BY id LIMIT :limit
        """,
        {"after_id": after_id, "limit": limit},
    ).fetchall()


def insert_user(
    connection: Connection, *, email: str, name: str, role: str, password_hash: str | None, is_demo: bool, at: int
) -> int | None:
    """The new id, or None when the e-mail address is taken."""
    row = connection.execute(
        """
        INSERT INTO users (email, name, role, password_hash, is_demo, created_at)
        VALUES (:email, :name, :role, :password_hash, :is_demo, :at)
        ON CONFLICT DO NOTHING RETURNING id
        """,
        {
            "email": email,
            "name": name,
            "role": role,
            "password_hash": password_hash,
            "is_demo": int(is_demo),
            "at": at,
        },
    ).fetchone()
    return int(row["id"]) if row else None


def update_user(connection: Connection, user_id: int, *, name: str, role: str, disabled_at: int | None) -> None:
    connection.execute(
        "UPDATE users SET name = :name, role = :role, disabled_at = :disabled_at WHERE id = :id",
        {"id": user_id, "name": name, "role": role, "disabled_at": disabled_at},
    )


def update_profile(connection: Connection, user_id: int, *, name: str, preferences: dict[str, Any]) -> None:
    connection.execute(
        "UPDATE users SET name = :name, preferences = :preferences WHERE id = :id",
        {"id": user_id, "name": name, "preferences": orjson.dumps(preferences).decode()},
    )


def set_password_hash(connection: Connection, user_id: int, password_hash: str) -> None:
    connection.execute(
        "UPDATE users SET password_hash = :password_hash WHERE id = :id",
        {"id": user_id, "password_hash": password_hash},
    )


def has_password_hash(connection: Connection, user_id: int, password_hash: str) -> bool:
    """True while this is still the password of an active user: it was checked outside of the transaction."""
    return bool(
        connection.execute(
            """
            SELECT EXISTS (
                SELECT 1 FROM users WHERE id = :id AND password_hash = :password_hash AND disabled_at IS NULL
            )
            """,
            {"id": user_id, "password_hash": password_hash},
        ).fetchone()[0]
    )


def other_active_owners(connection: Connection, user_id: int) -> int:
    return int(
        connection.execute(
            """
            SELECT count(*) FROM users
            WHERE role = 'owner' AND is_demo = 0 AND disabled_at IS NULL AND id <> :id
            """,
            {"id": user_id},
        ).fetchone()[0]
    )


# ---------------------------------------------------------------- sessions


def insert_session(
    connection: Connection, *, token_hash: bytes, user_id: int, at: int, expires_at: int, user_agent: str
) -> None:
    connection.execute(
        """
        INSERT INTO sessions (token_hash, user_id, created_at, last_seen_at, expires_at, user_agent)
        VALUES (:token_hash, :user_id, :at, :at, :expires_at, :user_agent)
        """,
        {"token_hash": token_hash, "user_id": user_id, "at": at, "expires_at": expires_at, "user_agent": user_agent},
    )


def session_with_user(connection: Connection, token_hash: bytes) -> Row | None:
    """The session and the active, real user it belongs to. Its limits are for the caller to judge."""
    return connection.execute(
        """
        SELECT users.id, users.email, users.name, users.role, users.is_demo,
               users.preferences ->> '$.language' AS language, sessions.last_seen_at AS seen_at, sessions.expires_at
        FROM sessions JOIN users ON users.id = sessions.user_id
        WHERE sessions.token_hash = :token_hash AND users.disabled_at IS NULL AND users.is_demo = 0
        """,
        {"token_hash": token_hash},
    ).fetchone()


def touch_session(connection: Connection, token_hash: bytes, at: int) -> None:
    connection.execute(
        "UPDATE sessions SET last_seen_at = :at WHERE token_hash = :token_hash", {"token_hash": token_hash, "at": at}
    )


def delete_session(connection: Connection, token_hash: bytes) -> None:
    connection.execute("DELETE FROM sessions WHERE token_hash = :token_hash", {"token_hash": token_hash})


def delete_sessions_of(connection: Connection, user_id: int, but: bytes = b"") -> int:
    """All sessions of a user, except the one that asked for it."""
    return connection.execute(
        "DELETE FROM sessions WHERE user_id = :user_id AND token_hash <> :but", {"user_id": user_id, "but": but}
    ).rowcount


def delete_ended_sessions(connection: Connection, now: int, idle_since: int) -> int:
    return connection.execute(
        "DELETE FROM sessions WHERE expires_at <= :now OR last_seen_at <= :idle_since",
        {"now": now, "idle_since": idle_since},
    ).rowcount


# ---------------------------------------------------------------- API tokens


def insert_token(connection: Connection, *, user_id: int, name: str, token_hash: bytes, at: int) -> Row:
    row: Row = connection.execute(
        """
        INSERT INTO api_tokens (user_id, name, token_hash, created_at)
        VALUES (:user_id, :name, :token_hash, :at)
        RETURNING id, name, created_at, last_used_at
        """,
        {"user_id": user_id, "name": name, "token_hash": token_hash, "at": at},
    ).fetchone()
    return row


def token_with_user(connection: Connection, token_hash: bytes) -> Row | None:
    """The living token and the active, real user it belongs to."""
    return connection.execute(
        """
        SELECT users.id, users.email, users.name, users.role, users.is_demo,
               users.preferences ->> '$.language' AS language, api_tokens.last_used_at AS seen_at
        FROM api_tokens JOIN users ON users.id = api_tokens.user_id
        WHERE api_tokens.token_hash = :token_hash AND api_tokens.revoked_at IS NULL
          AND users.disabled_at IS NULL AND users.is_demo = 0
        """,
        {"token_hash": token_hash},
    ).fetchone()


def tokens_of(connection: Connection, user_id: int, after_id: int, limit: int) -> list[Row]:
    return connection.execute(
        """
        SELECT id, name, created_at, last_used_at FROM api_tokens
        WHERE user_id = :user_id AND revoked_at IS NULL AND id > :after_id ORDER BY id LIMIT :limit
        """,
        {"user_id": user_id, "after_id": after_id, "limit": limit},
    ).fetchall()


def touch_token(connection: Connection, token_hash: bytes, at: int) -> None:
    connection.execute(
        "UPDATE api_tokens SET last_used_at = :at WHERE token_hash = :token_hash", {"token_hash": token_hash, "at": at}
    )


def revoke_token(connection: Connection, token_id: int, user_id: int, at: int) -> str | None:
    """Its name, or None when this user has no such living token."""
    row = connection.execute(
        """
        UPDATE api_tokens SET revoked_at = :at
        WHERE id = :id AND user_id = :user_id AND revoked_at IS NULL RETURNING name
        """,
        {"id": token_id, "user_id": user_id, "at": at},
    ).fetchone()
    return str(row["name"]) if row else None


def revoke_tokens_of(connection: Connection, user_id: int, at: int) -> int:
    return connection.execute(
        "UPDATE api_tokens SET revoked_at = :at WHERE user_id = :user_id AND revoked_at IS NULL",
        {"user_id": user_id, "at": at},
    ).rowcount


# ---------------------------------------------------------------- login throttle


def throttle_of(connection: Connection, key: str) -> Row | None:
    return connection.execute(
        "SELECT failures, last_failed_at, blocked_until FROM login_throttle WHERE key = :key", {"key": key}
    ).fetchone()


def put_throttle(connection: Connection, key: str, failures: int, at: int, blocked_until: int) -> None:
    connection.execute(
        """
        INSERT INTO login_throttle (key, failures, last_failed_at, blocked_until)
        VALUES (:key, :failures, :at, :blocked_until)
        ON CONFLICT (key) DO UPDATE SET
            failures = excluded.failures, last_failed_at = excluded.last_failed_at, blocked_until = excluded.blocked_until
        """,
        {"key": key, "failures": failures, "at": at, "blocked_until": blocked_until},
    )


def delete_throttle(connection: Connection, key: str) -> None:
    connection.execute("DELETE FROM login_throttle WHERE key = :key", {"key": key})


def delete_throttle_before(connection: Connection, at: int) -> int:
    return connection.execute(
        "DELETE FROM login_throttle WHERE last_failed_at < :at AND blocked_until < :at", {"at": at}
    ).rowcount


# ---------------------------------------------------------------- audit log


def insert_audit(connection: Connection, *, user_id: int | None, action: str, detail: dict[str, Any], at: int) -> None:
    connection.execute(
        "INSERT INTO audit_log (at, user_id, action, detail) VALUES (:at, :user_id, :action, :detail)",
        {"at": at, "user_id": user_id, "action": action, "detail": orjson.dumps(detail).decode()},
    )


def audit_entries(connection: Connection, before_id: int, limit: int) -> list[Row]:
    """Newest first."""
    return connection.execute(
        """
        SELECT audit_log.id, audit_log.at, audit_log.action, audit_log.detail, audit_log.user_id, users.name
        FROM audit_log LEFT JOIN users ON users.id = audit_log.user_id
        WHERE audit_log.id < :before_id ORDER BY audit_log.id DESC LIMIT :limit
        """,
        {"before_id": before_id, "limit": limit},
    ).fetchall()


def delete_audit_before(connection: Connection, at: int) -> int:
    return connection.execute("DELETE FROM audit_log WHERE at < :at", {"at": at}).rowcount


# ---------------------------------------------------------------- about this installation


def delete_demo_sign_ins(connection: Connection) -> None:
    connection.execute("DELETE FROM sessions WHERE user_id IN (SELECT id FROM users WHERE is_demo = 1)")
    connection.execute("DELETE FROM api_tokens WHERE user_id IN (SELECT id FROM users WHERE is_demo = 1)")
