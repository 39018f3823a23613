"""Schemathesis over the whole API as one role: no 5xx, and every answer is one that /api/openapi.json announces.

The real application with its workers, called in process; Meta is our fake. Half of the cases are made to fit the description,
half to break it, and half of both are aimed at a chat, a message and a file that exist.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from PIL import Image
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks

from app import create_app
from benchmarks.server import ACCESS_TOKEN
from config import Config
from drive_manager import LocalStore
from features.accounts import actions as accounts
from features.accounts import staff
from tests.builders import APP_SECRET, MEI, OUR_NUMBER_ID, OUR_WABA_ID, VERIFY_TOKEN, contact, inbound, message, post_webhook
from tests.fakes.whatsapp import FakeWhatsApp
from web import openapi
from web.guards import User
from web.services import Clients

ROLES = ("owner", "admin", "agent", "anonymous")
PASSWORD = "salt wind and two paddles"
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
KNOWN: dict[str, Any] = {"conversation_id": 1, "message_id": 1, "phone": f"+{MEI}"}  # names of fields whose value may be aimed
_QUICK = settings(
    database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), print_blob=False
)


@dataclass
class Report:
    role: str
    cases: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    complaints: Counter[str] = field(default_factory=Counter)  # in words -> how often; must stay empty
    signed_in_again: int = 0

    def __str__(self) -> str:
        answers = ", ".join(f"{status}: {count}" for status, count in sorted(self.answers.items()))
        return "\n".join([f"{self.role}: {self.cases} cases, {len(self.complaints)} complaints; {answers}", *self.complaints])


class Actor:
    """One role at the door. Whatever a case did to its session, the next one comes signed in."""

    def __init__(self, app: Flask, role: str) -> None:
        self._sessions = app.extensions["sessions"]
        self._user = None if role == "anonymous" else hire(app, "Vera", role)
        self._secret = ""
        self.times_signed_in = 0

    def headers(self) -> dict[str, str]:
        if self._user is None:
            return {}
        if self._sessions.by_bearer(self._secret) is None:
            _, self._secret = accounts.create_token(self._sessions, self._user, "cases")
            self.times_signed_in += 1
        return {"Authorization": f"Bearer {self._secret}"}


def run(role: str, cases: int, seed: int = 1) -> Report:
    report = Report(role)
    with shop() as app:
        actor = Actor(app, role)
        schema = schemathesis.openapi.from_dict(openapi.document(app))
        schema.app = app
        operations = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
        while report.cases < cases:  # calls without parameters have few cases of their own: the rest is for the others
            share = max((cases - report.cases) // len(operations) // 2, 1)
            for operation in operations:
                for mode in GenerationMode:
                    _try(operation, mode, share, seed, lambda case: _judge(case, actor, report))
            seed += 1
        report.signed_in_again = max(actor.times_signed_in - 1, 0)
    return report


def _try(operation: APIOperation, mode: GenerationMode, count: int, number: int, judge: Callable[[Case], None]) -> None:
    def one(case: Case, aims: bool) -> None:
        if aims:
            _aim(case)
        judge(case)

    strategy = operation.as_strategy(generation_mode=mode)
    with contextlib.suppress(Unsatisfiable):  # a call without parameters cannot be broken
        seed(number)(settings(_QUICK, max_examples=count)(given(strategy, st.booleans())(one)))()


def _aim(case: Case) -> None:
    """At what is there: random ids would all be answered 404."""
    case.path_parameters = {name: 1 for name in case.path_parameters or {}}
    for part in (case.query, case.body):
        if isinstance(part, dict):
            part.update({name: value for name, value in KNOWN.items() if name in part})


def _judge(case: Case, actor: Actor, report: Report) -> None:
    report.cases += 1
    response = case.call(headers=actor.headers())
    report.answers[response.status_code] += 1
    try:
        case.validate_response(response, checks=CHECKS)
    except FailureGroup as group:
        for failure in group.exceptions:
            words = " ".join(str(failure).split())[:300]
            report.complaints[f"{case.method} {case.operation.path}: {words}"] += 1


@contextlib.contextmanager
def shop(prepare: Callable[[Flask], object] = lambda _: None) -> Iterator[Flask]:
    """With somebody of each role, a chat with a message of ours and a picture, a template and a Customer List.

    `prepare` comes before the first request.
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "customers.csv").write_text("Phone,Name,Boat\n+85251234567,Mei Ling Chan,Junk\n")
        config = Config(
            data_dir=Path(folder) / "data",
            whatsapp_access_token=ACCESS_TOKEN,
            whatsapp_phone_number_id=OUR_NUMBER_ID,
            whatsapp_business_account_id=OUR_WABA_ID,
            whatsapp_app_secret=APP_SECRET,
            whatsapp_verify_token=VERIFY_TOKEN,
            customers_csv=str(Path(folder) / "customers.csv"),
        )
        app = create_app(config, Clients(whatsapp=_meta(), store=LocalStore(config.media_dir)))
        prepare(app)
        app.extensions["inbox"].start()
        try:
            _furnish(app)
            yield app
        finally:
            app.extensions["inbox"].stop()


def _meta() -> FakeWhatsApp:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(picture, "JPEG")
    meta = FakeWhatsApp()
    meta.files["picture"] = (picture.getvalue(), "image/jpeg")
    body = {"type": "BODY", "text": "Your boat is ready at {{1}}.", "example": {"body_text": [["ten"]]}}
    meta.template_list = [
        {"id": "1", "name": "ready", "language": "en", "status": "APPROVED", "category": "UTILITY", "components": [body]}
    ]
    return meta


def _furnish(app: Flask) -> None:
    for name, role in (("Ona", "owner"), ("Ada", "admin"), ("Ken", "agent")):
        hire(app, name, role)
    now = int(time.time())
    picture = message(at=now, type="image", image={"id": "picture", "mime_type": "image/jpeg", "sha256": ""})
    post_webhook(app.test_client(), inbound(message("Hello?", at=now - 1), picture, contacts=[contact()]))


def hire(app: Flask, name: str, role: str) -> User:
    person = staff.new_user(f"{name.lower()}@example.com", name, role, PASSWORD)
    return staff.create_user(app.extensions["sessions"], person, by=None)
