"""The lock of the one server process on its data folder."""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path

from core.errors import SetupError


@contextlib.contextmanager
def hold_data_folder(folder: Path, *, wait_s: float = 10) -> Iterator[None]:
    """A restart overlaps, so it waits; then it refuses with SetupError."""
    folder.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait_s
    with (folder / "lock").open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() >= deadline:
                    raise SetupError(f"Another server is using {folder}. Stop it first.") from None
                time.sleep(0.1)
        yield
