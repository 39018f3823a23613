"""What is on the invented customers' phones, in memory and (with a path) in a JSON file that survives a restart."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from system import clock

KEPT_PER_CHAT = 300  # older bubbles leave the phone, not the inbox


@dataclass
class Profile:
    """A customer. `id` names the phone here: its digits, or the user id of one who hides the number."""

    id: str
    name: str
    user_id: str
    phone: str | None = None  # digits
    username: str | None = None
    reachable: bool = True  # False: has no WhatsApp, sends to it fail with 131026
    open_until: int = 0  # looks at our chat till then: what arrives is read at once
    wrote_at: int | None = None  # newest own message: Meta's 24 hours count from here
    typing_until: int = 0  # the business shows "typing"

    @property
    def chat_open(self) -> bool:
        return self.open_until > clock.now()


@dataclass
class Bubble:
    """One message on a phone. `mine`: the customer wrote it. `status` is what the ticks show."""

    wamid: str
    chat: str  # profile id, or group id
    mine: bool
    type: str
    text: str = ""
    timestamp: int = 0
    status: str = "sent"
    author: str = ""  # profile id of the writer; "" the business
    media_id: str | None = None
    filename: str | None = None
    mime_type: str | None = None
    voice: bool = False
    quoted: str | None = None
    buttons: list[str] = field(default_factory=list)
    reactions: dict[str, str] = field(default_factory=dict)  # "customer" or "business" -> emoji
    edited: bool = False
    deleted: bool = False
    callback: str | None = None
    order: int = 0  # of arrival: settles equal time stamps
    version: int = 0  # of the last change


class World:
    """Safe between threads. `version` grows with every change, so that a page can ask for what is new."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._dirty = False
        self.version = 0
        self.profiles: dict[str, Profile] = {}
        self.bubbles: dict[str, Bubble] = {}
        self._chats: dict[str, list[Bubble]] = {}
        self.groups: dict[str, str] = {}  # id -> subject
        if path is not None and path.exists():
            self._load(json.loads(path.read_text()))

    @contextmanager
    def changing(self) -> Iterator[int]:
        """Hold the world and give the number of this change."""
        with self._lock:
            self.version += 1
            self._dirty = True
            yield self.version

    def add(self, profile: Profile) -> Profile:
        with self.changing():
            return self.profiles.setdefault(profile.id, profile)

    def remove(self, profile_id: str) -> None:
        with self.changing():
            self.profiles.pop(profile_id, None)
            for bubble in self._chats.pop(profile_id, []):
                del self.bubbles[bubble.wamid]

    def find(self, *, phone: str | None = None, user_id: str | None = None) -> Profile | None:
        with self._lock:
            for profile in self.profiles.values():
                if (phone and profile.phone == phone) or (user_id and profile.user_id == user_id):
                    return profile
        return None

    def put(self, bubble: Bubble) -> None:
        """Show `bubble`; the same wamid again changes nothing."""
        with self.changing() as version:
            if bubble.wamid not in self.bubbles:
                bubble.order = bubble.version = version
                self._keep(bubble)

    def change(self, wamid: str, **fields: Any) -> Bubble | None:
        with self.changing() as version:
            bubble = self.bubbles.get(wamid)
            if bubble is not None:
                for name, value in fields.items():
                    setattr(bubble, name, value)
                bubble.version = version
            return bubble

    def touch(self, profile: Profile, **fields: Any) -> None:
        with self.changing():
            for name, value in fields.items():
                setattr(profile, name, value)

    def chat(self, chat: str) -> list[Bubble]:
        """Oldest first."""
        with self._lock:
            return sorted(self._chats.get(chat, []), key=lambda bubble: (bubble.timestamp, bubble.order))

    def snapshot(self, since: int) -> dict[str, Any]:
        """Customers, and the bubbles changed after version `since`, as plain JSON values."""
        with self._lock:
            newer = [asdict(bubble) for bubble in self.bubbles.values() if bubble.version > since]
            return {
                "version": self.version,
                "customers": [self._shown(profile) for profile in self.profiles.values()],
                "bubbles": sorted(newer, key=lambda bubble: (bubble["timestamp"], bubble["order"])),
            }

    def save(self) -> None:
        """Write the file when something changed since the last time."""
        if self._path is None:
            return
        with self._lock:
            if not self._dirty:
                return
            self._dirty = False
            state = {
                "version": self.version,
                "groups": self.groups,
                "profiles": [asdict(profile) for profile in self.profiles.values()],
                "bubbles": [asdict(bubble) for bubble in self.bubbles.values()],
            }
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(state))
        os.replace(fresh, self._path)

    def _load(self, state: dict[str, Any]) -> None:
        self.version, self.groups = state["version"], state["groups"]
        self.profiles = {one["id"]: Profile(**{**one, "open_until": 0}) for one in state["profiles"]}
        for one in state["bubbles"]:
            self._keep(Bubble(**one))

    def _keep(self, bubble: Bubble) -> None:
        chat = self._chats.setdefault(bubble.chat, [])
        chat.append(bubble)
        self.bubbles[bubble.wamid] = bubble
        if len(chat) > KEPT_PER_CHAT:
            del self.bubbles[chat.pop(0).wamid]

    def _shown(self, profile: Profile) -> dict[str, Any]:
        unread = sum(1 for bubble in self._chats.get(profile.id, []) if not bubble.mine and _is_new(bubble))
        return {**asdict(profile), "unread": unread, "chat_open": profile.chat_open}


def _is_new(bubble: Bubble) -> bool:
    return bubble.status in ("accepted", "sent", "delivered")
