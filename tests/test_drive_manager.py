"""The store: whole files or none, by their content, inside its folder, and never at the database's expense."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest

import drive_manager
from core.errors import SetupError
from drive_manager import DiskLow, FileTooLarge, LocalStore, Stored

DATA = b"a photo of a kayak"
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "media")


def put(store: LocalStore, data: bytes = DATA) -> Stored:
    with store.open_sink() as sink:
        sink.write(data)
        return sink.commit()


def incoming(store: LocalStore) -> list[Path]:
    return list((store.folder / "incoming").iterdir())


def files(store: LocalStore) -> list[str]:
    return sorted(path.relative_to(store.folder).as_posix() for path in store.folder.rglob("*") if path.is_file())


def test_a_file_is_found_by_its_content(store: LocalStore) -> None:
    assert put(store) == Stored(SHA, len(DATA))
    assert files(store) == [f"{SHA[:2]}/{SHA[2:4]}/{SHA}"]
    with store.open(SHA) as file:
        assert file.read() == DATA
    assert store.exists(SHA) and store.verify(SHA)


def test_only_this_user_can_read_it(store: LocalStore) -> None:
    put(store)
    path = store.path(SHA)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (path.parent, path.parent.parent)} == {0o700}


def test_the_same_bytes_are_kept_once(store: LocalStore) -> None:
    assert put(store) == put(store)
    assert len(files(store)) == 1


def test_a_damaged_file_is_noticed_and_healed_by_the_next_copy(store: LocalStore) -> None:
    put(store)
    store.path(SHA).write_bytes(b"rotten")
    assert not store.verify(SHA)
    put(store)
    assert store.verify(SHA)


def test_a_file_that_was_not_committed_leaves_nothing(store: LocalStore) -> None:
    with pytest.raises(RuntimeError), store.open_sink() as sink:
        sink.write(DATA)
        raise RuntimeError("the connection broke")
    assert files(store) == []


def test_it_has_no_name_before_it_is_complete_and_on_the_disk(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[str] = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(descriptor: int) -> None:
        happened.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def noted_replace(source: Any, target: Any) -> None:
        happened.append("name")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    put(store)
    assert happened == ["file", "folder", "folder", "name", "folder"]


def test_more_than_the_limit_is_refused_while_writing(store: LocalStore) -> None:
    with pytest.raises(FileTooLarge), store.open_sink(limit=10) as sink:
        sink.write(b"12345")
        sink.write(b"678901")
    assert files(store) == []


@pytest.mark.parametrize(
    "name", ["", "..", "../../etc/passwd", SHA.upper(), SHA + "\n", SHA[:-1], f"{SHA}/..", "..\u200b/" + SHA, "0" * 65]
)
def test_a_name_that_is_no_hash_never_becomes_a_path(store: LocalStore, name: str) -> None:
    for use in (store.path, store.open, store.exists, store.verify, store.thumbnail_path):
        with pytest.raises(ValueError):
            use(name)


def test_what_is_not_there_is_file_not_found(store: LocalStore) -> None:
    assert not store.exists(SHA) and not store.verify(SHA)
    with pytest.raises(FileNotFoundError):
        store.open(SHA)


def test_a_link_in_the_place_of_a_file_is_refused(store: LocalStore, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"not for you")
    put(store)
    store.path(SHA).unlink()
    store.path(SHA).symlink_to(secret)
    assert not store.exists(SHA)
    with pytest.raises(FileNotFoundError):
        store.open(SHA)
    put(store)  # takes the link's place, does not follow it
    assert secret.read_bytes() == b"not for you"
    assert store.verify(SHA)


def test_a_linked_folder_is_refused_for_reading_and_writing(store: LocalStore, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (store.folder / SHA[:2]).symlink_to(elsewhere)
    with pytest.raises(OSError):
        put(store)
    (elsewhere / SHA[2:4] / SHA).write_bytes(DATA)
    with pytest.raises(FileNotFoundError):
        store.open(SHA)
    assert incoming(store) == []


def test_a_pipe_in_the_place_of_a_file_does_not_hang(store: LocalStore) -> None:
    store.path(SHA).parent.mkdir(parents=True)
    os.mkfifo(store.path(SHA))
    with pytest.raises(FileNotFoundError):
        store.open(SHA)


def test_the_whole_store_may_be_a_link_to_a_larger_disk(tmp_path: Path) -> None:
    (tmp_path / "large").mkdir()
    (tmp_path / "media").symlink_to(tmp_path / "large")
    store = LocalStore(tmp_path / "media")
    put(store)
    assert store.verify(SHA)


def test_the_folder_for_new_files_may_not_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "incoming").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SetupError):
        LocalStore(tmp_path / "media")


def test_below_the_low_water_mark_nothing_is_taken(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    free = drive_manager.LOW_WATER_BYTES - 1
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 10**12 - free, free))
    with pytest.raises(DiskLow) as caught:
        store.open_sink()
    assert (caught.value.status, caught.value.code) == (503, "disk_low")
    store.low_water_bytes = 1024
    assert put(store).sha256 == SHA


def test_the_mark_is_watched_while_a_large_file_comes(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = iter([10**10, 10**10, 0])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 0, next(looks)))
    block = bytes(4 * drive_manager.MEGABYTE)
    with pytest.raises(DiskLow), store.open_sink() as sink:
        for _ in range(10):
            sink.write(block)
    assert sink.size == 16 * drive_manager.MEGABYTE
    assert files(store) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_up_under_us_is_told_in_the_same_way(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(_: int) -> None:
        raise OSError(number, "no space")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(DiskLow):
            put(store)
    assert files(store) == []
    assert put(store).sha256 == SHA  # without a restart


def test_another_failure_of_the_disk_is_not_called_full(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: int) -> None:
        raise OSError(errno.EIO, "i/o error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError) as caught:
        put(store)
    assert caught.value.errno == errno.EIO
    assert files(store) == []


def test_what_a_crash_left_is_swept_away_and_nothing_else(store: LocalStore) -> None:
    put(store)
    sink = store.open_sink()
    sink.write(DATA)
    sink._file.close()  # as after kill -9: the temporary file stays
    assert len(incoming(store)) == 1
    assert LocalStore(store.folder).sweep() == 1
    assert incoming(store) == []
    assert store.verify(SHA)


def test_a_thumbnail_stands_beside_its_picture(store: LocalStore) -> None:
    put(store)
    with pytest.raises(FileNotFoundError):
        store.open_thumbnail(SHA)
    store.put_thumbnail(SHA, b"small")
    with store.open_thumbnail(SHA) as file:
        assert file.read() == b"small"
    assert store.verify(SHA)
