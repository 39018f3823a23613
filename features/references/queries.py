"""SQL that follows references. Names of tables and columns come from declarations of ours, never from outside."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from db_manager import Connection
from features.references.reference import Reference


def move(connection: Connection, reference: Reference, absorbed: int, kept: int) -> None:
    connection.execute(
        f"""
        UPDATE {reference.table} SET {reference.column} = :prefix || :kept
        WHERE {reference.column} = :prefix || :absorbed AND {reference.within}
        """
        if reference.prefix
        else f"""
        UPDATE {reference.table} SET {reference.column} = :kept
        WHERE {reference.column} = :absorbed AND {reference.within}
        """,
        {"absorbed": absorbed, "kept": kept, "prefix": reference.prefix},
    )


def move_or_drop(connection: Connection, reference: Reference, absorbed: int, kept: int) -> None:
    values = {"absorbed": absorbed, "kept": kept}
    connection.execute(
        f"UPDATE OR IGNORE {reference.table} SET {reference.column} = :kept WHERE {reference.column} = :absorbed", values
    )
    connection.execute(f"DELETE FROM {reference.table} WHERE {reference.column} = :absorbed", values)


def clear(connection: Connection, reference: Reference, ids: Iterable[int]) -> None:
    connection.execute(
        f"UPDATE {reference.table} SET {reference.column} = NULL WHERE {reference.column} IN ({_named(reference)})",
        _values(reference, ids),
    )


def delete(connection: Connection, reference: Reference, ids: Iterable[int]) -> None:
    connection.execute(
        f"DELETE FROM {reference.table} WHERE {reference.column} IN ({_named(reference)})", _values(reference, ids)
    )


def naming(connection: Connection, reference: Reference, ids: Iterable[int]) -> list[int]:
    """Ids of the rows that name one of `ids`."""
    rows = connection.execute(
        f"SELECT id FROM {reference.table} WHERE {reference.column} IN ({_named(reference)})", _values(reference, ids)
    ).fetchall()
    return [int(row[0]) for row in rows]


def delete_rows(connection: Connection, table: str, ids: Iterable[int]) -> None:
    connection.execute(
        f"DELETE FROM {table} WHERE id IN (SELECT value FROM json_each(:ids))", {"ids": orjson.dumps(list(ids)).decode()}
    )


def _named(reference: Reference) -> str:
    """`:ids` as the column writes them."""
    if reference.key != "id":
        return f"SELECT {reference.key} FROM {reference.to} WHERE id IN (SELECT value FROM json_each(:ids))"
    return "SELECT :prefix || value FROM json_each(:ids)" if reference.prefix else "SELECT value FROM json_each(:ids)"


def _values(reference: Reference, ids: Iterable[int]) -> dict[str, str]:
    return {"ids": orjson.dumps(list(ids)).decode(), "prefix": reference.prefix}
