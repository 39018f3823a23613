"""The checklist of a new owner."""

from __future__ import annotations

from flask import Blueprint, Response

from features.checklist.answers import Checklist
from features.checklist.steps import STEPS
from web import guards
from web.openapi import describe
from web.respond import ok
from web.services import services

blueprint = Blueprint("checklist", __name__)


@blueprint.get("/api/checklist")
@guards.role("owner")
@describe(
    "How far the installation is, step by step",
    "What works, what is missing, and where to go for it.",
    answers={200: Checklist},
)
def get_checklist() -> Response:
    return ok({"steps": [step(services()).as_json() for step in STEPS]})
