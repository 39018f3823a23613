"""Fixtures of more than one feature."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.graph import GraphDouble
from tests.fakes.google_account import connect, hang_up
from tests.fakes.google_server import GoogleServer, google_server
from tests.features.numbers.connecting import House
from web.services import Services


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


@pytest.fixture
def google(services: Services) -> Iterator[GoogleServer]:
    """Our own model of Google, connected, with the archive switched on."""
    with google_server() as server:
        connect(services, server, archive=True)
        yield server
        hang_up(services)
