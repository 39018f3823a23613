"""Every invented template of the double, fetched by the real client, filled by us and checked by the double's own rules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db_manager import Database
from features.templates import queries
from features.templates.actions import sync_templates
from features.templates.rendering import build_components, render_text
from features.templates.template import Template, read_template
from sandbox.courier import Quirks
from sandbox.graph import GraphDouble
from whatsapp_handler import Recipient, WhatsAppClient, build_message, template_content


@pytest.fixture
def double() -> Iterator[GraphDouble]:
    with GraphDouble(lambda body, headers: 200, quirks=Quirks(sent_after=0.0, delivered_after=0.01)) as running:
        yield running


@pytest.fixture
def client(double: GraphDouble) -> WhatsAppClient:
    kept = double.credentials
    return WhatsAppClient(double.url, "v25.0", kept.access_token, kept.phone_number_id, kept.waba_id)


def test_all_that_can_be_sent_is_accepted_and_reads_the_same_on_the_phone(
    double: GraphDouble, client: WhatsAppClient, tmp_path: Path
) -> None:
    database = Database(tmp_path / "chat_history.db").open()
    try:
        assert sync_templates(database, client, client.waba_id)
        with database.read() as connection:
            found = [read_template(row) for row in queries.listed(connection, None, None)]
    finally:
        database.close()
    assert len(found) == len(double.templates)
    sendable = [one for one in found if one.sendable]
    assert {one.name for one in found if not one.sendable} == {"trip_photo", "spring_sale"}
    for one in sendable:
        values = {variable.key: variable.example for variable in one.variables}
        assert all(values.values())
        text = render_text(one, values)
        assert bubble_text(double, client, one, values) in text


def bubble_text(double: GraphDouble, client: WhatsAppClient, template: Template, values: dict[str, str]) -> str:
    content = template_content(template.name, template.language, build_components(template, values))
    accepted = client.send(build_message(Recipient(phone="85251234567"), content))
    return double.world.bubbles[accepted.wamid].text
