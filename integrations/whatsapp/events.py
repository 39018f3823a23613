"""What Meta's webhook tells us, as frozen values. `whatsapp_handler.parse` makes them, `features/webhooks` applies them.

Times are unix seconds. Every identifier that Meta may leave out is None, never "" (both spellings occur).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from core.reason import Reason

Origin = Literal["live", "echo", "history"]  # now, from the phone or another app of ours, from an imported past


@dataclass(frozen=True)
class Sender:
    """Who wrote or received: any of it may be missing (usernames, system messages, groups)."""

    phone: str | None = None  # digits
    user_id: str | None = None  # business-scoped user id, e.g. "US.1349"
    parent_user_id: str | None = None
    username: str | None = None  # without "@"
    profile_name: str | None = None


@dataclass(frozen=True)
class MediaRef:
    """A file at Meta. `sha256` is hex whatever Meta sent (base64 and hex both occur); None when absent or garbled."""

    meta_media_id: str
    mime_type: str  # parameters stripped, lower case: "audio/ogg"
    sha256: str | None = None
    filename: str | None = None
    voice: bool = False
    animated: bool = False


@dataclass(frozen=True)
class Content:
    """What a bubble shows. `text` is what a person wrote: the text, the caption, the note.
    The rest is said when it is shown (features/messages/summaries.py).

    `payload` keys by type: location {latitude, longitude, name, address, url}; contacts {contacts: [...]};
    order {catalog_id, text, product_items: [...]}; interactive {kind, id, title, description, response};
    button {payload, text}; system {kind, ...}; unsupported {kind, code, title} and of a
    file {file: "missing", caption}; unknown {type}.
    `referral` (an ad) stands beside any type: {source_url, source_id, source_type, headline, body, media_type, ctwa_clid}.
    """

    type: str
    text: str = ""
    media: MediaRef | None = None
    payload: dict[str, Any] | None = None


@dataclass(frozen=True)
class Event:
    """Common to all: which of our numbers it came for, and the raw piece of the body it was read from."""

    phone_number_id: str
    waba_id: str
    display_phone_number: str
    raw: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class MessageReceived(Event):
    """A customer's message, our own phone's (`echo`), or one from an imported history."""

    wamid: str
    sender: Sender  # the customer in all cases: for an echo the one it was sent to
    content: Content
    timestamp: int
    origin: Origin
    outgoing: bool = False  # an echo, or a history message of ours
    group_id: str | None = None
    context_wamid: str | None = None
    forwarded: int = 0  # 1 forwarded, 2 many times
    history_status: str | None = None  # history only: sent, delivered, read, played, failed


@dataclass(frozen=True)
class MediaAdded(Event):
    """History: the file of a `media_placeholder` message that came (or will come) with the same wamid. Not a new message."""

    wamid: str
    sender: Sender
    content: Content
    timestamp: int
    outgoing: bool = False


@dataclass(frozen=True)
class MessageEdited(Event):
    wamid: str
    original_wamid: str
    sender: Sender
    content: Content
    timestamp: int
    outgoing: bool = False


@dataclass(frozen=True)
class MessageRevoked(Event):
    wamid: str
    original_wamid: str
    sender: Sender
    timestamp: int
    outgoing: bool = False


@dataclass(frozen=True)
class Reacted(Event):
    wamid: str
    target_wamid: str
    sender: Sender
    emoji: str  # "" = removed
    timestamp: int
    outgoing: bool = False  # reacted on our own phone
    group_id: str | None = None


@dataclass(frozen=True)
class StatusChanged(Event):
    wamid: str
    status: str  # sent, delivered, read, played, failed; anything else becomes Unknown
    timestamp: int
    recipient: Sender
    callback_data: str | None = None  # our biz_opaque_callback_data
    error_code: int | None = None
    error: Reason | None = None
    group_id: str | None = None


@dataclass(frozen=True)
class PersonChanged(Event):
    """A customer changed the number or the user id: history follows the person."""

    wamid: str | None
    kind: str  # number_changed, user_id_changed
    before: Sender
    after: Sender
    text: str  # Meta's sentence, if it sent one: "Raj changed from +852 ... to +852 ..."
    timestamp: int


@dataclass(frozen=True)
class ContactNamed(Event):
    """A name from the owner's phone book (`smb_app_state_sync`)."""

    person: Sender
    name: str | None  # None: removed there
    timestamp: int


@dataclass(frozen=True)
class GroupChanged(Event):
    group_id: str
    subject: str | None
    timestamp: int


@dataclass(frozen=True)
class HistoryReceived(Event):
    """A `history` change: stored, applied later by a job through `whatsapp_handler.parse_history(raw)`."""


@dataclass(frozen=True)
class Ignored(Event):
    """Understood and deliberately quiet: request_welcome, template and account fields, calls, standby, quality ..."""

    field: str = ""


@dataclass(frozen=True)
class Unknown(Event):
    """A shape that we do not know. Kept with its reason; `messages` of an unknown type are MessageReceived instead."""

    reason: str = ""
