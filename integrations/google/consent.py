"""Google's consent page: the address to send the owner to, and the exchange of the code that comes back (OAuth 2, PKCE)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.errors import RemoteError
from core.reason import Reason, define
from integrations.google.auth import SCOPES, TOKEN_TIMEOUT_S, Endpoints
from integrations.http.client import HttpClient

# To say who is connected. Google counts both as harmless.
_WHO = ("openid", "https://www.googleapis.com/auth/userinfo.email")

define(
    {
        "google.consent_refused": "Google did not accept the consent ({said}). Please connect again.",
        "google.unreachable_now": "Google cannot be reached. Please try again.",
    }
)


@dataclass(frozen=True)
class Started:
    """`state` and `verifier` are kept here, for one use."""

    url: str
    state: str
    verifier: str


@dataclass(frozen=True)
class Grant:
    """`refresh_token` None: Google gives one only with the first consent, unless it is asked again."""

    refresh_token: str | None
    scopes: tuple[str, ...]
    email: str


class ConsentFailed(RemoteError):
    """Google does not accept the code: too old, used, or another browser's."""


def start(client: dict[str, str], parts: Iterable[str], redirect_uri: str, endpoints: Endpoints) -> Started:
    """`parts` are keys of SCOPES; what was granted before stays granted."""
    flow = _flow(client, [SCOPES[part] for part in parts], redirect_uri, endpoints)
    # `consent`: without it a second consent gives no refresh token.
    url, state = flow.authorization_url(access_type="offline", prompt="consent", include_granted_scopes="true")
    return Started(url, state, flow.code_verifier)


def finish(client: dict[str, str], code: str, verifier: str, redirect_uri: str, endpoints: Endpoints) -> Grant:
    """Raises ConsentFailed, or a RemoteError when Google cannot be asked."""
    from oauthlib.oauth2 import OAuth2Error

    flow = _flow(client, [], redirect_uri, endpoints)
    flow.code_verifier = verifier
    try:
        tokens = flow.fetch_token(code=code, timeout=TOKEN_TIMEOUT_S)
    except OAuth2Error as error:
        raise ConsentFailed(Reason("google.consent_refused", said=error.error)) from error
    except OSError as error:
        raise RemoteError(Reason("google.unreachable_now")) from error
    finally:
        flow.oauth2session.close()
    scope = tokens.get("scope") or ()
    scopes = tuple(scope.split()) if isinstance(scope, str) else tuple(scope)
    return Grant(tokens.get("refresh_token"), scopes, _email(tokens.get("id_token", "")))


def revoke(token: str, endpoints: Endpoints) -> None:
    """Raises RemoteError when Google could not be told."""
    answer = HttpClient().request("POST", endpoints.revoke_url, data={"token": token})
    if not answer.ok:
        raise RemoteError("Google did not take the token back.")


def _flow(client: dict[str, str], scopes: list[str], redirect_uri: str, endpoints: Endpoints) -> Any:
    from google_auth_oauthlib.flow import Flow

    web = {**client, "auth_uri": endpoints.auth_url, "token_uri": endpoints.token_url}
    # Without scopes the library compares nothing: what the person left unticked is seen by our own comparison.
    wanted = [*_WHO, *scopes] if scopes else None
    return Flow.from_client_config({"web": web}, scopes=wanted, redirect_uri=redirect_uri, autogenerate_code_verifier=True)


def _email(id_token: str) -> str:
    """Fresh from Google over TLS: its signature proves nothing more (OpenID Connect Core, 3.1.3.7)."""
    try:
        payload = id_token.split(".")[1]
        return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))).get("email", ""))
    except (IndexError, ValueError, AttributeError):
        return ""
