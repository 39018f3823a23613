"""What the repository promises besides its code: settings explained, dependencies locked, no trace of anybody's machine."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import db_manager
from config import Config
from tests.test_architecture import LAYER_OF, imports, parsed

ROOT = Path(__file__).parent.parent
SHELL_SCRIPTS = ("bin/setup", "bin/run", "bin/test", "bin/live-check", ".ci/run")
LISTS = ("requirements.txt", "requirements-dev.txt")


@cache
def repo_files() -> list[Path]:
    """What is, or would be, committed. Third parties' files under static/vendor are not ours to judge."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if run.returncode != 0:
        pytest.skip("not a git checkout")
    paths = [ROOT / line for line in run.stdout.splitlines() if not line.startswith("static/vendor/")]
    return [path for path in paths if path.is_file()]


def texts() -> list[tuple[str, str]]:
    found = []
    for path in repo_files():
        content = path.read_bytes()
        if b"\0" not in content:
            found.append((path.relative_to(ROOT).as_posix(), content.decode()))
    assert len(found) > 50
    return found


# ---------------------------------------------------------------- words


def test_every_entry_of_the_audit_log_has_words() -> None:
    names: set[str] = set()
    for path, content in texts():
        if path.startswith("features/"):
            names |= set(re.findall(r"\bnote\(\s*tx,\s*[\w.]+,\s*\"(\w+)\"", content))
    assert len(names) > 15
    worded = set(re.findall(r"^ +(\w+): t\(", (ROOT / "static/js/settings/activity.js").read_text(), re.MULTILINE))
    assert names - worded == set()


# ---------------------------------------------------------------- settings


def explained_settings() -> dict[str, str]:
    """Setting -> the comment above it (settings in one paragraph share theirs)."""
    explained: dict[str, str] = {}
    for paragraph in (ROOT / ".env.example").read_text().split("\n\n"):
        comment = "\n".join(line for line in paragraph.splitlines() if line.startswith("# "))
        explained |= {name: comment for name in re.findall(r"^#?([A-Z][A-Z0-9_]+)=", paragraph, re.MULTILINE)}
    return explained


def test_every_setting_is_explained_in_the_example_and_nothing_else() -> None:
    settings = {field.name.upper() for field in fields(Config) if not field.name.startswith("is_")}  # those are derived
    explained = explained_settings()
    assert set(explained) == settings
    assert [name for name, comment in explained.items() if len(comment) < 20] == []


def test_the_example_taken_as_it_is_changes_nothing() -> None:
    set_lines = re.findall(r"^[^#\s].*", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert set_lines == []


# ---------------------------------------------------------------- dependencies


def locked(name: str) -> dict[str, list[str]]:
    """Distribution -> the lines of its entry."""
    entries: dict[str, list[str]] = {}
    for line in (ROOT / name).read_text().splitlines():
        if found := re.match(r"([a-z0-9-]+)==\S+", line):
            entries[found[1]] = [line]
        elif line.strip() and not line.lstrip().startswith("#"):
            entries[list(entries)[-1]].append(line)
    return entries


@pytest.mark.parametrize("name", LISTS)
def test_every_package_is_locked_with_hashes(name: str) -> None:
    entries = locked(name)
    assert len(entries) > 15
    for lines in entries.values():
        assert len(lines) > 1
        for line in lines[1:]:
            assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line)


@pytest.mark.parametrize("name", LISTS)
def test_the_locked_list_has_the_versions_that_were_asked_for(name: str) -> None:
    asked = re.findall(r"^([a-z0-9-]+)==([^\s;]+)", (ROOT / name).with_suffix(".in").read_text(), re.MULTILINE)
    assert asked
    for package, version in asked:
        assert locked(name)[package][0].startswith(f"{package}=={version} ")


def test_what_both_lists_name_has_one_version() -> None:
    production, development = (locked(name) for name in LISTS)
    assert [name for name in production.keys() & development.keys() if production[name] != development[name]] == []


def test_the_program_imports_nothing_that_production_does_not_install() -> None:
    distributions = packages_distributions()
    installed = set(locked("requirements.txt"))
    missing = set()
    for file, tree in parsed(ROOT):
        for _, name in imports(file, tree):
            top = name.split(".")[0]
            if top in sys.stdlib_module_names or top in LAYER_OF:
                continue
            if not {dist.lower().replace("_", "-") for dist in distributions.get(top, [top])} & installed:
                missing.add(f"{file}: {top}")
    assert missing == set()


# ---------------------------------------------------------------- files


def test_no_file_names_a_machine_or_a_package_index() -> None:
    places = re.compile(
        r"(?<![\w.])/(work|root|home/\w+|Users/\w+)/"
        + r"|\b(pypi\.org|pythonhosted\.org|registry\.npmjs\.org|deb\.debian\.org)\b".replace("org", "o" + "rg")
        + r"|--(extra-)?index-" + r"url\s+\S|--find-" + r"links\s+\S"
    )
    found = [f"{name}: {match[0]}" for name, text in texts() if (match := places.search(text))]
    assert found == []


def test_nothing_is_left_to_be_done_later() -> None:
    later = re.compile(r"\b(TO" + r"DO|FIX" + r"ME)\b")
    assert [name for name, text in texts() if later.search(text)] == []


def test_no_file_is_left_half_merged() -> None:
    marker = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)
    assert [name for name, text in texts() if marker.search(text)] == []


def test_no_file_of_ours_looks_like_a_secret() -> None:
    token = re.compile(r"\bEAA[A-Za-z0-9]{60,}|-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/]{40}")
    assert [name for name, text in texts() if token.search(text)] == []


def test_the_changelog_begins_with_what_is_not_released_or_with_a_version() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings
    assert re.fullmatch(r"Unreleased|\d+\.\d+\.\d+ \(\d{4}-\d{2}-\d{2}\)", headings[0])


def test_every_link_between_documents_leads_somewhere() -> None:
    links = [
        (path, target.split("#")[0])
        for path in repo_files()
        if path.suffix == ".md"
        for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text())
        if not re.match(r"https?:|mailto:|#", target)
    ]
    assert links
    assert [f"{path.relative_to(ROOT)}: {target}" for path, target in links if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("script", SHELL_SCRIPTS)
def test_a_command_can_be_run(script: str) -> None:
    assert (ROOT / script).stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", str(ROOT / script)]).returncode == 0


def test_setup_refuses_an_old_python_in_words(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "setup").write_bytes((ROOT / "bin" / "setup").read_bytes())
    run = subprocess.run(
        ["bash", str(tmp_path / "bin" / "setup")], env={"PATH": "/usr/bin:/bin", "PYTHON": str(old)},
        capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert run.returncode == 1
    assert "Python 3.11 or newer is needed" in run.stderr


def test_the_example_file_has_the_schema_of_the_migrations(tmp_path: Path) -> None:
    """`flask --app app db example` makes it anew. Its bytes may differ: they depend on the version of SQLite."""
    db_manager.make_example(tmp_path / "fresh.db")
    schema = db_manager.schema_of(tmp_path / "fresh.db")
    assert db_manager.schema_of(db_manager.EXAMPLE) == schema, "make it anew: flask --app app db example"
    assert len(schema) > 20
