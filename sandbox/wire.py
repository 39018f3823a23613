"""The double's HTTP server: a threaded one on loopback that can also reset a connection, or be unplugged."""

from __future__ import annotations

import os
import socket
import struct
import threading
from typing import Any

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

KNOCK_AFTER = 0.01  # seconds


class QuietHandler(WSGIRequestHandler):
    """No access log, and a dropped connection is a reset (RST), as from a load balancer that gave up."""

    disable_nagle_algorithm = True  # head and body are two writes: without this each answer may wait 40 ms
    connections: set[socket.socket]  # the open ones; set by Server

    def setup(self) -> None:
        super().setup()
        self.connections.add(self.connection)

    def finish(self) -> None:
        self.connections.discard(self.connection)
        super().finish()

    def log(self, type: str, message: str, *args: Any) -> None:
        pass

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        self.close_connection = True
        self.connections.discard(self.connection)
        try:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())
        except OSError:  # the caller went first
            pass


class Server:
    """`app` on 127.0.0.1. The port is bound by the constructor, so the address is known before anything is answered."""

    def __init__(self, app: Flask, port: int = 0) -> None:
        self._app = app
        self._connections: set[socket.socket] = set()
        self._bind(port)
        self.url = f"http://127.0.0.1:{self._server.port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Nobody listens afterwards: a new connection is refused, idle ones are closed."""
        if self._thread.is_alive():
            threading.Timer(KNOCK_AFTER, self._knock).start()
            self._server.shutdown()
            self._thread.join(timeout=5)
        self._server.server_close()
        for connection in list(self._connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # closed meanwhile
                pass

    def restart(self) -> None:
        """After `stop`: the same address again."""
        self._bind(self._server.port)
        self.start()

    def _knock(self) -> None:
        """The accept loop looks twice a second whether to stop; a visitor makes it look now."""
        try:
            socket.create_connection(("127.0.0.1", self._server.port), timeout=1).close()
        except OSError:  # it has stopped already
            pass

    def _bind(self, port: int) -> None:
        handler = type("Handler", (QuietHandler,), {"connections": self._connections})
        self._server: BaseWSGIServer = make_server("127.0.0.1", port, self._app, threaded=True, request_handler=handler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="sandbox-graph", daemon=True)
