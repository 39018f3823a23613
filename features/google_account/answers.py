"""The Google account and our place in Drive, as the API answers them."""

from __future__ import annotations

from typing import Literal

from features.google_account.settings import SWITCHES
from features.settings.models import answer_model
from web.answers import Answer, Time


class GoogleClientState(Answer):
    """The OAuth client: its id, and whether the environment of the server sets it."""

    id: str | None
    from_environment: bool


class GoogleSwitchStates(answer_model("GoogleSwitchStates", SWITCHES)):  # type: ignore[misc]
    """What is switched on. `prune_days` 0: never; `links_for`: the lowest role that sees links into Drive."""


class GooglePermission(Answer):
    """A permission: whether something that is switched on needs it, and whether Google gave it."""

    wanted: bool
    granted: bool


class GooglePermissions(Answer):
    """By what they are for."""

    drive: GooglePermission
    sheet: GooglePermission
    sheet_write: GooglePermission
    contacts: GooglePermission


class DriveStatus(Answer):
    """Our folder, the trouble it is in, and the room left. `used` and `limit` in bytes."""

    folder_url: str | None
    trouble: Literal["away", "quota", "reconnect", "config", "folder"] | None
    reason: str | None
    link: str | None
    used: int | None
    limit: int | None
    level: Literal["nearly_full", "almost_full"] | None
    checked_at: Time | None


class GoogleStatus(Answer):
    """The Google account: who, which permissions, what is switched on, and how our Drive is.

    `redirect_uri`: what to enter at Google; null when Google would accept no address of ours.
    """

    kind: Literal["service_account", "user"]
    state: Literal["not_connected", "connected", "broken", "needs_reconnect"]
    message: str | None
    email: str | None
    connected_at: Time | None
    client: GoogleClientState
    redirect_uri: str | None
    switches: GoogleSwitchStates
    parts: GooglePermissions
    drive: DriveStatus
    last_backup_at: Time | None
