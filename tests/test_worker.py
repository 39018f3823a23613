"""Workers start once and stop together."""

from __future__ import annotations

import threading

from flask import Flask

from runtime.feature import Feature
from runtime.lifecycle import Runtime
from runtime.worker import Worker
from web.services import Services


def test_two_who_wake_it_start_it_once(services: Services) -> None:
    prepared = []

    class Slow(Worker):
        name = "slow"

        def prepare(self) -> None:
            prepared.append(both.wait(timeout=0.2))

        def work_next(self) -> bool:
            return False

    both = threading.Event()  # nobody sets it: the first is still preparing when the second comes
    worker = Slow(services)
    threads = [threading.Thread(target=worker.wake) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    worker.stop()
    assert prepared == [False]


def test_nobody_works_on_while_another_is_waited_for(app: Flask, services: Services) -> None:
    """gunicorn kills after 5 s: what the outbox would begin meanwhile would end as "unconfirmed"."""
    other_was_asked: list[bool] = []
    second_is_asked = threading.Event()

    class First(Worker):
        name = "first"

        def work_next(self) -> bool:
            self._stopping.wait(30)
            other_was_asked.append(second_is_asked.wait(1))
            return False

    class Second(Worker):
        name = "second"

        def ask_to_stop(self) -> None:
            super().ask_to_stop()
            second_is_asked.set()

        def work_next(self) -> bool:
            return False

    runtime = Runtime(app, services, (Feature("a", workers=(First,)), Feature("b", workers=(Second,))))
    runtime.start()
    runtime.stop()
    assert other_was_asked == [True]
