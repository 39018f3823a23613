"""The double of Meta answers as Meta does: sends, media, templates, and errors on demand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from sandbox import samples
from sandbox.courier import Quirks
from sandbox.graph import GraphDouble
from sandbox.shelf import INBOUND_LIVES, URL_LIVES
from system import clock

PHONE = "85251234567"


@dataclass
class Caller:
    """A client with the token, speaking to the double over HTTP."""

    double: GraphDouble
    http: requests.Session

    def post(self, path: str, **body: Any) -> requests.Response:
        return self.http.post(f"{self.double.url}/v25.0/{path}", timeout=10, **body)

    def get(self, path: str, **query: Any) -> requests.Response:
        return self.http.get(f"{self.double.url}/v25.0/{path}", params=query, timeout=10)

    def send(self, **body: Any) -> requests.Response:
        whole = {"messaging_product": "whatsapp", "to": f"+{PHONE}", "type": "text", "text": {"body": "Hello"}, **body}
        return self.post(f"{self.double.credentials.phone_number_id}/messages", json=whole)

    def upload(self, data: bytes, mime_type: str) -> requests.Response:
        return self.post(
            f"{self.double.credentials.phone_number_id}/media",
            data={"messaging_product": "whatsapp", "type": mime_type},
            files={"file": ("file", data, mime_type)},
        )

    def template(self, name: str, language: str, *components: dict[str, Any]) -> requests.Response:
        content = {"name": name, "language": {"code": language}, "components": list(components)}
        return self.send(type="template", template=content)


@pytest.fixture
def caller() -> Iterator[Caller]:
    with GraphDouble(lambda body, headers: 200, quirks=Quirks(sent_after=0.0, delivered_after=0.01)) as double:
        with requests.Session() as http:
            http.trust_env = False
            http.headers["Authorization"] = f"Bearer {double.credentials.access_token}"
            yield Caller(double, http)


def code_of(answer: requests.Response) -> int:
    code: int = answer.json()["error"]["code"]
    return code


def bubble_of(caller: Caller, answer: requests.Response) -> Any:
    return caller.double.world.bubbles[answer.json()["messages"][0]["id"]]


def test_a_text_is_accepted_and_shown_on_the_phone(caller: Caller) -> None:
    answer = caller.send(biz_opaque_callback_data="m:1")
    assert answer.status_code == 200
    assert answer.json()["contacts"] == [{"input": f"+{PHONE}", "wa_id": PHONE}]
    assert bubble_of(caller, answer).text == "Hello"
    assert [one.callback_data for one in caller.double.ledger.accepted] == ["m:1"]


def test_a_wrong_token_is_190_and_nothing_is_accepted(caller: Caller) -> None:
    caller.http.headers["Authorization"] = "Bearer wrong"
    answer = caller.send()
    assert (answer.status_code, code_of(answer)) == (401, 190)
    assert caller.double.count("accepted") == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"messaging_product": "other"}, 100),
        ({"text": {"body": "x" * 4097}}, 100),
        ({"text": {"body": " "}}, 131008),
        ({"text": ["x"]}, 131008),
        ({"to": ""}, 100),
        ({"to": "85258000100"}, 131021),
        ({"type": "dance", "dance": {}}, 100),
        ({"biz_opaque_callback_data": "x" * 513}, 100),
        ({"type": "image", "image": {"id": "1"}}, 100),
        ({"type": "reaction", "reaction": {"message_id": "other"}}, 131009),
        ({"to": None, "recipient": "no user id"}, 100),
    ],
)
def test_what_meta_refuses_is_refused(caller: Caller, body: dict[str, Any], code: int) -> None:
    answer = caller.send(**body)
    assert (answer.status_code, code_of(answer)) == (400, code)
    assert caller.double.count("accepted") == 0


def test_text_of_4096_characters_passes(caller: Caller) -> None:
    assert caller.send(text={"body": "x" * 4096}).status_code == 200


def test_a_user_id_in_to_is_answered_200_and_vanishes(caller: Caller) -> None:
    answer = caller.send(to="HK.13491208655302741918")
    assert answer.status_code == 200
    assert caller.double.count("accepted") == 0
    assert caller.double.settle() and not caller.double.courier.posted


def test_a_user_id_in_recipient_arrives_and_the_answer_has_no_wa_id(caller: Caller) -> None:
    customer = caller.double.add_customer("K.", username="mystery.k")
    answer = caller.send(to=None, recipient=customer.profile.user_id)
    assert answer.json()["contacts"] == [{"input": customer.profile.user_id, "user_id": customer.profile.user_id}]
    assert bubble_of(caller, answer).chat == customer.profile.id


def test_media_goes_up_and_comes_down_with_its_checksum(caller: Caller) -> None:
    data = samples.photo(size=(96, 64))
    media_id = caller.upload(data, "image/jpeg").json()["id"]
    about = caller.get(media_id).json()
    assert (about["sha256"], about["file_size"]) == (hashlib.sha256(data).hexdigest(), len(data))
    assert caller.http.get(about["url"], timeout=10).content == data
    assert requests.get(about["url"], timeout=10).status_code == 401


def test_a_download_address_lives_five_minutes_and_an_inbound_file_seven_days(caller: Caller) -> None:
    item = caller.double.shelf.add(b"data", "text/plain")
    url = caller.get(item.id).json()["url"]
    with clock.freeze(clock.now() + URL_LIVES + 1):
        assert caller.http.get(url, timeout=10).status_code == 404
        assert caller.get(item.id).status_code == 200
    with clock.freeze(clock.now() + INBOUND_LIVES + 1):
        assert caller.get(item.id).json()["error"]["error_subcode"] == 33


def test_deleted_media_is_gone(caller: Caller) -> None:
    media_id = caller.upload(b"hello", "text/plain").json()["id"]
    answer = caller.http.delete(f"{caller.double.url}/v25.0/{media_id}", timeout=10)
    assert answer.json() == {"success": True}
    assert code_of(caller.get(media_id)) == 100


@pytest.mark.parametrize(
    ("data", "mime_type"), [(b"GIF89a", "image/gif"), (b"\x89PNG\r\n\x1a\n" + bytes(5 * 1024 * 1024), "image/png")]
)
def test_what_is_no_picture_for_whatsapp_goes_as_a_document_only(caller: Caller, data: bytes, mime_type: str) -> None:
    media_id = caller.upload(data, mime_type).json()["id"]
    assert bubble_of(caller, caller.send(type="image", image={"id": media_id})).status == "failed"
    assert bubble_of(caller, caller.send(type="document", document={"id": media_id})).status != "failed"


@pytest.mark.parametrize(("data", "mime_type"), [(b"x" * (100 * 1024 * 1024 + 1), "application/pdf"), (b"x", "nonsense")])
def test_no_type_and_too_many_bytes_are_131053(caller: Caller, data: bytes, mime_type: str) -> None:
    assert code_of(caller.upload(data, mime_type)) == 131053


def test_a_file_that_is_not_what_it_says_fails_after_it_was_accepted(caller: Caller) -> None:
    media_id = caller.upload(b"not a picture", "image/png").json()["id"]
    answer = caller.send(type="image", image={"id": media_id})
    assert answer.status_code == 200
    assert bubble_of(caller, answer).status == "failed"


def test_templates_come_in_pages_until_the_cursor_ends(caller: Caller) -> None:
    path, names, after = f"{caller.double.credentials.waba_id}/message_templates", [], ""
    while True:
        page = caller.get(path, limit=3, **({"after": after} if after else {})).json()
        names += [(one["name"], one["language"]) for one in page["data"]]
        if "next" not in page["paging"]:
            break
        after = page["paging"]["cursors"]["after"]
    assert len(names) == len(set(names)) == len(caller.double.templates) > 6
    assert ("booking_confirmed", "zh_HK") in names


def texts(*values: str, **named: str) -> dict[str, Any]:
    listed = [{"type": "text", "text": value} for value in values]
    return {
        "type": "body",
        "parameters": listed + [{"type": "text", "parameter_name": key, "text": one} for key, one in named.items()],
    }


def test_a_template_reaches_the_phone_with_its_values(caller: Caller) -> None:
    answer = caller.template("booking_confirmed", "zh_HK", texts("美玲", "星期六", "10:00"))
    assert bubble_of(caller, answer).text == "美玲你好，已為你預留星期六 10:00嘅獨木舟。碼頭見！"
    named = caller.template("payment_reminder", "en_US", texts(amount="HK$ 300", customer_name="Raj"))
    assert bubble_of(caller, named).text.startswith("Dear Raj, the deposit of HK$ 300")


@pytest.mark.parametrize(
    ("name", "language", "components", "code"),
    [
        ("booking_confirmed", "fr", [], 132001),
        ("spring_sale", "en_US", [], 132001),
        ("booking_confirmed", "en_US", [texts("only one")], 132000),
        ("payment_reminder", "en_US", [texts("Raj", "HK$ 300")], 132012),
        ("booking_confirmed", "en_US", [texts("a\nb", "c", "d")], 132018),
        ("trip_photo", "en_US", [texts("Sofia")], 132012),
        ("waiver", "en_GB", [{"type": "header", "parameters": texts("Sunday")["parameters"]}, texts("Tom")], 131008),
    ],
)
def test_a_wrong_template_is_refused(
    caller: Caller, name: str, language: str, components: list[dict[str, Any]], code: int
) -> None:
    assert code_of(caller.template(name, language, *components)) == code


def test_a_closed_window_fails_late_or_at_once_and_lets_templates_through(caller: Caller) -> None:
    caller.double.window = "async"
    assert bubble_of(caller, caller.send()).status == "failed"
    caller.double.window = "sync"
    assert code_of(caller.send()) == 131047
    assert caller.template("still_interested", "en_US").status_code == 200
    caller.double.add_customer("Mei Ling", PHONE).write("Hello")
    assert bubble_of(caller, caller.send()).status != "failed"


def test_marking_read_turns_the_ticks_of_all_earlier_messages_blue(caller: Caller) -> None:
    customer = caller.double.add_customer("Mei Ling", PHONE)
    first, second = customer.write("one"), customer.write("two", at=clock.now() + 60)
    path = f"{caller.double.credentials.phone_number_id}/messages"
    body = {"messaging_product": "whatsapp", "status": "read", "message_id": first}
    assert caller.post(path, json={**body, "typing_indicator": {"type": "text"}}).json() == {"success": True}
    assert caller.double.world.bubbles[first].status == "read"
    assert caller.double.world.bubbles[second].status == "sent"
    assert customer.profile.typing_until > clock.now()
    assert code_of(caller.post(path, json={**body, "message_id": "nonsense"})) == 131009


def test_our_number_and_subscription_can_be_asked(caller: Caller) -> None:
    keys = caller.double.credentials
    assert caller.get(keys.phone_number_id).json()["verified_name"] == keys.business_name
    assert caller.get(f"{keys.waba_id}/phone_numbers").json()["data"][0]["id"] == keys.phone_number_id
    caller.http.delete(f"{caller.double.url}/v25.0/{keys.waba_id}/subscribed_apps", timeout=10)
    assert caller.get(f"{keys.waba_id}/subscribed_apps").json() == {"data": []}
    assert caller.post(f"{keys.waba_id}/subscribed_apps").json() == {"success": True}
    assert len(caller.get(f"{keys.waba_id}/subscribed_apps").json()["data"]) == 1


def test_each_coexistence_sync_can_be_asked_for_once(caller: Caller) -> None:
    path, body = f"{caller.double.credentials.phone_number_id}/smb_app_data", {"sync_type": "history"}
    assert "request_id" in caller.post(path, json=body).json()
    assert code_of(caller.post(path, json=body)) == 2593107


@pytest.mark.parametrize(("path", "status"), [("1/messages", 400), ("1/2/3/4", 404), ("nothing", 400)])
def test_other_addresses_answer_in_graphs_error_shape(caller: Caller, path: str, status: int) -> None:
    answer = caller.post(path, json={}) if path == "1/messages" else caller.get(path)
    assert answer.status_code == status
    assert code_of(answer) == 100
