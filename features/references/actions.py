"""Merging and removing, as every feature has declared it for its own tables."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Literal

import features
from db_manager import Transaction
from features.references import queries
from features.references.reference import CHAT, CONTACT, MESSAGE, OnMerge, OnRemoval, Reference

Why = Literal["on_sandbox_removal", "on_erasure"]
_TARGETS = (CONTACT, CHAT, MESSAGE)


@cache
def declared() -> tuple[Reference, ...]:
    """Of all features. Found by name and late: contacts, low in the list, must move what features above them keep."""
    found: list[Reference] = []
    for name in features.FEATURES:
        if name != "references" and find_spec(f"features.{name}.references"):
            found += import_module(f"features.{name}.references").REFERENCES
    return tuple(found)


def merge(tx: Transaction, to: str, absorbed: int, kept: int) -> None:
    """Whatever named the contact or chat `absorbed` names `kept`. The caller leaves the absorbed row as a trace."""
    for reference in declared():
        if reference.to != to:
            continue
        if reference.on_merge is OnMerge.MOVE:
            queries.move(tx.connection, reference, absorbed, kept)
        elif reference.on_merge is OnMerge.MOVE_OR_DROP:
            queries.move_or_drop(tx.connection, reference, absorbed, kept)


def remove(tx: Transaction, to: str, ids: Iterable[int], why: Why) -> None:
    """Delete these contacts, chats or messages with whatever hangs on them. Keep `ids` few: it is one transaction."""
    gone = list(ids)
    if not gone:
        return
    for reference in declared():
        if reference.to != to:
            continue
        rule: OnRemoval = getattr(reference, why)
        if rule is OnRemoval.CLEAR:
            queries.clear(tx.connection, reference, gone)
        elif rule is OnRemoval.DELETE and reference.table in _TARGETS:
            remove(tx, reference.table, queries.naming(tx.connection, reference, gone), why)
        elif rule is OnRemoval.DELETE:
            queries.delete(tx.connection, reference, gone)
    queries.delete_rows(tx.connection, to, gone)
