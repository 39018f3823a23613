"""The rules of docs/architecture.md that a machine can check. Each is also tried on a small tree that breaks it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from features import FEATURES
from runtime.feature import load

ROOT = Path(__file__).parent.parent

# Lowest first. A module imports from its own line and from those above it here, never from one below.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("core", "config"),
    ("system",),
    ("integrations", "db", "db_manager"),
    ("web", "runtime", "whatsapp_handler", "drive_manager", "sheet_manager"),
    ("features",),
    ("app", "sandbox"),
)
LAYER_OF = {name: rank for rank, names in enumerate(LAYERS) for name in names}
# A feature imports only features above it in `features/__init__.py`.
RANK_OF = {name: rank for rank, name in enumerate(FEATURES)}
# They speak to Meta, Drive, Sheets and SQLite for anybody: nothing in them knows that there is a web page.
MANAGERS = ("whatsapp_handler", "drive_manager", "sheet_manager", "db_manager", "db", "integrations", "system", "core", "config")

REACHES_OUT = frozenset(
    ("os", "pathlib", "shutil", "tempfile", "socket", "subprocess", "threading", "time", "logging", "sqlite3", "requests", "flask")
)

SQL = re.compile(
    r"\b(SELECT\s.+?\sFROM\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|REPLACE\s+INTO\s|UPDATE\s+(OR\s+\w+\s+)?\w+\s+SET\s|DELETE\s+FROM\s"
    r"|(CREATE|DROP|ALTER)\s+(TABLE|INDEX|VIEW|TRIGGER|VIRTUAL)\b|PRAGMA\s+\w+)",
    re.IGNORECASE | re.DOTALL,
)
SQL_FILES = re.compile(r"features/\w+/(\w+_)?queries\.py|db/\w+\.py")
# One feature writes a table; others ask it to. What hangs on a chat, a contact or a message is moved and removed by
# features/references, as its owner has declared it there.
OWNER_OF = {table: feature.name for feature in load(FEATURES) for table in feature.tables} | {"schema_migrations": "db"}
WRITES = re.compile(
    r"\b(?:(?:INSERT\s+(?:OR\s+\w+\s+)?|REPLACE\s+)INTO\s+|DELETE\s+FROM\s+"
    r"|UPDATE\s+(?:OR\s+\w+\s+)?(?=\w+\s+(?:AS\s+\w+\s+)?SET\b))(\w+)",
    re.IGNORECASE,
)
WRITES_OF_OTHERS = {
    ("db", "settings"): "its own two keys: the installation's name, and a real commit to find out whether the disk writes",
    ("db", "changes"): "a restore empties the log, so that every browser reloads",
    ("google_account", "media_archive"): "another Drive, or links allowed again: in the transaction that says so",
}
LONGEST_FUNCTION = 80
MAKES_CALLS = re.compile(r"(requests|urllib3(?!\.(util|exceptions))|httpx|http\.client|urllib\.request)(\.|$)")
MARKUP_FROM_TEXT = re.compile(
    r"\b(innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|parseFromString|document\.write(ln)?|srcdoc)\b"
)
INLINE_CODE = re.compile(
    r"<script(?![^>]*\bsrc=)[^>]*>|<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE
)


def product_files(root: Path) -> list[Path]:
    """The Python files that run in production."""
    folders = [root / name for names in LAYERS for name in names if (root / name).is_dir()]
    return sorted([*root.glob("*.py"), *(path for folder in folders for path in folder.rglob("*.py"))])


@cache
def parsed(root: Path) -> tuple[tuple[str, ast.Module], ...]:
    return tuple((path.relative_to(root).as_posix(), ast.parse(path.read_text(), str(path))) for path in product_files(root))


def module_name(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imports(file: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every import, those inside functions and `import_module("...")` too."""
    package = module_name(file).split(".") if file.endswith("__init__.py") else module_name(file).split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{source}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            if node.args and isinstance(node.args[0], ast.Constant):
                yield node.lineno, str(node.args[0].value)


def wrong_imports(root: Path) -> list[str]:
    found = []
    for file, tree in parsed(root):
        own = module_name(file).split(".")
        if own[0] not in LAYER_OF:
            found.append(f"{file}: has no place in LAYERS")
            continue
        if own[0] == "features" and len(own) > 1 and own[1] not in RANK_OF:
            found.append(f"{file}: is not in features/__init__.py")
            continue
        for line, name in imports(file, tree):
            if problem := wrong_import(own, name.split(".")):
                found.append(f"{file}:{line}: {problem}")
    return found


def wrong_import(own: list[str], other: list[str]) -> str | None:
    if own[0] in MANAGERS and other[0] in ("web", "flask"):
        return f"{own[0]} knows nothing of the web, but imports {'.'.join(other)}"
    if other[0] in ("tests", "benchmarks", "tools"):
        return f"imports {'.'.join(other)}, which is not there in production"
    if other[0] not in LAYER_OF:
        return None  # a library
    if other[0] == "db" and own[0] not in ("db", "db_manager"):
        return f"db_manager is the way into db, but it imports {'.'.join(other)}"
    if own[0] == "db" and other[0] == "db_manager":
        return f"db_manager is made of db, not the other way round: it imports {'.'.join(other)}"
    if LAYER_OF[other[0]] > LAYER_OF[own[0]]:
        return f"{own[0]} is below {other[0]}, but imports {'.'.join(other)}"
    if own[0] == other[0] == "features" and len(own) > 1 and len(other) > 1 and own[1] != other[1]:
        if RANK_OF.get(other[1], len(FEATURES)) >= RANK_OF[own[1]]:
            return f"the feature {own[1]} does not stand above {other[1]}, but imports {'.'.join(other)}"
    return None


def impure_core(root: Path) -> list[str]:
    """Equal input, equal output: `core` reaches no file, clock, network or thread. What it reads from is handed to it."""
    return [
        f"{file}:{line}: core is pure, but imports {name}"
        for file, tree in parsed(root)
        if file.startswith("core/")
        for line, name in imports(file, tree)
        if name.split(".")[0] in REACHES_OUT
    ]


def sql_out_of_place(root: Path) -> list[str]:
    found = []
    for file, tree in parsed(root):
        if SQL_FILES.fullmatch(file):
            continue
        comments = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
        for node in ast.walk(tree):
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in comments
            if is_text and SQL.search(node.value + " "):  # type: ignore[attr-defined]
                found.append(f"{file}:{node.lineno}: SQL belongs to queries.py")  # type: ignore[attr-defined]
    return found


def long_functions(root: Path) -> list[str]:
    found = []
    for file, tree in parsed(root):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    found.append(f"{file}:{node.lineno}: {node.name} has {lines} lines")
    return found


def wall_clocks(root: Path) -> list[str]:
    """Everybody asks system/clock.py, so that tests can hold time still. Measuring a span (time.monotonic) is free."""
    found = []
    for file, tree in parsed(root):
        if file == "system/clock.py":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and reads_clock(ast.unparse(node)):
                found.append(f"{file}:{node.lineno}: {ast.unparse(node)}")
        found += [f"{file}:{line}: {name}" for line, name in imports(file, tree) if reads_clock(name)]
    return found


def reads_clock(dotted: str) -> bool:
    return dotted in ("time.time", "time.time_ns") or bool(
        re.fullmatch(r"(\w+\.)?(datetime|date)\.(now|utcnow|today)", dotted)
    )


def calls_beside_the_seam(root: Path) -> list[str]:
    """One place sets time-outs, proxies, redirects and retries for all of them. The double of Meta stands outside."""
    return [
        f"{file}:{line}: {name}"
        for file, tree in parsed(root)
        if not file.startswith(("integrations/http", "sandbox/"))
        for line, name in imports(file, tree)
        if MAKES_CALLS.match(name)
    ]


def matches(root: Path, glob: str, pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(root).as_posix()}:{number}: {found[0].strip()}"
        for path in sorted(root.glob(glob))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if (found := pattern.search(line))
    ]


def markup_from_text(root: Path) -> list[str]:
    return matches(root, "static/js/**/*.js", MARKUP_FROM_TEXT)


def inline_code(root: Path) -> list[str]:
    """The content security policy forbids it: it would not run, or not show."""
    return matches(root, "templates/**/*.html", INLINE_CODE)


def tables_of_others(root: Path) -> list[str]:
    """Who writes a table that is not their own."""
    found = []
    for file, tree in parsed(root):
        own = module_name(file).split(".")
        feature = own[1] if own[0] == "features" and len(own) > 1 else own[0]
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
                continue
            for table in WRITES.findall(node.value):
                owner = OWNER_OF.get(table.lower())
                if owner not in (None, feature) and (feature, table.lower()) not in WRITES_OF_OTHERS:
                    found.append(f"{file}:{node.lineno}: {feature} writes {table}, which is {owner}'s")
    return found


RULES: tuple[Callable[[Path], list[str]], ...] = (
    wrong_imports,
    impure_core,
    sql_out_of_place,
    long_functions,
    wall_clocks,
    calls_beside_the_seam,
    tables_of_others,
    markup_from_text,
    inline_code,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_nothing_breaks_the_rule(rule: Callable[[Path], list[str]]) -> None:
    assert rule(ROOT) == []


def test_the_rules_look_at_the_whole_product() -> None:
    files = {path.relative_to(ROOT).as_posix() for path in product_files(ROOT)}
    assert {"app.py", "system/clock.py", "features/messages/queries.py", "web/guards.py"} <= files
    assert list(ROOT.glob("static/js/**/*.js")) and list(ROOT.glob("templates/**/*.html"))


def test_the_list_of_features_names_every_folder_once() -> None:
    assert sorted(FEATURES) == sorted(path.name for path in (ROOT / "features").iterdir() if (path / "__init__.py").exists())


@pytest.mark.parametrize(
    ("rule", "file", "text"),
    [
        (wrong_imports, "core/text.py", "import db_manager"),
        (wrong_imports, "core/text.py", "from config import Config\nfrom web.respond import ok"),
        (wrong_imports, "web/guards.py", "from features.accounts import queries"),
        (wrong_imports, "runtime/lifecycle.py", "from features.outbox.dispatcher import Outbox"),
        (wrong_imports, "runtime/lifecycle.py", "import sandbox"),
        (wrong_imports, "features/media/jobs.py", "from db.writer import Writer"),
        (wrong_imports, "db/writer.py", "from db_manager import Transaction"),
        (sql_out_of_place, "db_manager.py", "SQL = 'SELECT name FROM sqlite_schema'"),
        (wrong_imports, "web/guards.py", "def late() -> None:\n    from features import accounts"),
        (wrong_imports, "web/guards.py", "from importlib import import_module\nimport_module('features.accounts')"),
        (wrong_imports, "features/media/jobs.py", "from app import create_app"),
        (wrong_imports, "features/contacts/actions.py", "from features.outbox import sending"),
        (wrong_imports, "features/contacts/actions.py", "from features.media.queries import pending"),
        (wrong_imports, "features/contacts/actions.py", "from ..outbox import sending"),
        (wrong_imports, "features/fortunes/routes.py", ""),
        (wrong_imports, "helpers.py", ""),
        (wrong_imports, "whatsapp_handler.py", "from flask import request"),
        (wrong_imports, "app.py", "from tests.builders import make_message"),
        (impure_core, "core/text.py", "from pathlib import Path"),
        (impure_core, "core/sound/ogg.py", "import os"),
        (sql_out_of_place, "features/contacts/actions.py", "tx.execute('SELECT id FROM contacts WHERE id = :id', {})"),
        (sql_out_of_place, "features/contacts/routes.py", "ADD = f'''\n  insert into {table} (id)'''"),
        (sql_out_of_place, "web/guards.py", "SQL = 'DELETE FROM sessions'"),
        (sql_out_of_place, "web/guards.py", "SQL = 'UPDATE sessions SET expires_at = 0'"),
        (long_functions, "web/guards.py", "def endless() -> None:\n" + "    pass\n" * 80),
        (wall_clocks, "features/media/jobs.py", "import time\nstarted = time.time()"),
        (wall_clocks, "features/media/jobs.py", "from time import time"),
        (wall_clocks, "features/media/jobs.py", "from datetime import UTC, datetime\nnow = datetime.now(UTC)"),
        (wall_clocks, "features/media/jobs.py", "import datetime\nday = datetime.date.today()"),
        (calls_beside_the_seam, "drive_manager.py", "import requests"),
        (calls_beside_the_seam, "features/media/jobs.py", "from urllib.request import urlopen"),
        (tables_of_others, "features/outbox/queries.py", "SQL = 'UPDATE messages SET status = 1'"),
        (tables_of_others, "features/customer_list/queries.py", "SQL = 'x\\n  DELETE FROM\\n contacts'"),
        (tables_of_others, "features/customer_list/queries.py", "SQL = f'INSERT OR IGNORE INTO settings VALUES ({x})'"),
        (tables_of_others, "features/settings/queries.py", "SQL = 'UPDATE OR IGNORE contacts AS c SET phone = 1'"),
        (markup_from_text, "static/js/inbox/thread/thread.js", "bubble.innerHTML = message.text;"),
        (inline_code, "templates/inbox.html", "<script>start()</script>"),
        (inline_code, "templates/inbox.html", '<p style="color: red">'),
        (inline_code, "templates/inbox.html", '<button type="button" onclick="send()">'),
    ],
)
def test_a_planted_violation_is_found(
    tmp_path: Path, rule: Callable[[Path], list[str]], file: str, text: str
) -> None:
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text)
    found = rule(tmp_path)
    assert len(found) == 1
    assert found[0].startswith(f"{file}:")


@pytest.mark.parametrize(
    ("rule", "file", "text"),
    [
        (wrong_imports, "features/webhooks/actions.py", "from features.outbox import sending"),
        (wrong_imports, "features/contacts/actions.py", "from ..changes.actions import record\nfrom . import queries"),
        (wrong_imports, "config.py", "from core.errors import SetupError"),
        (wrong_imports, "db_manager.py", "from db.writer import Writer"),
        (sql_out_of_place, "db/check.py", "LOOK = 'PRAGMA integrity_check'"),
        (sql_out_of_place, "features/contacts/queries.py", "FIND = 'SELECT id FROM contacts'"),
        (sql_out_of_place, "web/words.py", "PICK = 'Select a chat'\nGONE = 'Update the settings first'"),
        (sql_out_of_place, "web/words.py", '"""SELECT id FROM contacts is what it used to say."""'),
        (long_functions, "web/guards.py", "def long() -> None:\n" + "    pass\n" * 79),
        (wall_clocks, "features/media/jobs.py", "import time\nstarted = time.monotonic()"),
        (calls_beside_the_seam, "integrations/http/client.py", "import requests"),
        (inline_code, "templates/inbox.html", '<script type="module" src="/static/js/inbox/main.js"></script>'),
    ],
)
def test_what_is_allowed_is_left_alone(
    tmp_path: Path, rule: Callable[[Path], list[str]], file: str, text: str
) -> None:
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text)
    assert rule(tmp_path) == []
