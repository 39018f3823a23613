"""SQL of the mirror of Google Contacts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import orjson

from db_manager import Connection
from features.google_contacts.plan import Known


def mirror(connection: Connection) -> dict[str, Known]:
    """By Google's key of the person."""
    rows = connection.execute(
        """
        SELECT google_contacts.resource_name, google_contacts.name, json_group_array(google_phones.phone) AS phones
        FROM google_contacts JOIN google_phones ON google_phones.resource_name = google_contacts.resource_name
        GROUP BY google_contacts.resource_name
        """
    )
    return {row["resource_name"]: Known(row["name"], frozenset(orjson.loads(row["phones"]))) for row in rows}


def count(connection: Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM google_contacts").fetchone()[0])


def some(connection: Connection, limit: int) -> list[str]:
    rows = connection.execute("SELECT resource_name FROM google_contacts LIMIT :limit", {"limit": limit})
    return [row["resource_name"] for row in rows]


def phones_of(connection: Connection, resource_names: Iterable[str]) -> set[str]:
    rows = connection.execute(
        "SELECT phone FROM google_phones WHERE resource_name IN (SELECT value FROM json_each(:names))",
        {"names": orjson.dumps(list(resource_names)).decode()},
    )
    return {row["phone"] for row in rows}


def remove(connection: Connection, resource_names: Iterable[str]) -> None:
    connection.executemany(
        "DELETE FROM google_contacts WHERE resource_name = :name", [{"name": name} for name in resource_names]
    )


def put(connection: Connection, people: Mapping[str, Known]) -> None:
    """In place of what was known of them."""
    remove(connection, people)
    connection.executemany(
        "INSERT INTO google_contacts (resource_name, name) VALUES (:resource_name, :name)",
        [{"resource_name": resource_name, "name": known.name} for resource_name, known in people.items()],
    )
    connection.executemany(
        "INSERT INTO google_phones (phone, resource_name) VALUES (:phone, :resource_name)",
        [{"phone": phone, "resource_name": name} for name, known in people.items() for phone in sorted(known.phones)],
    )
