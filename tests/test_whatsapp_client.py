"""The Graph API client against a server that answers, refuses, breaks and lies."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from integrations.http.client import HttpClient, Timeouts
from integrations.whatsapp.media import normal_hosts, vet
from tests.fakes.fault_server import FaultServer, answer, fault_server, reset, silence
from whatsapp_handler import (
    Accepted,
    Action,
    Ambiguous,
    Blocked,
    MediaGone,
    NotSent,
    Recipient,
    Refused,
    TooLarge,
    WhatsAppClient,
    build_message,
    media_content,
    reaction_content,
    template_content,
    text_content,
)

TOKEN = "EAAinventedtoken"
BODY = build_message(Recipient(phone="85251234567"), text_content("Hello"), callback_data="m:1")
WAMID = {"messaging_product": "whatsapp", "messages": [{"id": "wamid.NEW=="}]}


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    yield


class Hasty(HttpClient):
    """The same seam with short time-outs."""

    def request(self, method: str, url: str, **options: Any) -> Any:
        return super().request(method, url, **(options | {"timeouts": Timeouts(connect=0.5, read=0.5, total=1.0)}))


def client(server: FaultServer, media_hosts: tuple[str, ...] = ("127.0.0.1",)) -> WhatsAppClient:
    base = server.url("").removesuffix("/")
    return WhatsAppClient(base, "v25.0", TOKEN, "100200300400500", "900800700600500", media_hosts, Hasty())


def graph_error(code: int, status: int = 400, details: Any = "because", **headers: str) -> bytes:
    error = {"message": f"(#{code}) title", "type": "OAuthException", "code": code, "fbtrace_id": "Ainvented"}
    return answer({"error": error | {"error_data": {"details": details}}}, status, **headers)


# ---------------------------------------------------------------- send


def test_an_accepted_message_gives_its_wamid_and_the_number_meta_knows() -> None:
    reply = WAMID | {"contacts": [{"input": "+85251234567", "wa_id": "85251234567"}]}
    with fault_server(answer(reply)) as server:
        assert client(server).send(BODY) == Accepted("wamid.NEW==", "85251234567", None)
    request = server.requests[0]
    assert (request.method, request.path) == ("POST", "/v25.0/100200300400500/messages")
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["content-type"] == "application/json"


def test_a_message_to_a_user_id_is_accepted_without_a_number() -> None:
    reply = WAMID | {"contacts": [{"input": "HK.7700", "user_id": "HK.7700"}]}
    with fault_server(answer(reply)) as server:
        assert client(server).send(BODY) == Accepted("wamid.NEW==", None, "HK.7700")


@pytest.mark.parametrize(
    "reply",
    [
        silence(3),
        reset,
        lambda sock: None,
        answer(b"<html><h1>502 Bad Gateway</h1></html>", 502, Content_Type="text/html"),
        answer({"anything": "else"}, 503),
        answer(b"", 500),
        answer(b"rate limited", 429, Retry_After="9"),
        answer(b"", 404),
        answer(b'{"messages": [{"id": "wamid.TRU'),
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"messages": [{"id": "wamid.CUT"}]}',
        answer({"messages": []}),
        answer({"messages": [{"id": ""}]}),
        answer({"messages": [{"id": 17}]}),
        answer({"messages": "yes"}),
        answer({"messaging_product": "whatsapp"}),
        answer([]),
        answer(b"null"),
        answer(WAMID, 302, Location="https://elsewhere.example/"),
        answer(WAMID, 500),
        answer({"error": {"message": "odd", "code": 131000}}, 200),
        answer({"error": "not an object"}, 400),
    ],
)
def test_an_unclear_outcome_is_ambiguous_and_sent_once(reply: Any) -> None:
    with fault_server(reply) as server:
        with pytest.raises(Ambiguous):
            client(server).send(BODY)
        assert len(server.requests) == 1


def test_a_server_that_is_not_there_is_not_sent() -> None:
    with fault_server(b"") as server:
        gone = client(server)
    with pytest.raises(NotSent):
        gone.send(BODY)


def test_a_graph_error_is_refused_with_code_details_and_action() -> None:
    with fault_server(graph_error(131047, 400, "24 hours have passed")) as server, pytest.raises(Refused) as caught:
        client(server).send(BODY)
    refused = caught.value
    assert (refused.code, refused.details, refused.action) == (131047, "24 hours have passed", Action.FAIL)
    assert refused.permanent
    assert refused.message.endswith("(131047)")


def test_a_server_error_with_a_graph_error_is_refused_not_ambiguous() -> None:
    with fault_server(graph_error(131016, 503)) as server, pytest.raises(Refused) as caught:
        client(server).send(BODY)
    assert (caught.value.action, caught.value.rule.tries, caught.value.permanent) == (Action.RETRY, 5, False)


def test_a_rate_limit_holds_the_queue_for_as_long_as_it_says() -> None:
    with fault_server(graph_error(130429, 429, Retry_After="17")) as server, pytest.raises(Refused) as caught:
        client(server).send(BODY)
    assert (caught.value.action, caught.value.retry_after) == (Action.HOLD, 17.0)


def test_a_dead_token_pauses_and_burns_nothing() -> None:
    with fault_server(graph_error(190, 401)) as server, pytest.raises(Refused) as caught:
        client(server).send(BODY)
    rule = caught.value.rule
    assert (rule.action, rule.fails_row, caught.value.permanent) == (Action.PAUSE, False, False)


@pytest.mark.parametrize(
    ("error", "code", "details"),
    [
        ({"code": "131026", "message": "m"}, 131026, "m"),
        ({"code": 100, "error_data": "plain words"}, 100, "plain words"),
        ({"code": 100, "error_data": {"details": ""}, "error_user_msg": "for people"}, 100, "for people"),
        ({"message": "no code at all"}, None, "no code at all"),
        ({"code": None, "error_data": []}, None, ""),
    ],
)
def test_graph_errors_of_every_shape_are_read(error: dict[str, Any], code: int | None, details: str) -> None:
    with fault_server(answer({"error": error}, 400)) as server, pytest.raises(Refused) as caught:
        client(server).send(BODY)
    assert (caught.value.code, caught.value.details) == (code, details)
    assert caught.value.action is Action.FAIL, "a missing code must not be taken for code 0, the dead token"


# ---------------------------------------------------------------- bodies


def test_a_phone_is_dialled_with_plus() -> None:
    assert build_message(Recipient(phone="85251234567"), text_content("Hi")) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+85251234567",
        "type": "text",
        "text": {"body": "Hi", "preview_url": False},
    }


def test_a_user_id_never_goes_into_to() -> None:
    body = build_message(Recipient(user_id="HK.7700"), text_content("Hi"))
    assert (body["recipient"], "to" in body) == ("HK.7700", False)


def test_a_known_phone_is_preferred_to_the_user_id_and_a_group_to_both() -> None:
    both = Recipient(phone="85251234567", user_id="HK.7700")
    assert both.address() == {"recipient_type": "individual", "to": "+85251234567"}
    assert Recipient("85251234567", "HK.7700", "G-1").address() == {"recipient_type": "group", "to": "G-1"}


def test_nobody_is_no_recipient() -> None:
    with pytest.raises(ValueError, match="needs a phone"):
        Recipient().address()


def test_a_quote_and_our_id_travel_with_the_message() -> None:
    body = build_message(Recipient("1555"), text_content("Hi"), context_wamid="wamid.Q", callback_data="m:1")
    assert (body["context"], body["biz_opaque_callback_data"]) == ({"message_id": "wamid.Q"}, "m:1")
    with pytest.raises(ValueError, match="512"):
        build_message(Recipient("1555"), text_content("Hi"), callback_data="x" * 513)


def test_a_link_asks_for_a_preview() -> None:
    assert text_content("see HTTPS://example.org/a")["text"]["preview_url"] is True


def test_a_reaction_carries_no_quote() -> None:
    body = build_message(Recipient("1555"), reaction_content("wamid.T", ""), context_wamid="wamid.Q")
    assert body["reaction"] == {"message_id": "wamid.T", "emoji": ""}
    assert "context" not in body


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (media_content("image", "7", caption="c", filename="f"), {"id": "7", "caption": "c"}),
        (media_content("document", "7", caption="c", filename="f"), {"id": "7", "caption": "c", "filename": "f"}),
        (media_content("audio", "7", caption="c", voice=True), {"id": "7", "voice": True}),
        (media_content("sticker", "7", caption="c"), {"id": "7"}),
        (media_content("video", "7", voice=True), {"id": "7"}),
    ],
)
def test_media_carries_what_its_kind_allows(content: dict[str, Any], expected: dict[str, Any]) -> None:
    assert content == {"type": content["type"], content["type"]: expected}


def test_a_template_carries_its_components() -> None:
    components = [{"type": "body", "parameters": [{"type": "text", "text": "Raj"}]}]
    assert template_content("booking_ready", "en_US", components)["template"] == {
        "name": "booking_ready",
        "language": {"code": "en_US"},
        "components": components,
    }
    assert "components" not in template_content("hello", "en")["template"]


# ---------------------------------------------------------------- media up


def test_an_upload_streams_a_well_formed_body() -> None:
    data = bytes(range(256)) * 2000
    with fault_server(answer({"id": 4400110022003399})) as server:
        media_id = client(server).upload_media(io.BytesIO(data), len(data), "image/png", 'a"b\r\n.png')
    assert media_id == "4400110022003399"
    request = server.requests[0]
    assert request.path == "/v25.0/100200300400500/media"
    assert int(request.headers["content-length"]) == len(request.body)
    assert "transfer-encoding" not in request.headers
    boundary = request.headers["content-type"].removeprefix("multipart/form-data; boundary=").encode()
    parts = request.body.split(b"--" + boundary)
    assert b'name="messaging_product"\r\n\r\nwhatsapp\r\n' in parts[1]
    assert b'name="type"\r\n\r\nimage/png\r\n' in parts[2]
    head, _, sent = parts[3].partition(b"\r\n\r\n")
    assert b'filename="a%22b%0D%0A.png"\r\nContent-Type: image/png' in head
    assert sent == data + b"\r\n"
    assert parts[4] == b"--\r\n"


def test_an_upload_that_starts_in_the_middle_of_its_file_sends_the_rest() -> None:
    file = io.BytesIO(b"skip-me-and-send-me")
    file.seek(8)
    with fault_server(answer({"id": "1"})) as server:
        client(server).upload_media(file, 11, "text/plain", "a.txt")
    assert b"\r\n\r\nand-send-me\r\n" in server.requests[0].body


def test_an_upload_sends_no_more_than_it_announced() -> None:
    with fault_server(answer({"id": "1"})) as server:
        client(server).upload_media(io.BytesIO(b"ten bytes and a tail"), 9, "text/plain", "a.txt")
    assert b"\r\n\r\nten bytes\r\n--" in server.requests[0].body
    assert int(server.requests[0].headers["content-length"]) == len(server.requests[0].body)


def test_an_upload_without_an_id_is_unclear() -> None:
    with fault_server(answer({"success": True})) as server, pytest.raises(Ambiguous):
        client(server).upload_media(io.BytesIO(b"x"), 1, "text/plain", "a.txt")


# ---------------------------------------------------------------- media down

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def test_media_info_is_read_in_every_spelling() -> None:
    reply = {
        "url": "https://lookaside.fbsbx.com/x",
        "mime_type": "audio/ogg; codecs=opus",
        "sha256": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
        "file_size": "12",
        "id": "7",
    }
    with fault_server(answer(reply)) as server:
        info = client(server).media_info("7/../8")
    assert (info.url, info.mime_type, info.sha256, info.size) == (reply["url"], "audio/ogg", DIGEST, 12)
    assert server.requests[0].path == "/v25.0/7%2F..%2F8?phone_number_id=100200300400500"


@pytest.mark.parametrize(
    "reply",
    [
        answer({"error": {"code": 100, "error_subcode": 33, "message": "does not exist"}}, 400),
        graph_error(100, 404),
        answer(b"gone", 404),
    ],
)
def test_media_that_meta_does_not_know_is_gone(reply: bytes) -> None:
    with fault_server(reply) as server, pytest.raises(MediaGone):
        client(server).media_info("7")


def test_media_info_of_a_failing_server_is_not_gone() -> None:
    for reply, error in ((graph_error(100), Refused), (answer(b"", 503), Ambiguous), (answer({"id": "7"}), Ambiguous)):
        with fault_server(reply) as server, pytest.raises(error):
            client(server).media_info("7")


def test_a_file_is_downloaded_with_our_token() -> None:
    sink = io.BytesIO()
    with fault_server(answer(b"the bytes")) as server:
        assert client(server).download(server.url("/file?mid=7"), sink, 100, size=9) == 9
    assert sink.getvalue() == b"the bytes"
    assert server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert server.requests[0].headers["user-agent"]


def test_a_redirect_between_allowed_hosts_is_followed() -> None:
    with fault_server(answer(b"the bytes")) as target:
        with fault_server(answer(b"", 302, Location=target.url("/real"))) as server:
            sink = io.BytesIO()
            assert client(server).download(server.url(), sink, 100) == 9
    assert target.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_redirect_elsewhere_is_blocked_before_any_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    with fault_server(b"") as target:
        for location in (target.url(host="localhost"), "http://169.254.169.254/latest", "//evil.example/x"):
            with fault_server(answer(b"", 302, Location=location)) as server, pytest.raises(Blocked):
                client(server).download(server.url(), io.BytesIO(), 100)
        assert target.connections == 0


def test_a_circle_of_redirects_ends() -> None:
    with fault_server(answer(b"", 302, Location="/x")) as server:
        with pytest.raises(Blocked):
            client(server).download(server.url(), io.BytesIO(), 100)
        assert len(server.requests) == 4


@pytest.mark.parametrize("status", [404, 410])
def test_a_link_that_ran_out_is_gone(status: int) -> None:
    with fault_server(answer(b"", status)) as server, pytest.raises(MediaGone):
        client(server).download(server.url(), io.BytesIO(), 100)


def test_a_file_that_is_too_large_or_of_another_size_is_refused() -> None:
    with fault_server(answer(b"x" * 50)) as server:
        with pytest.raises(TooLarge):
            client(server).download(server.url(), io.BytesIO(), 49)
        with pytest.raises(Ambiguous, match="50 bytes instead of 40"):
            client(server).download(server.url(), io.BytesIO(), 100, size=40)
        with pytest.raises(TooLarge):
            client(server).download(server.url(), io.BytesIO(), 100, size=200)
        assert len(server.requests) == 2, "a size known beforehand is not even asked for"


def test_a_failing_download_is_told_apart_from_a_missing_file() -> None:
    for reply, error in ((answer(b"", 503), Ambiguous), (graph_error(190, 401), Refused), (reset, Ambiguous)):
        with fault_server(reply) as server, pytest.raises(error):
            client(server).download(server.url(), io.BytesIO(), 100)


FORBIDDEN = [
    "http://graph.facebook.com/x",
    "https://graph.facebook.com:8443/x",
    "https://graph.facebook.com@evil.example/x",
    "https://user:pass@graph.facebook.com/x",
    "https://evil.example/x?graph.facebook.com",
    "https://evil.example#@graph.facebook.com/",
    "https://graph.facebook.com\\@evil.example/x",
    "https://graph.facebook.com.evil.example/x",
    "https://evilgraph.facebook.com/x",
    "https://graph.facebook.com%2eevil.example/x",
    "https://graph.facebook.com%00.evil.example/x",
    "https://graph.facebook.com\t.evil.example/x",
    "https://graph\u3002facebook.com/x",
    "https://\u24d6raph.facebook.com/x",
    "https://169.254.169.254/latest/meta-data",
    "http://169.254.169.254/latest/meta-data",
    "https://[::1]/x",
    "https://[::ffff:169.254.169.254]/x",
    "https://127.0.0.1/x",
    "https://0x7f000001/x",
    "https://2130706433/x",
    "https://localhost/x",
    "//graph.facebook.com/x",
    "file:///etc/passwd",
    "ftp://graph.facebook.com/x",
    "gopher://graph.facebook.com/x",
    "https:/graph.facebook.com/x",
    "https://",
    "https://[graph.facebook.com/x",
    " https://graph.facebook.com/x",
    "",
]


@pytest.mark.parametrize("url", FORBIDDEN)
def test_a_forbidden_address_is_never_connected_to(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def reached(*_: Any, **__: Any) -> None:
        raise AssertionError("a name was resolved or an address dialled")

    monkeypatch.setattr(socket, "getaddrinfo", reached)
    monkeypatch.setattr(socket.socket, "connect", reached)
    meta = WhatsAppClient("https://graph.facebook.com", "v25.0", TOKEN, "1", "2", ("media.example",))
    with pytest.raises(Blocked):
        meta.download(url, io.BytesIO(), 100)


@pytest.mark.parametrize(
    ("url", "public_only"),
    [
        ("https://graph.facebook.com/v25.0/7", True),
        ("https://lookaside.fbsbx.com:443/whatsapp?mid=7&ext=1%2F", True),
        ("HTTPS://LOOKASIDE.fbsbx.com/x", True),
        ("http://media.example:9000/x", False),
        ("https://media.example/x", False),
        ("http://127.0.0.1:5000/x", False),
        ("http://[::1]:5000/x", False),
    ],
)
def test_allowed_addresses_and_who_must_be_public(url: str, public_only: bool) -> None:
    assert vet(url, normal_hosts(["media.example", " 127.0.0.1 ", "[::1]", ""])) is public_only


# ---------------------------------------------------------------- templates, reading, credentials


def page(names: list[str], after: str | None, following: str | None) -> bytes:
    paging: dict[str, Any] = {"cursors": {"before": "b", "after": after}} if after else {}
    if following:
        paging["next"] = following
    return answer({"data": [{"name": name} for name in names], "paging": paging})


def test_all_pages_of_templates_are_read_from_our_own_address_only() -> None:
    with fault_server(b"") as evil:
        elsewhere = evil.url("/v25.0/900800700600500/message_templates?access_token=x&after=C2")
        replies = (page(["a", "b"], "C1", elsewhere), page(["c"], None, elsewhere), page(["d"], "C3", None))
        with fault_server(*replies) as server:
            found = client(server).templates()
    assert [template["name"] for template in found] == ["a", "b", "c", "d"]
    assert evil.connections == 0
    assert [request.path.split("after=")[-1] for request in server.requests[1:]] == ["C1", "C2"]
    assert server.requests[0].path.startswith("/v25.0/900800700600500/message_templates?fields=id%2Cname")


def test_a_list_of_templates_that_repeats_a_page_ends() -> None:
    with fault_server(page(["a"], "SAME", "https://x.example/?after=SAME")) as server:
        assert len(client(server).templates()) == 2


@pytest.mark.parametrize("reply", [answer({"paging": {}}), answer({"data": "none"}), answer(b"", 502)])
def test_templates_that_cannot_be_read_are_not_an_empty_list(reply: bytes) -> None:
    with fault_server(reply) as server, pytest.raises(Ambiguous):
        client(server).templates()


def test_reading_is_told() -> None:
    with fault_server(answer({"success": True})) as server:
        client(server).mark_read("wamid.X")
    assert b'"status": "read", "message_id": "wamid.X"' in server.requests[0].body


def test_reading_that_was_not_taken_is_an_error() -> None:
    for reply, error in ((graph_error(131009), Refused), (answer(b"", 502), Ambiguous)):
        with fault_server(reply) as server, pytest.raises(error):
            client(server).mark_read("wamid.X")


def test_credentials_are_checked_by_asking_for_the_number() -> None:
    with fault_server(answer({"id": "100200300400500", "display_phone_number": "+852 2555 0100"})) as server:
        assert client(server).check()["display_phone_number"] == "+852 2555 0100"
    with fault_server(graph_error(190, 401)) as server, pytest.raises(Refused):
        client(server).check()
