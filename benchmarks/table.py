"""The table of results: bars from the requirements beside what was measured, as Markdown."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from db_manager import sqlite3 as products_sqlite
from system import clock

PAGE = Path(__file__).parent.parent / "docs/performance.md"


@dataclass(frozen=True)
class Result:
    """`value` in `unit` ("x" for a ratio). `at_least`: whether the bar is a floor or a ceiling. No bar: for information."""

    what: str
    value: float
    unit: str = "x"
    bar: float | None = None
    stretch: float | None = None
    at_least: bool = True
    detail: str = ""

    @property
    def verdict(self) -> str:
        if self.bar is None:
            return ""
        if not self._reaches(self.bar):
            return "**missed**"
        return "stretch" if self.stretch is not None and self._reaches(self.stretch) else "met"

    def _reaches(self, goal: float) -> bool:
        return self.value >= goal if self.at_least else self.value <= goal


def render(results: list[Result]) -> str:
    lines = ["| what | bar | stretch | measured | | in detail |", "|---|---|---|---|---|---|"]
    for one in results:
        sign = "≥" if one.at_least else "≤"
        bar = f"{sign} {_number(one.bar, one.unit)}" if one.bar is not None else ""
        stretch = _number(one.stretch, one.unit) if one.stretch is not None else ""
        lines.append(f"| {one.what} | {bar} | {stretch} | {_number(one.value, one.unit)} | {one.verdict} | {one.detail} |")
    return "\n".join(lines)


def machine() -> str:
    """What the figures were measured on."""
    day = (clock.iso(clock.now()) or "")[:10]
    return (
        f"{day}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"SQLite {products_sqlite.sqlite_version} (plain route: {sqlite3.sqlite_version})"
    )


def write(text: str, name: str = "measured") -> None:
    """Replace what stands between the marks <!-- name --> and <!-- /name --> in docs/performance.md."""
    page, begin, end = PAGE.read_text(), f"<!-- {name} -->", f"<!-- /{name} -->"
    if begin not in page or end not in page:
        raise ValueError(f"{PAGE} has lost its marks {begin} ... {end}")
    PAGE.write_text(re.sub(f"(?s){begin}.*{end}", lambda _: f"{begin}\n{text}\n{end}", page))


def _number(value: float, unit: str) -> str:
    shown = f"{value:.2f}" if value < 10 else f"{value:.0f}"
    return shown if unit == "x" else f"{shown} {unit}"
