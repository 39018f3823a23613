"""The disk under the database: one fault anywhere, no writing for a while, and files that must not be touched."""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app import create_app
from benchmarks import faulty_disk
from benchmarks.server import InboxServer
from benchmarks.soak import no_writes, one_fault
from config import Config
from core.errors import StorageError
from db_manager import Database, sqlite3
from tests.builders import inbound, message, post_webhook, sign


def test_one_fault_at_any_write_costs_at_most_a_refusal() -> None:
    webhook, send = one_fault.run()
    assert webhook.is_good, str(webhook)
    assert send.is_good, str(send)
    assert webhook.faults > 30 and webhook.answers[503] > 10 and webhook.answers[200] > 5  # in the WAL, then in the checkpoint
    assert send.faults > 60 and set(send.statuses) == {"accepted"}


@pytest.mark.parametrize(("means", "seconds"), [("locked", 6), ("read-only", 1.5)])
def test_while_nothing_can_be_written_only_deliveries_are_refused(means: str, seconds: float) -> None:
    report = no_writes.run(means, seconds)
    assert set(report.answers) == {200, 503} and set(report.during) == {503}, str(report)
    assert report.reads_s and report.failed_reads == [], str(report)
    assert report.after.is_good, str(report)


def test_a_group_commit_that_fails_gives_nobody_a_200(tmp_path: Path) -> None:
    callers = 20
    with faulty_disk.installed() as disk:
        database = Database(tmp_path / "chat_history.db").open()
        database.write(lambda tx: tx.execute("PRAGMA wal_autocheckpoint=0"))
        held, release, answers = threading.Event(), threading.Event(), list[str]()

        def call(number: int) -> None:
            try:
                database.write(lambda tx: tx.execute("INSERT INTO changes (kind, origin, at) VALUES ('x', 'live', ?)", (number,)))
                answers.append("kept")
            except StorageError:
                answers.append("refused")

        def hold(tx: object) -> None:
            held.set()
            release.wait(30)

        threads = [threading.Thread(target=database.write, args=(hold,))]
        threads[0].start()
        held.wait(30)
        threads += [threading.Thread(target=call, args=(number,)) for number in range(callers)]
        for thread in threads[1:]:
            thread.start()
        while database.waiting_writes() < callers:
            pass
        disk.fail_at(1)  # the holder writes nothing, so this is a frame of theirs
        release.set()
        for thread in threads:
            thread.join(30)
        assert answers == ["refused"] * callers and disk.fired
        with database.read() as connection:
            assert connection.execute("SELECT count(*) FROM changes").fetchone()[0] == 0
        call(1)  # the same connection works again
        assert answers[-1] == "kept"
        database.close()


def test_who_comes_while_another_process_holds_the_lock_waits_for_one_time_out_only(
    empty_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """All of them share the first one's refusal: one time-out, not one each."""
    database, refused = empty_database, list[str]()
    database.write(lambda tx: tx.execute("PRAGMA busy_timeout=1500"))

    def call() -> None:
        with pytest.raises(StorageError):
            database.write(lambda tx: tx.execute("DELETE FROM changes"))
        refused.append("refused")

    with contextlib.closing(sqlite3.connect(database.path, isolation_level=None)) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        threads = [threading.Thread(target=call) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert refused == ["refused"] * 20
    assert [record.getMessage() for record in caplog.records] == ["storage failed"]


# ---------------------------------------------------------------- starting


def _garbage(path: Path) -> None:
    path.write_bytes(os.urandom(20_000))


def _garbled(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:12288] = b"\xee" * 8192
    path.write_bytes(data)


def _newer(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO schema_migrations VALUES ('9999_future', 1)")
        connection.commit()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "garbage": _garbage,
    "garbled": _garbled,
    "truncated": lambda path: os.truncate(path, path.stat().st_size // 2 + 7),
    "empty": lambda path: os.truncate(path, 0),
    "vanished": Path.unlink,
    "newer": _newer,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_database_that_must_not_be_touched_is_refused_with_a_page(config: Config, damage: str) -> None:
    create_app(config).extensions["inbox"].stop()
    path = config.database_path
    DAMAGES[damage](path)
    before = _fingerprint(path)
    client = create_app(config).test_client()
    page = client.get("/inbox")
    assert page.status_code == 503 and page.mimetype == "text/html"
    assert "chat_history.db" in page.text or "newer version" in page.text
    assert post_webhook(client, inbound(message())).status_code == 503
    assert client.get("/api/chats").status_code == client.get("/healthz").status_code == 503
    assert _fingerprint(path) == before


def _fingerprint(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[InboxServer]:
    """A server that has run before, on a folder that can be made read-only."""
    data = tmp_path / "data"
    data.mkdir()
    with _own_disk(data):
        server = InboxServer(data)
        try:
            server.start()
            server.stop()
            yield server
        finally:
            server.kill()


def test_a_start_on_a_read_only_folder_refuses_and_ends_by_itself(stopped: InboxServer) -> None:
    """Root passes every chmod: there the folder is a file system of its own, mounted read-only."""
    with _read_only(stopped.data_dir):
        stopped.launch()
        assert _until(lambda: _deliver(stopped) == 503)
        status, page = stopped.get("/inbox")
        assert status == 503 and b"chat_history.db" in page
    assert _until(lambda: _deliver(stopped) == 200)
    assert _until(stopped.is_healthy)


def test_a_start_while_another_process_holds_the_lock_reads_and_refuses(stopped: InboxServer) -> None:
    with contextlib.closing(sqlite3.connect(stopped.database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        stopped.launch()
        assert _until(lambda: stopped.get("/login")[0] in (200, 302))
        assert _deliver(stopped) == 503
        pids = stopped.pids()
        connection.execute("ROLLBACK")
    assert _until(lambda: _deliver(stopped) == 200)
    assert _until(stopped.is_healthy) and stopped.pids() == pids


def _deliver(server: InboxServer) -> int:
    body = b'{"object": "whatsapp_business_account", "entry": []}'
    return server.call("POST", "/webhook/whatsapp", body, sign(body), timeout=30)[0]


def _until(condition: Callable[[], bool], seconds: float = 40) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if condition():
                return True
        time.sleep(0.1)
    return False


@contextlib.contextmanager
def _own_disk(folder: Path) -> Iterator[None]:
    if os.geteuid() != 0:
        yield
        return
    mounted = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(folder)], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("root that may not mount: nothing binds it")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=True)


@contextlib.contextmanager
def _read_only(folder: Path) -> Iterator[None]:
    def remount(how: str) -> None:
        if os.geteuid() == 0:
            subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], capture_output=True, check=True)
        else:
            for path in (folder, *folder.glob("chat_history.db*")):
                path.chmod((0o555 if how == "ro" else 0o755) if path.is_dir() else (0o444 if how == "ro" else 0o644))

    remount("ro")
    try:
        yield
    finally:
        remount("rw")
