"""One place knows whose chats a person may see. A query that goes past it is found; so is a route that reads beside it."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from db_manager import Database
from system import clock
from tests.builders import NOON, RAJ, contact, inbound, message, post_webhook
from tests.conftest import signed_in
from tests.features.media import samples
from web import viewing
from web.viewing import SEEN, View, Viewer, may_see

ROOT = Path(__file__).parent.parent
GUARDED = re.compile(r"\b(FROM|JOIN)\s+(conversations|messages|media|contacts)\b", re.IGNORECASE)
# What answers people. Workers, the webhook and actions inside a transaction read what they need.
FOR_PEOPLE = re.compile(r"features/\w+/(\w*routes|listing|presenting|frames|live|send_call)\.py")
# What hangs on rows that were seen already, or says nothing of any one chat.
EXCEPTIONS = {
    ("features/messages/presenting.py", "media_of_messages"): "of the messages of a page",
    ("features/messages/presenting.py", "quoted"): "of the messages of a page; only those of the same chat are shown",
    ("features/messages/presenting.py", "reactions"): "of the messages of a page",
    ("features/messages/listing.py", "get_message"): "a cursor: refused unless it is of the chat that is seen",
    ("features/chats/routes.py", "conversations_of_contact"): "to announce a new name, nothing is shown",
    ("features/customer_list/routes.py", "search"): "the Customer List: staff find any customer of it",
}


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    yield from (node for node in tree.body if isinstance(node, ast.FunctionDef))


def constants(tree: ast.Module) -> dict[str, str]:
    """SQL that a module keeps under a name, to see it where it is used."""
    return {
        target.id: ast.unparse(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def sql_of(function: ast.FunctionDef, named: dict[str, str]) -> str:
    """What the function says, with the constants that it names written out."""
    body = "\n".join(ast.unparse(part) for part in function.body)
    return body + "".join(text for name, text in named.items() if re.search(rf"\b{name}\b", body))


def annotated(function: ast.FunctionDef) -> set[str]:
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return {ast.unparse(one.annotation) for one in arguments if one.annotation}


def views_without_seen(root: Path) -> list[str]:
    """A query function that takes a View and looks at chats without the one condition."""
    found = []
    for path in sorted(root.glob("features/*/*queries.py")):
        tree = ast.parse(path.read_text())
        named = constants(tree)
        for function in functions(tree):
            said = sql_of(function, named)
            if "View" in annotated(function) and GUARDED.search(said) and not re.search(r"\bSEEN\b", said):
                found.append(f"{path.relative_to(root).as_posix()}:{function.lineno}: {function.name} takes a View without SEEN")
    return found


def unguarded(root: Path) -> dict[tuple[str, str], set[str]]:
    """(feature, module of SQL) and its functions that read chats through a plain connection, without a SeenChat."""
    found: dict[tuple[str, str], set[str]] = {}
    for path in sorted(root.glob("features/*/*queries.py")):
        tree = ast.parse(path.read_text())
        named = constants(tree)
        found[path.parent.name, path.stem] = {
            function.name
            for function in functions(tree)
            if GUARDED.search(sql_of(function, named)) and not annotated(function) & {"View", "SeenChat"}
        }
    return found


def people_read_past(root: Path) -> list[str]:
    """What answers people calls such a function."""
    past, found = unguarded(root), []
    for path in sorted(root.rglob("features/*/*.py")):
        file = path.relative_to(root).as_posix()
        if not FOR_PEOPLE.fullmatch(file):
            continue
        tree = ast.parse(path.read_text())
        modules = {
            alias.asname or alias.name: (str(node.module).split(".")[-1], alias.name)
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("features.")
            for alias in node.names
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
                feature, module = modules[node.value.id]
                if node.attr in past.get((feature, module), ()) and (file, node.attr) not in EXCEPTIONS:
                    found.append(f"{file}:{node.lineno}: {node.value.id}.{node.attr} does not ask who may see")
    return found


@pytest.mark.parametrize("rule", [views_without_seen, people_read_past], ids=lambda rule: rule.__name__)
def test_nothing_goes_past(rule: Any) -> None:
    assert rule(ROOT) == []


def test_the_rule_looks_at_what_it_should() -> None:
    past = unguarded(ROOT)
    assert "get_message" in past["messages", "queries"] and "get" in past["media", "queries"]
    assert not past["chats", "list_queries"]  # all of it is for people


@pytest.mark.parametrize(
    ("rule", "files"),
    [
        (
            views_without_seen,
            {"features/notes/queries.py": "def chats(view: View) -> None:\n    view.execute('SELECT id FROM conversations', {})"},
        ),
        (
            views_without_seen,
            {
                "features/notes/queries.py": "_ALL = 'SELECT * FROM messages'\n"
                "def said(view: View) -> None:\n    view.execute(f'{_ALL} WHERE id = 1', {})"
            },
        ),
        (
            people_read_past,
            {
                "features/notes/queries.py": "def get(connection: Connection) -> None:\n    connection.execute('SELECT id FROM media')",
                "features/notes/routes.py": "from features.notes import queries\ndef show() -> None:\n    queries.get(1)",
            },
        ),
        (
            people_read_past,
            {
                "features/notes/more_queries.py": "def get(connection: Connection) -> None:\n"
                "    connection.execute('SELECT 1 FROM notes JOIN contacts ON 1')",
                "features/notes/note_routes.py": "from features.notes import more_queries as sql\nshow = sql.get",
            },
        ),
    ],
)
def test_what_goes_past_is_found(tmp_path: Path, rule: Any, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert len(rule(tmp_path)) == 1


# ---------------------------------------------------------------- and what a person really gets


@pytest.fixture(autouse=True)
def _a_minute_past_noon() -> Iterator[None]:
    with clock.freeze(NOON + 60):
        yield


@pytest.fixture
def other(app: Flask, anonymous: FlaskClient, db: Database) -> FlaskClient:
    """Chat 1 is given to somebody else (with a picture in message 2, file 1), chat 2 to nobody. Who asks sees 'own'."""
    post_webhook(anonymous, inbound(message("Hello")))
    post_webhook(anonymous, inbound(message("Ahoy", sender=RAJ), contacts=[contact(RAJ, "Raj")]))
    ada = signed_in(app, "Ada", "admin")
    form = {"conversation_id": "1", "file": (io.BytesIO(samples.picture()), "a.png")}
    assert ada.post("/api/send", data=form).status_code == 201
    db.write(lambda tx: tx.execute("UPDATE conversations SET assignee_id = 1 WHERE id = 1"))
    return signed_in(app, "Ken", "agent")


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewing, "viewer_of", lambda person: Viewer(person.id, sees="own"))


PATHS = [
    ("GET", "/api/chats/1", None),
    ("GET", "/api/chats/1/details", None),
    ("GET", "/api/chats/1/media", None),
    ("GET", "/api/messages?conversation_id=1", None),
    ("GET", "/api/messages/1", None),
    ("POST", "/api/chats/1/read", {"message_id": 1}),
    ("PATCH", "/api/contacts/1", {"typed_name": "Mei"}),
    ("POST", "/api/messages/3/retry", {}),
    ("POST", "/api/messages/3/discard", {}),
    ("POST", "/api/send", {"conversation_id": 1, "text": "Yes."}),
    ("POST", "/api/send", {"phone": "+85251234567", "text": "Yes."}),
    ("POST", "/api/chats", {"phone": "+85251234567"}),
    ("GET", "/media/1", None),
    ("GET", "/media/1/thumbnail", None),
    ("POST", "/api/media/1/retry", {}),
    ("POST", "/api/media/1/peaks", {"peaks": [7] * 64}),
]


@pytest.mark.parametrize(("method", "path", "body"), PATHS, ids=lambda value: value if isinstance(value, str) else "")
def test_anothers_chat_is_not_there(other: FlaskClient, own: None, db: Database, method: str, path: str, body: Any) -> None:
    before = everything(db)
    answer = other.open(path, method=method, json=body)
    missing = other.open(re.sub(r"/\d+|=\d+", lambda found: found[0][0] + "999999", path), method=method, json=body)
    assert answer.status_code == 404, answer.get_json()
    if "phone" not in (body or {}) and body != {"conversation_id": 1, "text": "Yes."}:
        assert answer.get_json() == missing.get_json()
    assert everything(db) == before


def test_whoever_sees_all_gets_all(other: FlaskClient) -> None:
    assert [other.open(path, method=method, json=body).status_code for method, path, body in PATHS if method == "GET"] == [200] * 7


def everything(db: Database) -> list[Any]:
    tables = ("conversations", "messages", "contacts", "outbox", "media")
    with db.read() as connection:
        return [connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables]


def test_lists_and_counts_are_without_it(other: FlaskClient, own: None) -> None:
    for chosen in ("all", "unread", "waiting", "unassigned"):
        assert [one["id"] for one in other.get(f"/api/chats?filter={chosen}").get_json()["chats"]] == [2], chosen
    counts = other.get("/api/chats/counts").get_json()
    assert (counts["all"], counts["unread"], counts["waiting"]) == (1, 1, 1)
    assert other.get("/api/messages?phone=85251234567").get_json()["messages"] == []
    assert len(other.get("/api/messages?conversation_id=2").get_json()["messages"]) == 1


def test_a_number_of_others_is_not_there(other: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewing, "viewer_of", lambda person: Viewer(person.id, numbers=frozenset({7})))
    assert other.get("/api/chats").get_json()["chats"] == []
    assert other.get("/media/1").status_code == 404
    monkeypatch.setattr(viewing, "viewer_of", lambda person: Viewer(person.id, numbers=frozenset({1, 7})))
    assert len(other.get("/api/chats").get_json()["chats"]) == 2


VIEWERS = (Viewer(1), Viewer(1, "own"), Viewer(1, "all", frozenset({2})), Viewer(1, "own", frozenset({1, 2})))


@pytest.mark.parametrize(
    ("viewer", "assignee", "number"),
    list(product(VIEWERS, [None, 1, 5], [1, 2])),
)
def test_the_row_at_hand_is_judged_as_the_query_judges(
    empty_database: Database, viewer: Viewer, assignee: int | None, number: int
) -> None:
    values = {"assignee_id": assignee, "number_id": number}
    with empty_database.read() as connection:
        sql = f"SELECT {SEEN} AS seen FROM (SELECT :assignee_id AS assignee_id, :number_id AS number_id) AS conversations"
        [row] = View(connection, viewer).execute(sql, values).fetchall()
    assert bool(row["seen"]) is may_see(viewer, values)  # type: ignore[arg-type]
