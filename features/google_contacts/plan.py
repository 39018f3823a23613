"""What Google's changes mean for the mirror: who is put, who goes. Pure: equal input, equal plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core import phone
from integrations.google.people import Changes, Person

FEW = 20  # so many may be gone at once without a doubt


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody with a name and a number: a row of the mirror. `phones` also as WhatsApp may spell them."""

    name: str
    phones: frozenset[str]


@dataclass(frozen=True)
class Plan:
    """`empties`: Google lists nobody any more where many were. It may as well be a fault."""

    puts: dict[str, Known]
    removals: list[str]
    empties: bool = False


def make_plan(mirror: Mapping[str, Known], changes: Changes) -> Plan:
    """A full read removes whom it did not list. Of several words on one person the last counts."""
    said = {person.resource_name: _known(person) for person in changes.people}
    empties = changes.is_full and len(mirror) > FEW and not any(said.values())
    if changes.is_full:
        said |= {resource_name: None for resource_name in mirror if resource_name not in said}
    puts = {name: known for name, known in said.items() if known is not None and mirror.get(name) != known}
    return Plan(puts, [name for name, known in said.items() if known is None and name in mirror], empties)


def _known(person: Person) -> Known | None:
    if person.deleted or not person.name or not person.phones:
        return None
    return Known(person.name, frozenset(spelling for digits in person.phones for spelling in phone.spellings(digits)))
