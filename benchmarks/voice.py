"""A voice note of a minute against the least that could be done with its packets, and hostile files of twice the size."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Callable
from functools import partial

from benchmarks.table import Result
from core.sound.voice import NotVoice, as_voice_note
from tests.voice_files import hostile, minute, mp4_fragments, webm_of

SIZE = 256 * 1024
REPEATS = 20


def measure(rounds: int, scale: float) -> list[Result]:
    packets = minute()
    repeats = max(3, int(REPEATS * scale))
    results = []
    for name, data in (("WebM", webm_of(packets)), ("MP4", mp4_fragments(packets))):
        ours_of, plain_of = partial(as_voice_note, data), partial(_plain_copy, packets)
        pairs = [(_seconds(ours_of, repeats), _seconds(plain_of, repeats)) for _ in range(rounds)]
        ratio = statistics.median(ours / plain for ours, plain in pairs)
        ours = statistics.median(ours for ours, _ in pairs)
        what = f"a minute of {name} to Ogg: time against a plain copy of its packets"
        results.append(Result(what, ratio, bar=400, at_least=False, detail=f"{ours * 1000:.1f} ms"))
    return [*results, _worst_growth(rounds)]


def _plain_copy(packets: list[bytes]) -> bytes:
    """One step of Python for each packet: what a recording cannot cost less than."""
    return b"".join([packet[:1] + packet[1:] for packet in packets])


def _worst_growth(rounds: int) -> Result:
    """Twice the size may take twice the time, not four times."""
    small, large = hostile(SIZE), hostile(2 * SIZE)
    growth = {
        name: statistics.median(
            _seconds(partial(_read, large[name])) / _seconds(partial(_read, small[name])) for _ in range(rounds)
        )
        for name in small
    }
    name = max(growth, key=lambda one: growth[one])
    return Result("worst hostile sound file: time at twice the size", growth[name], bar=2.6, at_least=False, detail=name)


def _read(data: bytes) -> None:
    with contextlib.suppress(NotVoice):
        as_voice_note(data)


def _seconds(work: Callable[[], object], repeats: int = 1) -> float:
    """The best of some: what disturbs a measurement only ever adds to it."""
    took = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        took.append(time.perf_counter() - started)
    return min(took)
