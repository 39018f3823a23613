"""SQL of people: contacts and the aliases they are known by."""

from __future__ import annotations

from core import phone
from db_manager import Connection, Row
from web.viewing import SEEN, View

# The name to show, and where it is from: sheet over typed over Google over profile, then what Meta knows.
SHOWN_NAME = """COALESCE(contacts.sheet_name, contacts.typed_name, contacts.google_name, contacts.profile_name,
    '@' || contacts.username, '+' || contacts.phone)"""


def find_alias(connection: Connection, kind: str, value: str, at: int) -> Row | None:
    """Whose alias this was at the time `at`: the present holder, unless the event is older than the last change of hands.

    {contact_id, value, since, retired_at}; a phone is found under its other spelling, too.
    """
    for spelling in phone.spellings(value) if kind == "phone" else (value,):
        row = connection.execute(
            """
            SELECT contact_id, value, since, retired_at FROM contact_aliases
            WHERE kind = :kind AND value = :value AND (retired_at IS NULL OR retired_at > :at)
            ORDER BY retired_at IS NULL, retired_at LIMIT 1
            """,
            {"kind": kind, "value": spelling, "at": at},
        ).fetchone()
        if row:
            return row
    return None


def find_by_phone(connection: Connection, digits: str) -> int | None:
    """The present holder, else who had it last."""
    for spelling in phone.spellings(digits):
        row = connection.execute(
            """
            SELECT contact_id FROM contact_aliases WHERE kind = 'phone' AND value = :phone
            ORDER BY retired_at IS NULL DESC, retired_at DESC LIMIT 1
            """,
            {"phone": spelling},
        ).fetchone()
        if row:
            return int(row[0])
    return None


def get(connection: Connection, contact_id: int) -> Row | None:
    return connection.execute(
        f"SELECT *, {SHOWN_NAME} AS shown_name FROM contacts WHERE id = :id AND merged_into IS NULL", {"id": contact_id}
    ).fetchone()


def seen(view: View, contact_id: int) -> Row | None:
    """The same for a person: somebody with whom there is a chat that they may see, or no chat at all."""
    return view.execute(
        f"""
        SELECT *, {SHOWN_NAME} AS shown_name FROM contacts
        WHERE id = :id AND merged_into IS NULL
          AND (EXISTS (SELECT 1 FROM conversations WHERE conversations.contact_id = contacts.id AND {SEEN})
               OR NOT EXISTS (SELECT 1 FROM conversations WHERE conversations.contact_id = contacts.id))
        """,
        {"id": contact_id},
    ).fetchone()


def insert(connection: Connection, now: int) -> int:
    cursor = connection.execute("INSERT INTO contacts (created_at, updated_at) VALUES (:now, :now)", {"now": now})
    return int(cursor.lastrowid or 0)


def aliases(connection: Connection, contact_id: int) -> list[Row]:
    return connection.execute(
        "SELECT kind, value, created_at, retired_at FROM contact_aliases WHERE contact_id = :id ORDER BY kind, id",
        {"id": contact_id},
    ).fetchall()


def add_alias(connection: Connection, contact_id: int, kind: str, value: str, since: int, now: int) -> None:
    connection.execute(
        """
        INSERT INTO contact_aliases (contact_id, kind, value, since, created_at)
        VALUES (:contact_id, :kind, :value, :since, :now) ON CONFLICT DO NOTHING
        """,
        {"contact_id": contact_id, "kind": kind, "value": value, "since": since, "now": now},
    )


def retire_alias(connection: Connection, contact_id: int, kind: str, value: str, at: int) -> None:
    """Only of this person, and not what the person took (again) after `at`."""
    connection.execute(
        """
        UPDATE contact_aliases SET retired_at = :at
        WHERE contact_id = :contact_id AND kind = :kind AND value = :value AND retired_at IS NULL AND since <= :at
        """,
        {"contact_id": contact_id, "kind": kind, "value": value, "at": at},
    )


def hold_since(connection: Connection, contact_id: int, kind: str, value: str, at: int) -> None:
    """The person took this alias (again) at that time."""
    connection.execute(
        """
        UPDATE contact_aliases SET since = max(since, :at)
        WHERE contact_id = :contact_id AND kind = :kind AND value = :value AND retired_at IS NULL
        """,
        {"contact_id": contact_id, "kind": kind, "value": value, "at": at},
    )


def active_alias(connection: Connection, contact_id: int, kind: str) -> Row | None:
    """{value, since} of the newest one the person still holds."""
    return connection.execute(
        """
        SELECT value, since FROM contact_aliases
        WHERE contact_id = :id AND kind = :kind AND retired_at IS NULL ORDER BY id DESC LIMIT 1
        """,
        {"id": contact_id, "kind": kind},
    ).fetchone()


def has_identity(connection: Connection, contact_id: int) -> bool:
    """Is anything better than a username known?"""
    row = connection.execute(
        "SELECT 1 FROM contact_aliases WHERE contact_id = :id AND kind <> 'username' LIMIT 1", {"id": contact_id}
    ).fetchone()
    return row is not None


def set_profile_name(connection: Connection, contact_id: int, name: str, at: int) -> int:
    """Only a newer message's name replaces the old one. Returns the number of rows changed."""
    return connection.execute(
        """
        UPDATE contacts SET profile_name = :name, profile_name_at = :at
        WHERE id = :id AND profile_name_at <= :at AND profile_name IS NOT :name
        """,
        {"id": contact_id, "name": name, "at": at},
    ).rowcount


def set_typed_name(connection: Connection, contact_id: int, name: str | None, source: str, now: int) -> int:
    """What staff typed is not overwritten by the phone book."""
    return connection.execute(
        """
        UPDATE contacts SET typed_name = :name, typed_name_source = CASE WHEN :name IS NULL THEN NULL ELSE :source END,
               updated_at = :now
        WHERE id = :id AND typed_name IS NOT :name AND (:source = 'staff' OR typed_name_source IS NOT 'staff')
        """,
        {"id": contact_id, "name": name, "source": source, "now": now},
    ).rowcount


def customer_of(connection: Connection, contact_id: int) -> Row | None:
    """The row of the Customer List for this person: under the newest of the numbers that the list knows."""
    return connection.execute(
        """
        SELECT customers.name, customers.fields, customers.row_number, customers.phone
        FROM contact_aliases JOIN customers ON customers.phone = contact_aliases.value
        WHERE contact_aliases.contact_id = :id AND contact_aliases.kind = 'phone'
          AND contact_aliases.retired_at IS NULL AND customers.removed_at IS NULL
        ORDER BY contact_aliases.id DESC LIMIT 1
        """,
        {"id": contact_id},
    ).fetchone()


def google_name_of(connection: Connection, contact_id: int) -> str | None:
    """In the owner's Google Contacts: under the newest of this person's numbers that they know."""
    row = connection.execute(
        """
        SELECT google_contacts.name
        FROM contact_aliases
        JOIN google_phones ON google_phones.phone = contact_aliases.value
        JOIN google_contacts ON google_contacts.resource_name = google_phones.resource_name
        WHERE contact_aliases.contact_id = :id AND contact_aliases.kind = 'phone' AND contact_aliases.retired_at IS NULL
        ORDER BY contact_aliases.id DESC, google_contacts.resource_name LIMIT 1
        """,
        {"id": contact_id},
    ).fetchone()
    return str(row["name"]) if row else None


def set_derived(
    connection: Connection,
    contact_id: int,
    *,
    phone: str | None,
    username: str | None,
    sheet_name: str | None,
    google_name: str | None,
    search_text: str,
    now: int,
) -> bool:
    """A repeat changes no row, `updated_at` included, and is False."""
    cursor = connection.execute(
        """
        UPDATE contacts SET phone = :phone, username = :username, sheet_name = :sheet_name, google_name = :google_name,
               search_text = :search_text, updated_at = :now
        WHERE id = :id AND (phone, username, sheet_name, google_name, search_text)
              IS NOT (:phone, :username, :sheet_name, :google_name, :search_text)
        """,
        {
            "id": contact_id,
            "phone": phone,
            "username": username,
            "sheet_name": sheet_name,
            "google_name": google_name,
            "search_text": search_text,
            "now": now,
        },
    )
    return cursor.rowcount == 1


def absorb(connection: Connection, absorbed: int, kept: int) -> None:
    """Names that the kept row lacks come over; the absorbed row stays as a trace."""
    connection.execute(
        """
        UPDATE contacts SET
            typed_name_source = CASE WHEN contacts.typed_name IS NULL THEN gone.typed_name_source
                                     ELSE contacts.typed_name_source END,
            typed_name = COALESCE(contacts.typed_name, gone.typed_name),
            profile_name = CASE WHEN gone.profile_name_at > contacts.profile_name_at
                                THEN COALESCE(gone.profile_name, contacts.profile_name)
                                ELSE COALESCE(contacts.profile_name, gone.profile_name) END,
            profile_name_at = max(contacts.profile_name_at, gone.profile_name_at)
        FROM contacts AS gone WHERE contacts.id = :kept AND gone.id = :absorbed
        """,
        {"absorbed": absorbed, "kept": kept},
    )
    connection.execute(
        "UPDATE contacts SET merged_into = :kept, search_text = '' WHERE id = :absorbed",
        {"absorbed": absorbed, "kept": kept},
    )
