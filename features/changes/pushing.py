"""One thread that pushes every frame to every open socket: encoded once, the same bytes for all who stand at the same place.

Where a line takes no more, the socket goes to the thread of its own request, which may wait for it, and comes back when its
browser has been told everything.
"""

from __future__ import annotations

import logging
import socket as sockets
import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple

from simple_websocket import Server
from wsproto.frame_protocol import FrameProtocol

from web.live import LiveFeed
from web.viewing import Viewer

log = logging.getLogger("inbox.live")


class Audience(NamedTuple):
    """For whom a frame is made: all who see the same chats and read the same language."""

    viewer: Viewer
    language: str


# (since, audience) -> the frame as text, and the seq to which it leads.
MakeFrame = Callable[[int, Audience], tuple[str, int]]


class Listener:
    """An open socket and how far its browser has been told. `own_turn` is set while its own thread pushes."""

    def __init__(self, socket: Server, since: int, audience: Audience) -> None:
        self.since = since
        self.audience = audience
        self.own_turn = threading.Event()
        self.own_turn.set()
        self._line = socket.sock
        self._writing = threading.Lock()
        self._rest = b""
        socket.sock = _BetweenFrames(self, self._line)

    def push(self, data: bytes, leads: int) -> None:
        """Without waiting: what the line does not take is left to the own turn."""
        if not self._writing.acquire(blocking=False):
            self.own_turn.set()
            return
        try:
            self.since = leads
            try:
                sent = self._line.send(data, sockets.MSG_DONTWAIT)
            except OSError:  # full, or gone: its own thread finds out
                sent = 0
            if sent < len(data):
                self._rest = data[sent:]
                self.own_turn.set()
        finally:
            self._writing.release()

    def push_patiently(self, data: bytes, leads: int | None = None) -> None:
        """What was left, then this. Raises OSError when the line is gone."""
        with self._writing:
            self._line.sendall(self._rest + data)
            self._rest = b""
            self.since = self.since if leads is None else leads


class _BetweenFrames:
    """The line as simple_websocket sees it: a ping, a pong or a goodbye of its own never goes into the middle of a frame."""

    def __init__(self, listener: Listener, line: Any) -> None:
        self._listener = listener
        self._line = line

    def send(self, data: bytes) -> int:
        self._listener.push_patiently(data)
        return len(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._line, name)


class Pusher:
    """Its thread starts with the first listener and ends with the feed."""

    def __init__(self, feed: LiveFeed, make_frame: MakeFrame) -> None:
        self._feed = feed
        self._make_frame = make_frame
        self._lock = threading.Lock()
        self._listeners: set[Listener] = set()
        self._thread: threading.Thread | None = None

    def add(self, listener: Listener) -> None:
        """Its own turn comes first: `catch_up`."""
        with self._lock:
            self._listeners.add(listener)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True, name="live-pusher")
                self._thread.start()

    def remove(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.discard(listener)

    def catch_up(self, listener: Listener) -> None:
        """Push in the caller's thread until the browser knows everything; from then on the Pusher does. Raises OSError."""
        listener.push_patiently(b"")
        while listener.since != self._feed.newest and not self._feed.closed:
            listener.push_patiently(*self._frame(listener.since, listener.audience))
        listener.own_turn.clear()
        self._feed.look_again()  # a commit may have come just before

    def _run(self) -> None:
        while not self._feed.closed:
            self._feed.wait_until(lambda: bool(self._behind()), timeout=60)
            groups: dict[tuple[int, Audience], list[Listener]] = defaultdict(list)
            for listener in self._behind():
                groups[listener.since, listener.audience].append(listener)
            for (since, audience), listeners in groups.items():
                self._push(since, audience, listeners)
        for listener in self._all():
            listener.own_turn.set()  # to say goodbye

    def _push(self, since: int, audience: Audience, listeners: list[Listener]) -> None:
        try:
            data, leads = self._frame(since, audience)
        except Exception:  # one frame that cannot be made must not end this thread
            log.exception("A frame could not be made")
            for listener in listeners:
                listener.own_turn.set()  # fails there too, and closes the socket: the browser polls
            return
        for listener in listeners:
            listener.push(data, leads)

    def _behind(self) -> list[Listener]:
        newest = self._feed.newest
        return [listener for listener in self._all() if listener.since != newest and not listener.own_turn.is_set()]

    def _all(self) -> list[Listener]:
        with self._lock:
            return list(self._listeners)

    def _frame(self, since: int, audience: Audience) -> tuple[bytes, int]:
        """As it goes over the wire, and where it leads. Browsers that come back after a restart share it too."""
        return self._feed.shared((since, self._feed.newest, audience), lambda: self._encode(since, audience))

    def _encode(self, since: int, audience: Audience) -> tuple[bytes, int]:
        text, leads = self._make_frame(since, audience)
        return bytes(FrameProtocol(client=False, extensions=[]).send_data(text, fin=True)), leads
