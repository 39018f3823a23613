"""The daily copy of the database, and the nightly full check."""

from __future__ import annotations

import logging
from pathlib import Path

import db_manager
from core import clock
from db_manager import Database

log = logging.getLogger("inbox.backups")

KEPT = 7


def make_daily(db: Database, data_dir: Path) -> Path:
    """`backups/chat_history-YYYYMMDD.db`, checked; the seven newest are kept. Raises StorageError."""
    folder = data_dir / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    day = (clock.iso(clock.now()) or "")[:10].replace("-", "")
    target = folder / f"chat_history-{day}.db"
    db_manager.backup(db.path, target)
    for old in sorted(folder.glob("chat_history-*.db"))[:-KEPT]:
        old.unlink()
    log.info("backed up", extra={"file": target.name})
    return target


def check_nightly(db: Database) -> list[str]:
    """The full integrity check; what it finds is logged as critical. quick_check would overlook a missing index row."""
    problems = db_manager.check(db.path)
    if problems:
        log.critical("the database is damaged: restore a backup", extra={"problems": problems[:5]})
    return problems
