"""What docs/adding-a-feature.md says is so: a feature is a folder, a line in the list, its words and its tests."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.a_feature import copy_with_feature, has_front_end_tools

TOUCHED = re.compile(
    r"features/jottings/.+|features/__init__\.py|tests/features/jottings/.+|tests/test_roles\.py|locales/zh-Hant/.+"
    # written by the tools
    r"|locales/messages\.pot|static/js/words/.+|static/js/types\.d\.ts|chat_history\.db\.example"
)
# The feature's own, and the rules that every feature is held to.
TESTS = (
    "tests/features/jottings",
    "tests/test_features.py",
    "tests/features/references/test_references.py",
    "tests/test_viewing.py::test_nothing_goes_past",
    "tests/test_types.py",
    "tests/test_repo.py::test_the_example_file_has_the_schema_of_the_migrations",
    "tests/test_roles.py::test_the_tables_know_every_route_and_no_other",
    "tests/test_words.py::test_every_text_is_written_out_and_collected",
)
RULES = (
    "tests/test_features.py::test_everything_in_its_folder_is_declared",
    "tests/test_features.py::test_every_table_belongs_to_one_feature",
    "tests/features/references/test_references.py::test_every_reference_of_the_schema_is_declared",
)


pytestmark = pytest.mark.skipif(not has_front_end_tools(), reason="the collector of words needs node and its packages: npm ci")


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[str]]:
    folder = tmp_path_factory.mktemp("product")
    return folder, copy_with_feature(folder)


def test_it_touches_its_folder_one_line_its_words_and_its_tests(product: tuple[Path, set[str]]) -> None:
    folder, touched = product
    assert [name for name in sorted(touched) if not TOUCHED.fullmatch(name)] == []
    ours = (Path(__file__).parents[1] / "features/__init__.py").read_text().splitlines()
    theirs = (folder / "features/__init__.py").read_text().splitlines()
    assert [line for line in theirs if line not in ours] == ['    "jottings",']


def test_it_works_and_breaks_no_rule(product: tuple[Path, set[str]]) -> None:
    folder, _ = product
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *TESTS],
        cwd=folder, capture_output=True, text=True, timeout=110,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-1000:]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("features/jottings/feature.py", '    tables=("jottings",),\n', ""),
        ("features/jottings/references.py", "REFERENCES = (Reference", "REFERENCES = ()\n_UNUSED = (Reference"),
    ],
)
def test_a_forgotten_declaration_is_found(
    product: tuple[Path, set[str]], file: str, old: str, new: str
) -> None:
    folder, _ = product
    path = folder / file
    whole = path.read_text()
    assert old in whole
    path.write_text(whole.replace(old, new))
    try:
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", *RULES],
            cwd=folder, capture_output=True, text=True, timeout=110,
        )  # fmt: skip
    finally:
        path.write_text(whole)
    assert run.returncode == 1 and "jottings" in run.stdout
