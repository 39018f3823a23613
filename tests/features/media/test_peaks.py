"""The picture of a sound: computed by a browser, kept once."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from db_manager import Database
from features.media.worker import MediaWorker
from tests.features.media import samples
from tests.features.media.conftest import Arrive
from tests.features.media.meta import MetaFiles

PEAKS = [*range(0, 252, 4), 255]


@pytest.fixture
def voice(worker: MediaWorker, meta: MetaFiles, arrive: Arrive) -> int:
    media_id = arrive(meta.put(samples.opus()), "audio", mime_type="audio/ogg", voice=True)
    worker.work_next()
    return media_id


def keep(client: FlaskClient, media_id: int, peaks: Any) -> Any:
    return client.post(f"/api/media/{media_id}/peaks", json={"peaks": peaks})


def shown(client: FlaskClient) -> Any:
    return client.get("/api/messages?phone=85251234567").get_json()["messages"][-1]["media"]["peaks"]


def test_the_first_picture_of_a_sound_is_kept(agent_client: FlaskClient, owner_client: FlaskClient, voice: int) -> None:
    assert shown(agent_client) is None
    answer = keep(agent_client, voice, PEAKS)
    assert (answer.status_code, answer.get_json()["media"]["peaks"]) == (200, PEAKS)
    second = keep(owner_client, voice, [7] * 64)
    assert (second.status_code, second.get_json()["media"]["peaks"]) == (200, PEAKS)
    assert shown(owner_client) == PEAKS


def test_other_browsers_hear_of_it_once(agent_client: FlaskClient, voice: int) -> None:
    since = agent_client.get("/api/updates").get_json()["seq"]
    keep(agent_client, voice, PEAKS)
    keep(agent_client, voice, PEAKS)
    changes = agent_client.get(f"/api/updates?since={since}").get_json()["changes"]
    assert [(change["kind"], change["origin"]) for change in changes] == [("message.updated", "user")]


@pytest.mark.parametrize(
    "peaks", [None, [], "x" * 64, [1] * 63, [1] * 65, [256] * 64, [-1] * 64, [1.5] * 64, [True] * 64, ["1"] * 64, {"0": 1}]
)
def test_nothing_else_is_taken_for_a_picture_of_sound(agent_client: FlaskClient, voice: int, peaks: Any) -> None:
    assert keep(agent_client, voice, peaks).status_code == 422
    assert shown(agent_client) is None


def test_only_a_short_sound_that_is_here_has_one(
    agent_client: FlaskClient, db: Database, worker: MediaWorker, meta: MetaFiles, arrive: Arrive, voice: int
) -> None:
    pending = arrive(meta.put(samples.opus()), "audio")
    assert keep(agent_client, pending, PEAKS).status_code == 409
    photo = arrive(meta.put(samples.picture()))
    worker.work_next()
    assert keep(agent_client, photo, PEAKS).get_json()["error"]["code"] == "no_waveform"
    db.write(lambda tx: tx.connection.execute("UPDATE media SET duration_ms = 3600000 WHERE id = ?", (voice,)))
    assert keep(agent_client, voice, PEAKS).get_json()["error"]["code"] == "no_waveform"
    assert keep(agent_client, 999_999, PEAKS).status_code == 404


def test_without_login_nothing_is_kept(anonymous: FlaskClient, voice: int) -> None:
    assert keep(anonymous, voice, PEAKS).status_code == 401
