"""A second language without a retrofit: a pseudo-language shows whatever was left in English."""

from __future__ import annotations

import ast
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import orjson
import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient

from core import reason
from core.errors import Conflict, Invalid
from core.reason import Reason, read, verbatim
from db_manager import Database, Transaction
from tests.a_feature import has_front_end_tools
from tests.builders import OUR_NUMBER_ID, inbound, message, post_webhook
from tests.test_whatsapp_payloads import EXPECTED, load
from web import words

ROOT = Path(__file__).parent.parent
PSEUDO = "en-XA"  # CLDR's tag of English that is written strangely
HEADERS = {"Accept-Language": PSEUDO}
WIDE = {ord(letter): chr(ord(letter) - 0x21 + 0xFF01) for letter in map(chr, range(0x21, 0x7F)) if letter.isalpha()}
NAMES = re.compile(r"\b(WhatsApp|Ona|Ada|Ken|Mei Ling Chan|Google|Drive|Meta|example|com|https?|localhost)\b")


def strange(text: str) -> str:
    """Every letter wide, places left alone."""
    return "".join(part if part.startswith("{") else part.translate(WIDE) for part in re.split(r"(\{\w+\})", text))


@pytest.fixture
def pseudo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The pseudo-language, made of the very texts that were collected, is one that the server speaks."""
    compiled = runpy.run_path(str(ROOT / "tools" / "compile-words"))["compiled"]
    with (ROOT / "locales" / "messages.pot").open("rb") as stream:
        template = read_po(stream)
    catalog = Catalog(locale="en", charset="utf-8")
    for one in template:
        if one.id:
            text = tuple(map(strange, one.id)) if isinstance(one.id, tuple | list) else strange(str(one.id))
            catalog.add(one.id, text, locations=one.locations)
    folder = tmp_path / "locales" / PSEUDO
    folder.mkdir(parents=True)
    compiled(catalog, PSEUDO, folder / "messages.mo", tmp_path / "words" / f"{PSEUDO}.js")
    monkeypatch.setattr(words, "FOLDER", folder.parent)
    words.languages.cache_clear()
    words.catalogue.cache_clear()
    yield tmp_path
    words.languages.cache_clear()
    words.catalogue.cache_clear()


def plain_english(text: str) -> list[str]:
    """What was not translated: words in letters of every day."""
    return re.findall(r"[A-Za-z]{3,}", NAMES.sub("", text))


# ---------------------------------------------------------------- collecting


@pytest.mark.skipif(not has_front_end_tools(), reason="the collector of words needs node and its packages: npm ci")
def test_every_text_is_written_out_and_collected() -> None:
    run = subprocess.run(
        [sys.executable, "tools/extract-words", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_code_has_its_sentence_and_the_values_that_it_wants(app: Flask) -> None:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    wrong = []
    for name in listed.splitlines():
        if name.startswith(("tests/", "benchmarks/")) or not (ROOT / name).exists():
            continue
        for node in ast.walk(ast.parse((ROOT / name).read_text())):
            is_reason = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Reason"
            if not is_reason or not node.args or not isinstance(node.args[0], ast.Constant):  # type: ignore[attr-defined]
                continue
            code = str(node.args[0].value)  # type: ignore[attr-defined]
            wanted = set(re.findall(r"\{(\w+)\}", Reason(code).sentence))
            given = {keyword.arg for keyword in node.keywords}  # type: ignore[attr-defined]
            if Reason(code).sentence == code or wanted != given:
                wrong.append((name, code, wanted, given))
    assert not wrong


# ---------------------------------------------------------------- reasons


def test_a_reason_comes_back_from_the_database() -> None:
    why = Reason("outbox.day_unreachable", why=Reason("http.timeout", host="graph.facebook.com"))
    assert read(why.stored()) == why and str(why).endswith("graph.facebook.com did not answer in time.")
    names = Reason("text", text=(Reason("credential.app_secret"), "x"))
    assert read(names.stored()) == names
    assert (read(None), read(""), str(read("An old sentence."))) == (None, None, "An old sentence.")
    assert str(read('{"code": 7}')) == '{"code": 7}'
    with pytest.raises(ValueError, match="two sentences"):
        reason.define({"http.timeout": "Another sentence."})


def test_a_value_that_looks_like_a_place_stays_as_it_is() -> None:
    assert str(verbatim("{host} and {0}")) == "{host} and {0}"
    assert Conflict("No {name} here.", name="{name}").message == "No {name} here."
    assert Invalid("Braces {like these} alone.").message == "Braces {like these} alone."


# ---------------------------------------------------------------- whose language


@pytest.mark.parametrize(
    ("accepted", "spoken"),
    [(PSEUDO, PSEUDO), ("fr, en-xa;q=0.5", PSEUDO), ("en-US,en;q=0.9", "en"), ("", "en"), ("*", "en"), ("xx, q=;;,", "en"),
     (f"en;q=0.2, {PSEUDO};q=0.8", PSEUDO)],
)  # fmt: skip
def test_the_reader_decides(app: Flask, pseudo: Path, accepted: str, spoken: str) -> None:
    with app.test_request_context(headers={"Accept-Language": accepted}):
        assert words.language() == spoken
    assert words.language() == "en"  # outside of a request


def test_a_preference_wins_and_one_answer_may_be_for_another_reader(app: Flask, pseudo: Path) -> None:
    with app.test_request_context():
        words.prefer("tlh")  # nobody speaks it here
        assert words.language() == "en"
        words.prefer(PSEUDO)
        assert (words.t("Photo"), words.plural(2, "{count} item", "{count} items")) == (strange("Photo"), "2 " + strange("items"))
        with words.speaking("en"):
            assert words.t("Photo") == "Photo"
        assert words.t("Photo") == strange("Photo")


# ---------------------------------------------------------------- nothing of ours is left in English


class Texts(HTMLParser):
    """What a page shows: text nodes, labels, titles, placeholders."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("script", "style", "code", "kbd")
        self.found += [value for name, value in attrs if name in ("aria-label", "title", "placeholder", "alt") and value]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style", "code", "kbd")

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self.found.append(data.strip())


@pytest.mark.parametrize("path", ["/inbox", "/settings", "/settings/staff", "/settings/google", "/login", "/setup", "/nothing-here"])
def test_a_page_speaks_the_readers_language(owner_client: FlaskClient, pseudo: Path, path: str) -> None:
    answer = owner_client.get(path, headers=HEADERS, follow_redirects=True)
    assert f'<html lang="{PSEUDO}">' in answer.text and f"js/words/{PSEUDO}.js" in answer.text
    texts = Texts()
    texts.feed(answer.text)
    assert texts.found
    left = [text for text in texts.found if plain_english(text) and not re.fullmatch(r"[\w.@:/ -]*(drive|docs)\S*", text)]
    assert not left


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "/api/chats/999", None), ("GET", "/api/nothing", None), ("POST", "/api/messages/999/retry", {}),
     ("POST", "/api/customers/sync", {}), ("GET", "/media/999", None), ("DELETE", "/api/numbers/1", None),
     ("POST", "/api/numbers", {}), ("PATCH", "/api/chats", {})],
)  # fmt: skip
def test_an_error_speaks_the_readers_language(
    owner_client: FlaskClient, pseudo: Path, method: str, path: str, body: Any
) -> None:
    answer = owner_client.open(path, method=method, json=body, headers=HEADERS)
    assert answer.status_code >= 400
    assert not plain_english(answer.get_json()["error"]["message"].replace("WHATSAPP_", "").replace(".env", ""))


OURS = ("location", "contacts", "order", "unsupported", "unknown", "media_placeholder")


def test_what_is_said_of_messages_is_the_readers(
    app: Flask, db: Database, agent_client: FlaskClient, anonymous: FlaskClient, pseudo: Path
) -> None:
    for name in EXPECTED:
        body = load(name).replace(b"100200300400500", OUR_NUMBER_ID.encode())
        post_webhook(anonymous, body)
    post_webhook(anonymous, inbound(message(" ")))
    chats = agent_client.get("/api/chats?limit=100", headers=HEADERS).get_json()["chats"]
    seen: set[str] = set()
    for chat in chats:
        page = agent_client.get(f"/api/messages?conversation_id={chat['id']}&limit=100", headers=HEADERS).get_json()["messages"]
        for one in page:
            english = agent_client.get(f"/api/messages/{one['id']}").get_json()["message"]["text"]
            assert one["text"] or one["media"]
            if one["type"] in OURS:
                assert one["text"] != english and any(letter in one["text"] for letter in WIDE.values()), one["text"]
                seen.add(one["type"])
    assert seen == set(OURS) - {"media_placeholder"} or seen == set(OURS)


def test_what_went_wrong_is_told_in_the_readers_language(
    db: Database, owner_client: FlaskClient, anonymous: FlaskClient, pseudo: Path
) -> None:
    photo = message(type="image", image={"id": "4400110022003301", "mime_type": "image/jpeg"})
    post_webhook(anonymous, inbound(message("Hello"), photo))

    def trouble(tx: Transaction) -> None:
        run = tx.connection.execute
        meta = Reason("meta.numbered", why=Reason("meta.131047"), number=131047).stored()
        run("UPDATE messages SET direction = 'out', status = 'failed', error_code = 131047, error_message = ?", (meta,))
        run("UPDATE media SET state = 'failed', last_error = ?", (Reason("media.refused", number=100).stored(),))
        run(
            """INSERT INTO media_archive (sha256, name, mime_type, size, month, state, reason, stored_at)
               VALUES ('00', 'x', 'image/png', 1, '2026-11', 'dead', ?, 1)""",
            (Reason("archive.differs").stored(),),
        )
        run("INSERT INTO drive_state (id, trouble, reason) VALUES (1, 'quota', ?)", (Reason("google.full").stored(),))
        warnings = orjson.dumps([{"row": 7, "reason": reason.plain(Reason("list.no_phone"))}]).decode()
        run(
            """INSERT INTO customer_sync_runs (id, source, digest, state, warnings, error, started_at)
               VALUES (1, 'x', 'y', 'held', ?, ?, 1)""",
            (warnings, Reason("list.many_gone", absent=3, active=4).stored()),
        )
        check = {"name": "token", "state": "ok", "words": reason.plain(Reason("check.token_ok")),
                 "advice": reason.plain(Reason("check.paste_new"))}  # fmt: skip
        run("UPDATE numbers SET checks = ?", (orjson.dumps([check]).decode(),))

    db.write(trouble)

    def ask(path: str) -> Any:
        return owner_client.get(path, headers=HEADERS).get_json()

    found = ask("/api/messages?conversation_id=1")["messages"]
    told = [one["error"]["message"] for one in found] + [one["media"]["error"] for one in found if one["media"]]
    [run] = ask("/api/customers/runs")["runs"]
    told += [run["error"], run["warnings"][0]["reason"], ask("/api/media/archive")["reason"], ask("/api/google")["drive"]["reason"]]
    [check] = ask("/api/numbers")["numbers"][0]["checks"]
    told += [check["words"], check["advice"]]
    assert len(told) == 9 and all(told)
    assert not [text for text in told if plain_english(text)]
    steps = ask("/api/checklist")["steps"]
    assert not [step["title"] for step in steps if plain_english(step["title"])]


@pytest.mark.parametrize("stored", ['{"code":"x","values":[1]}', '{"code":"text","values":{"code":"a"}}', '{"code":"a","values":{"self":1}}'])
def test_words_of_others_that_look_like_a_reason_are_shown_as_they_stand(stored: str) -> None:
    assert str(read(stored)) == stored


def test_a_row_of_before_its_sentence_got_a_place_is_shown(app: Flask) -> None:
    reason.define({"tests.grew": "The file {name} is larger than {limit} MB."})
    with app.test_request_context():
        assert words.word(Reason("tests.grew", name="a.pdf")) == "The file a.pdf is larger than  MB."
