"""Messages as the API answers them. They are dicts of presenting.py, held against these by tests."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from features.media.answers import Media
from web.answers import Answer, Page, Time, User

Direction = Literal["in", "out"]
MessageStatus = Literal[
    "queued", "sending", "unconfirmed", "accepted", "sent", "delivered", "read", "played", "failed", "cancelled"
]
"""Of a message of ours; null of a customer's."""
MessageOrigin = Literal["live", "echo", "history", "user"]


class MessageContext(Answer):
    """The message that this one answers: `message_id` is null when it is not here."""

    wamid: str
    message_id: int | None


class QuotedMessage(Answer):
    """The message that this one answers, in one line. `media_type`: the MIME type of its file."""

    message_id: int
    wamid: str
    direction: Direction
    type: str
    text: str
    name: str | None
    media_type: str | None


class Reaction(Answer):
    """`from`: "us", or the phone or name of the customer."""

    emoji: str
    sender: str = Field(validation_alias="from", serialization_alias="from")
    name: str | None


class DeliveryError(Answer):
    """Why a message was not delivered; `code` in Meta's numbers."""

    code: int | None
    message: str


class ContactName(Answer):
    """Somebody outside, by the name that is shown; null when nothing is known but the id."""

    id: int
    name: str | None


class MessageTimes(Answer):
    """When a message of ours got how far."""

    sent_at: Time | None
    delivered_at: Time | None
    read_at: Time | None
    played_at: Time | None
    failed_at: Time | None


class MessageRevision(Answer):
    """An earlier text of an edited message."""

    text: str
    timestamp: Time


class Message(Answer):
    """What was said, and what became of it.

    `type` and `payload` are Meta's: text, image, location, ... and what such a message carries beside its text.
    `forwarded`: 0 no, 1 yes, 2 many times. `revisions`: earlier texts, the oldest first.
    """

    id: int
    conversation_id: int
    wamid: str | None
    client_msg_id: str | None
    direction: Direction
    type: str
    text: str
    media: Media | None
    payload: Any
    context: MessageContext | None
    quoted: QuotedMessage | None
    forwarded: Literal[0, 1, 2]
    reactions: list[Reaction]
    timestamp: Time
    status: MessageStatus | None
    error: DeliveryError | None
    edited_at: Time | None
    deleted_at: Time | None
    sender: User | None
    contact: ContactName | None
    origin: MessageOrigin
    delivered_twice: bool
    times: MessageTimes
    revisions: list[MessageRevision]


class GalleryPage(Page):
    """Messages with files or links, newest first. `prev_cursor` asks for newer ones (`after`)."""

    messages: list[Message]
    prev_cursor: str | None


class MessagePage(GalleryPage):
    """Messages of a chat, oldest first. `next_cursor` asks for older ones (`before`), `prev_cursor` for newer (`after`)."""

    first_unread_id: int | None


class OneMessage(Answer):
    """A message."""

    message: Message
