"""Google Contacts name the chats: the product's own client over HTTP against our own model of the People API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from core.reason import from_plain
from db_manager import Transaction
from features.google_account import consent
from features.google_contacts import actions, queries
from features.google_contacts.jobs import tend_contacts
from integrations.google import people as google_people
from integrations.google.auth import SCOPES
from integrations.google.consent import Grant
from system import clock
from tests.builders import MEI, NOON, RAJ
from tests.fakes.fault_server import answer, reset
from tests.fakes.google_account import connect, hang_up, switch
from tests.fakes.people_server import PeopleServer, people_server, person, refusal
from tests.features.naming import chat_with, shown_name
from web.services import Services

LATER = 11 * 60


@pytest.fixture
def people(services: Services) -> Iterator[PeopleServer]:
    with people_server() as server:
        server.put(person("c1", "Chan Mei", f"+{MEI}", "+85229998877"), person("c2", "Raj Patel", f"+{RAJ}"))
        connect(services, server, contacts=True)  # type: ignore[arg-type]
        yield server
        hang_up(services)


def read_at(parts: Services, at: int) -> None:
    with clock.freeze(at):
        tend_contacts(parts)


def names(parts: Services) -> list[str]:
    with parts.db.read() as connection:
        return sorted(known.name for known in queries.mirror(connection).values())


def state(parts: Services) -> actions.State:
    with parts.db.read() as connection:
        return actions.state(connection)


def test_chats_that_exist_and_those_that_come_later_are_named(services: Services, people: PeopleServer) -> None:
    mei = chat_with(services, MEI)
    tend_contacts(services)
    assert shown_name(services, mei) == "Chan Mei"
    assert shown_name(services, chat_with(services, RAJ)) == "Raj Patel"
    assert shown_name(services, chat_with(services, "85229998877")) == "Chan Mei"  # the second number
    assert shown_name(services, chat_with(services, "85260000000", "Somebody")) == "Somebody"


def test_every_ten_minutes_only_what_changed_is_asked_for(services: Services, people: PeopleServer) -> None:
    mei = chat_with(services, MEI)
    read_at(services, NOON)
    read_at(services, NOON + 60)
    assert len(people.reads) == 1
    people.put(person("c1", "Chan Mei Ling", f"+{MEI}"))
    people.delete("c2")
    read_at(services, NOON + LATER)
    assert [read.get("syncToken") for read in people.reads] == [None, "sync-2"]
    assert (names(services), shown_name(services, mei)) == (["Chan Mei Ling"], "Chan Mei Ling")
    people.put(person("c1", "Chan Mei Ling", "+85261112222"))  # another number: this one has no name any more
    read_at(services, NOON + 2 * LATER)
    assert shown_name(services, mei) == "~"


@pytest.mark.parametrize("status", [400, 410])
def test_30_an_expired_sync_token_is_dropped_and_one_full_read_finds_who_is_gone(
    services: Services, people: PeopleServer, status: int
) -> None:
    """Failure mode 30."""
    raj = chat_with(services, RAJ)
    read_at(services, NOON)
    people.delete("c2")
    people.put(person("c3", "Ana", "+5521998765432"))
    people.expire(status)
    read_at(services, NOON + LATER)
    assert people.full_reads == 2
    assert (names(services), shown_name(services, raj)) == (["Ana", "Chan Mei"], "~")
    read_at(services, NOON + 2 * LATER)
    assert people.full_reads == 2
    assert state(services).error is None


def test_a_token_that_is_called_expired_for_ever_ends_after_one_full_read(services: Services, people: PeopleServer) -> None:
    read_at(services, NOON)
    expired = refusal(400, "FAILED_PRECONDITION", "EXPIRED_SYNC_TOKEN")
    people.faults += [expired, expired]
    read_at(services, NOON + LATER)
    assert len(people.reads) == 3
    assert names(services) == ["Chan Mei", "Raj Patel"]


def test_pages_are_asked_for_with_the_same_parameters(services: Services, people: PeopleServer) -> None:
    people.page_size = 2
    people.put(*(person(f"d{n}", f"Customer {n}", f"+8526000{n:04d}") for n in range(5)))
    read_at(services, NOON)
    assert (len(people.reads), len(names(services))) == (4, 7)
    people.put(*(person(f"d{n}", f"New name {n}", f"+8526000{n:04d}") for n in range(5)))
    read_at(services, NOON + LATER)  # the model refuses a page that lacks the sync token
    assert "New name 4" in names(services)


def test_pages_without_end_are_left(services: Services, people: PeopleServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google_people, "MOST_PAGES", 3)
    people.page_size = 1
    people.put(*(person(f"d{n}", "x", f"+8526000{n:04d}") for n in range(5)))
    tend_contacts(services)
    assert (len(people.reads), names(services)) == (3, [])
    assert str(from_plain(state(services).error)) == "There are too many Google contacts to be read."


def test_what_cannot_be_used_is_left_out(services: Services, people: PeopleServer) -> None:
    people.put(
        person("e1", "Typed in Hong Kong", "6123 4567"),
        person("e2", "Extension", "call the shop"),
        person("e3", "", "+85261110000"),
        person("e4", "No number"),
        person("e5", "\u202e\x00 \n", "+85261110001"),
        {"resourceName": "groups/1", "names": "x"},
        {"resourceName": "people/e6", "names": [None, 7], "phoneNumbers": {"a": 1}, "metadata": 3},
    )
    tend_contacts(services)
    assert names(services) == ["Chan Mei", "Raj Patel", "Typed in Hong Kong"]
    assert shown_name(services, chat_with(services, "85261234567")) == "Typed in Hong Kong"


def test_a_person_who_has_another_key_now_is_one_person(services: Services, people: PeopleServer) -> None:
    read_at(services, NOON)
    merged = person("c9", "Mei and Raj", f"+{MEI}", metadata={"previousResourceNames": ["people/c1", "people/c2"]})
    people.put(merged)
    read_at(services, NOON + LATER)
    assert names(services) == ["Mei and Raj"]


def test_a_number_is_known_in_both_spellings_of_whatsapp(services: Services, people: PeopleServer) -> None:
    people.put(person("b1", "Ana", "+5521998765432"))
    tend_contacts(services)
    assert shown_name(services, chat_with(services, "552198765432")) == "Ana"


def test_the_token_is_kept_after_the_last_batch_only(
    services: Services, people: PeopleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped in between, the next run reads the same again; a second time changes nothing."""
    monkeypatch.setattr(actions, "PEOPLE_A_WRITE", 1)
    real = actions.apply_batch
    steps: list[Any] = []

    def stopped(tx: Transaction, **step: Any) -> None:
        steps.append(step)
        if len(steps) == 2:
            raise RuntimeError("stopped")
        real(tx, **step)

    monkeypatch.setattr(actions, "apply_batch", stopped)
    with pytest.raises(RuntimeError, match="stopped"), clock.freeze(NOON):
        tend_contacts(services)
    assert (names(services), state(services).token) == (["Chan Mei"], None)
    monkeypatch.setattr(actions, "apply_batch", real)
    read_at(services, NOON + 60)
    assert (names(services), state(services).token) == (["Chan Mei", "Raj Patel"], "sync-2")


@pytest.mark.parametrize(("fault", "words"), [
    (refusal(503, "UNAVAILABLE"), "Google Contacts has a problem (error 503)."),
    (refusal(429, "RESOURCE_EXHAUSTED"), "Google asks us to wait (too many requests)."),
    (reset, "Google Contacts cannot be reached"),
    (answer(b"<html>"), "Google's answer could not be understood."),
    (answer([1]), "Google's answer could not be understood."),
    (refusal(403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"), "Connect Google again and allow it."),
    (refusal(403, "PERMISSION_DENIED", "SERVICE_DISABLED", activationUrl="https://console.cloud.google.com/people"),
     "The People API is switched off. Switch it on: https://console.cloud.google.com/people"),
    (refusal(400, "INVALID_ARGUMENT"), "Google refused"),
])  # fmt: skip
def test_what_cannot_be_read_leaves_the_names_and_is_said(
    services: Services, people: PeopleServer, owner_client: FlaskClient, fault: Any, words: str
) -> None:
    read_at(services, NOON)
    people.faults += [fault] * 2
    read_at(services, NOON + LATER)
    shown = owner_client.get("/api/google/contacts").get_json()
    assert words in shown["problem"]
    assert (shown["count"], shown["read_at"]) == (2, clock.iso(NOON))
    asked = len(people.reads)
    read_at(services, NOON + LATER + 10)  # not at once
    assert len(people.reads) == asked
    people.faults.clear()
    read_at(services, NOON + LATER + 60)
    assert owner_client.get("/api/google/contacts").get_json()["problem"] is None


def test_a_token_that_google_does_not_like_is_dropped(services: Services, people: PeopleServer) -> None:
    """Some answers say only in words that it has expired."""
    read_at(services, NOON)
    people.faults.append(refusal(400, "FAILED_PRECONDITION"))
    read_at(services, NOON + LATER)
    read_at(services, NOON + 2 * LATER)
    assert (people.full_reads, state(services).error) == (2, None)


def test_google_may_ask_for_a_longer_pause(services: Services, people: PeopleServer) -> None:
    people.faults.append(answer({"error": {"code": 429}}, 429, Retry_After="1800"))
    read_at(services, NOON)
    read_at(services, NOON + 1799)
    assert len(people.reads) == 1
    read_at(services, NOON + 1800)
    assert names(services) == ["Chan Mei", "Raj Patel"]


def test_a_clock_that_is_set_back_leaves_nobody_waiting(services: Services, people: PeopleServer) -> None:
    read_at(services, NOON + 30 * 24 * 3600)
    read_at(services, NOON)
    assert len(people.reads) == 2


def test_a_google_without_anybody_empties_no_mirror(services: Services, people: PeopleServer) -> None:
    people.put(*(person(f"d{n}", f"Customer {n}", f"+8526000{n:04d}") for n in range(30)))
    read_at(services, NOON)
    people.people.clear()
    people.expire(400)
    read_at(services, NOON + LATER)
    assert len(names(services)) == 32
    assert "no contacts any more" in str(from_plain(state(services).error))


def test_without_the_permission_nobody_is_asked(services: Services) -> None:
    with people_server() as people:
        connect(services, people, scopes=(SCOPES["drive"],), contacts=True)  # type: ignore[arg-type]
        tend_contacts(services)
        assert people.reads == []
        hang_up(services)


def test_switched_off_or_disconnected_the_names_go(services: Services, people: PeopleServer) -> None:
    mei = chat_with(services, MEI)
    tend_contacts(services)
    switch(services, contacts=False)
    tend_contacts(services)
    assert (names(services), shown_name(services, mei), state(services)) == ([], "~", actions.State())
    switch(services, contacts=True)
    tend_contacts(services)
    assert shown_name(services, mei) == "Chan Mei"
    consent.disconnect(services, 1)
    tend_contacts(services)
    assert (names(services), shown_name(services, mei)) == ([], "~")


def test_another_persons_account_starts_anew(services: Services, people: PeopleServer) -> None:
    read_at(services, NOON)
    people.people.clear()
    people.put(person("z1", "Zoe", "+85261119999"))
    consent.keep(services, Grant("1//other", tuple(SCOPES.values()), "zoe@example.com"), by=1)
    read_at(services, NOON + 60)
    assert (names(services), people.full_reads, state(services).email) == (["Zoe"], 2, "zoe@example.com")


def test_only_a_chat_whose_name_changed_is_told_to_browsers(services: Services, people: PeopleServer) -> None:
    newest = services.feed.newest
    tend_contacts(services)
    assert services.feed.newest == newest
    chat_with(services, MEI)
    people.put(person("c1", "Chan Mei Ling", f"+{MEI}"))
    read_at(services, clock.now() + LATER)
    assert services.feed.newest == newest + 1


def test_a_service_account_has_no_contacts(services: Services, owner_client: FlaskClient, tmp_path: Any) -> None:
    services.config = replace(services.config, google_credentials_file=str(tmp_path / "key.json"))
    refused = owner_client.patch("/api/google", json={"contacts": True})
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (409, "no_contacts")
    services.config = replace(services.config, google_credentials_file="")
    assert owner_client.patch("/api/google", json={"contacts": True}).get_json()["switches"]["contacts"] is True
