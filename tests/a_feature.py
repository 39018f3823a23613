"""A copy of the product to which the example feature of docs/adding-a-feature.md has been added."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIXTURE = Path(__file__).parent / "fixtures" / "a_feature"
# Run after a change, as docs/developing.md says.
TOOLS = (
    ("tools/compile-words",),
    ("tools/extract-words",),
    ("-m", "tools.generate_types"),
    ("-m", "flask", "--app", "app", "db", "example", "chat_history.db.example"),
)
READ = "POST   /api/chats/<row:chat_id>/read    the "  # beside it stand the rows of the example's calls
LAST = '    "outbox",\n'  # of the features that the example may build on


def has_front_end_tools() -> bool:
    """A laptop may do without; in CI they are there."""
    return os.environ.get("CI") == "true" or (shutil.which("node") is not None and (ROOT / "node_modules/espree").is_dir())


def copy_with_feature(target: Path) -> set[str]:
    """Returns what was added or changed, from the root of the copy."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    for name in listed:
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    before = _contents(target)
    shutil.copytree(FIXTURE / "jottings", target / "features/jottings")
    features = target / "features/__init__.py"
    assert features.read_text().count(LAST) == 1
    features.write_text(features.read_text().replace(LAST, LAST + '    "jottings",\n'))
    tests = target / "tests/features/jottings"
    tests.mkdir(parents=True)
    shutil.copy2(FIXTURE / "test_jottings.py", tests / "test_jottings.py")
    roles = target / "tests/test_roles.py"
    roles.write_text(roles.read_text().replace(READ, (FIXTURE / "roles.txt").read_text() + READ, 1))
    words = target / "locales/zh-Hant"
    words.mkdir(parents=True, exist_ok=True)
    shutil.copy2(FIXTURE / "messages.po", words / "messages.po")
    (target / "node_modules").symlink_to(ROOT / "node_modules")  # the collector of words reads scripts with it
    subprocess.run(["git", "init", "-q"], cwd=target, check=True)  # which files there are, it asks git
    subprocess.run(["git", "add", "-A"], cwd=target, check=True)
    for tool in TOOLS:
        subprocess.run([sys.executable, *tool], cwd=target, check=True, capture_output=True)
    after = _contents(target)
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and not {"__pycache__", ".git", "data", "node_modules"} & {*path.parts})
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
