"""A stateful double of Meta's Graph API: our own model of Meta, used by the sandbox, the tests and the benchmarks.

In a test: `with GraphDouble(webhook="http://127.0.0.1:8000/webhook/whatsapp") as graph: ...`; as a process:
`python -m sandbox.graph --port 9000 --webhook-url http://127.0.0.1:8000/webhook/whatsapp --app-secret S`.
"""

from __future__ import annotations

import argparse
import signal
import threading
from dataclasses import fields, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from sandbox.courier import Endpoint, Quirks
from sandbox.credentials import Credentials
from sandbox.customer import Customer
from sandbox.faults import Fault
from sandbox.graph_api import make_app
from sandbox.payloads import group_value
from sandbox.state import MetaState
from sandbox.wire import Server

SAVE_EVERY = 2.0


class GraphDouble(MetaState):
    """The port is bound at once, calls are answered after `start()`. Usable as a context manager.

    `webhook` is an address, a function (body, headers) -> HTTP status, or None (webhooks are only kept in
    `courier.posted`). `window` says how the closed 24-hour window answers: "async" a failed status, "sync" an error at
    once, "off" not at all. `directory` keeps phones and media across restarts. `wait_for` is an address that must
    answer 200 before the first webhook leaves.
    """

    def __init__(
        self,
        webhook: Endpoint | None = None,
        *,
        credentials: Credentials | None = None,
        port: int = 0,
        window: str = "off",
        quirks: Quirks | None = None,
        directory: Path | None = None,
        wait_for: str | None = None,
    ) -> None:
        super().__init__(webhook, credentials, window, quirks, directory, wait_for)
        self.reachable = True
        self._server = Server(make_app(self, self.control), port)
        self.url = self._server.url
        self._stopping = threading.Event()
        self._saver = threading.Thread(target=self._keep_saving, name="sandbox-saver", daemon=True)

    def start(self) -> GraphDouble:
        self._server.start()
        self.courier.start()
        self._saver.start()
        return self

    def stop(self) -> None:
        self._stopping.set()
        self.faults.closing.set()
        self.courier.stop()
        self._server.stop()
        self.world.save()

    def __enter__(self) -> GraphDouble:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # ------------------------------------------------------------ for tests and the phone page

    def fail_next(self, kind: str = "send", count: int = 1, **how: Any) -> None:
        """`fail_next("send", code=131016)`, `fail_next("send", mode="hang", seconds=5, when="after")`: see Fault."""
        self.faults.add(Fault(kind=kind, count=count, **how))

    def count(self, kind: str) -> int:
        """Calls received of a kind, or "accepted": messages taken."""
        return self.ledger.counts[kind]

    def add_customer(
        self, name: str, phone: str | None = None, *, username: str | None = None, user_id: str | None = None
    ) -> Customer:
        """Without `phone` the customer hides the number: webhooks carry the user id (and username) alone."""
        return Customer(self, self.profile(name, phone, username=username, user_id=user_id))

    def customer(self, id: str) -> Customer:
        """Raises KeyError."""
        return Customer(self, self.world.profiles[id])

    def add_group(self, group_id: str, subject: str) -> None:
        """A group of the business's number (Groups API)."""
        with self.world.changing():
            self.world.groups[group_id] = subject
        self.courier.post("group_lifecycle_update", group_value(self.credentials, group_id, subject))

    def unplug(self) -> None:
        """Meta cannot be reached: connections are refused, so that nothing can have been sent."""
        if self.reachable:
            self.reachable = False
            self._server.stop()

    def plug_in(self) -> None:
        if not self.reachable:
            self._server.restart()
            self.reachable = True

    def settle(self, timeout: float = 5.0) -> bool:
        """Wait until every webhook that is due was answered 200."""
        return self.courier.settle(timeout)

    def control(self, order: dict[str, Any]) -> dict[str, Any]:
        """POST /_control: any of {"fail": {Fault}}, {"quirks": {Quirks}}, {"clear": true}, {"window": "..."},
        {"customer": {name, phone}}, {"write": {customer, text}}, {"read": customer}, {"webhook": {whole body's value}}.
        """
        done: dict[str, Any] = {"ok": True}
        if order.get("clear"):
            self.ledger.clear()
            self.faults.clear()
        if "window" in order:
            self.window = str(order["window"])
        if "fail" in order:
            self.faults.add(Fault(**order["fail"]))
        if "quirks" in order:
            unknown = set(order["quirks"]) - {one.name for one in fields(Quirks)}
            if unknown:
                raise ValueError(f"no such quirk: {sorted(unknown)}")
            self.courier.quirks = replace(self.quirks, **order["quirks"])
        if "customer" in order:
            done["customer"] = self.add_customer(**order["customer"]).profile.id
        if "write" in order:
            done["wamid"] = self.customer(order["write"]["customer"]).write(order["write"]["text"])
        if "read" in order:
            self.customer(order["read"]).read()
        if "webhook" in order:
            self.courier.post(order["webhook"]["field"], order["webhook"]["value"])
        return done

    def _keep_saving(self) -> None:
        while not self._stopping.wait(SAVE_EVERY):
            self.world.save()


def main() -> None:
    """A double as a process of its own, until it is interrupted. Prints its address."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.graph", description=main.__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--webhook-url")
    parser.add_argument("--window", choices=("async", "sync", "off"), default="off")
    for field in fields(Credentials):
        parser.add_argument("--" + field.name.replace("_", "-"))
    options = vars(parser.parse_args())
    given = {field.name: options[field.name] for field in fields(Credentials) if options[field.name]}
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with GraphDouble(
        options["webhook_url"], credentials=Credentials(**given), port=options["port"], window=options["window"]
    ) as double:
        print(double.url, flush=True)
        stopped.wait()


if __name__ == "__main__":
    main()
