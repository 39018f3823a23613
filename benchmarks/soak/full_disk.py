"""The disk fills up under deliveries: only refusals (503), reads go on, and all is taken later without a restart.

A small file system of its own where this user may mount one, else a limit on the size of any file of the server.
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.server import InboxServer, make_tokens
from benchmarks.soak.outage import READS, Aftermath, deliver, deliver_again, is_read, look_at_the_file
from benchmarks.traffic import Shop

ROOM_MB = (3, 6)
DELIVERIES = 300
LARGE = 16_384  # bytes of text in a body, so that the disk is full soon


@dataclass
class Report:
    means: str
    taken: int = 0
    refused: int = 0
    other_answers: list[int] = field(default_factory=list)
    failed_reads: list[str] = field(default_factory=list)
    after: Aftermath = field(default_factory=Aftermath)  # after space was made

    def __str__(self) -> str:
        return (
            f"{self.means}: {self.taken} x 200, {self.refused} x 503, other answers: {self.other_answers or 'none'};"
            f" failed reads: {self.failed_reads or 'none'}; {self.after}"
        )


def run(*, seed: int = 1) -> Report:
    room = random.Random(seed).uniform(*ROOM_MB)
    shop = Shop("disk", seed)
    with tempfile.TemporaryDirectory(prefix="inbox-disk-") as folder, _small_disk(Path(folder), room) as (means, grow):
        server = InboxServer(Path(folder) / "data")
        token = make_tokens(server.config(), 1)[0]
        report = Report(means)
        try:
            server.start()
            grow(server, room)
            pids = server.pids()
            refused, taken = _fill(server, shop, token, report)
            grow(server, 200)
            report.after = deliver_again(server, refused, pids)
        finally:
            server.stop()
        look_at_the_file(server, taken | {wamid for wamid, _ in refused}, report.after)
    return report


def _fill(
    server: InboxServer, shop: Shop, token: str, report: Report
) -> tuple[list[tuple[str, bytes]], set[str]]:
    """(what was refused, the wamids of what was taken). Reads are tried all along."""
    refused: list[tuple[str, bytes]] = []
    taken: set[str] = set()
    for number in range(DELIVERIES):
        wamid, body = shop.next_message()
        body = body.replace(b"#", b"#" + b"x" * LARGE, 1)
        status = deliver(server, body)
        if status == 200:
            taken.add(wamid)
        elif status == 503:
            refused.append((wamid, body))
        else:
            report.other_answers.append(status)
        if number % 10 == 0 and taken:
            report.failed_reads += _failed_reads(server, token)
    report.taken, report.refused = len(taken), len(refused)
    return refused, taken


def _failed_reads(server: InboxServer, token: str) -> list[str]:
    bearer = {"Authorization": f"Bearer {token}"}
    answers = ((path, *server.get(path, bearer)) for path in READS)
    return [f"{path} {status}" for path, status, body in answers if not is_read(status, body)]


Grow = Callable[[InboxServer, float], None]


@contextlib.contextmanager
def _small_disk(folder: Path, megabytes: float) -> Iterator[tuple[str, Grow]]:
    """(what it is, how to give the running server that many megabytes)."""
    data = folder / "data"
    data.mkdir()
    size = f"size={int(megabytes * 1024)}k"
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(data)], capture_output=True, check=False
    ).returncode == 0
    if not mounted:
        yield f"files limited to {megabytes:.1f} MB", _limit_files
        return

    def remount(_: InboxServer, wanted: float) -> None:
        size = f"remount,size={int(wanted * 1024)}k"
        subprocess.run(["mount", "-o", size, str(data)], capture_output=True, check=True)

    try:
        yield f"a disk of {megabytes:.1f} MB", remount
    finally:
        subprocess.run(["umount", str(data)], capture_output=True, check=True)


def _limit_files(server: InboxServer, megabytes: float) -> None:
    """Python ignores SIGXFSZ, so a write beyond the limit fails with EFBIG."""
    for pid in server.pids():
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (int(megabytes * 1024 * 1024), hard))
