"""The HTTP seam: what certainly did not leave, what may have arrived, and where it never connects."""

from __future__ import annotations

import gzip
import io
import logging
import socket
import ssl
import threading
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import urllib3.util.connection
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integrations.http import transport as http_transport
from integrations.http.client import Ambiguous, Answer, Blocked, HttpClient, NotSent, Timeouts, TooLarge
from system import clock
from tests.fakes.fault_server import FaultServer, answer, drip, fault_server, reset, silence

QUICK = Timeouts(connect=0.5, read=0.5, total=1.0)
http = HttpClient()


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    yield


def get(server: FaultServer, **options: Any) -> Answer:
    return http.request("GET", server.url(), timeouts=QUICK, **options)


# ---------------------------------------------------------------- answered


def test_an_answer_carries_status_headers_and_body() -> None:
    with fault_server(answer({"ok": 1}, 418, X_Seen="yes")) as server:
        found = get(server)
    assert (found.status, found.ok, found.json(), found.headers["x-seen"]) == (418, False, {"ok": 1}, "yes")


def test_the_request_names_us_and_asks_to_close() -> None:
    with fault_server(answer({})) as server:
        get(server, token="EAAinventedtoken", params={"a": "b c"})
    request = server.requests[0]
    assert request.path == "/x?a=b+c"
    assert request.headers["user-agent"].startswith("whatsapp-inbox/")
    assert request.headers["authorization"] == "Bearer EAAinventedtoken"
    assert request.headers["connection"] == "close"
    assert request.headers["accept-encoding"] == "identity"


def test_every_call_makes_its_own_connection_even_when_the_server_would_keep_it() -> None:
    closed_by_us: list[bool] = []

    def keep_open(sock: socket.socket) -> None:
        sock.sendall(answer({}))
        closed_by_us.append(sock.recv(1) == b"")

    with fault_server(keep_open) as server:
        for _ in range(3):
            get(server)
        assert server.connections == 3
        deadline = time.monotonic() + 2
        while len(closed_by_us) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert closed_by_us == [True, True, True]


def test_a_server_that_closes_behind_its_answer_never_makes_the_next_call_ambiguous() -> None:
    with fault_server(answer({})) as server:
        for _ in range(200):
            assert get(server).ok


def test_no_cookie_is_kept() -> None:
    with fault_server(answer({}, Set_Cookie="spy=1; Path=/")) as server:
        get(server)
        get(server)
    assert "cookie" not in server.requests[1].headers


def test_the_netrc_of_the_machine_does_not_replace_our_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with fault_server(answer({})) as server:
        get(server, token="EAAinventedtoken")
    assert server.requests[0].headers["authorization"] == "Bearer EAAinventedtoken"


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with fault_server(answer({})) as other, fault_server(answer({}, 302, Location=other.url())) as server:
        assert get(server).status == 302
        assert other.connections == 0


def test_a_redirect_to_nonsense_is_still_an_answer() -> None:
    with fault_server(answer(b"", 302, Location="http://[::1")) as server:
        assert get(server).headers["Location"] == "http://[::1"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("999999999999", 86400.0),
        ("Sun, 22 Nov 2026 00:01:00 GMT", 60.0),
        ("Sat, 21 Nov 2026 00:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str, seconds: float | None) -> None:
    with clock.freeze(int(datetime(2026, 11, 22, tzinfo=UTC).timestamp())):
        assert Answer(429, {"Retry-After": header}, b"", 0).retry_after == seconds


@pytest.mark.parametrize("body", [b"", b'{"a": ', b"<html>Bad gateway</html>", b"[" * 100_000, b"\xff\xfe\xfd"])
def test_a_body_that_is_not_json_raises_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):
        Answer(200, {}, body, len(body)).json()


# ---------------------------------------------------------------- certainly not sent


def test_a_refused_connection_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotSent) as caught:
        http.request("POST", f"http://127.0.0.1:{port}/x", json={}, timeouts=QUICK)
    assert not caught.value.permanent
    assert caught.value.message == "No connection to 127.0.0.1."


def test_an_unknown_name_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_name(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    for public_only in (False, True):
        with pytest.raises(NotSent, match="could not be found"):
            http.request("POST", "https://graph.facebook.com/x", json={}, timeouts=QUICK, public_only=public_only)


def test_a_connect_timeout_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: Any, **__: Any) -> None:
        raise TimeoutError

    monkeypatch.setattr(urllib3.util.connection, "create_connection", slow)
    with pytest.raises(NotSent, match="did not accept a connection in time"):
        http.request("POST", "https://graph.facebook.com/x", json={}, timeouts=QUICK)


def test_a_failed_tls_handshake_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            sock, _ = listener.accept()
            sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            sock.close()

        threading.Thread(target=serve, daemon=True).start()
        with pytest.raises(NotSent):
            http.request("POST", f"https://127.0.0.1:{listener.getsockname()[1]}/x", json={}, timeouts=QUICK)


def test_a_tls_handshake_that_hangs_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:  # the kernel accepts, nobody answers
        started = time.monotonic()
        with pytest.raises(NotSent):
            http.request("POST", f"https://127.0.0.1:{listener.getsockname()[1]}/x", json={}, timeouts=QUICK)
    assert time.monotonic() - started < 2


def test_a_certificate_that_is_not_trusted_is_not_sent(tmp_path: Path) -> None:
    with fault_server(answer({}), tls=server_tls(tmp_path, "graph.facebook.com")) as server:
        with pytest.raises(NotSent, match="No secure connection"):
            http.request("POST", server.url(scheme="https", host="localhost"), json={}, timeouts=QUICK)
    assert server.requests == []


@pytest.mark.parametrize("url", ["http://", "no scheme", "http://[::1", "ftp://example.org/x"])
def test_a_url_that_cannot_be_called_is_not_sent_and_final(url: str) -> None:
    with pytest.raises(NotSent) as caught:
        http.request("GET", url, timeouts=QUICK)
    assert caught.value.permanent


def test_a_token_that_cannot_be_a_header_is_not_sent() -> None:
    with fault_server(answer({})) as server, pytest.raises(NotSent):
        get(server, token="broken\r\nX-Injected: 1")
    assert server.requests == []


# ---------------------------------------------------------------- ambiguous


@pytest.mark.parametrize(
    "reply",
    [
        silence(3),
        reset,
        lambda sock: None,
        b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"messages": [',
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"this is no HTTP at all",
    ],
    ids=["silence", "reset", "closed", "half a body", "half a chunk", "no http"],
)
def test_what_breaks_after_sending_is_ambiguous(reply: Any) -> None:
    with fault_server(reply) as server:
        with pytest.raises(Ambiguous) as caught:
            http.request("POST", server.url(), json={"a": 1}, timeouts=QUICK)
        assert len(server.requests) == 1, "never repeated"
    assert not caught.value.permanent


@pytest.mark.parametrize(
    "reply",
    [
        drip(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 50),
        drip(answer(b"x" * 200)),
        drip(b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 200),
    ],
    ids=["head", "body", "body without length"],
)
def test_a_dripping_server_is_cut_at_the_total_time(reply: Any) -> None:
    with fault_server(reply) as server:
        started = time.monotonic()
        with pytest.raises(Ambiguous, match="did not answer in time"):
            get(server)
        assert time.monotonic() - started < 2.5


def test_a_tls_server_that_drips_is_cut_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with fault_server(drip(answer(b"x" * 200)), tls=server_tls(tmp_path, "localhost")) as server:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
        started = time.monotonic()
        with pytest.raises(Ambiguous):
            http.request("GET", server.url(scheme="https", host="localhost"), timeouts=QUICK)
        assert time.monotonic() - started < 2.5


# ---------------------------------------------------------------- size


def test_an_announced_size_above_the_cap_is_not_read() -> None:
    huge = b"HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n" + b"x" * 1000
    sink = io.BytesIO()
    with fault_server(huge) as server, pytest.raises(TooLarge):
        get(server, sink=sink, max_bytes=1000)
    assert sink.getvalue() == b""


def test_an_unannounced_size_stops_at_the_cap() -> None:
    sink = io.BytesIO()
    with fault_server(b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 300_000) as server, pytest.raises(TooLarge):
        get(server, sink=sink, max_bytes=100_000)
    assert len(sink.getvalue()) <= 100_000


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_compressed_bomb_is_stopped_at_the_cap_and_never_held_in_memory(encoding: str) -> None:
    """We ask for plain bytes; whoever sends others all the same unpacks no more than the cap."""
    bomb = gzip.compress(bytes(50_000_000)) if encoding == "gzip" else zlib.compress(bytes(50_000_000))
    sink = io.BytesIO()
    with fault_server(answer(bomb, Content_Encoding=encoding)) as server:
        tracemalloc.start()
        try:
            with pytest.raises(TooLarge):
                get(server, sink=sink, max_bytes=1_000_000)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert len(sink.getvalue()) <= 1_000_000
    assert peak < 10_000_000


def test_a_sink_gets_the_body_of_a_success_only() -> None:
    for status, written, kept in ((200, b"bytes", b""), (404, b"", b"bytes")):
        sink = io.BytesIO()
        with fault_server(answer(b"bytes", status)) as server:
            found = get(server, sink=sink)
        assert (sink.getvalue(), found.body, found.size) == (written, kept, 5)


def test_an_error_of_the_sink_is_not_taken_for_the_network() -> None:
    class FullDisk(io.BytesIO):
        def write(self, data: Any) -> int:
            raise OSError(28, "No space left on device")

    with fault_server(answer(b"bytes")) as server, pytest.raises(OSError, match="No space left"):
        get(server, sink=FullDisk())


# ---------------------------------------------------------------- where it connects


PRIVATE = [
    "169.254.169.254", "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
    "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "not an address",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_recognised(address: str) -> None:
    assert not http_transport.is_public(address)


@pytest.mark.parametrize("address", ["157.240.1.35", "2a03:2880:f131:83::1", "64:ff9b::9df0:123"])
def test_a_public_address_is_recognised(address: str) -> None:
    assert http_transport.is_public(address)


class Network:
    """A resolver that answers from a script, and a record of what was dialled."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.lookups: list[str] = []
        self.dialled: list[str] = []
        monkeypatch.setattr(socket, "getaddrinfo", self._resolve)
        monkeypatch.setattr(urllib3.util.connection, "create_connection", self._dial)

    def _resolve(self, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        self.lookups.append(host)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    def _dial(self, address: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        self.dialled.append(address[0])
        raise ConnectionRefusedError


def fetch_public(url: str = "https://lookaside.fbsbx.com/file") -> None:
    http.request("GET", url, token="EAAinventedtoken", timeouts=QUICK, public_only=True)


@pytest.mark.parametrize("addresses", [["169.254.169.254"], ["::1"], ["157.240.1.35", "10.0.0.1"]])
def test_a_name_that_leads_inside_is_never_dialled(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> None:
    network = Network(monkeypatch, addresses)
    with pytest.raises(Blocked) as caught:
        fetch_public()
    assert network.dialled == []
    assert caught.value.permanent


def test_a_name_that_changes_its_address_cannot_win(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network(monkeypatch, ["157.240.1.35"], ["127.0.0.1"])
    with pytest.raises(NotSent):
        fetch_public()
    assert network.lookups == ["lookaside.fbsbx.com"], "one look-up decides"
    assert network.dialled == ["157.240.1.35"], "the address that was checked"


def test_every_checked_address_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network(monkeypatch, ["157.240.1.35", "157.240.1.36"])
    with pytest.raises(NotSent):
        fetch_public()
    assert network.dialled == ["157.240.1.35", "157.240.1.36"]


def test_the_certificate_is_checked_against_the_name_not_the_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str | None] = []
    context = server_tls(tmp_path, "lookaside.fbsbx.com")
    context.sni_callback = lambda _sock, name, _context: seen.append(name)  # type: ignore[assignment]
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    monkeypatch.setattr(http_transport, "is_public", lambda address: True)
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: real("127.0.0.1", *rest, **more))
    with fault_server(answer({"ok": 1}), tls=context) as server:
        found = http.request("GET", server.url(scheme="https", host="lookaside.fbsbx.com"), timeouts=QUICK, public_only=True)
        assert found.json() == {"ok": 1}
        with pytest.raises(NotSent, match="No secure connection"):
            http.request("GET", server.url(scheme="https", host="graph.facebook.com"), timeouts=QUICK, public_only=True)
    assert seen == ["lookaside.fbsbx.com", "graph.facebook.com"]


# ---------------------------------------------------------------- proxies


def test_a_proxy_of_the_environment_is_used_and_resolves_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    with fault_server(answer({"by": "proxy"})) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url(""))
        found = http.request("GET", "http://media.example.invalid/x", timeouts=QUICK, public_only=True)
    assert found.json() == {"by": "proxy"}
    assert proxy.requests[0].path == "http://media.example.invalid/x"


def test_a_proxy_that_refuses_the_tunnel_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    with fault_server(answer(b"no", 407)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url(""))
        with pytest.raises(NotSent):
            http.request("POST", "https://graph.facebook.com/x", token="EAAsecret", json={}, timeouts=QUICK)
    assert [request.method for request in proxy.requests] == ["CONNECT"]
    assert "authorization" not in proxy.requests[0].headers


def test_a_proxy_that_breaks_after_a_plain_request_is_ambiguous(monkeypatch: pytest.MonkeyPatch) -> None:
    with fault_server(reset) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url(""))
        with pytest.raises(Ambiguous):
            http.request("POST", "http://media.example.invalid/x", json={}, timeouts=QUICK)


def test_a_socks_proxy_is_used_and_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    greeting, connected = b"\x05\x00", b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50"

    def serve(listener: socket.socket, reply: bytes) -> None:
        sock, _ = listener.accept()
        for step in (greeting, connected, reply):
            sock.recv(65536)
            sock.sendall(step)
        sock.close()

    for reply, ending in ((answer({"by": "socks"}), None), (b"", Ambiguous)):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=serve, args=(listener, reply), daemon=True).start()
            monkeypatch.setenv("HTTP_PROXY", f"socks5h://127.0.0.1:{listener.getsockname()[1]}")
            if ending is None:
                found = http.request("GET", "http://media.example.invalid/x", timeouts=QUICK, public_only=True)
                assert found.json() == {"by": "socks"}
            else:
                with pytest.raises(ending):
                    http.request("GET", "http://media.example.invalid/x", timeouts=QUICK)
    with pytest.raises(NotSent):  # nobody listens there any more
        http.request("GET", "http://media.example.invalid/x", timeouts=QUICK)


def test_our_own_machine_is_never_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with fault_server(answer({"by": "proxy"})) as proxy, fault_server(answer({"by": "us"})) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url(""))
        assert get(server).json() == {"by": "us"}
    assert proxy.connections == 0


# ---------------------------------------------------------------- secrets


def test_no_secret_reaches_the_log_or_the_words(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = ("EAAinventedtoken", "sekret-query", "private words")
    with fault_server(answer({}), reset) as server:
        http.request("POST", server.url("/path?access_token=sekret-query"), token=secrets[0], json=[secrets[2]])
        with pytest.raises(Ambiguous) as caught:
            http.request("POST", server.url("/path?access_token=sekret-query"), token=secrets[0], json=[secrets[2]])
    told = caplog.text + str(caught.value)
    assert "/path -> 200" in told and "/path -> Ambiguous" in told
    assert not [secret for secret in secrets if secret in told]


def server_tls(folder: Path, name: str) -> ssl.SSLContext:
    """A certificate of our own making for `name`; its authority is written to ca.pem."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "invented authority")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (folder / "ca.pem").write_bytes(pem)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(private + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context
