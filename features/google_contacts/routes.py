"""HTTP of the mirror of Google Contacts: how it is. What switches it on is /api/google."""

from __future__ import annotations

from flask import Blueprint, Response

from features.google_contacts import actions
from features.google_contacts.answers import GoogleContacts
from web import guards
from web.openapi import describe
from web.respond import ok
from web.services import services

blueprint = Blueprint("google_contacts", __name__)


@blueprint.get("/api/google/contacts")
@guards.role("owner")
@describe("The names from Google Contacts", "PATCH /api/google switches them on and off.", answers={200: GoogleContacts})
def get_google_contacts() -> Response:
    with services().db.read() as connection:
        return ok(actions.as_json(connection))
