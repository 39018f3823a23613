"""`bin/live-check google`: each real call once, with the owner's own account. The tests only ever speak to a model of ours."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import click
from flask.cli import with_appcontext

from core.errors import AppError, RemoteError, SetupError
from drive_manager import DriveStore
from features.google_account import actions as google
from features.google_account import drive
from integrations.google.errors import Kind, classify
from integrations.google.people import PeopleClient
from integrations.google.upload import ONE_REQUEST_BELOW, NewFile
from web.services import Services, services

SMALL = b"This file may be deleted: it was made by bin/live-check.\n"
LARGE_SIZE = ONE_REQUEST_BELOW + 100_001  # two chunks, the last one odd


class Skipped(Exception):
    """It is not connected here; the text says what is missing."""


@dataclass(frozen=True)
class Step:
    """`run` raises, or returns a word about what came."""

    name: str
    run: Callable[[], object]


def check_google(parts: Services) -> Iterator[Step]:
    """Contacts are counted. Drive, in a folder of ours: everything that the archive and the backups do, and it cleans up."""
    account = google.account(parts)
    if account is None:
        raise Skipped("no Google account is connected")
    yield Step("a fresh token", lambda: account.credentials(renew=True) and account.email)
    if account.has("contacts"):
        yield Step("contacts", lambda: f"{len(PeopleClient(account).changes(None).people)} people")
    if not account.has("drive"):
        raise Skipped("the permission for Drive was not given")
    store = drive.connect(parts)
    yield Step("room left", lambda: drive.as_json(drive.DriveState(used=store.storage().used, limit=store.storage().limit)))
    yield Step("our folder", lambda: drive.folder(parts, store, "live-check"))
    folder_id = drive.folder(parts, store, "live-check")
    yield from _one_file(store, folder_id, "in one request", SMALL)
    yield from _one_file(store, folder_id, "in chunks", os.urandom(LARGE_SIZE))
    yield Step("delete the folder", lambda: _remove_folder(parts, store, folder_id))


def _one_file(store: DriveStore, folder_id: str, name: str, content: bytes) -> Iterator[Step]:
    new = NewFile(store.new_id(), f"live-check {name}", "text/plain", len(content), folder_id, "live-check")

    def upload() -> str:
        done = store.put(io.BytesIO(content), new)
        digests = {hashlib.sha256(content).hexdigest(), hashlib.md5(content).hexdigest()}
        return expect(done.sha256 in digests or done.md5 in digests, "checksum compared")

    def again() -> str:
        try:
            store.put(io.BytesIO(content), new)
        except Exception as error:
            return expect(classify(error).kind is Kind.DONE_ALREADY, "refused, as it should be")
        raise RemoteError("a second file was made")

    def read() -> str:
        return expect(store.read(new.id, 5, 25) == content[5:25], "20 bytes from the middle")

    def find() -> str:
        return expect(any(file.id == new.id for file in store.newest("live-check")), "by its mark")

    yield Step(f"upload {name}", upload)
    yield Step(f"the same id {name} again", again)
    yield Step(f"range of the file {name}", read)
    yield Step(f"find the file {name}", find)
    yield Step(f"delete the file {name}", lambda: store.delete(new.id))


def _remove_folder(parts: Services, store: DriveStore, folder_id: str) -> None:
    store.delete(folder_id)
    parts.db.write(drive.forget_folder, "live-check")


def expect(is_so: bool, words: str) -> str:
    if not is_so:
        raise RemoteError("not what was expected")
    return words


@click.command("google")
@with_appcontext
def google_command() -> None:
    """Every kind of call to Google once, in a folder of its own that is removed again."""
    report(check_google(services()))


def report(steps: Iterator[Step]) -> None:
    """For a command. Raises ClickException when a call failed."""
    if not run(steps, click.echo):
        raise click.ClickException("Not everything worked.")


def run(steps: Iterator[Step], say: Callable[[str], object]) -> bool:
    """False when a call failed; it ends there. What is not connected is only said."""
    name = "set-up"
    try:
        for step in steps:
            name = step.name
            answer = step.run()
            say(f"ok      {name}" + (f" ({answer})" if answer else ""))
    except Skipped as reason:
        say(f"Skipped: {reason}.")
    except (AppError, SetupError) as error:
        say(f"FAILED  {name}: {error}")
        return False
    except Exception as error:
        failure = classify(error)
        say(f"FAILED  {name}: {failure.message} {failure.reason} {failure.status or ''}".rstrip())
        return False
    return True
