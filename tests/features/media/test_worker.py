"""Customers' files are fetched, checked and kept, whatever Meta, the network or the disk do meanwhile."""

from __future__ import annotations

import base64
import hashlib
import shutil
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.errors import RemoteError
from core.reason import read
from db_manager import Database, Row
from drive_manager import LARGEST_FILE, MEGABYTE, LocalStore
from features.media import actions, queries
from features.media.fetching import DELAYS_S, Fetched, fetch
from features.media.worker import STALE_S, MediaWorker
from integrations.whatsapp.events import MediaRef
from system import clock
from tests.builders import NOON
from tests.features.media import samples
from tests.features.media.conftest import Arrive
from tests.features.media.meta import MetaFiles
from web.services import Services
from whatsapp_handler import Ambiguous, Blocked, MediaGone, NotSent, Refused, TooLarge

DAY = 24 * 3600
PHOTO = samples.picture()
Read = Callable[[int], Row]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with clock.freeze(NOON):
        yield


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def updates(db: Database) -> list[tuple[str, str]]:
    with db.read() as connection:
        rows = connection.execute("SELECT kind, origin FROM changes WHERE kind = 'message.updated'").fetchall()
    return [(row["kind"], row["origin"]) for row in rows]


def test_a_photo_is_fetched_kept_and_announced(
    worker: MediaWorker, meta: MetaFiles, store: LocalStore, arrive: Arrive, row: Read, db: Database
) -> None:
    digest = base64.b64encode(hashlib.sha256(PHOTO).digest()).decode()
    media_id = arrive(meta.put(PHOTO), sha256=digest)
    assert worker.work_next()
    found = row(media_id)
    assert (found["state"], found["sha256"], found["size"]) == ("stored", sha(PHOTO), len(PHOTO))
    assert (found["inline_type"], found["width"], found["height"], found["thumbnail"]) == ("image/jpeg", 640, 400, 1)
    assert (found["claimed_at"], found["last_error"]) == (None, None)
    assert store.verify(sha(PHOTO))
    assert updates(db) == [("message.updated", "live")]
    assert not worker.work_next()


def test_a_voice_message_tells_its_length(worker: MediaWorker, meta: MetaFiles, arrive: Arrive, row: Read) -> None:
    media_id = arrive(meta.put(samples.opus(milliseconds=7250)), "audio", mime_type="audio/ogg; codecs=opus", voice=True)
    worker.work_next()
    assert (row(media_id)["duration_ms"], row(media_id)["inline_type"], row(media_id)["voice"]) == (7250, "audio/ogg", 1)


def test_every_try_asks_for_a_fresh_address(worker: MediaWorker, meta: MetaFiles, arrive: Arrive, row: Read) -> None:
    meta.download_faults.append(Ambiguous("The connection broke."))
    media_id = arrive(meta.put(PHOTO))
    worker.work_next()
    found = row(media_id)
    assert (found["state"], str(read(found["last_error"])), found["attempts"]) == ("pending", "The connection broke.", 1)
    assert NOON < found["next_attempt_at"] <= NOON + 10
    with clock.freeze(found["next_attempt_at"]):
        assert worker.work_next()
    assert row(media_id)["state"] == "stored"
    assert len(meta.asked) == 2


def test_tries_grow_apart_up_to_an_hour(worker: MediaWorker, meta: MetaFiles, arrive: Arrive, row: Read) -> None:
    media_id, now, pauses = arrive("lost"), NOON, []
    meta.info_faults.extend(NotSent("No connection.") for _ in range(12))
    for _ in range(12):
        with clock.freeze(now):
            assert worker.work_next()
        pauses.append(row(media_id)["next_attempt_at"] - now)
        now = row(media_id)["next_attempt_at"]
    assert pauses[0] <= 10
    assert all(delay <= pause <= delay * 1.25 + 1 for delay, pause in zip(DELAYS_S, pauses, strict=False))
    assert max(pauses) <= 4501


def test_meta_may_ask_for_patience(worker: MediaWorker, meta: MetaFiles, arrive: Arrive, row: Read) -> None:
    media_id = arrive(meta.put(PHOTO))
    meta.info_faults.append(Ambiguous("Busy.", retry_after=600))
    worker.work_next()
    assert row(media_id)["next_attempt_at"] == NOON + 600


def test_browsers_hear_of_a_trouble_once_not_at_each_try(
    worker: MediaWorker, meta: MetaFiles, arrive: Arrive, row: Read, db: Database
) -> None:
    media_id = arrive(meta.put(PHOTO))
    meta.info_faults.extend(NotSent("No connection.") for _ in range(3))
    for _ in range(3):
        with clock.freeze(row(media_id)["next_attempt_at"]):
            worker.work_next()
    assert len(updates(db)) == 1


@pytest.mark.parametrize("by", ["webhook", "graph", "size"])
def test_bytes_that_are_not_what_meta_announced_do_not_count(
    worker: MediaWorker, meta: MetaFiles, store: LocalStore, arrive: Arrive, row: Read, by: str
) -> None:
    by_graph: dict[str, dict[str, Any]] = {"graph": {"sha256": sha(b"other")}, "size": {"size": 5}}
    by_webhook = {"sha256": sha(b"other")} if by == "webhook" else {}
    media_id = arrive(meta.put(PHOTO, **by_graph.get(by, {})), **by_webhook)
    worker.work_next()
    assert (row(media_id)["state"], str(read(row(media_id)["last_error"]))) == ("pending", "The file came damaged.")
    assert not store.exists(sha(PHOTO))


def test_without_any_announced_checksum_the_bytes_are_taken(
    worker: MediaWorker, meta: MetaFiles, arrive: Arrive, row: Read
) -> None:
    media_id = arrive(meta.put(PHOTO, sha256=None, size=None))
    worker.work_next()
    assert row(media_id)["sha256"] == sha(PHOTO)


def test_a_file_that_says_it_is_too_large_is_not_even_begun(
    worker: MediaWorker, meta: MetaFiles, arrive: Arrive, row: Read
) -> None:
    media_id = arrive(meta.put(PHOTO, size=5 * 1024 * MEGABYTE))
    worker.work_next()
    assert row(media_id)["state"] == "too_large"
    assert "100 MB" in str(read(row(media_id)["last_error"]))
    assert meta.downloaded == []


@pytest.mark.parametrize("checked_by", ["client", "store"])
def test_a_file_that_lies_about_its_size_is_cut(
    worker: MediaWorker, meta: MetaFiles, store: LocalStore, arrive: Arrive, row: Read, checked_by: str
) -> None:
    media_id = arrive(meta.put(b"x", size=1))
    if checked_by == "client":
        meta.download_faults.append(TooLarge("The answer is too large.", permanent=True))
    else:

        def pour(url: str, sink: Any, max_bytes: int, size: int | None = None) -> int:
            while True:  # a client that forgot to count
                sink.write(bytes(MEGABYTE))

        meta.download = pour  # type: ignore[method-assign]
    worker.work_next()
    assert row(media_id)["state"] == "too_large"
    assert [path for path in store.folder.rglob("*") if path.is_file()] == []


def test_the_largest_file_that_whatsapp_allows_is_taken(
    worker: MediaWorker, meta: MetaFiles, arrive: Arrive, row: Read
) -> None:
    media_id = arrive(meta.put(bytes(LARGEST_FILE)), "document", mime_type="application/zip")
    worker.work_next()
    assert (row(media_id)["state"], row(media_id)["size"]) == ("stored", LARGEST_FILE)


def test_a_file_that_meta_no_longer_has_expires_after_a_few_tries(
    worker: MediaWorker, meta: MetaFiles, arrive: Arrive, row: Read
) -> None:
    media_id, states = arrive("unknown"), []
    for _ in range(3):
        with clock.freeze(row(media_id)["next_attempt_at"]):
            worker.work_next()
        states.append(row(media_id)["state"])
    assert states == ["pending", "pending", "expired"]
    assert str(read(row(media_id)["last_error"])) == "WhatsApp does not have this file any more."


def test_an_address_that_has_run_out_is_only_a_reason_to_ask_again(
    worker: MediaWorker, meta: MetaFiles, arrive: Arrive, row: Read
) -> None:
    media_id = arrive(meta.put(PHOTO))
    meta.download_faults.extend(MediaGone("The link has run out.") for _ in range(6))
    for _ in range(7):
        with clock.freeze(row(media_id)["next_attempt_at"]):
            worker.work_next()
    assert row(media_id)["state"] == "stored"


def test_metas_seven_days_end_the_tries(worker: MediaWorker, meta: MetaFiles, arrive: Arrive, row: Read) -> None:
    media_id = arrive(meta.put(PHOTO))
    meta.info_faults.extend(NotSent("No connection.") for _ in range(2))
    with clock.freeze(NOON + 7 * DAY - 1):
        worker.work_next()
        assert row(media_id)["state"] == "pending"
    with clock.freeze(row(media_id)["next_attempt_at"]):
        worker.work_next()
    assert (row(media_id)["state"], str(read(row(media_id)["last_error"]))) == ("expired", "No connection.")


def test_after_a_long_absence_one_try_is_made_all_the_same(
    worker: MediaWorker, meta: MetaFiles, arrive: Arrive, row: Read
) -> None:
    media_id = arrive(meta.put(PHOTO))
    with clock.freeze(NOON + 8 * DAY):
        worker.work_next()
    assert row(media_id)["state"] == "stored"


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (Refused(100, "Unsupported get request."), "failed"),
        (Refused(33, "Deleted."), "failed"),
        (Refused(None, "Odd."), "failed"),
        (Blocked("WhatsApp pointed to a file outside the hosts that are allowed.", permanent=True), "failed"),
        (Refused(190, "Session has expired."), "pending"),
        (Refused(10, "Permission denied."), "pending"),
        (Refused(131000, "Something went wrong."), "pending"),
        (Refused(4, "Too many calls."), "pending"),
        (Refused(613, "Too many calls."), "pending"),
        (Ambiguous("HTTP 500"), "pending"),
        (RemoteError("Something else."), "pending"),
        (RuntimeError("a bug"), "pending"),
        (OSError(5, "i/o error"), "pending"),
    ],
    ids=repr,
)
def test_only_a_certain_refusal_is_final(
    worker: MediaWorker, meta: MetaFiles, arrive: Arrive, row: Read, fault: Exception, state: str
) -> None:
    media_id = arrive(meta.put(PHOTO))
    meta.info_faults.append(fault)
    worker.work_next()
    found = row(media_id)
    assert (found["state"], found["claimed_at"]) == (state, None)
    assert found["last_error"]


def test_a_dead_token_holds_all_files_and_loses_none(
    worker: MediaWorker, meta: MetaFiles, arrive: Arrive, row: Read
) -> None:
    first, second = arrive(meta.put(PHOTO)), arrive(meta.put(samples.picture(size=(50, 50))))
    meta.info_faults.append(Refused(190, "Session has expired."))
    assert worker.work_next()
    assert not worker.work_next()  # the other file would meet the same
    with clock.freeze(NOON + 61):
        assert worker.work_next() and worker.work_next()
    assert row(first)["state"] == row(second)["state"] == "stored"


def test_a_crash_between_the_file_and_the_commit_costs_nothing(
    services: Services, worker: MediaWorker, meta: MetaFiles, arrive: Arrive, row: Read, db: Database
) -> None:
    media_id = arrive(meta.put(PHOTO), sha256=sha(PHOTO))
    claimed = db.write(lambda tx: queries.claim(tx.connection, NOON, NOON - STALE_S))
    assert claimed is not None
    assert isinstance(fetch(meta, services.clients.store, claimed), Fetched)  # type: ignore[arg-type]
    # Killed here. The next start:
    assert row(media_id)["state"] == "pending"
    assert not worker.work_next()
    again = MediaWorker(services)
    again.start()
    try:
        _wait_until(lambda: row(media_id)["state"] == "stored")
    finally:
        again.stop()
    assert meta.downloaded == ["meta1"]  # the bytes were there


def test_a_crash_in_the_middle_of_a_download_leaves_no_rubbish(
    services: Services, store: LocalStore, meta: MetaFiles, arrive: Arrive, row: Read, db: Database
) -> None:
    media_id = arrive(meta.put(PHOTO))
    db.write(lambda tx: queries.claim(tx.connection, NOON, NOON - STALE_S))
    half = store.open_sink()
    half.write(PHOTO[:100])
    half._file.close()
    again = MediaWorker(services)
    again.start()
    try:
        _wait_until(lambda: row(media_id)["state"] == "stored")
    finally:
        again.stop()
    assert list((store.folder / "incoming").iterdir()) == []


def test_the_started_worker_is_woken_by_the_commit(
    services: Services, meta: MetaFiles, arrive: Arrive, row: Read
) -> None:
    running = MediaWorker(services)
    running.start()
    try:
        time.sleep(0.3)  # it has looked, and waits
        started = time.monotonic()
        media_id = arrive(meta.put(b"%PDF-1.4 prices"), "document", mime_type="application/pdf")
        _wait_until(lambda: row(media_id)["state"] == "stored")
        assert time.monotonic() - started < 2
    finally:
        running.stop()
    assert not any(thread.is_alive() for thread in running._threads)


def test_a_claim_whose_owner_vanished_comes_back(
    worker: MediaWorker, meta: MetaFiles, arrive: Arrive, row: Read, db: Database
) -> None:
    media_id = arrive(meta.put(PHOTO))
    db.write(lambda tx: queries.claim(tx.connection, NOON, NOON - STALE_S))
    with clock.freeze(NOON + STALE_S):
        assert not worker.work_next()
    with clock.freeze(NOON + STALE_S + 1):
        assert worker.work_next()
    assert row(media_id)["state"] == "stored"


def test_whoever_lost_the_claim_cannot_undo_what_the_other_one_did(
    worker: MediaWorker, meta: MetaFiles, arrive: Arrive, row: Read, db: Database
) -> None:
    media_id = arrive(meta.put(PHOTO))
    db.write(lambda tx: queries.claim(tx.connection, NOON, NOON - STALE_S))
    with clock.freeze(NOON + STALE_S + 1):
        worker.work_next()
    for late in (
        lambda tx: queries.give_up(tx.connection, media_id, claimed_at=NOON, state="failed", reason="late"),
        lambda tx: queries.postpone(
            tx.connection, media_id, claimed_at=NOON, attempts=1, next_attempt_at=NOON, reason="late"
        ),
    ):
        assert db.write(late) is False
    assert row(media_id)["state"] == "stored"


def test_the_newest_file_comes_first(worker: MediaWorker, meta: MetaFiles, arrive: Arrive, row: Read) -> None:
    older, newer = arrive(meta.put(PHOTO)), arrive(meta.put(samples.MP3), "audio")
    worker.work_next()
    assert (row(older)["state"], row(newer)["state"]) == ("pending", "stored")


def test_two_messages_with_the_same_bytes_share_one_file(
    worker: MediaWorker, meta: MetaFiles, store: LocalStore, arrive: Arrive, row: Read
) -> None:
    first, second = (arrive(meta.put(PHOTO), sha256=sha(PHOTO)) for _ in range(2))
    while worker.work_next():
        pass
    assert row(first)["sha256"] == row(second)["sha256"] == sha(PHOTO)
    assert (row(first)["thumbnail"], row(second)["thumbnail"]) == (1, 1)
    assert len(meta.downloaded) == 1
    assert sorted(path.name for path in store.folder.rglob(f"{sha(PHOTO)}*")) == [sha(PHOTO), sha(PHOTO) + ".thumbnail"]


def test_a_rotten_copy_in_the_store_is_not_trusted(
    worker: MediaWorker, meta: MetaFiles, store: LocalStore, arrive: Arrive
) -> None:
    store.path(sha(PHOTO)).parent.mkdir(parents=True)
    store.path(sha(PHOTO)).write_bytes(b"rotten")
    arrive(meta.put(PHOTO), sha256=sha(PHOTO))
    worker.work_next()
    assert meta.downloaded == ["meta1"] and store.verify(sha(PHOTO))


def test_a_full_disk_only_makes_files_wait(
    worker: MediaWorker,
    meta: MetaFiles,
    store: LocalStore,
    arrive: Arrive,
    row: Read,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 10**12, 100 * MEGABYTE))
        media_id = arrive(meta.put(PHOTO))  # messages go on
        with clock.freeze(NOON + 7 * DAY + 1):  # such a try does not let it expire either
            assert worker.work_next()
            assert not worker.work_next()
    found = row(media_id)
    assert (found["state"], found["attempts"], meta.asked) == ("pending", 0, [])
    assert str(read(found["last_error"])) == "The disk is almost full: files wait until there is room again."
    with clock.freeze(found["next_attempt_at"]):
        assert worker.work_next()
    assert row(media_id)["state"] == "stored"


def test_files_of_an_imported_history_have_seven_days_from_now(
    arrive: Arrive, row: Read, db: Database, meta: MetaFiles
) -> None:
    message_id = row(arrive(meta.put(PHOTO)))["message_id"]
    ref = MediaRef("meta2", "image/jpeg", filename="..\u200b/../a\u202egpj.exe")
    old = db.write(lambda tx: actions.add_inbound(tx, message_id, ref, NOON - 100 * DAY))
    assert row(old)["expires_at"] == NOON + 7 * DAY
    assert row(old)["filename"] == "agpj.exe"


def _wait_until(condition: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
