"""The code that proves, through a proxy, that whoever opens `/setup` can read this machine's data folder."""

from __future__ import annotations

import hmac
import logging
import os
import secrets
from pathlib import Path

from db_manager import Database
from features.accounts import queries

log = logging.getLogger("inbox.accounts")

FILE = "setup-code"


def prepare(db: Database, data_dir: Path) -> None:
    """At the start of the server: make the code while there is no owner yet, and say where it is. Shown once, when made."""
    with db.read() as connection:
        if queries.has_real_user(connection):
            forget(data_dir)
            return
    path = data_dir / FILE
    code = secrets.token_hex(8)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(code + "\n")
    except FileExistsError:
        log.warning("No owner yet: open /setup. The setup code is in %s.", path)
        return
    except OSError as error:  # a full disk: an empty file would be a code that nobody can know
        path.unlink(missing_ok=True)
        log.error("The setup code could not be written: %s. Make space and start again.", error)
        return
    log.warning("No owner yet: open /setup. The setup code is %s (kept in %s).", code, path)


def is_right(data_dir: Path, code: str) -> bool:
    """False, too, when there is no code: a proxy then lets nobody in."""
    try:
        kept = (data_dir / FILE).read_text().strip()
    except FileNotFoundError:
        return False
    return bool(kept) and hmac.compare_digest(kept.encode(), code.strip().encode())


def forget(data_dir: Path) -> None:
    (data_dir / FILE).unlink(missing_ok=True)
