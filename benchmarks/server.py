"""The real server as production runs it: gunicorn with deploy/gunicorn.conf.py, in a process group of its own."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import db_manager
from app import create_app
from config import Config
from features.accounts import actions as accounts
from features.accounts import staff
from tests.builders import APP_SECRET, OUR_NUMBER_ID, OUR_WABA_ID, VERIFY_TOKEN

ROOT = Path(__file__).parent.parent
GUNICORN = Path(sys.executable).with_name("gunicorn")
STARTS_WITHIN_S = 30.0
STOPS_WITHIN_S = 15.0
ACCESS_TOKEN = "EAAbenchmarktokenbenchmarktoken"
PRODUCT = "app:create_app()"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Died(RuntimeError):
    """The server ended before it had answered."""


class InboxServer:
    """One data folder and one port, started as often as wanted. `application` is what gunicorn is told to serve."""

    def __init__(
        self, data_dir: Path, *, application: str = PRODUCT, port: int | None = None, graph_url: str | None = None
    ) -> None:
        self.data_dir = data_dir
        self.port = port or free_port()
        self._application = application
        self._graph_url = graph_url or f"http://127.0.0.1:{free_port()}"  # nobody listens there
        self._process: subprocess.Popen[bytes] | None = None
        self._log = data_dir.with_name(data_dir.name + ".log")  # beside it: the folder may be a full disk

    @property
    def database(self) -> Path:
        return self.data_dir / "chat_history.db"

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server has not been started"
        return self._process.pid

    def config(self) -> Config:
        return Config.from_env(self._environment({}))

    def start(self, **extra: str) -> float:
        """Returns after how many seconds /healthz said "ok". Raises Died with the log when it never does."""
        started = time.monotonic()
        process = self.launch(**extra)
        while time.monotonic() < started + STARTS_WITHIN_S:
            if self.is_healthy():
                return time.monotonic() - started
            if process.poll() is not None:
                break
            time.sleep(0.01)
        self.kill()
        raise Died(f"the server did not start:\n{self.log()[-4000:]}")

    def launch(self, **extra: str) -> subprocess.Popen[bytes]:
        """Without waiting for it."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(GUNICORN), "-c", str(ROOT / "deploy/gunicorn.conf.py"), self._application],
                cwd=ROOT,
                env=self._environment(extra),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a group of its own, so that a kill takes master and worker at once
            )
        return self._process

    def is_healthy(self) -> bool:
        try:
            return self.get("/healthz", timeout=2)[0] == 200
        except OSError:
            return False

    def get(self, path: str, headers: Mapping[str, str] | None = None, timeout: float = 10) -> tuple[int, bytes]:
        return self.call("GET", path, None, headers or {}, timeout)

    def call(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], timeout: float = 10
    ) -> tuple[int, bytes]:
        """One request on a connection of its own. Raises OSError when there was no complete answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=dict(headers))
            response = connection.getresponse()
            return response.status, response.read()
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()

    def wait_for_death(self, timeout: float) -> bool:
        """True when the server ended by itself within `timeout` seconds."""
        assert self._process is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout)
            return True
        return False

    def kill(self) -> None:
        """SIGKILL to master, worker and all their threads."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        """As systemd does it: SIGTERM, and SIGKILL to what is left."""
        if self._process is None:
            return
        self._process.terminate()
        self.wait_for_death(STOPS_WITHIN_S)
        self.kill()

    def pids(self) -> list[int]:
        """Master and worker."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [self.pid, *map(int, children)]

    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Path]:
        """A copy of the database of a killed server: its own files are not touched before it starts again."""
        with tempfile.TemporaryDirectory(prefix="inbox-check-") as folder:
            for suffix in ("", "-wal"):
                with contextlib.suppress(FileNotFoundError):
                    shutil.copyfile(f"{self.database}{suffix}", Path(folder) / f"copy.db{suffix}")
            yield Path(folder) / "copy.db"

    def problems(self) -> list[str]:
        """The full integrity check of a server that does not run."""
        with self.snapshot() as copy:
            return db_manager.check(copy)

    def _environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {
            **inherited,
            "DATA_DIR": str(self.data_dir),
            "PORT": str(self.port),
            "WHATSAPP_ACCESS_TOKEN": ACCESS_TOKEN,
            "WHATSAPP_PHONE_NUMBER_ID": OUR_NUMBER_ID,
            "WHATSAPP_BUSINESS_ACCOUNT_ID": OUR_WABA_ID,
            "WHATSAPP_APP_SECRET": APP_SECRET,
            "WHATSAPP_VERIFY_TOKEN": VERIFY_TOKEN,
            "GRAPH_API_URL": self._graph_url,
            "NO_PROXY": "127.0.0.1",
            **extra,
        }


@contextlib.contextmanager
def running(application: str = PRODUCT, *, graph_url: str | None = None) -> Iterator[InboxServer]:
    """A started server on a temporary data folder; killed at the end, whatever happened."""
    with tempfile.TemporaryDirectory(prefix="inbox-bench-") as folder:
        server = InboxServer(Path(folder) / "data", application=application, graph_url=graph_url)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def make_tokens(config: Config, count: int, name: str = "colleague", role: str = "agent") -> list[str]:
    """API tokens of `count` new members of staff, made as the command line makes them: beside the server or before it."""
    application = create_app(replace(config))
    sessions = application.extensions["sessions"]
    tokens = []
    try:
        for number in range(count):
            person = staff.new_user(f"{name}{number}@example.com", f"Colleague {number}", role, "correct horse battery")
            tokens.append(accounts.create_token(sessions, staff.create_user(sessions, person, by=None), "benchmark")[1])
    finally:
        application.extensions["inbox"].stop()
    return tokens


def processor_s(pid: int) -> float:
    """Seconds of processor time of all threads of a process so far, to 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def proportional_memory(pids: list[int]) -> int:
    """Bytes; a page shared by n processes counts 1/n in each, so the sum is what the machine really gives."""
    total = 0
    for pid in pids:
        found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        total += int(found[1]) * 1024 if found else 0
    return total
