"""Files, and their archive in Google Drive, as the API answers them."""

from __future__ import annotations

from typing import Literal

from web.answers import Answer

MediaState = Literal["pending", "stored", "failed", "expired", "too_large"]


class Media(Answer):
    """A file of a message. `as_json` of actions.py makes it, held against this by tests.

    `inline`: it may be shown in the page. `opens`: the browser may show it in a tab of its own. Else offer a download.
    `peaks`: 64 numbers from 0 to 255, null until a browser has computed them. `error`: why it is not here.
    The links are null for whom they are not meant.
    """

    id: int
    url: str
    thumbnail_url: str | None
    mime_type: str
    inline: bool
    opens: bool
    filename: str | None
    size: int | None
    state: MediaState
    error: str | None
    voice: bool
    animated: bool
    width: int | None
    height: int | None
    duration_ms: int | None
    peaks: list[int] | None
    stored_in: Literal["here", "drive", "both"] | None
    drive_url: str | None
    public_url: str | None


class OneMedia(Answer):
    """A file."""

    media: Media


class ArchiveCounts(Answer):
    """Contents on their way to Google Drive. `dead`: given up, `reason` says why; `pruned`: only in Drive now."""

    waiting: int
    done: int
    dead: int
    pruned: int
    bytes_waiting: int
    reason: str | None
