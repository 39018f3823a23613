"""HOW we talk to SQLite: group commit, savepoints, storage errors, refusing to start, backup and restore."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

import pytest

import db_manager
from core.errors import SetupError, StorageError
from db_manager import Database, Transaction, sqlite3


def insert_change(tx: Transaction) -> int:
    return int(tx.execute("INSERT INTO changes (kind, origin, at) VALUES ('x', 'live', 1)").lastrowid or 0)


def count(db: Database) -> int:
    with db.read() as connection:
        return int(connection.execute("SELECT count(*) FROM changes").fetchone()[0])


def test_this_sqlite_is_free_of_the_wal_reset_bug() -> None:
    assert db_manager.wal_is_safe(), sqlite3.sqlite_version


@pytest.mark.parametrize(
    ("version", "safe"),
    [((3, 40, 1), False), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 53, 4), True), ((3, 50, 7), True),
     ((3, 50, 6), False), ((3, 44, 6), True), ((3, 44, 5), False), ((3, 45, 0), False)],
)  # fmt: skip
def test_versions_with_the_wal_reset_bug_are_known(version: tuple[int, ...], safe: bool) -> None:
    assert db_manager.wal_is_safe(version) is safe


def test_pragmas_of_writer_and_readers(empty_database: Database) -> None:
    names = ("synchronous", "journal_mode", "foreign_keys", "trusted_schema")
    writer = empty_database.write(lambda tx: [tx.execute(f"PRAGMA {name}").fetchone()[0] for name in names])
    assert writer == [2, "wal", 1, 0]
    with empty_database.read() as connection, pytest.raises(sqlite3.OperationalError):
        connection.execute("DELETE FROM changes")


def test_statements_that_take_turns_are_parsed_once(empty_database: Database) -> None:
    """SQLite asks its authorizer once for each parsing."""
    turn = [f"SELECT seq, {number} FROM changes" for number in range(7)]
    parsed: list[str] = []

    def note(*_: object) -> int:
        parsed.append("one")
        return sqlite3.SQLITE_OK

    def say(tx: Transaction) -> tuple[int, int]:
        for number in range(500):  # as many as the whole product has, and more
            tx.execute(f"SELECT {number} FROM changes")
        tx.connection.set_authorizer(note)
        counts = []
        for _ in range(3):
            for sql in turn:
                tx.execute(sql)
            counts.append(len(parsed))
        return counts[0], counts[2]

    first, all_three = empty_database.write(say)
    assert first > 0 and all_three == first


def test_a_write_function_that_raises_undoes_itself_alone(empty_database: Database) -> None:
    release = threading.Event()
    results: list[object] = []

    def good() -> None:
        results.append(empty_database.write(insert_change))

    def bad() -> None:
        def fn(tx: Transaction) -> None:
            insert_change(tx)
            raise ValueError("mine")

        with pytest.raises(ValueError, match="mine"):
            empty_database.write(fn)
        results.append("raised")

    def hold(tx: Transaction) -> None:
        release.wait(5)

    threads = [threading.Thread(target=target) for target in (lambda: empty_database.write(hold), good, bad, good)]
    for thread in threads:
        thread.start()
    release.set()
    for thread in threads:
        thread.join(5)
    assert count(empty_database) == 2
    assert results.count("raised") == 1


def test_callers_that_wait_share_one_commit(empty_database: Database) -> None:
    commits: list[str] = []
    empty_database.write(lambda tx: tx.connection.set_trace_callback(commits.append))
    started, release = threading.Event(), threading.Event()

    def hold(tx: Transaction) -> None:
        started.set()
        release.wait(5)

    holder = threading.Thread(target=lambda: empty_database.write(hold))
    holder.start()
    started.wait(5)
    writers = [threading.Thread(target=lambda: empty_database.write(insert_change)) for _ in range(20)]
    for thread in writers:
        thread.start()
    while empty_database._jobs.qsize() < 20:
        pass
    commits.clear()
    release.set()
    for thread in [holder, *writers]:
        thread.join(5)
    assert count(empty_database) == 20
    assert sum(sql.startswith("COMMIT") for sql in commits) == 2  # the holder's, and one for all twenty


def test_a_failing_commit_fails_every_caller_of_its_group(empty_database: Database) -> None:
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = 13

    def disk_full(tx: Transaction) -> None:
        insert_change(tx)
        raise full

    with pytest.raises(StorageError):
        empty_database.write(disk_full)
    assert count(empty_database) == 0
    assert empty_database.last_storage_error is not None
    empty_database.write(insert_change)  # the same connection works again
    assert empty_database.last_storage_error is None


def test_a_storage_error_is_never_taken_for_an_error_of_the_data(empty_database: Database) -> None:
    full = sqlite3.OperationalError("disk I/O error")
    full.sqlite_errorcode = 10

    def failing() -> None:
        raise full

    def fn(tx: Transaction) -> None:
        insert_change(tx)
        tx.attempt(failing)

    with pytest.raises(StorageError):
        empty_database.write(fn)
    assert count(empty_database) == 0


def test_an_attempt_that_fails_leaves_its_neighbours(empty_database: Database) -> None:
    def fn(tx: Transaction) -> Exception | None:
        tx.attempt(lambda: insert_change(tx))
        error = tx.attempt(lambda: tx.execute("INSERT INTO changes (kind, origin, at) VALUES ('x', 'nonsense', 1)"))
        tx.attempt(lambda: insert_change(tx))
        return error

    assert isinstance(empty_database.write(fn), sqlite3.IntegrityError)
    assert count(empty_database) == 2


def test_signals_are_set_only_after_the_commit(empty_database: Database) -> None:
    def fails(tx: Transaction) -> None:
        tx.wake("outbox")
        raise ValueError

    with contextlib.suppress(ValueError):
        empty_database.write(fails)
    assert empty_database.signal("outbox").wait(0) is False
    empty_database.write(lambda tx: tx.wake("outbox"))
    assert empty_database.signal("outbox").wait(1) is True


def test_nested_writes_are_refused(empty_database: Database) -> None:
    with pytest.raises(RuntimeError, match="inside a write function"):
        empty_database.write(lambda tx: empty_database.write(insert_change))


def test_a_closed_database_says_so(empty_database: Database) -> None:
    empty_database.write(insert_change)
    empty_database.close()
    with pytest.raises(StorageError):
        empty_database.write(insert_change)
    with pytest.raises(StorageError), empty_database.read():
        pass


# ---------------------------------------------------------------- refusing to start


def made(folder: Path) -> Path:
    path = folder / "chat_history.db"
    database = Database(path).open()
    database.write(insert_change)
    database.close()
    return path


def test_an_emptied_file_is_not_replaced(tmp_path: Path) -> None:
    path = made(tmp_path)
    path.write_bytes(b"")
    with pytest.raises(SetupError, match="empty"):
        Database(path).open()
    assert path.read_bytes() == b""


def test_a_vanished_file_is_not_replaced(tmp_path: Path) -> None:
    path = made(tmp_path)
    path.unlink()
    with pytest.raises(SetupError, match="missing"):
        Database(path).open()
    assert not path.exists()


@pytest.mark.parametrize("damage", ["header", "pages", "truncated"])
def test_a_damaged_file_is_refused_and_left_alone(tmp_path: Path, damage: str) -> None:
    path = made(tmp_path)
    data = bytearray(path.read_bytes())
    if damage == "header":
        data[:100] = b"\xee" * 100
    elif damage == "pages":
        data[4096:12288] = b"\xee" * 8192
    else:
        data = data[: len(data) // 2 + 7]
    path.write_bytes(data)
    with pytest.raises(SetupError):
        Database(path).open()
    assert path.read_bytes() == bytes(data)


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO schema_migrations VALUES ('9999_future', 1)")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(SetupError, match="newer version"):
        Database(path).open()
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "chat_history.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (id INTEGER)")
    with pytest.raises(SetupError, match="another program"):
        Database(path).open()


def test_another_installation_is_not_taken_over_silently(tmp_path: Path) -> None:
    here, there = made(tmp_path / "a"), made(tmp_path / "b")
    here.write_bytes(there.read_bytes())
    with pytest.raises(SetupError, match="another installation"):
        Database(here).open()


# ---------------------------------------------------------------- migrations


def test_a_failing_migration_is_undone_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    folder.mkdir()
    for file in db_manager.MIGRATIONS_DIR.glob("*.sql"):
        (folder / file.name).write_text(file.read_text())
    (folder / "9000_half.sql").write_text("CREATE TABLE half (id INTEGER);\nCREATE TABLE half (id INTEGER);\n")
    path = made(tmp_path)
    with pytest.raises(SetupError, match="9000_half"):
        Database(path).open(migrations=folder)
    database = Database(path).open()
    with database.read() as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").fetchone()[0] == 0
    database.close()


def test_the_example_file_has_the_schema_of_the_migrations(tmp_path: Path) -> None:
    shipped = Path(db_manager.__file__).parent / "chat_history.db.example"
    db_manager.make_example(tmp_path / "fresh.db")
    assert db_manager.schema_of(shipped) == db_manager.schema_of(tmp_path / "fresh.db")
    assert len(db_manager.schema_of(shipped)) > 20


# ---------------------------------------------------------------- backup and restore


def test_a_backup_under_writes_holds_everything_acknowledged_before_it(empty_database: Database, tmp_path: Path) -> None:
    stop = threading.Event()

    def keep_writing() -> None:
        while not stop.is_set():
            empty_database.write(insert_change)

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        for number in range(5):
            before = count(empty_database)
            target = tmp_path / f"copy{number}.db"
            db_manager.backup(empty_database.path, target)
            with contextlib.closing(sqlite3.connect(target)) as copy:
                assert copy.execute("SELECT count(*) FROM changes").fetchone()[0] >= before
            assert db_manager.check(target) == []
    finally:
        stop.set()
        writer.join(5)


def test_after_a_restore_every_open_browser_is_told_to_reload(tmp_path: Path) -> None:
    from features.changes.queries import bounds

    path = made(tmp_path)
    db_manager.backup(path, tmp_path / "copy.db")
    database = Database(path).open()
    for _ in range(50):
        database.write(insert_change)
    with database.read() as connection:
        newest_seen = bounds(connection)[0]
    database.close()
    kept = db_manager.restore(path, tmp_path / "copy.db")
    assert kept is not None and kept.exists()
    database = Database(path).open()
    with database.read() as connection:
        newest, oldest = bounds(connection)
    assert oldest > newest_seen
    database.write(insert_change)
    with database.read() as connection:
        assert bounds(connection)[0] > newest
    database.close()


def test_restore_refuses_while_a_server_holds_the_folder(tmp_path: Path) -> None:
    path = made(tmp_path)
    db_manager.backup(path, tmp_path / "copy.db")
    with db_manager.hold_data_folder(tmp_path), pytest.raises(SetupError, match="Another server"):
        db_manager.restore(path, tmp_path / "copy.db")


def test_restore_refuses_what_is_not_a_sound_backup(tmp_path: Path) -> None:
    path = made(tmp_path)
    before = path.read_bytes()
    (tmp_path / "junk.db").write_bytes(b"junk" * 1000)
    with pytest.raises(SetupError):
        db_manager.restore(path, tmp_path / "junk.db")
    assert path.read_bytes() == before


def test_a_second_server_is_refused_after_waiting(tmp_path: Path) -> None:
    with db_manager.hold_data_folder(tmp_path), pytest.raises(SetupError, match="Another server"):
        with db_manager.hold_data_folder(tmp_path, wait_s=0.2):
            pass
