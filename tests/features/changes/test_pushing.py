"""The thread that pushes to all open sockets, and what becomes of a line that takes no more."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from features.changes.pushing import Audience, Listener, Pusher
from web.live import LiveFeed
from web.viewing import EVERYBODY

LARGE = 3_000_000  # more than the buffers of a line hold


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


class Line:
    """A socket at the server, and the browser's end of it."""

    def __init__(self, since: int = 0, language: str = "en") -> None:
        self.ours, self.theirs = socket.socketpair()
        self.theirs.settimeout(10)
        self.socket = SimpleNamespace(sock=self.ours)
        self.listener = Listener(self.socket, since, Audience(EVERYBODY, language))  # type: ignore[arg-type]

    def read(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            found += self.theirs.recv(size - len(found))
        return found

    def close(self) -> None:
        self.ours.close()
        self.theirs.close()


class World:
    """A feed, and a pusher whose frames say from where to where they lead. `made`: (since, language, thread)."""

    def __init__(self) -> None:
        self.feed = LiveFeed()
        self.pusher = Pusher(self.feed, self.make)
        self.made: list[tuple[int, str, str]] = []
        self.lines: list[Line] = []
        self.threads: list[threading.Thread] = []
        self.size = 0
        self.is_broken = False

    def make(self, since: int, audience: Audience) -> tuple[str, int]:
        self.made.append((since, audience.language, threading.current_thread().name))
        if self.is_broken:
            raise ValueError("no frame today")
        return f"{since}>{self.feed.newest}".ljust(self.size), self.feed.newest

    def connect(self, language: str = "en") -> Line:
        line = Line(self.feed.newest, language)
        self.lines.append(line)
        self.pusher.add(line.listener)
        self.pusher.catch_up(line.listener)
        return line

    def stay(self, line: Line) -> None:
        """The thread of its request."""

        def wait() -> None:
            while not self.feed.closed:
                if line.listener.own_turn.wait(timeout=0.05):
                    self.pusher.catch_up(line.listener)

        self.threads.append(threading.Thread(target=wait))
        self.threads[-1].start()


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.feed.close()
    for thread in world.threads:
        thread.join(10)
    for line in world.lines:
        line.close()


def test_a_frame_is_made_once_for_all_who_read_one_language(world: World) -> None:
    lines = [world.connect() for _ in range(3)] + [world.connect("de")]
    world.feed.announce(1)
    assert [line.read(5) for line in lines] == [b"\x81\x030>1"] * 4
    assert sorted(world.made) == [(0, "de", "live-pusher"), (0, "en", "live-pusher")]


def test_who_comes_late_is_told_what_came_before_in_its_own_thread(world: World) -> None:
    world.feed.announce(4)
    line = Line(since=2)
    world.lines.append(line)
    world.pusher.add(line.listener)
    world.pusher.catch_up(line.listener)
    assert (line.read(5), world.made[0][2]) == (b"\x81\x032>4", "MainThread")
    world.feed.announce(5)
    assert (line.read(5), world.made[1][2]) == (b"\x81\x034>5", "live-pusher")


def test_a_full_line_holds_up_nobody_and_gets_everything_from_its_own_thread(world: World) -> None:
    slow, quick = world.connect(), world.connect()
    world.stay(quick)
    world.size = LARGE
    world.feed.announce(1)
    assert quick.read(LARGE + 10)[-1:] == b" "
    until(slow.listener.own_turn.is_set)
    world.size = 0
    world.feed.announce(2)
    assert quick.read(5) == b"\x81\x031>2", "the slow line holds up the quick one"
    world.stay(slow)
    assert slow.read(LARGE + 10)[-1:] == b" "
    assert slow.read(5) == b"\x81\x031>2"
    until(lambda: not slow.listener.own_turn.is_set())


def test_a_frame_that_cannot_be_made_ends_neither_the_thread_nor_another_language(world: World) -> None:
    line = world.connect()
    world.is_broken = True
    world.feed.announce(1)
    until(line.listener.own_turn.is_set)
    with pytest.raises(ValueError, match="no frame today"):
        world.pusher.catch_up(line.listener)
    world.is_broken = False
    world.pusher.catch_up(line.listener)
    assert line.read(5) == b"\x81\x030>1"
    world.feed.announce(2)
    assert line.read(5) == b"\x81\x031>2"
    assert world.made[-1][2] == "live-pusher"


def test_a_line_that_is_gone_is_left_to_its_own_thread(world: World) -> None:
    gone, here = world.connect(), world.connect()
    gone.ours.close()
    world.feed.announce(1)
    assert here.read(5) == b"\x81\x030>1"
    until(gone.listener.own_turn.is_set)
    with pytest.raises(OSError, match="Bad file descriptor"):
        world.pusher.catch_up(gone.listener)


def test_at_the_end_every_thread_gets_its_turn_to_say_goodbye(world: World) -> None:
    line = world.connect()
    world.feed.close()
    until(line.listener.own_turn.is_set)
    assert line.listener.since == 0


def test_a_ping_waits_for_the_end_of_a_frame(world: World) -> None:
    """Every 25 s simple_websocket writes one, in a thread of its own."""
    line = world.connect()
    world.size = LARGE
    world.feed.announce(1)
    until(line.listener.own_turn.is_set)
    begun = line.read(200_000)
    ping = threading.Thread(target=line.socket.sock.send, args=(b"\x89\x00",))
    ping.start()
    whole = begun + line.read(LARGE + 10 + 2 - len(begun))
    ping.join(10)
    assert (whole[:2], whole[-2:]) == (b"\x81\x7f", b"\x89\x00")
    assert b"\x89" not in whole[:-2]
