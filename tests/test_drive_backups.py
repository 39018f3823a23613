"""Copies of the database in the owner's Google Drive, against our own model of Drive: daily, 14 kept, one command back."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from core.reason import Reason
from db_manager import Database
from features.backups import actions as backups
from features.google_account import actions, drive
from integrations.google.errors import Failure, Kind
from system import clock
from tests.builders import NOON
from tests.fakes.google_account import connect, connect_service_account, hang_up, switch
from tests.fakes.google_server import FULL, Answer, Cut, GoogleServer, error_body, google_server
from web.services import Services

DAY = 24 * 3600


@pytest.fixture
def google(services: Services) -> Iterator[GoogleServer]:
    with google_server() as server, clock.freeze(NOON):
        connect(services, server, backups=True)
        yield server
        hang_up(services)


def make_daily(services: Services) -> str:
    return backups.make_daily(services.db, services.config.data_dir).name


def names(google: GoogleServer) -> list[str]:
    return sorted(item["name"] for item in google.stored("backup"))


def test_the_daily_copy_goes_to_drive_once(services: Services, google: GoogleServer) -> None:
    name = make_daily(services)
    assert backups.send_to_drive(services) == f"{name}.gz"
    assert backups.send_to_drive(services) == f"{name}.gz"
    (item,) = google.stored("backup")
    assert gzip.decompress(item["_bytes"]).startswith(b"SQLite format 3")
    assert google.files[item["parents"][0]]["name"] == "backups"


def test_nothing_is_sent_while_it_is_off(services: Services, google: GoogleServer) -> None:
    switch(services, backups=False)
    make_daily(services)
    assert backups.send_to_drive(services) is None
    assert names(google) == []


def test_14_are_kept(services: Services, google: GoogleServer) -> None:
    for day in range(17):
        with clock.freeze(NOON + day * DAY):
            newest = make_daily(services)
            backups.send_to_drive(services)
    assert len(names(google)) == 14
    assert names(google)[-1] == f"{newest}.gz"


def test_14_are_kept_on_a_shared_drive_too(services: Services, google: GoogleServer) -> None:
    connect_service_account(services, google, backups=True)
    for day in range(16):
        with clock.freeze(NOON + day * DAY):
            make_daily(services)
            assert backups.send_to_drive(services)
    assert sum(not item["trashed"] for item in google.stored("backup")) == 14
    assert len(names(google)) == 16  # the others are in the bin, which a content manager cannot empty


@pytest.mark.parametrize("outcome", [Answer(503), Cut(), Answer(403, error_body(403, *FULL))], ids=["busy", "cut", "full"])
def test_what_google_does_not_take_comes_again(services: Services, google: GoogleServer, outcome: Exception) -> None:
    make_daily(services)
    google.fail("POST", "/upload/", outcome)
    assert backups.send_to_drive(services) is None
    with clock.freeze(NOON + 2 * 3600):
        assert backups.send_to_drive(services)
    assert len(names(google)) == 1
    with services.db.read() as connection:
        assert drive.state(connection).trouble is None


def test_a_full_drive_stays_in_sight_while_there_is_nothing_to_send(services: Services, google: GoogleServer) -> None:
    make_daily(services)
    backups.send_to_drive(services)
    full = Failure(Kind.QUOTA, Reason("google.full"))
    services.db.write(lambda tx: drive.meet(tx, full, None))  # by a file of the archive
    with clock.freeze(NOON + 2 * 3600):
        assert backups.send_to_drive(services)
    with services.db.read() as connection:
        assert drive.state(connection).trouble == "quota"
    with clock.freeze(NOON + DAY):
        make_daily(services)
        backups.send_to_drive(services)
    with services.db.read() as connection:
        assert drive.state(connection).trouble is None


def test_a_copy_whose_answer_was_lost_is_found_again(services: Services, google: GoogleServer) -> None:
    make_daily(services)
    google.fail("POST", "/upload/", Cut(), stage="after")
    assert backups.send_to_drive(services) is None
    away = Failure(Kind.RETRY, Reason("google.unreachable"))
    for _ in range(drive.FAILURES_TO_SHOW):
        services.db.write(lambda tx: drive.meet(tx, away, None))
    with clock.freeze(NOON + 3600):
        assert backups.send_to_drive(services)
    with services.db.read() as connection:
        assert drive.state(connection).trouble is None
    with clock.freeze(NOON + 7200):
        assert backups.send_to_drive(services)
    assert len(names(google)) == 1
    with services.db.read() as connection:
        assert actions.last_backup(connection) == {"name": names(google)[0], "at": NOON + 3600}


def test_what_a_kill_left_in_the_middle_is_not_kept(services: Services, google: GoogleServer) -> None:
    name = make_daily(services)
    folder = services.config.data_dir / "backups"
    (folder / "to-drive.gz").write_bytes(b"half")
    assert backups.send_to_drive(services)
    assert [path.name for path in folder.iterdir()] == [name]


@pytest.mark.parametrize("renamed", ["../../escaped.db.gz", "zzz.db.gz"])
def test_a_file_that_somebody_renamed_is_no_backup(
    app: Flask, services: Services, google: GoogleServer, renamed: str
) -> None:
    make_daily(services)
    backups.send_to_drive(services)
    google.stored("backup")[0]["name"] = renamed
    done = app.test_cli_runner().invoke(args=["db", "restore-from-drive"])
    assert done.exit_code == 1 and "no such backup" in done.output
    assert not (services.config.data_dir.parent / "escaped.db.gz").exists()


def test_a_copy_that_arrives_damaged_is_removed(services: Services, google: GoogleServer) -> None:
    make_daily(services)
    google.spoil = 1
    assert backups.send_to_drive(services) is None
    assert names(google) == []


def contents(db: Database) -> set[str]:
    connection = sqlite3.connect(db.path)
    try:
        return {row[0] for row in connection.execute("SELECT key FROM settings")}
    finally:
        connection.close()


def test_one_command_restores_the_newest(app: Flask, services: Services, google: GoogleServer) -> None:
    services.db.write(lambda tx: tx.execute("INSERT INTO settings VALUES ('before', '1', 0)"))
    make_daily(services)
    backups.send_to_drive(services)
    services.db.write(lambda tx: tx.execute("INSERT INTO settings VALUES ('after', '1', 0)"))
    done = app.test_cli_runner().invoke(args=["db", "restore-from-drive"])
    assert done.exit_code == 0, done.output
    assert "before" in contents(services.db) and "after" not in contents(services.db)


def as_another_installation(google: GoogleServer, whose: str | None) -> list[dict[str, Any]]:
    """What lies there now was sent by somebody else, or by a version that did not say by whom."""
    items = google.stored("backup")
    for item in items:
        item["appProperties"].pop("installation", None)
        if whose:
            item["appProperties"]["installation"] = whose
    return items


def test_two_installations_in_one_drive_leave_each_others_backups_alone(services: Services, google: GoogleServer) -> None:
    first = f"{make_daily(services)}.gz"
    backups.send_to_drive(services)
    as_another_installation(google, "0ld")
    for day in range(16):
        with clock.freeze(NOON + day * DAY):
            make_daily(services)
            assert backups.send_to_drive(services)
    assert len(names(google)) == 15
    assert names(google).count(first) == 1
    (theirs,) = [item for item in google.stored("backup") if item["appProperties"]["installation"] == "0ld"]
    assert theirs["name"] == first


def test_a_fresh_servers_own_backup_is_not_taken_for_the_lost_ones(
    app: Flask, services: Services, google: GoogleServer
) -> None:
    restore = app.test_cli_runner().invoke
    services.db.write(lambda tx: tx.execute("INSERT INTO settings VALUES ('lost', '1', 0)"))
    lost = make_daily(services)
    backups.send_to_drive(services)
    as_another_installation(google, "0ld")
    services.db.write(lambda tx: tx.execute("DELETE FROM settings WHERE key = 'lost'"))
    with clock.freeze(NOON + DAY):
        fresh = make_daily(services)
        backups.send_to_drive(services)
    done = restore(args=["db", "restore-from-drive"])
    assert done.exit_code == 1
    first, second = sorted(line.split() for line in done.output.splitlines() if "chat_history" in line)
    assert (first[0], first[1:3], first[-1]) == (lost, ["0.0", "MB"], "0ld")
    assert second[0] == fresh and second[-2:] == ["(this", "one)"]
    assert restore(args=["db", "restore-from-drive", "--from", "another"]).exit_code == 1
    assert restore(args=["db", "restore-from-drive", "--from", "0ld"]).exit_code == 0
    assert "lost" in contents(services.db)


def test_backups_that_do_not_say_whose_they_are_come_back_too(app: Flask, services: Services, google: GoogleServer) -> None:
    make_daily(services)
    backups.send_to_drive(services)
    as_another_installation(google, None)
    assert app.test_cli_runner().invoke(args=["db", "restore-from-drive"]).exit_code == 0


def test_a_name_that_is_not_there_changes_nothing(app: Flask, services: Services, google: GoogleServer) -> None:
    done = app.test_cli_runner().invoke(args=["db", "restore-from-drive", "chat_history-19990101.db"])
    assert done.exit_code == 1 and "no such backup" in done.output


def test_without_google_the_command_says_what_is_missing(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["db", "restore-from-drive"])
    assert done.exit_code == 1 and "not connected" in done.output
