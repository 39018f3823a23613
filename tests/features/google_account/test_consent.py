"""Connecting Google: the real client libraries against our own model of Google's consent page and token endpoint."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httplib2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from db_manager import Database
from features.google_account import actions, drive
from features.vault import sealing as vault
from integrations.google.auth import SCOPES
from integrations.google.errors import ReconnectNeeded
from system import clock
from tests.builders import NOON
from tests.fakes.google_account import connect, connect_service_account, hang_up, point_at
from tests.fakes.google_server import CLIENT, OWNER, SERVICE_ACCOUNT, SHARED_FOLDER, Cut, GoogleServer, google_server
from web.services import Services

CALLBACK = "http://localhost/auth/google/callback"


@pytest.fixture
def google(services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[GoogleServer]:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # our model speaks plain http
    with google_server() as server:
        point_at(services, server)
        yield server
        hang_up(services)


@pytest.fixture
def owner(owner_client: FlaskClient, google: GoogleServer) -> FlaskClient:
    assert owner_client.post("/api/google/client", json=CLIENT).status_code == 200
    assert owner_client.patch("/api/google", json={"archive": True}).status_code == 200
    return owner_client


def consent(owner: FlaskClient) -> str:
    """As a browser does: to Google's page and on to where it sends back. The path and query of that."""
    sent = owner.get("/auth/google")
    assert sent.status_code == 302, sent.text
    response, _ = _no_redirect(sent.location)
    back = urlsplit(response["location"])
    return f"{back.path}?{back.query}"


def _no_redirect(url: str) -> tuple[httplib2.Response, bytes]:
    http = httplib2.Http(timeout=5)
    http.follow_redirects = False
    try:
        return http.request(url)  # type: ignore[no-any-return]
    finally:
        http.close()


def asked(answer: TestResponse) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(answer.location).query).items()}


def test_only_what_is_switched_on_is_asked_for(owner: FlaskClient) -> None:
    query = asked(owner.get("/auth/google"))
    assert set(query["scope"].split()) == {SCOPES["drive"], "openid", "https://www.googleapis.com/auth/userinfo.email"}
    assert (query["access_type"], query["prompt"], query["code_challenge_method"]) == ("offline", "consent", "S256")
    assert query["redirect_uri"] == CALLBACK
    owner.patch("/api/google", json={"archive": False, "sheet": True})
    assert SCOPES["drive"] not in asked(owner.get("/auth/google"))["scope"]
    assert SCOPES["sheet"] in asked(owner.get("/auth/google"))["scope"]


def test_connected_by_one_consent(owner: FlaskClient, google: GoogleServer, db: Database, config: object) -> None:
    back = owner.get(consent(owner))
    assert (back.status_code, back.location) == (302, "/settings/google")
    state = owner.get("/api/google").get_json()
    assert (state["state"], state["email"], state["kind"]) == ("connected", OWNER, "user")
    assert state["parts"]["drive"] == {"wanted": True, "granted": True}
    raw = Path(db.path).read_bytes() + Path(f"{db.path}-wal").read_bytes()
    assert b"1//refresh" not in raw and CLIENT["client_secret"].encode() not in raw


def test_the_address_of_the_public_url_is_used(owner: FlaskClient, services: Services) -> None:
    services.config = replace(services.config, public_url="https://inbox.example.com")
    query = asked(owner.get("/auth/google", base_url="https://inbox.example.com"))
    assert query["redirect_uri"] == "https://inbox.example.com/auth/google/callback"


def test_06_a_part_that_was_not_ticked_is_shown_and_only_that_one_is_off(owner: FlaskClient, google: GoogleServer) -> None:
    owner.patch("/api/google", json={"sheet": True})
    google.untick = frozenset({SCOPES["drive"]})
    owner.get(consent(owner))
    parts = owner.get("/api/google").get_json()["parts"]
    assert parts["drive"] == {"wanted": True, "granted": False}
    assert parts["sheet"] == {"wanted": True, "granted": True}


def test_07_without_a_refresh_token_nothing_is_kept_and_consent_is_asked_once_more(
    owner: FlaskClient, google: GoogleServer
) -> None:
    google.gives_refresh_token = False
    once_more = owner.get(consent(owner))
    assert once_more.location.startswith(google.endpoints.auth_url)
    assert asked(once_more)["prompt"] == "consent"
    assert owner.get("/api/google").get_json()["state"] == "not_connected"
    response, _ = _no_redirect(once_more.location)
    second = urlsplit(response["location"])
    assert owner.get(f"{second.path}?{second.query}").status_code == 400


@pytest.mark.parametrize("change", ["state=stolen", "state="])
def test_08_a_state_of_somebody_else_is_a_400(owner: FlaskClient, google: GoogleServer, change: str) -> None:
    consent(owner)
    answer = owner.get(f"/auth/google/callback?code=code-1&{change}")
    assert answer.status_code == 400
    assert google.count("POST", "/token") == 0


def test_08_a_state_works_once_and_for_15_minutes(owner: FlaskClient) -> None:
    with clock.freeze(NOON):
        back, late = consent(owner), consent(owner)
        assert owner.get(back).status_code == 302
        assert owner.get(back).status_code == 400
    with clock.freeze(NOON + 16 * 60):
        assert owner.get(late).status_code == 400


def test_08_a_wrong_verifier_is_a_400(owner: FlaskClient, services: Services) -> None:
    back = consent(owner)
    pending = services.clients.google.pending
    for state, one in pending.items():
        pending[state] = replace(one, verifier="x" * 64)
    assert owner.get(back).status_code == 400
    assert owner.get("/api/google").get_json()["state"] == "not_connected"


def test_a_refusal_changes_nothing(owner: FlaskClient) -> None:
    answer = owner.get("/auth/google/callback?error=access_denied&state=x")
    assert answer.status_code == 400
    assert "Nothing has changed" in answer.text


def test_disconnecting_gives_the_token_back_and_forgets_it(owner: FlaskClient, google: GoogleServer, db: Database) -> None:
    owner.get(consent(owner))
    assert owner.post("/api/google/disconnect", json={}).get_json()["state"] == "not_connected"
    assert len(google.revoked) == 1
    with db.read() as connection:
        assert connection.execute("SELECT name FROM secrets WHERE name = 'google'").fetchone() is None


def test_disconnecting_works_while_google_is_away(owner: FlaskClient, google: GoogleServer) -> None:
    owner.get(consent(owner))
    google.down = Cut()
    assert owner.post("/api/google/disconnect", json={}).get_json()["state"] == "not_connected"


def test_a_lost_key_asks_to_connect_again(owner: FlaskClient, services: Services) -> None:
    owner.get(consent(owner))
    (services.config.data_dir / vault.FILE_NAME).unlink()
    services.clients.google.made_from = None
    account = actions.account(services)
    assert account is not None
    with pytest.raises(ReconnectNeeded):
        account.credentials()
    assert owner.get("/api/google").get_json()["state"] == "needs_reconnect"


def test_04_a_dead_token_is_told_to_the_owner_with_one_button(
    app: Flask, owner: FlaskClient, google: GoogleServer, services: Services
) -> None:
    owner.get(consent(owner))
    google.refuses_refresh = True
    for _ in range(3):
        owner.post("/api/google/test", json={})
    assert google.count("POST", "/token") == 2  # the consent, and one refresh: then no more
    banner = owner.get("/api/status").get_json()["google"]
    assert (banner["state"], banner["url"]) == ("needs_reconnect", "/auth/google")
    assert owner.get("/api/google").get_json()["state"] == "needs_reconnect"


def test_an_unknown_client_is_named(owner: FlaskClient, google: GoogleServer) -> None:
    owner.get(consent(owner))
    google.unknown_client = True
    owner.post("/api/google/test", json={})
    assert "client ID" in owner.get("/api/google").get_json()["message"]


def test_the_check_tells_room_and_folder(owner: FlaskClient, google: GoogleServer) -> None:
    owner.get(consent(owner))
    google.other_usage = 12 * 1024**3 + 1
    state = owner.post("/api/google/test", json={}).get_json()["drive"]
    assert (state["limit"], state["level"], state["trouble"]) == (15 * 1024**3, "nearly_full", None)
    assert state["folder_url"].startswith("https://drive.google.com/")
    assert owner.get("/api/status").get_json()["google"] is None


def test_01_a_service_account_on_my_drive_is_refused_at_set_up(
    owner_client: FlaskClient, services: Services, google: GoogleServer
) -> None:
    google.files["mine"] = google._folder("In My Drive")
    for folder in ("", "mine"):
        connect_service_account(services, google, folder=folder)
        answer = owner_client.patch("/api/google", json={"archive": True})
        assert answer.status_code == 409
        assert "cannot own files in My Drive" in answer.get_json()["error"]["message"]
        assert owner_client.get("/api/google").get_json()["switches"]["archive"] is False


def test_a_service_account_on_a_shared_drive_is_taken(
    owner_client: FlaskClient, services: Services, google: GoogleServer
) -> None:
    connect_service_account(services, google, folder=SHARED_FOLDER)
    state = owner_client.patch("/api/google", json={"archive": True}).get_json()
    assert (state["kind"], state["email"], state["state"]) == ("service_account", SERVICE_ACCOUNT, "connected")


def test_a_key_file_that_is_none_is_named(owner_client: FlaskClient, services: Services, tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps({"type": "authorized_user"}))
    services.config = replace(services.config, google_credentials_file=str(path))
    state = owner_client.get("/api/google").get_json()
    assert state["state"] == "broken" and "GOOGLE_CREDENTIALS_FILE" in state["message"]


@pytest.mark.parametrize(("method", "path"), [
    ("GET", "/auth/google"), ("GET", "/auth/google/callback"), ("GET", "/api/google"), ("PATCH", "/api/google"),
    ("POST", "/api/google/client"), ("POST", "/api/google/disconnect"), ("POST", "/api/google/test"),
    ("POST", "/api/google/folder"), ("GET", "/api/media/archive"), ("POST", "/api/media/archive/retry"),
])  # fmt: skip
def test_only_the_owner_comes_near(admin_client: FlaskClient, method: str, path: str) -> None:
    assert admin_client.open(path, method=method, json={} if method != "GET" else None).status_code == 403


def test_staff_do_not_see_the_owners_banner(admin_client: FlaskClient, services: Services, google: GoogleServer) -> None:
    connect(services, google, archive=True)
    with services.db.read() as connection:
        assert drive.state(connection).trouble is None
    assert admin_client.get("/api/status").get_json()["google"] is None


def test_no_google_module_is_loaded_without_google(tmp_path: Path) -> None:
    """In a process of its own: others of this run have loaded them."""
    import subprocess

    script = """
import sys
from pathlib import Path
from app import create_app
from config import Config
app = create_app(Config(data_dir=Path(sys.argv[1]), is_sandbox=True))
[archive] = [one for one in app.extensions["inbox"].workers if one.name == "archive"]
archive.start()
answer = app.test_client().get("/healthz")
assert answer.status_code == 200, answer.text
print([name for name in sys.modules if name.split(".")[0] in ("google", "googleapiclient", "httplib2", "gspread", "oauthlib")])
app.extensions["inbox"].stop()
"""
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], cwd=root, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
