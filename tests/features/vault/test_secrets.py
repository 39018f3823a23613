"""Secrets at rest: sealed in the database, opened only with the key file beside it."""

from __future__ import annotations

import stat

import pytest
from flask import Flask

from core.errors import StorageError
from features.vault import actions
from features.vault.sealing import FILE_NAME, SecretUnreadable
from web.services import Services

TOKEN = {"token": "canary-token-91"}


@pytest.fixture
def parts(app: Flask) -> Services:
    return app.extensions["services"]  # type: ignore[no-any-return]


def keep(parts: Services, name: str, value: dict[str, str]) -> None:
    sealed = actions.seal(parts, value)
    parts.db.write(lambda tx: actions.keep(tx, name, sealed))


def stored(parts: Services) -> list[bytes]:
    with parts.db.read() as connection:
        return [bytes(row[0]) for row in connection.execute("SELECT sealed FROM secrets")]


def test_kept_read_replaced_and_forgotten(parts: Services) -> None:
    assert actions.read(parts, "google") is None
    keep(parts, "google", TOKEN)
    assert actions.read(parts, "google") == TOKEN
    keep(parts, "google", {"token": "another"})
    assert actions.read(parts, "google") == {"token": "another"}
    parts.db.write(lambda tx: actions.forget(tx, "google"))
    assert actions.read(parts, "google") is None


def test_neither_the_database_nor_its_backup_holds_the_words_or_the_key(parts: Services) -> None:
    keep(parts, "google", TOKEN)
    key_file = parts.config.data_dir / FILE_NAME
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    secrets = [TOKEN["token"].encode(), key_file.read_bytes().strip()]
    for path in parts.config.data_dir.glob("chat_history.db*"):
        assert not [secret for secret in secrets if secret in path.read_bytes()], path
    assert all(secret not in sealed for secret in secrets for sealed in stored(parts))


def test_a_rotation_seals_all_anew_and_older_backups_still_open(parts: Services) -> None:
    keep(parts, "google", TOKEN)
    keep(parts, "number:1", {"token": "of the number"})
    [old, _] = stored(parts)
    assert actions.rotate(parts) == (2, [])
    assert old not in stored(parts)
    assert actions.read(parts, "google") == TOKEN and actions.read(parts, "number:1") == {"token": "of the number"}
    parts.db.write(lambda tx: actions.keep(tx, "google", old))  # as a restored backup has it
    assert actions.read(parts, "google") == TOKEN
    assert len((parts.config.data_dir / FILE_NAME).read_text().split()) == 2


@pytest.mark.parametrize("damage", ["", "not a key\n", None])
def test_a_lost_or_damaged_key_is_told_never_guessed(parts: Services, damage: str | None) -> None:
    keep(parts, "google", TOKEN)
    key_file = parts.config.data_dir / FILE_NAME
    key_file.unlink() if damage is None else key_file.write_text(damage)
    with pytest.raises(SecretUnreadable):
        actions.read(parts, "google")


def test_no_room_for_the_key_is_a_storage_error(parts: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("features.vault.sealing.os.open", full)
    with pytest.raises(StorageError):
        actions.seal(parts, TOKEN)


def test_a_damaged_key_file_seals_nothing_and_is_left_alone(parts: Services) -> None:
    key_file = parts.config.data_dir / FILE_NAME
    key_file.write_text("")
    with pytest.raises(StorageError):
        actions.seal(parts, TOKEN)
    assert key_file.read_text() == ""


def test_the_first_key_appears_whole_and_the_second_maker_takes_it(parts: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(parts, "google", TOKEN)
    key_file = parts.config.data_dir / FILE_NAME
    key = key_file.read_text()
    monkeypatch.setattr(type(key_file), "exists", lambda self: False)  # looked a moment before it was there
    actions.seal(parts, TOKEN)
    assert key_file.read_text() == key
    assert list(key_file.parent.glob(f"{FILE_NAME}*")) == [key_file]
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


def test_a_key_file_of_another_user_counts_as_lost(parts: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(parts, "google", TOKEN)

    def refused(*_: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("features.vault.sealing.Path.read_text", refused)  # made by root, on the command line
    with pytest.raises(SecretUnreadable):
        actions.read(parts, "google")


def test_the_command_names_what_no_key_opens(app: Flask, parts: Services) -> None:
    keep(parts, "google", TOKEN)
    assert app.test_cli_runner().invoke(args=["secrets", "rotate"]).output == "Encrypted 1 with a new key.\n"
    (parts.config.data_dir / FILE_NAME).unlink()
    done = app.test_cli_runner().invoke(args=["secrets", "rotate"])
    assert done.exit_code == 1 and "google" in done.output
