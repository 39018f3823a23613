"""What deploy/ promises of gunicorn, the two proxies and the systemd unit, tried with the real programs on loopback."""

from __future__ import annotations

import datetime
import http.client
import http.server
import json
import os
import runpy
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config import Config
from features.changes.routes import SOCKETS

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
CHALLENGE = "/webhook/whatsapp?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=quiet-harbour-7"
SECRET = "quiet-harbour-7"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def tool(name: str) -> str:
    """The program's path; the test is skipped where it is not installed."""
    beside_python = Path(sys.executable).with_name(name)
    path = str(beside_python) if beside_python.exists() else shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


@contextmanager
def running(command: list[str], port: int, env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as sink:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=sink, stderr=sink, stdin=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(port) or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


# ---------------------------------------------------------------- gunicorn


def bare_env(**settings: str) -> dict[str, str]:
    """This machine's environment without any setting of ours, then `settings`."""
    ours = {name.upper() for name in Config.__dataclass_fields__}
    return {name: value for name, value in os.environ.items() if name not in ours} | settings


@pytest.fixture
def gunicorn_settings(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    for name in ("HOST", "PORT"):
        monkeypatch.delenv(name, raising=False)
    return runpy.run_path(str(DEPLOY / "gunicorn.conf.py"))


def test_gunicorn_runs_one_worker_with_room_beside_the_sockets(gunicorn_settings: dict[str, object]) -> None:
    assert gunicorn_settings["workers"] == 1
    assert gunicorn_settings["worker_class"] == "gthread"
    assert isinstance(gunicorn_settings["threads"], int)
    assert gunicorn_settings["threads"] >= SOCKETS + 8


def test_gunicorn_has_no_access_log_and_no_control_socket(gunicorn_settings: dict[str, object]) -> None:
    assert gunicorn_settings["accesslog"] is None
    assert gunicorn_settings["control_socket_disable"] is True


def test_gunicorn_listens_where_host_and_port_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8123")
    for host, bind in (("127.0.0.1", "127.0.0.1:8123"), ("::1", "[::1]:8123")):
        monkeypatch.setenv("HOST", host)
        assert runpy.run_path(str(DEPLOY / "gunicorn.conf.py"))["bind"] == bind


def get(port: int, path: str) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()


def gunicorn_command() -> list[str]:
    return [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "app:create_app()"]


def test_half_a_whatsapp_configuration_is_refused_in_one_sentence(tmp_path: Path) -> None:
    env = bare_env(DATA_DIR=str(tmp_path), WHATSAPP_APP_SECRET="c0ffee")
    run = subprocess.run(gunicorn_command(), cwd=ROOT, env=env, capture_output=True, text=True, timeout=30)
    assert run.returncode == 1
    assert "WHATSAPP_VERIFY_TOKEN" in run.stderr
    assert "Traceback" not in run.stderr


def test_the_server_tells_its_address_keeps_tokens_out_of_its_log_and_stops_quickly(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    env = bare_env(DATA_DIR=str(tmp_path / "data"), PORT=str(port))
    with running(gunicorn_command(), port, env, log) as server:
        wait_until(lambda: "The inbox is open at" in log.read_text())
        assert f"http://127.0.0.1:{port}/inbox" in log.read_text()
        assert get(port, "/healthz") == (200, b'{"status":"ok"}')
        assert get(port, CHALLENGE)[0] == 403
        # A request line that gunicorn itself refuses to read is logged by gunicorn, not by us.
        with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
            raw.sendall(f"GET {CHALLENGE} nonsense\r\n\r\n".encode())
            assert b"400" in raw.recv(1000)
        started = time.monotonic()
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=15) == 0
        assert time.monotonic() - started < 4
    assert SECRET not in log.read_text()
    assert "Traceback" not in log.read_text()


def test_a_second_server_on_the_same_data_is_refused_in_one_sentence(tmp_path: Path) -> None:
    first_port, log = free_port(), tmp_path / "log"
    env = bare_env(DATA_DIR=str(tmp_path / "data"), PORT=str(first_port))
    with running(gunicorn_command(), first_port, env, log):
        wait_until(lambda: "The inbox is open at" in log.read_text())
        env["PORT"] = str(free_port())
        second = subprocess.run(gunicorn_command(), cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert second.returncode != 0
    assert "Another server is using" in second.stderr
    assert "Traceback" not in second.stderr


# ---------------------------------------------------------------- the proxies


class Upstream(http.server.ThreadingHTTPServer):
    """Stands where gunicorn stands: remembers what arrives, answers 200, upgrades and then echoes bytes."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: list[tuple[str, dict[str, str], int]] = []  # path, headers in lower case, length of the body
        self.begun = 0  # requests whose first byte has arrived


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def parse_request(self) -> bool:
        self.server.begun += 1  # type: ignore[attr-defined]
        return super().parse_request()

    def do_GET(self) -> None:
        self._remember(0)
        if self.headers.get("Upgrade") == "websocket":
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.end_headers()
            while received := self.connection.recv(100):
                self.connection.sendall(received)
            self.close_connection = True
            return
        self._answer()

    def do_POST(self) -> None:
        self._remember(len(self._body()))
        self._answer()

    def _body(self) -> bytes:
        if length := self.headers.get("Content-Length"):
            return self.rfile.read(int(length))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _remember(self, length: int) -> None:
        assert isinstance(self.server, Upstream)
        self.server.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}, length))

    def _answer(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Proxy:
    """One of the two, running with the file of deploy/ on a port of its own."""

    def __init__(self, port: int, logs: list[Path], tls: bool) -> None:
        self.port = port
        self.logs = logs
        self.tls = tls

    def connect(self) -> socket.socket:
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=15)
        if not self.tls:
            return raw
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context.wrap_socket(raw)

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        connection.sock = self.connect()
        try:
            connection.request(method, path, body, {"Host": "inbox.example.com"} | (headers or {}))
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def logged(self) -> str:
        return "".join(log.read_text() for log in self.logs if log.exists())


def changed(text: str, **replacements: tuple[str, str]) -> str:
    """`text` with each replacement made; one that finds nothing means that this test no longer tests the file."""
    for old, new in replacements.values():
        assert old in text, old
        text = text.replace(old, new)
    return text


@contextmanager
def caddy(folder: Path, upstream_port: int) -> Iterator[Proxy]:
    port = free_port()
    text = changed(
        (DEPLOY / "Caddyfile").read_text(),
        upstream=("127.0.0.1:8000", f"127.0.0.1:{upstream_port}"),
        site=("inbox.example.com {", f"http://:{port} {{\n\tbind 127.0.0.1"),
        log=("/var/log/caddy/", f"{folder}/"),
        options=("\tgrace_period 10s", "\tgrace_period 1s\n\tadmin off\n\tpersist_config off"),
        patience=("read_header 10s", "read_header 1s"),
        more_patience=("read_body 10m", "read_body 1s"),
    )
    (folder / "Caddyfile").write_text(text)
    command = [tool("caddy"), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    env = dict(os.environ) | {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with running(command, port, env, folder / "stderr.log"):
        yield Proxy(port, [folder / "inbox.log", folder / "stderr.log"], tls=False)


@contextmanager
def nginx(folder: Path, upstream_port: int) -> Iterator[Proxy]:
    port = free_port()
    make_certificate(folder)
    text = changed(
        (DEPLOY / "inbox.nginx").read_text(),
        upstream=("127.0.0.1:8000", f"127.0.0.1:{upstream_port}"),
        plain=("listen 80;", f"listen 127.0.0.1:{free_port()};"),
        plain6=("\tlisten [::]:80;\n", ""),
        tls=("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        tls6=("\tlisten [::]:443 ssl http2;\n", ""),
        certificate=("/etc/letsencrypt/live/inbox.example.com/", f"{folder}/"),
        log=("/var/log/nginx/", f"{folder}/"),
        patience=("client_header_timeout 10s", "client_header_timeout 1s"),
    )
    paths = "".join(f"{kind}_temp_path {folder};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    main = f"pid {folder}/pid; error_log {folder}/stderr.log; events {{}} http {{ {paths}\n{text} }}"
    (folder / "nginx.conf").write_text(main)
    user = "user root; " if os.geteuid() == 0 else ""
    command = [tool("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", f"{user}daemon off;"]
    with running(command, port, dict(os.environ), folder / "stdout.log"):
        yield Proxy(port, [folder / name for name in ("inbox.access.log", "inbox.error.log", "stderr.log")], tls=True)


def make_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "inbox.example.com")])
    day = datetime.datetime(2026, 1, 1)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(day)
        .not_valid_after(day + datetime.timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


PROXIES = {"caddy": caddy, "nginx": nginx}


@pytest.fixture(params=PROXIES)
def proxy(request: pytest.FixtureRequest, tmp_path: Path, upstream: Upstream) -> Iterator[Proxy]:
    with PROXIES[request.param](tmp_path, upstream.server_port) as running_proxy:
        yield running_proxy


def test_a_proxy_replaces_what_a_client_claims_about_itself(proxy: Proxy, upstream: Upstream) -> None:
    claims = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "gopher",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "for=203.0.113.9",
    }
    assert proxy.request("GET", "/inbox", headers=claims) == 200
    [(_, headers, _)] = upstream.seen
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == ("https" if proxy.tls else "http")
    assert headers["x-forwarded-host"] == headers["host"] == "inbox.example.com"
    assert "forwarded" not in headers


def test_a_proxy_limits_a_webhook_to_4_mb_and_an_upload_to_110_mb(proxy: Proxy, upstream: Upstream) -> None:
    assert proxy.request("POST", "/webhook/whatsapp", b"x" * 3_000_000) == 200
    assert proxy.request("POST", "/api/send", b"x" * 5_000_000) == 200
    assert is_refused(proxy, "/webhook/whatsapp", 5_000_000)
    assert is_refused(proxy, "/api/send", 116_000_000)
    whole = [(path, length) for path, _, length in upstream.seen if length in (3_000_000, 5_000_000, 116_000_000)]
    assert whole == [("/webhook/whatsapp", 3_000_000), ("/api/send", 5_000_000)]


def is_refused(proxy: Proxy, path: str, size: int) -> bool:
    """Answered 413, or closed while we were still sending."""
    try:
        return proxy.request("POST", path, b"x" * size) == 413
    except OSError:
        return True


def test_a_webhook_that_trickles_in_never_reaches_the_application(proxy: Proxy, upstream: Upstream) -> None:
    with proxy.connect() as raw:
        raw.sendall(b"POST /webhook/whatsapp HTTP/1.1\r\nHost: inbox.example.com\r\nContent-Length: 1000\r\n\r\n{")
        time.sleep(0.5)
        assert upstream.begun == 0
    assert proxy.request("GET", "/healthz") == 200
    assert upstream.begun == 1


def test_a_proxy_lets_live_sockets_through_and_leaves_them_open(proxy: Proxy) -> None:
    with proxy.connect() as raw:
        raw.sendall(
            b"GET /api/live?since=0 HTTP/1.1\r\nHost: inbox.example.com\r\nConnection: Upgrade\r\n"
            b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert b" 101 " in raw.recv(1000).split(b"\r\n")[0]
        time.sleep(1.5)  # beyond the time for headers and bodies
        raw.sendall(b"still there")
        assert raw.recv(100) == b"still there"


def test_a_proxy_hangs_up_on_a_client_that_is_slow_to_ask(proxy: Proxy, upstream: Upstream) -> None:
    with proxy.connect() as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: inbox.exa")
        started = time.monotonic()
        received = raw.recv(1000)
    assert received == b"" or b" 408 " in received
    assert time.monotonic() - started < 8
    assert upstream.begun == 0


def test_a_proxy_keeps_the_verify_token_out_of_its_logs(proxy: Proxy) -> None:
    assert proxy.request("GET", CHALLENGE) == 200
    assert proxy.request("GET", "/healthz") == 200
    wait_until(lambda: "/healthz" in proxy.logged())
    assert "/webhook/whatsapp" in proxy.logged()
    assert SECRET not in proxy.logged()


@pytest.mark.parametrize("name", PROXIES)
def test_a_proxy_hides_the_verify_token_also_while_the_application_is_down(name: str, tmp_path: Path) -> None:
    with PROXIES[name](tmp_path, free_port()) as lonely:
        assert lonely.request("GET", CHALLENGE) == 502
        wait_until(lambda: "/webhook/whatsapp" in lonely.logged())
        assert SECRET not in lonely.logged()


# ---------------------------------------------------------------- systemd


def test_the_systemd_unit_is_valid_and_confined(tmp_path: Path) -> None:
    analyze = tool("systemd-analyze")
    unit = tmp_path / "whatsapp-inbox.service"
    text = (DEPLOY / "whatsapp-inbox.service").read_text()
    unit.write_text(changed(text, python=("/opt/whatsapp-inbox/.venv/bin/python", sys.executable)))
    verified = subprocess.run([analyze, "verify", str(unit)], capture_output=True, text=True, timeout=60)
    assert verified.returncode == 0, verified.stderr
    assert "whatsapp-inbox.service" not in verified.stderr  # not even a warning about a line of ours

    rated = subprocess.run(
        [analyze, "security", "--offline=true", "--json=short", "--threshold=20", str(unit)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert rated.returncode == 0, rated.stdout  # exposure at most 2.0 of 10
    assert any(check["set"] for check in json.loads(rated.stdout))
