"""Below `integrations/http/client.py`: sockets that know what their call has done, and where they may connect.

`requests.ConnectionError` means both "never connected" and "broke after sending". So a `Call` rides along with the
thread, and our connection class notes the first byte of the request, cuts the socket at the deadline, vets addresses.
"""

from __future__ import annotations

import functools
import ipaddress
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.poolmanager import PoolManager

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class RefusedAddress(Exception):
    """The name resolves to an address that is not public."""


class Call:
    """One request on its way. `sent`: a byte of it was handed to the network. `cut`: its total time was over."""

    def __init__(self, *, public_only: bool, total: float) -> None:
        self.public_only = public_only
        self.sent = False
        self.cut = False
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(total, self._cut)
        self._timer.daemon = True

    def start(self) -> None:
        self._timer.start()

    def end(self) -> None:
        self._timer.cancel()

    def connected(self, sock: Any) -> None:
        self._socket = sock
        self.check_cut()

    def check_cut(self) -> None:
        if self.cut:
            raise TimeoutError("the total time is over")

    def _cut(self) -> None:
        # A read with its own time-out would start anew with each dripped byte; a shut socket ends it from here.
        self.cut = True
        if isinstance(self._socket, socket.socket):
            try:
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            except OSError:
                pass  # already closed


_thread = threading.local()


@contextmanager
def running(call: Call) -> Iterator[None]:
    """Connections made by this thread belong to `call` until the block ends."""
    _thread.call = call
    call.start()
    try:
        yield
    finally:
        call.end()
        _thread.call = None


class Adapter(HTTPAdapter):
    """The transport of `requests`, with our connections in its pools (direct, HTTP proxy and SOCKS alike)."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _watch(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> PoolManager:
        manager = super().proxy_manager_for(*args, **kwargs)
        _watch(manager)
        return manager


def _watch(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {scheme: _watched_pool(pool) for scheme, pool in manager.pool_classes_by_scheme.items()}


@functools.cache
def _watched_pool(pool: Any) -> Any:
    if issubclass(pool.ConnectionCls, _Watched):
        return pool
    connection = type(f"Watched{pool.ConnectionCls.__name__}", (_Watched, pool.ConnectionCls), {})
    return type(f"Watched{pool.__name__}", (_Forgetful, pool), {"ConnectionCls": connection})


class _Forgetful:
    """Mixed in before a urllib3 pool class: a connection is used once, whatever the server's answer says about reuse."""

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.close()
        super()._put_conn(None)  # type: ignore[misc]


class _Watched:
    """Mixed in before a urllib3 connection class."""

    sock: Any
    port: int
    proxy: Any
    _dns_host: str
    _connecting = False

    def connect(self) -> None:
        self._connecting = True
        try:
            super().connect()  # type: ignore[misc]
        finally:
            self._connecting = False
        _thread.call.connected(self.sock)

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        if not self._connecting:  # a CONNECT to the proxy is not yet the request
            _thread.call.sent = True
        super().send(data)  # type: ignore[misc]

    def _new_conn(self) -> socket.socket:
        sock = self._connect_checked() if _thread.call.public_only and not self._proxied() else self._connect_any()
        _thread.call.connected(sock)
        return sock

    def _connect_any(self) -> socket.socket:
        return super()._new_conn()  # type: ignore[misc, no-any-return]

    def _connect_checked(self) -> socket.socket:
        """One look-up decides: what was checked is what is connected to. The name stays for SNI and the certificate."""
        name = self._dns_host
        failure: Exception | None = None
        for address in _public_addresses(self, name, self.port):
            _thread.call.check_cut()
            self._dns_host = address
            try:
                return self._connect_any()
            except ConnectTimeoutError as error:  # refused is one of its kinds
                failure = error
            finally:
                self._dns_host = name
        raise failure or NewConnectionError(self, "no address")  # type: ignore[arg-type]

    def _proxied(self) -> bool:
        return self.proxy is not None or hasattr(self, "_socks_options")


def _public_addresses(connection: Any, name: str, port: int) -> list[str]:
    """Raises RefusedAddress when any of them is not public: a mixed answer is an attack, not a fallback."""
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise NameResolutionError(name, connection, error) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not all(is_public(address) for address in addresses):
        raise RefusedAddress(name)
    return addresses


def is_public(address: str) -> bool:
    """Reachable on the Internet, the IPv4 address inside an IPv6 one included."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return inner.is_global and not inner.is_multicast
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
