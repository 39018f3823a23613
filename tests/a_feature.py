"""A copy of the product to which the example feature of docs/adding-a-feature.md has been added."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIXTURE = Path(__file__).parent / "fixtures" / "a_feature"
LAST = '    "outbox",\n'  # of the features that the example may build on


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
    words = target / "locales/zh-Hant"
    words.mkdir(parents=True, exist_ok=True)
    shutil.copy2(FIXTURE / "messages.po", words / "messages.po")
    subprocess.run([sys.executable, "tools/compile-words"], cwd=target, check=True, capture_output=True)
    after = _contents(target)
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
