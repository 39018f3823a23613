"""Fixtures of more than one room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.graph import GraphDouble
from tests.features.numbers.connecting import House


@pytest.fixture
def meta() -> Iterator[GraphDouble]:
    """The double in the real Meta's part."""
    with GraphDouble() as running:
        yield running


@pytest.fixture
def house(tmp_path: Path, meta: GraphDouble) -> Iterator[House]:
    built = House(tmp_path, meta)
    yield built
    built.stop()
