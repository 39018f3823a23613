"""A migration that rebuilds `messages`, killed with SIGKILL at random moments.

What it proves: after every kill the file is sound, no row refers to nothing, the schema and every row are those of before
or those of after, and the next start finishes. Two migrations are tried: one that widens the newest schema, and the real 0008.
"""

from __future__ import annotations

import contextlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import db_manager
from db_manager import MIGRATIONS_DIR, Connection, Database, sqlite3

CHATS = 200
WIDER = "9000_wider.sql"
REBUILT = ("wider", "0008")


@dataclass
class Report:
    migration: str
    rows: int
    kills: int = 0
    took_s: float = 0  # undisturbed
    grew_bytes: int = 0
    states: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not self.wrong and self.kills == self.states.total() > 0

    def __str__(self) -> str:
        return (
            f"{self.migration}: {self.rows:,} messages, {self.took_s:.1f} s undisturbed, the file grew by"
            f" {self.grew_bytes / 1e6:.0f} MB; {self.kills} kills: {self.states['before']} found as before,"
            f" {self.states['after']} as after; wrong: {self.wrong or 'nothing'}"
        )


def run(migration: str, rows: int, kills: int, *, seed: int = 1) -> Report:
    report, dice = Report(migration, rows), random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        base, pending = root / "base", root / "pending"
        names = sorted(path.name for path in MIGRATIONS_DIR.glob("*.sql"))
        _copy_migrations(base, [name for name in names if migration == "wider" or name < migration])
        original = root / "original" / "chat_history.db"
        with contextlib.closing(Database(original).open(migrations=base)) as database:
            database.write(_fill, rows)
        _copy_migrations(pending, [name for name in names if migration == "wider" or name < f"{migration}~"])
        if migration == "wider":
            (pending / WIDER).write_text(_widening(original))
        before = _state(original)
        target = _copy(original, root / "undisturbed")
        report.took_s = _migrate_in_a_process(target, pending, None)
        report.grew_bytes = target.stat().st_size - original.stat().st_size
        after = _state(target)
        assert after != before and after["rows"] == before["rows"] and after["sequences"] == before["sequences"]
        for number in range(kills):
            _kill_once(report, _copy(original, root / f"kill{number}"), pending, dice.uniform(0, report.took_s), before, after)
            shutil.rmtree(root / f"kill{number}")
    return report


def _kill_once(
    report: Report, path: Path, pending: Path, moment: float, before: dict[str, Any], after: dict[str, Any]
) -> None:
    report.kills += 1
    _migrate_in_a_process(path, pending, moment)
    found = _state(path)
    name = "before" if found == before else "after" if found == after else "neither"
    report.states[name] += 1
    problems = _problems(path)
    with contextlib.closing(Database(path).open(migrations=pending)) as database:
        keys = database.write(lambda tx: tx.execute("PRAGMA foreign_keys").fetchone()["foreign_keys"])
    if _state(path) != after or not keys:
        problems.append("the next start did not finish")
    if problems or name == "neither":
        report.wrong.append(f"killed after {moment:.2f} s, {name}: {problems}")


def _migrate_in_a_process(path: Path, pending: Path, kill_after_s: float | None) -> float:
    """Its time from the moment in which it begins to open the file."""
    command = [sys.executable, "-m", "benchmarks.soak.migration_kills", str(path), str(pending)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"begin\n"
        started = time.monotonic()
        if kill_after_s is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(kill_after_s)
            process.send_signal(signal.SIGKILL)
        code = process.wait()
        assert code == 0 or kill_after_s is not None
        return time.monotonic() - started


def _problems(path: Path) -> list[str]:
    """As `db_manager.check`, with a cache that holds the file: it goes through all indexes of a million rows each time."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA cache_size=-1000000")
        found = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
        return found + [f"foreign key: {row}" for row in connection.execute("PRAGMA foreign_key_check")]


def _copy_migrations(folder: Path, names: list[str]) -> None:
    folder.mkdir()
    for name in names:
        shutil.copyfile(MIGRATIONS_DIR / name, folder / name)


def _copy(original: Path, folder: Path) -> Path:
    folder.mkdir()
    for name in (original.name, "installation.json"):
        shutil.copyfile(original.with_name(name), folder / name)
    return folder / original.name


def _fill(tx: db_manager.Transaction, rows: int) -> None:
    """Customers' messages, every tenth with a file, every hundredth of ours and in the outbox; ids have been given and lost."""
    count = {"rows": rows, "chats": CHATS}
    number = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) "
    tx.execute("INSERT INTO numbers (id, phone_number_id, created_at) VALUES (1, '1', 0)")
    tx.execute(
        "INSERT INTO contacts (id, phone, created_at, updated_at) "
        + number.format(":chats")
        + "SELECT i, 85290000000 + i, 0, 0 FROM n",
        count,
    )
    tx.execute(
        "INSERT INTO conversations (id, number_id, contact_id, last_message_at, created_at)"
        " SELECT id, 1, id, 0, 0 FROM contacts"
    )
    tx.execute(
        "INSERT INTO messages (conversation_id, wamid, direction, type, text, origin, timestamp, created_at, status) "
        + number.format(":rows")
        + "SELECT i % :chats + 1, 'wamid.' || hex(randomblob(20)), iif(i % 100, 'in', 'out'), 'text',"
        " 'Is the blue one still there? Order ' || i, iif(i % 100, 'live', 'user'), 1700000000 + i, 1700000000 + i,"
        " iif(i % 100, NULL, 'queued') FROM n",
        count,
    )
    tx.execute("INSERT INTO media (message_id, state, created_at) SELECT id, 'stored', 0 FROM messages WHERE id % 10 = 0")
    tx.execute(
        "INSERT INTO outbox (message_id, recipient, state, next_attempt_at, created_at)"
        " SELECT id, 'conversation:' || conversation_id, 'queued', 0, 0 FROM messages WHERE direction = 'out'"
    )
    tx.execute("UPDATE sqlite_sequence SET seq = seq + 1000")


def _widening(path: Path) -> str:
    """`messages` with one more column that no ALTER TABLE could add: NOT NULL with a value of each row."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        schema = dict(connection.execute("SELECT name, sql FROM sqlite_schema WHERE tbl_name = 'messages' AND sql IS NOT NULL"))
        columns = ", ".join(row[1] for row in connection.execute("PRAGMA table_info(messages)"))
    table = schema.pop("messages")
    begin = table.index("(") + 1
    return f"""CREATE TABLE new_messages (words INTEGER NOT NULL,{table[begin:]};
INSERT INTO new_messages (words, {columns}) SELECT length(text), {columns} FROM messages ORDER BY id;
DELETE FROM sqlite_sequence WHERE name = 'new_messages';
INSERT INTO sqlite_sequence (name, seq) SELECT 'new_messages', seq FROM sqlite_sequence WHERE name = 'messages';
DROP TABLE messages;
ALTER TABLE new_messages RENAME TO messages;
{"".join(f"{sql};{chr(10)}" for sql in schema.values())}"""


def _state(path: Path) -> dict[str, Any]:
    """Opened as any program would: what a kill left in the log is read too."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return {
            "migrations": [row[0] for row in connection.execute("SELECT name FROM schema_migrations ORDER BY name")],
            "schema": connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall(),
            "sequences": connection.execute("SELECT name, seq FROM sqlite_sequence WHERE seq > 0 ORDER BY name").fetchall(),
            "rows": {table: _sum(connection, table) for table in ("messages", "media", "outbox", "conversations", "contacts")},
        }


def _sum(connection: Connection, table: str) -> Any:
    """Of what stood in the table before any of the migrations tried here."""
    columns = {
        "messages": "length(wamid) + unicode(substr(wamid, 7)) * id + conversation_id + length(text) + timestamp",
        "media": "message_id * id",
        "outbox": "message_id",
    }
    return connection.execute(f"SELECT count(*), sum({columns.get(table, 'id')}) FROM {table}").fetchone()


if __name__ == "__main__":
    print("begin", flush=True)
    Database(Path(sys.argv[1])).open(migrations=Path(sys.argv[2])).close()
