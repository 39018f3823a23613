"""An invented customer's phone: each verb does what a hand on WhatsApp does and sends the webhook that Meta would."""

from __future__ import annotations

from typing import Any

from sandbox.payloads import echo_value, make_wamid, message, messages_value, status_value
from sandbox.sending import report
from sandbox.state import MetaState
from sandbox.world import Bubble, Profile
from system import clock

Json = dict[str, Any]
_MEDIA_TYPES = {"image": "image", "video": "video", "audio": "audio"}


class Customer:
    """Verbs give the wamid of the message. `at` (unix s) and `wamid` are for seeds and tests of order."""

    def __init__(self, double: MetaState, profile: Profile) -> None:
        self.double = double
        self.profile = profile

    def write(self, text: str, **more: Any) -> str:
        """`quote`, `referral`, `group` and the keywords of `_send`."""
        return self._send("text", {"body": text}, text=text, **more)

    def send_file(
        self, data: bytes, mime_type: str, *, caption: str = "", filename: str | None = None, voice: bool = False,
        kind: str | None = None, media_id: str | None = None, **more: Any,
    ) -> str:
        """A photo, video, sound, sticker or document, by its type unless `kind` says otherwise."""
        kind = kind or _MEDIA_TYPES.get(mime_type.split("/")[0], "document")
        item = self.double.shelf.add(data, mime_type, filename=filename, id=media_id)
        content: Json = {"id": item.id, "mime_type": item.mime_type, "sha256": item.sha256_base64}
        content["url"] = self.double.url + self.double.shelf.address(item.id)
        if caption and kind not in ("audio", "sticker"):
            content["caption"] = caption
        if kind == "document" and filename:
            content["filename"] = filename
        if kind == "audio":
            content["voice"] = voice
        if kind == "sticker":
            content["animated"] = False
        bubble = {"media_id": item.id, "filename": filename, "mime_type": mime_type.split(";")[0], "voice": voice}
        return self._send(kind, content, text=caption, bubble=bubble, **more)

    def send_location(self, latitude: float, longitude: float, name: str = "", address: str = "", **more: Any) -> str:
        content: Json = {"latitude": latitude, "longitude": longitude}
        content |= {key: value for key, value in (("name", name), ("address", address)) if value}
        return self._send("location", content, text=f"📍 {name or f'{latitude}, {longitude}'}", **more)

    def send_contact(self, name: str, phone: str, **more: Any) -> str:
        first, _, last = name.partition(" ")
        names = {"formatted_name": name, "first_name": first, **({"last_name": last} if last else {})}
        card = {"name": names, "phones": [{"phone": f"+{phone}", "wa_id": phone, "type": "CELL"}], "origin": "other"}
        return self._send("contacts", [card], text=f"👤 {name}", **more)

    def order(self, items: list[tuple[str, int, float]], note: str = "", **more: Any) -> str:
        """`items`: (product, quantity, price in HKD)."""
        products = [
            {"product_retailer_id": product, "quantity": quantity, "item_price": price, "currency": "HKD"}
            for product, quantity, price in items
        ]
        content = {"catalog_id": "400000000000001", "text": note, "product_items": products}
        return self._send("order", content, text=f"🛒 {len(items)} × {note}".strip(), **more)

    def press(self, target: str, label: str, **more: Any) -> str:
        """A quick reply button of a template."""
        return self._send("button", {"payload": label, "text": label}, text=label, quote=target, **more)

    def react(self, target: str, emoji: str, **more: Any) -> str:
        """Again with another emoji changes it, "" takes it away."""
        content = {"message_id": target, "emoji": emoji} if emoji else {"message_id": target}
        bubble = self.double.world.bubbles.get(target)
        if bubble is not None:
            others = {who: one for who, one in bubble.reactions.items() if who != "customer"}
            self.double.world.change(target, reactions={**others, "customer": emoji} if emoji else others)
        return self._emit("reaction", content, **more)

    def edit(self, target: str, text: str, **more: Any) -> str:
        """A text, or the caption of a file."""
        before = self.double.world.bubbles.get(target)
        kind = before.type if before else "text"
        content: Json = {"body": text}
        if before is not None and before.media_id:
            item = self.double.shelf.get(before.media_id)
            content = {"id": item.id, "mime_type": item.mime_type, "sha256": item.sha256, "caption": text}
        inner = {"context": {"id": "M0"}, "type": kind, kind: content}  # Meta's dummy context
        self.double.world.change(target, text=text, edited=True)
        return self._emit("edit", {"original_message_id": target, "message": inner}, **more)

    def revoke(self, target: str, **more: Any) -> str:
        self.double.world.change(target, text="", deleted=True, media_id=None)
        return self._emit("revoke", {"original_message_id": target}, **more)

    def receive_echo(
        self, text: str, *, at: int | None = None, wamid: str | None = None, status: str = "read",
        data: bytes | None = None, mime_type: str = "application/pdf", filename: str | None = None,
    ) -> str:
        """What the business wrote on its own phone: an echo webhook, and the statuses up to `status`."""
        wamid, at, double = wamid or make_wamid(), at or clock.now(), self.double
        bubble = Bubble(wamid, self.profile.id, False, "text", text, at, status)
        content: Json = {"body": text}
        if data is not None:
            item = double.shelf.add(data, mime_type, filename=filename)
            bubble.type, bubble.media_id, bubble.mime_type, bubble.filename = "document", item.id, mime_type, filename
            content = {"id": item.id, "mime_type": mime_type, "sha256": item.sha256_base64, "filename": filename}
            content["caption"] = text
        double.world.put(bubble)
        echo = echo_value(double.credentials, self.profile, wamid, bubble.type, content, at)
        double.courier.post("smb_message_echoes", echo)
        for later, step in enumerate(("sent", "delivered", "read"), start=1):
            value = status_value(double.credentials, self.profile, bubble, step, at + later)
            double.courier.post("messages", value)
            if step == status:
                break
        return wamid

    def send_raw(self, type: str, content: Any, **extra: Any) -> str:
        """Any message at all (unsupported, system, what Meta invents next); shown on no phone."""
        return self._emit(type, content, **extra)

    def open_chat(self, seconds: int = 86_400) -> None:
        """The phone looks at our chat: what is there is read, and what comes within `seconds` is read at once."""
        self.double.world.touch(self.profile, open_until=clock.now() + seconds)
        self.read()

    def close_chat(self) -> None:
        self.double.world.touch(self.profile, open_until=0)

    def read(self) -> None:
        """Blue ticks for everything that arrived."""
        for bubble in self.double.world.chat(self.profile.id):
            if not bubble.mine and bubble.status in ("sent", "delivered"):
                self._status(bubble, "read")

    def play(self, wamid: str) -> None:
        bubble = self.double.world.bubbles[wamid]
        if not bubble.mine and bubble.voice:
            self._status(bubble, "played")

    def _status(self, bubble: Bubble, status: str) -> None:
        changes = report(self.double, self.profile, bubble, status)
        if changes:
            self.double.courier.post_later(lambda: changes)

    def _send(
        self, type: str, content: Any, *, text: str, at: int | None = None, wamid: str | None = None,
        quote: str | None = None, group: str | None = None, bubble: Json | None = None, **extra: Any,
    ) -> str:
        """A message with a bubble. It opens the 24-hour window."""
        wamid, at = wamid or make_wamid(), at or clock.now()
        world, profile = self.double.world, self.profile
        world.put(
            Bubble(
                wamid, group or profile.id, True, type, text, at, author=profile.id, quoted=quote, **(bubble or {})
            )
        )
        if group is None:
            world.touch(profile, wrote_at=max(at, profile.wrote_at or 0))
        return self._emit(type, content, at=at, wamid=wamid, quote=quote, group=group, **extra)

    def _emit(
        self, type: str, content: Any, *, at: int | None = None, wamid: str | None = None,
        quote: str | None = None, group: str | None = None, **extra: Any,
    ) -> str:
        wamid = wamid or make_wamid()
        credentials = self.double.credentials
        quoted = self.double.world.bubbles.get(quote) if quote else None
        written_by_us = quoted is None or not quoted.mine
        quoted_from = credentials.display_phone_number if written_by_us else self.profile.phone or self.profile.user_id
        entry = message(
            self.profile, wamid, type, content, at=at or clock.now(), quoted=quote, quoted_from=quoted_from,
            group_id=group, **extra,
        )
        self.double.courier.post("messages", messages_value(credentials, self.profile, entry))
        return wamid
