"""A held run as a person sees it before deciding: who would go, who comes, what changes."""

from __future__ import annotations

from typing import Any

import orjson

from core import phone
from features.customer_list import actions, queries
from features.customer_list import chosen as chosen_list
from features.customer_list.choosing import in_words
from features.customer_list.plan import Customer, Known
from web.services import Services

_SHOWN = 100


def held_difference(parts: Services, run_id: int) -> dict[str, Any]:
    """Counts and the first hundred of each. Read anew: nothing of a held list is kept.

    Raises NotFound, Conflict (not held, the list has changed since, it cannot be read now).
    """
    with parts.db.read() as connection:
        chosen = chosen_list.read(connection, parts.config)
    with in_words():
        reading = actions.read_list(parts, chosen, actions.PATIENCE_OF_A_PERSON_S)
    with parts.db.read() as connection:
        actions.refuse_changed(connection, run_id, reading.digest)
        mirror = queries.mirror(connection, run_id)
    plan = actions.plan_of(parts, run_id, reading, confirmed=True)
    return {
        "active": plan.active,
        "removed": _part([_person(one, mirror[one].name, mirror[one].row_number) for one in plan.removals]),
        "added": _part([_person(one.phone, one.name, one.row_number) for one in plan.adds]),
        "changed": _part([_change(one, mirror[one.phone]) for one in plan.changes]),
    }


def _part(people: list[dict[str, Any]]) -> dict[str, Any]:
    return {"count": len(people), "first": people[:_SHOWN]}


def _person(digits: str, name: str, row: int) -> dict[str, Any]:
    return {"phone": phone.e164(digits), "name": name, "row": row}


def _change(after: Customer, before: Known) -> dict[str, Any]:
    """`fields`: heading -> [before, after], the name under ""."""
    old = {"": before.name} | orjson.loads(before.fields)
    new = {"": after.name} | orjson.loads(after.fields)
    differing = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    fields = {key: [old.get(key, ""), new.get(key, "")] for key in differing}
    return _person(after.phone, after.name, after.row_number) | {"fields": fields}
