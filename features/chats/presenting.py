"""A chat as JSON: one shape for the list, one chat, a poll and a push alike."""

from __future__ import annotations

from typing import Any

from core import phone
from core.errors import NotFound
from core.text import one_line
from db_manager import Row
from features.chats import list_queries, window
from features.contacts.naming import called
from features.messages import summaries
from system import clock
from web.viewing import View
from web.words import t

Json = dict[str, Any]
_PREVIEW = 200


def one_chat_json(view: View, chat_id: int) -> Json:
    """Raises NotFound."""
    row = list_queries.chat(view, chat_id)
    if row is None:
        raise NotFound("There is no such conversation.")
    return chat_json(row)


def chat_json(row: Row) -> Json:
    is_group = row["group_id"] is not None
    name, source = _name(row, is_group)
    return {
        "id": row["id"],
        "kind": "group" if is_group else "person",
        "phone": phone.e164(row["phone"]) if row["phone"] else None,
        "username": row["username"],
        "name": name,
        "name_source": source,
        "unread_count": row["unread_count"],
        "waiting_since": clock.iso(row["waiting_since"]),
        "window_expires_at": clock.iso(window.closes_at(row["last_inbound_at"])),
        "window_open": window.is_open(row["last_inbound_at"], is_group=is_group),
        "archived_at": clock.iso(row["archived_at"]),
        "assignee": {"id": row["assignee_id"], "name": row["assignee_name"]} if row["assignee_id"] else None,
        "contact_id": row["contact_id"],
        "group_id": row["group_id"],
        "last_message": _preview(row) if row["message_id"] else None,
    }


def _name(row: Row, is_group: bool) -> tuple[str, str]:
    if is_group:
        return row["subject"] or t("Group {number}", number=str(row["group_id"])[-4:]), "group"
    for source in ("sheet", "typed", "google", "profile"):
        if row[f"{source}_name"]:
            return row[f"{source}_name"], source
    if row["username"]:
        return f"@{row['username']}", "username"
    if row["phone"]:
        return phone.pretty(row["phone"]), "phone"
    return called(row["shown_name"], row["contact_id"]), "phone"


def _preview(row: Row) -> Json:
    return {
        "id": row["message_id"],
        "text": one_line(summaries.shown(row["type"], row["text"], row["payload"]), _PREVIEW) or _file_in_words(row),
        "type": row["type"],
        "direction": row["direction"],
        "status": row["status"],
        "timestamp": clock.iso(row["timestamp"]),
        "sender": {"id": row["sender_id"], "name": row["sender_name"]} if row["sender_id"] else None,
        "contact": {"id": row["writer_id"], "name": called(row["writer_name"], row["writer_id"])} if row["writer_id"] else None,
        "media": {
            "mime_type": row["mime_type"],
            "filename": row["filename"],
            "voice": bool(row["voice"]),
            "duration_ms": row["duration_ms"],
        }
        if row["media_id"]
        else None,
        "deleted_at": clock.iso(row["deleted_at"]),
    }


def _file_in_words(row: Row) -> str:
    """A file without a caption must not leave the list blank."""
    words = {
        "image": t("Photo"),
        "video": t("Video"),
        "audio": t("Voice message") if row["voice"] else t("Audio"),
        "sticker": t("Sticker"),
    }
    return words.get(row["type"]) or one_line(row["filename"] or "", _PREVIEW) or t("Document")
