"""The double goes wrong when told to, and knows what it took all the same."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.faults import Fault
from sandbox.graph import GraphDouble


@pytest.fixture
def double() -> Iterator[GraphDouble]:
    with GraphDouble() as running:
        yield running


def send(double: GraphDouble, timeout: float = 10, text: str = "Hello") -> requests.Response:
    body = {"messaging_product": "whatsapp", "to": "+85251234567", "type": "text", "text": {"body": text}}
    return requests.post(
        f"{double.url}/v25.0/{double.credentials.phone_number_id}/messages",
        json=body,
        headers={"Authorization": f"Bearer {double.credentials.access_token}"},
        timeout=timeout,
    )


def control(double: GraphDouble, order: dict[str, Any]) -> requests.Response:
    headers = {"Authorization": f"Bearer {double.credentials.access_token}"}
    return requests.post(f"{double.url}/_control", json=order, headers=headers, timeout=10)


def test_the_next_calls_fail_with_the_code_and_then_it_works_again(double: GraphDouble) -> None:
    double.fail_next("send", 2, code=131016)
    assert [send(double).status_code for _ in range(3)] == [503, 503, 200]
    assert (double.count("send"), double.count("accepted")) == (3, 1)


def test_a_rate_limit_says_when_to_come_back(double: GraphDouble) -> None:
    double.fail_next(code=130429, retry_after=7)
    answer = send(double)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.json()["error"]["code"] == 130429


def test_a_page_of_html_can_come_instead_of_json(double: GraphDouble) -> None:
    double.fail_next(mode="html", status=502)
    answer = send(double)
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
    assert "<html>" in answer.text


@pytest.mark.parametrize(("when", "accepted"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize("how", [{"mode": "reset"}, {"mode": "html", "status": 500}, {"mode": "error", "code": 2}])
def test_before_nothing_is_taken_and_after_it_is(
    double: GraphDouble, how: dict[str, Any], when: str, accepted: int
) -> None:
    double.fail_next(**how, when=when)
    if how["mode"] == "reset":
        with pytest.raises(requests.ConnectionError):
            send(double)
    else:
        assert send(double).status_code >= 500
    assert double.count("accepted") == accepted


def test_a_hanging_call_can_be_let_go_by_the_caller(double: GraphDouble) -> None:
    double.fail_next(mode="hang", seconds=30, when="after")
    with pytest.raises(requests.Timeout):
        send(double, timeout=0.3)
    assert double.count("accepted") == 1


def test_stopping_lets_go_of_hanging_calls() -> None:
    double = GraphDouble().start()
    double.fail_next(mode="hang", seconds=60)
    refused: list[Exception] = []

    def call() -> None:
        try:
            send(double)
        except requests.ConnectionError as error:
            refused.append(error)

    caller = threading.Thread(target=call)
    caller.start()
    while not double.count("send"):
        time.sleep(0.01)
    double.stop()
    caller.join(timeout=5)
    assert len(refused) == 1 and double.count("accepted") == 0


def test_an_answer_can_be_cut_after_the_message_was_taken(double: GraphDouble) -> None:
    double.fail_next(mode="cut")
    with pytest.raises(requests.RequestException):
        send(double)
    double.fail_next(mode="truncated")
    with pytest.raises(requests.JSONDecodeError):
        send(double).json()
    assert double.count("accepted") == 2


def test_a_dripping_answer_is_whole_in_the_end(double: GraphDouble) -> None:
    double.fail_next(mode="drip", seconds=0.001)
    assert send(double).json()["messages"]


def test_faults_wait_for_their_kind_and_their_turn(double: GraphDouble) -> None:
    double.fail_next("upload", code=131016)
    double.fail_next("send", code=190, skip=1)
    assert [send(double).status_code for _ in range(3)] == [200, 401, 200]
    assert [fault["kind"] for fault in double.faults.listing()] == ["upload"]


def test_a_fault_can_last_until_it_is_cleared(double: GraphDouble) -> None:
    double.fail_next("any", -1, code=190)
    assert [send(double).status_code for _ in range(3)] == [401, 401, 401]
    double.faults.clear()
    assert send(double).status_code == 200


def test_a_fault_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError):
        Fault(mode="explode")


def test_the_control_address_does_the_same_over_http(double: GraphDouble) -> None:
    assert control(double, {"fail": {"kind": "send", "code": 131016}}).json() == {"ok": True}
    assert [send(double).status_code, send(double).status_code] == [503, 200]
    headers = {"Authorization": f"Bearer {double.credentials.access_token}"}
    seen = requests.get(f"{double.url}/_control", headers=headers, timeout=10).json()
    assert seen["counts"] == {"send": 2, "accepted": 1}
    assert [call["status"] for call in seen["calls"]] == [503, 200]
    assert seen["accepted"][0]["recipient"] == "85251234567"
    wrote = control(double, {"customer": {"name": "Raj", "phone": "85252345678"}}).json()
    assert control(double, {"write": {"customer": wrote["customer"], "text": "Hi"}}).json()["wamid"]
    assert control(double, {"clear": True, "quirks": {"batch": 5}, "window": "sync"}).status_code == 200
    assert double.quirks.batch == 5 and double.count("send") == 0


@pytest.mark.parametrize(
    "order", [{"fail": {"mode": "explode"}}, {"quirks": {"nothing": 1}}, {"read": "nobody"}, {"fail": 3}]
)
def test_a_wrong_order_is_refused(double: GraphDouble, order: dict[str, Any]) -> None:
    assert control(double, order).status_code == 400


def test_the_control_address_needs_the_token(double: GraphDouble) -> None:
    assert requests.get(f"{double.url}/_control", timeout=10).status_code == 401


def test_texts_taken_twice_are_told(double: GraphDouble) -> None:
    send(double, text="once")
    send(double, text="twice")
    send(double, text="twice")
    assert double.ledger.repeated_texts() == ["twice"]


def test_unplugged_it_refuses_connections_and_comes_back_at_the_same_address(double: GraphDouble) -> None:
    with requests.Session() as kept_alive:
        kept_alive.get(f"{double.url}/v25.0/1", timeout=5)
        double.unplug()
        for _ in range(2):
            with pytest.raises(requests.ConnectionError, match="Connection refused"):
                kept_alive.get(f"{double.url}/v25.0/1", timeout=5)
    double.plug_in()
    assert send(double).status_code == 200
