"""Calling our own public address as Meta will, against a server that stands for the proxy."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from features.numbers import probe
from features.numbers.probe import call_ourselves
from integrations.http.client import HttpClient
from tests.fakes.fault_server import answer, fault_server, reset


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def lines(url: str, secret: str | None = "app-secret") -> dict[str, str]:
    return {check.name: check.state for check in call_ourselves(HttpClient(), url, "verify-token", secret)}


@pytest.fixture(autouse=True)
def known_challenge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe.secrets, "randbelow", lambda most: 7)


CHALLENGE = b"1000000007"


def test_the_question_and_a_signed_empty_delivery_are_made_as_meta_makes_them() -> None:
    with fault_server(answer(CHALLENGE), answer(b"ok")) as server:
        assert lines(server.url("")) == {"address": "ok", "https": "warn", "delivery": "ok"}
    question, delivery = server.requests
    assert question.path.startswith("/webhook/whatsapp?hub.mode=subscribe&hub.challenge=1000000007&hub.verify_token=")
    expected = hmac.new(b"app-secret", delivery.body, hashlib.sha256).hexdigest()
    signature = next(value for name, value in delivery.headers.items() if name.lower() == "x-hub-signature-256")
    assert signature == f"sha256={expected}"


@pytest.mark.parametrize("reply", [answer(b"It works!"), answer(b"", 403), answer(b"", 301, Location="https://elsewhere.example")])
def test_somebody_elses_answer_is_not_taken_for_ours(reply: bytes) -> None:
    with fault_server(reply) as server:
        assert lines(server.url("")) == {"address": "warn"}


def test_an_address_that_does_not_answer_is_told_with_what_to_look_at() -> None:
    with fault_server(reset) as server:
        [check] = call_ourselves(HttpClient(), server.url(""), "verify-token", None)
    assert check.state == "warn" and "proxy" in str(check.advice)
    [check] = call_ourselves(HttpClient(), "http://127.0.0.1:9", "verify-token", None)
    assert check.state == "warn" and "domain name" in str(check.advice)


def test_a_proxy_that_lets_questions_through_and_no_deliveries_is_found() -> None:
    with fault_server(answer(CHALLENGE), answer(b"", 405)) as server:
        assert lines(server.url(""))["delivery"] == "bad"
