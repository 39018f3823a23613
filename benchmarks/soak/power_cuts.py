"""Power cuts, simulated below SQLite: a file system that keeps a diary, and disks rebuilt from every prefix of it.

What was written before the last sync of its file is on the disk. Of what was written after it, each 512-byte sector is
there or not by the toss of a coin, as on a disk whose cache has lost its power. The statements are those that the inbox
itself runs for webhooks (traced from its writer), on a connection with the same pragmas.
"""

from __future__ import annotations

import contextlib
import random
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

from benchmarks.traffic import Shop
from db_manager import MIGRATIONS_DIR, PRAGMAS, Database
from db_manager import sqlite3 as products_sqlite
from features.webhooks.actions import deliver

SECTOR = 512
CHECKPOINT_EVERY = 40  # pages: checkpoints are where most can go wrong, so they happen often here
DELIVERIES = 150
SIZES = (30, 400, 4000)  # characters, so that a message takes a part of a page or several


@dataclass
class Report:
    synchronous: str
    cuts: int
    acknowledged: int = 0
    lossy: int = 0  # cuts after which an acknowledged delivery was gone
    most_lost: int = 0
    torn: int = 0  # cuts after which a delivery was there without its message
    corrupt: int = 0
    examples: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"synchronous={self.synchronous}: {self.cuts} cuts through {self.acknowledged} deliveries:"
            f" acknowledged ones lost in {self.lossy} (at most {self.most_lost}), torn {self.torn}, corrupt {self.corrupt}"
        )


def run(cuts: int, *, synchronous: str = "FULL", seed: int = 1) -> Report:
    """`synchronous` replaces ours to test the test: NORMAL must lose, OFF must corrupt."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="inbox-power-") as folder:
        diary, acknowledged = _live(Path(folder) / "live", _statements(Path(folder) / "traced"), synchronous)
        report = Report(synchronous, cuts, acknowledged=len(acknowledged))
        first = acknowledged[0]
        positions = sorted(chance.randint(first, len(diary)) for _ in range(cuts))
        for position in positions:
            due = sum(1 for at in acknowledged if at <= position)
            _rebuild(diary[:position], Path(folder) / "cut", chance)
            _judge(Path(folder) / "cut/chat_history.db", due, position, report)
    return report


def _statements(folder: Path) -> list[str]:
    """What the writer says to SQLite for `DELIVERIES` webhooks, BEGIN and COMMIT included."""
    said: list[str] = []
    shop = Shop("power")
    database = Database(folder / "chat_history.db").open()
    try:
        database.write(lambda tx: tx.connection.set_trace_callback(said.append))
        for number in range(DELIVERIES):
            _, body = shop.next_message()
            size = SIZES[number % len(SIZES)]
            deliver(database, body.replace(b"#", b"#" + b"x" * size, 1))
    finally:
        database.close()
    # A statement is told once more for each trigger that it fires: done twice, it would count twice.
    before = ["", *said[:-1]]
    once = [one for one, last in zip(said, before, strict=True) if one != last or not one.lstrip().startswith(_WRITES)]
    return once[once.index("BEGIN IMMEDIATE") :]


def _live(folder: Path, statements: list[str], synchronous: str) -> tuple[list[_Entry], list[int]]:
    """(the diary, for every acknowledged delivery the length that the diary had then)."""
    folder.mkdir()
    diary = _Diary(folder)
    acknowledged = []
    try:
        connection = apsw.Connection(str(folder / "chat_history.db"), vfs=diary.name)
        for pragma in (*PRAGMAS, "journal_mode=wal", f"synchronous={synchronous}", f"wal_autocheckpoint={CHECKPOINT_EVERY}"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        for file in sorted(MIGRATIONS_DIR.glob("*.sql")):
            connection.execute(f"BEGIN; {file.read_text()}; COMMIT").fetchall()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        for statement in statements:
            connection.execute(statement).fetchall()
            if statement == "COMMIT":
                acknowledged.append(len(diary.entries))
        diary.closed = True  # what SQLite tidies up at closing happens after the power has gone
        connection.close()
    finally:
        diary.unregister()
    return diary.entries, acknowledged


_WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True)
class _Entry:
    file: str
    kind: str  # write, sync, truncate, delete
    at: int = 0
    data: bytes = b""


class _Diary(apsw.VFS):
    """The default file system, which also writes down every change to the database and its WAL."""

    def __init__(self, folder: Path) -> None:
        self.name = f"diary-{folder.parent.name}"
        self.entries: list[_Entry] = []
        self.closed = False
        super().__init__(self.name, base="")

    def note(self, name: str, kind: str, at: int = 0, data: bytes = b"") -> None:
        if not self.closed:
            self.entries.append(_Entry(Path(name).name, kind, at, data))

    def xOpen(self, name: Any, flags: list[int]) -> _File:  # noqa: N802  # SQLite's own names
        return _File(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        super().xDelete(filename, syncdir)
        self.note(filename, "delete")


class _File(apsw.VFSFile):
    def __init__(self, diary: _Diary, name: Any, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self._diary = diary
        self._name = name.filename() if isinstance(name, apsw.URIFilename) else str(name)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        super().xWrite(data, offset)
        self._diary.note(self._name, "write", offset, bytes(data))

    def xSync(self, flags: int) -> None:  # noqa: N802
        super().xSync(flags)
        self._diary.note(self._name, "sync")

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        self._diary.note(self._name, "truncate", newsize)


def _rebuild(diary: list[_Entry], folder: Path, chance: random.Random) -> None:
    """The disk as it may look when the power comes back."""
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    last_sync = {entry.file: number for number, entry in enumerate(diary) if entry.kind == "sync"}
    files: dict[str, bytearray] = {}
    for number, entry in enumerate(diary):
        content = files.setdefault(entry.file, bytearray())
        is_safe = number < last_sync.get(entry.file, -1)
        if entry.kind == "delete":
            del files[entry.file]
        elif entry.kind == "truncate" and (is_safe or chance.random() < 0.5):
            del content[entry.at :]
        elif entry.kind == "write":
            _write(content, entry, None if is_safe else chance)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _write(content: bytearray, entry: _Entry, chance: random.Random | None) -> None:
    """`chance`: each sector arrives or not."""
    start, end = entry.at, entry.at + len(entry.data)
    while start < end:
        stop = min(start - start % SECTOR + SECTOR, end)
        if chance is None:
            stop = end
        if chance is None or chance.random() < 0.5:
            if len(content) < stop:
                content.extend(bytes(stop - len(content)))
            content[start:stop] = entry.data[start - entry.at : stop - entry.at]
        start = stop


def _judge(path: Path, due: int, position: int, report: Report) -> None:
    """Opened by the SQLite of the product, without the -shm file, as after a boot."""
    try:
        with contextlib.closing(products_sqlite.connect(path)) as connection:
            answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
            deliveries = connection.execute("SELECT count(*) FROM webhook_deliveries").fetchone()[0]
            messages = connection.execute("SELECT count(*) FROM messages").fetchone()[0]
    except products_sqlite.DatabaseError as error:
        answer, deliveries, messages = str(error), 0, 0
    if answer != "ok":
        report.corrupt += 1
        report.examples.append(f"cut {position}: {answer}")
        return
    if deliveries != messages:
        report.torn += 1
        report.examples.append(f"cut {position}: {deliveries} deliveries, {messages} messages")
    if deliveries < due:
        report.lossy += 1
        report.most_lost = max(report.most_lost, due - deliveries)
