"""A customer's message to hang files on, and Meta's side of files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from db_manager import Database, Row
from drive_manager import LocalStore
from features.media import queries
from features.media.worker import MediaWorker
from tests.builders import MEI, inbound, message, post_webhook
from tests.features.media.meta import MetaFiles
from web.services import Services

Arrive = Callable[..., int]


@pytest.fixture
def meta(services: Services) -> MetaFiles:
    services.clients.whatsapp = MetaFiles()
    return services.clients.whatsapp  # type: ignore[no-any-return]


@pytest.fixture
def store(services: Services) -> LocalStore:
    return services.clients.store  # type: ignore[no-any-return]


@pytest.fixture
def worker(services: Services, meta: MetaFiles) -> MediaWorker:
    """Not started: `work_next` does one step at a time."""
    return MediaWorker(services)


@pytest.fixture
def arrive(anonymous: FlaskClient, db: Database) -> Arrive:
    """A customer's message with the file `meta_id`, by webhook; gives the media id."""

    def post(meta_id: str, kind: str = "image", **fields: Any) -> int:
        content: dict[str, Any] = {kind: {"id": meta_id, "mime_type": "image/jpeg"} | fields}
        assert post_webhook(anonymous, inbound(message(sender=MEI, type=kind, **content))).status_code == 200
        with db.read() as connection:
            return int(connection.execute("SELECT max(id) FROM media").fetchone()[0])

    return post


@pytest.fixture
def row(db: Database) -> Callable[[int], Row]:
    def read(media_id: int) -> Row:
        with db.read() as connection:
            found = queries.get(connection, media_id)
        assert found is not None
        return found

    return read
