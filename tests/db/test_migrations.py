"""The schema's way forward: all of a migration or nothing, tables that others refer to, no enumeration frozen in the schema."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest

import db_manager
from benchmarks.soak import migration_kills
from core.errors import SetupError
from db.connection import connect
from db.migrations import migration_files
from db_manager import Database, sqlite3
from tests.db.parts import made


def with_migration(folder: Path, name: str, sql: str) -> Path:
    """A folder with all of ours and one more."""
    folder.mkdir()
    for file in db_manager.MIGRATIONS_DIR.glob("*.sql"):
        (folder / file.name).write_text(file.read_text())
    (folder / name).write_text(sql)
    return folder


def test_a_failing_migration_is_undone_as_a_whole(tmp_path: Path) -> None:
    folder = with_migration(
        tmp_path / "migrations", "9000_half.sql", "CREATE TABLE half (id INTEGER);\nCREATE TABLE half (id INTEGER);\n"
    )
    path = made(tmp_path)
    with pytest.raises(SetupError, match="9000_half"):
        Database(path).open(migrations=folder)
    assert "half" not in dict(db_manager.schema_of(path))
    Database(path).open().close()


def test_a_migration_after_which_a_row_refers_to_nothing_is_undone(tmp_path: Path) -> None:
    path = made(tmp_path)
    with contextlib.closing(Database(path).open()) as database:
        database.write(
            lambda tx: tx.execute("INSERT INTO users (id, email, name, role, created_at) VALUES (1, 'a', 'A', 'owner', 1)")
        )
        database.write(
            lambda tx: tx.execute("INSERT INTO api_tokens (user_id, name, token_hash, created_at) VALUES (1, 'x', x'00', 1)")
        )
    folder = with_migration(tmp_path / "migrations", "9000_orphans.sql", "DELETE FROM users;\n")
    with pytest.raises(SetupError, match="api_tokens"):
        Database(path).open(migrations=folder)
    with contextlib.closing(Database(path).open()) as database, database.read() as connection:
        assert connection.execute("SELECT name FROM users").fetchone()["name"] == "A"
    assert db_manager.check(path) == []


def test_a_table_that_others_refer_to_can_be_rebuilt(tmp_path: Path) -> None:
    """Rows that refer to it stay, and their foreign keys hold again."""
    path = made(tmp_path)
    with contextlib.closing(Database(path).open()) as database:
        database.write(migration_kills._fill, 50)
    folder = with_migration(tmp_path / "migrations", migration_kills.WIDER, migration_kills._widening(path))
    with contextlib.closing(Database(path).open(migrations=folder)) as database:
        with database.read() as connection:
            row = connection.execute("SELECT words, length(text) AS length FROM messages WHERE id = 7").fetchone()
            assert row["words"] == row["length"]
            assert connection.execute("SELECT count(*) AS n FROM media").fetchone()["n"] == 5
        with pytest.raises(sqlite3.IntegrityError):
            database.write(lambda tx: tx.execute("DELETE FROM messages"))
    assert db_manager.check(path) == []


def of_version_7(path: Path, migrations: Path) -> sqlite3.Connection:
    migrations.mkdir()
    for file in db_manager.MIGRATIONS_DIR.glob("000[1-7]*.sql"):
        (migrations / file.name).write_text(file.read_text())
    connection = connect(path, "delete")
    db_manager.migrate(connection, migrations)
    return connection


def test_the_rebuilt_tables_keep_rows_indexes_and_ids_that_were_given(tmp_path: Path) -> None:
    with contextlib.closing(of_version_7(tmp_path / "old.db", tmp_path / "migrations")) as connection:
        migration_kills._fill(db_manager.Transaction(connection), 300)
        connection.execute("DELETE FROM changes")
        before = migration_kills._state(tmp_path / "old.db")
        indexes = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
        old_indexes = {(row["name"], row["sql"]) for row in connection.execute(indexes)}
        eight = next(db_manager.MIGRATIONS_DIR.glob("0008*.sql"))
        (tmp_path / "migrations" / eight.name).write_text(eight.read_text())
        assert db_manager.migrate(connection, tmp_path / "migrations") == [eight.stem]
        after = migration_kills._state(tmp_path / "old.db")
        assert after["rows"] == before["rows"] and after["rows"]["messages"][0] == 300
        assert after["sequences"] == before["sequences"]
        assert after["sequences"]  # otherwise nothing was compared
        new_indexes = {(row["name"], row["sql"]) for row in connection.execute(indexes)}
        assert {name for name, _ in new_indexes - old_indexes} == {"messages_by_wamid", "webhook_deliveries_by_digest"}
        assert old_indexes <= new_indexes
        new = connection.execute(
            "INSERT INTO messages (conversation_id, direction, type, origin, timestamp, created_at)"
            " VALUES (1, 'in', 'text', 'live', 0, 0)"
        )
        assert new.lastrowid == 1301  # 1,000 ids were given and lost


def frozen_enumerations(schema: list[tuple[str, str]]) -> list[str]:
    """Tables with a CHECK that lists values: a new value would need the table rebuilt."""
    return [name for name, sql in schema if re.search(r"CHECK\s*\([^,]*\bIN\s*\(", sql, re.IGNORECASE)]


def test_no_check_lists_values(tmp_path: Path) -> None:
    db_manager.make_example(tmp_path / "fresh.db")
    assert frozen_enumerations(db_manager.schema_of(tmp_path / "fresh.db")) == []
    assert frozen_enumerations([("x", "CREATE TABLE x (state TEXT CHECK (state in ('a', 'b')))")]) == ["x"]


@pytest.mark.parametrize("migration", migration_kills.REBUILT)
def test_a_kill_leaves_all_of_a_migration_or_nothing_of_it(migration: str) -> None:
    report = migration_kills.run(migration, rows=5_000, kills=5)
    assert report.is_good, str(report)


def test_two_migrations_of_one_number_are_refused(tmp_path: Path) -> None:
    (tmp_path / "migrations").mkdir()
    for feature in ("a", "b"):
        folder = tmp_path / "features" / feature / "migrations"
        folder.mkdir(parents=True)
        (folder / "0012_table.sql").write_text(f"CREATE TABLE {feature} (id INTEGER PRIMARY KEY) STRICT;\n")
    with pytest.raises(SetupError, match="number 0012"):
        migration_files(tmp_path / "migrations")


def test_a_feature_brings_its_own(tmp_path: Path) -> None:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations/0002_b.sql").touch()
    folder = tmp_path / "features/a/migrations"
    folder.mkdir(parents=True)
    (folder / "0001_a.sql").touch()
    assert [file.name for file in migration_files(tmp_path / "migrations")] == ["0001_a.sql", "0002_b.sql"]
