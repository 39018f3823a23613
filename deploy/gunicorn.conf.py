"""How gunicorn serves the inbox: `gunicorn -c deploy/gunicorn.conf.py "app:create_app()"`.

HOST and PORT come from the environment or `.env`. To try another value of anything here, set GUNICORN_CMD_ARGS,
for example GUNICORN_CMD_ARGS="--threads 60" (then allow fewer sockets too: each holds a thread for life).
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dotenv import load_dotenv  # noqa: E402
from gunicorn.glogging import Logger  # noqa: E402

from config import Config  # noqa: E402
from core.errors import SetupError  # noqa: E402

load_dotenv(ROOT / ".env")
try:
    settings = Config.from_env()
except SetupError as error:
    sys.exit(str(error))  # one plain sentence instead of a stack trace from a worker

chdir = str(ROOT)
bind = f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}"

# One process: one writer to the database, one clock, one set of live sockets. A second worker would be refused by the
# lock on the data folder.
workers = 1
worker_class = "gthread"
threads = 100 + 8  # the cap on live sockets (features/changes/routes.py), and a reserve for everything else

# A thread may wait as long as it likes; this only watches the worker's main loop. Migrating a large database happens
# before that loop starts and must not be shot half-way.
timeout = 600
graceful_timeout = 5
# Longer than the proxy keeps an idle connection (30 s in our examples), so that it is never we who close one
# just as a webhook arrives on it.
keepalive = 75

limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190
forwarded_allow_ips = ""  # the application alone decides whom to believe, by PUBLIC_URL

control_socket_disable = True
LOOKS_AGAIN_S = 10
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # the heartbeat must not wait for a busy disk

# No access log: the address of Meta's challenge carries the verify token. What gunicorn itself has to say goes to
# stderr in our own form, without secrets.
accesslog = None


class QuietLogger(Logger):
    """gunicorn would still build the record of every request for nobody: 7 % of a small request's time."""

    def access(self, *_: Any) -> None:
        return


logger_class = QuietLogger
logconfig_dict = {
    "formatters": {"ours": {"()": "system.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "ours", "stream": "ext://sys.stderr"}},
    "root": {"level": "WARNING", "handlers": ["stderr"]},
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["stderr"], "propagate": False}},
}


def post_worker_init(worker: Any) -> None:
    """The application has been built in the worker: set its clock and its threads in motion, and tell where it is."""
    runtime = worker.wsgi.extensions.get("inbox")
    if runtime is None:
        threading.Thread(target=_wait_until_sound, args=(worker,), name="wait-until-sound", daemon=True).start()
        return  # it stands in for a database that must not be touched, and has said why
    try:
        runtime.start()
    except SetupError as error:
        worker.log.critical("%s", error)
        sys.exit(3)  # gunicorn's code for "do not start me again and again"
    _close_sockets_on_term(worker)
    worker.wsgi.extensions["services"].restart = lambda: _start_afresh(worker)
    own_address = f"http://{'127.0.0.1' if settings.host in ('0.0.0.0', '::') else settings.host}:{settings.port}"
    print(f"The inbox is open at {settings.public_url or own_address}/inbox", flush=True)


def _start_afresh(worker: Any) -> None:
    """After a change of the connection to WhatsApp: this worker ends as on any stop, and the master starts another."""
    worker.starts_afresh = True
    os.kill(os.getpid(), signal.SIGTERM)


def _wait_until_sound(worker: Any) -> None:
    """Space on the disk, or a restored backup: gunicorn then starts another worker, and that one opens the database."""
    while worker.alive:
        time.sleep(LOOKS_AGAIN_S)
        if worker.wsgi.extensions["is_sound_again"]():
            worker.log.info("The database can be opened again.")
            worker.alive = False


def worker_exit(server: Any, worker: Any) -> None:
    """After the last request, and also when the start failed."""
    application = getattr(worker, "wsgi", None)  # missing when it could not be built
    if application is not None and "inbox" in application.extensions:
        application.extensions["inbox"].stop()
    if getattr(worker, "starts_afresh", False):
        # Python would now wait for the thread of a call that hangs at Meta, and the master, which did not ask for this
        # end, would wait for Python. All that must be kept has been kept.
        os._exit(0)


def _close_sockets_on_term(worker: Any) -> None:
    """gunicorn waits `graceful_timeout` for requests, and a live socket is one that never ends: close those first."""
    feed = worker.wsgi.extensions["services"].feed
    gunicorns_own = signal.getsignal(signal.SIGTERM)

    def on_term(number: int, frame: FrameType | None) -> None:
        # In a thread of its own: a signal handler must not wait for a lock that the interrupted code may hold.
        threading.Thread(target=feed.close, name="close-sockets").start()
        if callable(gunicorns_own):
            gunicorns_own(number, frame)

    signal.signal(signal.SIGTERM, on_term)
