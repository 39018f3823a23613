"""Finding customers who never wrote."""

from __future__ import annotations

from typing import Any

from core import phone, text
from core.paging import decode_cursor, encode_cursor
from db_manager import Connection
from features.customer_list import queries

_LONGEST_QUERY = 200


def page(connection: Connection, q: str, cursor: str | None, limit: int) -> dict[str, Any]:
    """`{"customers", "next_cursor"}`. Raises Invalid on a foreign cursor."""
    row, digits = decode_cursor(cursor, 2) if cursor else (0, 0)
    folded = text.fold(text.storable(q[:_LONGEST_QUERY]).strip())
    rows = queries.without_chat(
        connection, q=folded, digits=phone.digits_in_search(folded), after=(row, digits), limit=limit + 1
    )
    shown = rows[:limit]
    following = encode_cursor(shown[-1]["row_number"], int(shown[-1]["phone"])) if len(rows) > limit else None
    customers = [
        {"phone": phone.e164(row["phone"]), "name": row["name"], "row_number": row["row_number"]} for row in shown
    ]
    return {"customers": customers, "next_cursor": following}
