"""Chats, and who they are with, as the API answers them. Rows are dicts of presenting.py, held against these by tests."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from features.messages.answers import ContactName, Direction, MessageStatus
from web.answers import Answer, Page, Time, User

NameSource = Literal["sheet", "typed", "google", "profile", "username", "phone", "group"]


class PreviewFile(Answer):
    """What a list says of the file of a message."""

    mime_type: str
    filename: str | None
    voice: bool
    duration_ms: int | None


class MessagePreview(Answer):
    """The newest message of a chat, in one line. `contact`: who wrote it, in a group."""

    id: int
    text: str
    type: str
    direction: Direction
    status: MessageStatus | None
    timestamp: Time
    sender: User | None
    contact: ContactName | None
    media: PreviewFile | None
    deleted_at: Time | None


class Chat(Answer):
    """One person or group on one of our numbers.

    `window_open`: anything may be sent, not only templates; until `window_expires_at`.
    """

    id: int
    kind: Literal["person", "group"]
    phone: str | None
    username: str | None
    name: str
    name_source: NameSource
    unread_count: int
    waiting_since: Time | None
    window_expires_at: Time | None
    window_open: bool
    archived_at: Time | None
    assignee: User | None
    contact_id: int | None
    group_id: str | None
    last_message: MessagePreview | None


class ChatPage(Page):
    """A part of the chat list, newest first."""

    chats: list[Chat]


class OneChat(Answer):
    """A chat."""

    chat: Chat


class ChatCounts(Answer):
    """How many chats stand behind each filter."""

    all: int
    unread: int
    waiting: int


class PhoneNumber(Answer):
    """A number as it is called from anywhere, such as +85251234567."""

    phone: str


class ContactNames(Answer):
    """Each by its source: the Customer List, staff, Google Contacts, the person's own profile."""

    sheet: str | None
    typed: str | None
    google: str | None
    profile: str | None


class ContactAlias(Answer):
    """What a person goes or went by."""

    kind: Literal["phone", "bsuid", "parent_bsuid", "username"]
    value: str
    retired_at: Time | None


class Contact(Answer):
    """A person."""

    id: int
    name: str
    names: ContactNames
    aliases: list[ContactAlias]
    phone: str | None
    username: str | None


class CustomerRow(Answer):
    """The person's row of the Customer List: heading -> cell."""

    name: str
    row_number: int
    fields: dict[str, str]


class ContactDetails(Answer):
    """Who somebody is."""

    contact: Contact | None
    customer: CustomerRow | None


class MessageCounts(Answer):
    """Messages of a chat by direction."""

    received: int = Field(validation_alias="in", serialization_alias="in")
    sent: int = Field(validation_alias="out", serialization_alias="out")


class ChatDetails(ContactDetails):
    """Who a chat is with, and how much was said. `contact` is null for a group."""

    counts: MessageCounts
    first_message_at: Time | None
    last_message_at: Time | None
