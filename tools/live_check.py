"""Each real call once, with the owner's own credentials: the tests only ever speak to models of ours.

A subject is a function that yields `Step`s; they run in order, and the first one that fails ends its subject.
"""

from __future__ import annotations

import hashlib
import io
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app import create_app
from core.errors import AppError, RemoteError, SetupError
from core.tables import SourceError
from drive_manager import DriveStore
from features.customer_sync import chosen as chosen_list
from features.google_account import actions as google
from features.google_account import drive
from integrations.google_errors import Kind, NotConnected, classify
from integrations.google_upload import ONE_REQUEST_BELOW, NewFile
from web.services import Services

SMALL = b"This file may be deleted: it was made by bin/live-check.\n"
LARGE_SIZE = ONE_REQUEST_BELOW + 100_001  # two chunks, the last one odd


class Skipped(Exception):
    """The subject is not connected here; the text says what is missing."""


@dataclass(frozen=True)
class Step:
    """`run` raises, or returns a word about what came."""

    name: str
    run: Callable[[], object]


def check_google(parts: Services) -> Iterator[Step]:
    """Drive, in a folder of ours: everything that the archive and the backups do, and it cleans up after itself."""
    account = google.account(parts)
    if account is None:
        raise Skipped("no Google account is connected")
    yield Step("a fresh token", lambda: account.credentials(renew=True) and account.email)
    if not account.has("drive"):
        raise Skipped("the permission for Drive was not given")
    store = drive.connect(parts)
    yield Step("room left", lambda: drive.as_json(drive.DriveState(used=store.storage().used, limit=store.storage().limit)))
    yield Step("our folder", lambda: drive.folder(parts, store, "live-check"))
    folder_id = drive.folder(parts, store, "live-check")
    yield from _one_file(store, folder_id, "in one request", SMALL)
    yield from _one_file(store, folder_id, "in chunks", os.urandom(LARGE_SIZE))
    yield Step("delete the folder", lambda: _remove_folder(parts, store, folder_id))


def check_sheet(parts: Services) -> Iterator[Step]:
    """The Google Sheet that is in use: two reads, nothing is written."""
    with parts.db.read() as connection:
        chosen = chosen_list.read(connection, parts.config)
    if chosen.kind != "sheet":
        raise Skipped("no Google Sheet is the Customer List")
    client = chosen_list.sheets(parts, patience=10)
    yield Step("tabs", lambda: ", ".join(tab.title for tab in client.tabs(chosen.place.sheet_id)[1]))
    source = chosen_list.open_source(parts, chosen, patience=10)
    yield Step("rows", lambda: f"{len(source.read().rows)} rows")


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
    parts.db.write(lambda tx: drive.forget_folder(tx, "live-check"))


def expect(is_so: bool, words: str) -> str:
    if not is_so:
        raise RemoteError("not what was expected")
    return words


SUBJECTS: dict[str, Callable[[Services], Iterator[Step]]] = {"google": check_google, "sheet": check_sheet}


def run(parts: Services, subjects: list[str], say: Callable[[str], object] = print) -> bool:
    """False when a call failed; what is not connected is only said."""
    is_good = True
    for subject in subjects:
        try:
            for step in SUBJECTS[subject](parts):
                answer = step.run()
                say(f"ok      {subject}: {step.name}" + (f" ({answer})" if answer else ""))
        except (Skipped, NotConnected) as reason:
            say(f"skipped {subject}: {reason}")
        except (AppError, SetupError, SourceError) as error:
            say(f"FAILED  {subject}: {error}")
            is_good = False
        except Exception as error:
            failure = classify(error)
            say(f"FAILED  {subject}: {step.name}: {failure.message} {failure.reason} {failure.status or ''}".rstrip())
            is_good = False
    return is_good


def main(arguments: list[str]) -> int:
    if unknown := [name for name in arguments if name not in SUBJECTS]:
        print(f"There is no check of {', '.join(unknown)}; there are: {', '.join(SUBJECTS)}.", file=sys.stderr)
        return 2
    app = create_app()
    try:
        return 0 if run(app.extensions["services"], arguments or list(SUBJECTS)) else 1
    finally:
        app.extensions["inbox"].stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
