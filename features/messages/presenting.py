"""A message as JSON: one shape for the first page, a poll, a push and an answer alike."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import orjson

from core import phone
from core.reason import read
from core.text import one_line
from db_manager import Connection, Row
from features.contacts.naming import called
from features.google_account import actions as google
from features.media import actions as media
from features.messages import page_queries, summaries
from system import clock
from web import guards
from web.viewing import View
from web.words import t, word_if

Json = dict[str, Any]
_PREVIEW = 200


def messages_json(connection: Connection, rows: list[Row], *, links: bool | None = None) -> list[Json]:
    """Oldest first is the caller's order; everything beside the rows is fetched once for the page.

    `links`: into Google Drive; None: if the person who asks may see them.
    """
    ids = [row["id"] for row in rows]
    wamids = [row["wamid"] for row in rows if row["wamid"]]
    files = {row["message_id"]: row for row in page_queries.media_of_messages(connection, ids)} if ids else {}
    quotes = _quotes(connection, rows)
    reactions = _reactions(connection, wamids)
    versions = _versions(connection, {row["wamid"]: row["type"] for row in rows if row["edited_at"] and row["wamid"]})
    if links is None:
        links = google.sees_links(connection, guards.viewer())
    return [
        _message_json(
            row,
            _file(files.get(row["id"]), links),
            quotes.get(row["context_wamid"]),
            reactions.get(row["wamid"], []),
            versions.get(row["wamid"], []),
        )
        for row in rows
    ]


def one_message_json(view: View, message_id: int) -> Json | None:
    row = page_queries.message(view, message_id)
    return messages_json(view.connection, [row])[0] if row else None


def _file(row: Row | None, links: bool) -> Json | None:
    return media.as_json(row, links=links) if row else None


def _message_json(row: Row, file: Json | None, quote: Row | None, reactions: list[Json], versions: list[Json]) -> Json:
    is_ours = row["direction"] == "out"
    is_failed = row["status"] == "failed"
    return {
        "id": row["id"],
        "conversation_id": row["conversation_id"],
        "wamid": row["wamid"],
        "client_msg_id": row["client_msg_id"],
        "direction": row["direction"],
        "type": row["type"],
        "text": summaries.shown(row["type"], row["text"], row["payload"]),
        "media": file,
        "payload": orjson.loads(row["payload"]) if row["payload"] else None,
        "context": _context(row, quote),
        "quoted": _quote_json(quote) if quote else None,
        "forwarded": row["forwarded"],
        "reactions": reactions,
        "timestamp": clock.iso(row["timestamp"]),
        "status": row["status"],
        "error": {"code": row["error_code"], "message": _why_failed(row)}
        if is_failed
        else None,
        "edited_at": clock.iso(row["edited_at"]),
        "deleted_at": clock.iso(row["deleted_at"]),
        "sender": {"id": row["user_id"], "name": row["user_name"]} if row["user_id"] else None,
        "contact": {"id": row["contact_id"], "name": called(row["writer_name"], row["contact_id"])}
        if row["contact_id"] and not is_ours
        else None,
        "origin": row["origin"],
        "delivered_twice": bool(row["delivered_twice"]),
        "times": {
            name: clock.iso(row[name]) for name in ("sent_at", "delivered_at", "read_at", "played_at", "failed_at")
        },
        "revisions": versions,
    }


def _why_failed(row: Row) -> str:
    return word_if(read(row["error_message"])) or t("This message was not delivered.")


def _context(row: Row, quote: Row | None) -> Json | None:
    if not row["context_wamid"]:
        return None
    return {"wamid": row["context_wamid"], "message_id": quote["id"] if quote else None}


def _quotes(connection: Connection, rows: list[Row]) -> dict[str, Row]:
    """Only of the same conversation: `context` comes from outside and must not open another customer's chat."""
    wamids = sorted({row["context_wamid"] for row in rows if row["context_wamid"]})
    if not wamids:
        return {}
    own = {row["conversation_id"] for row in rows}
    return {row["wamid"]: row for row in page_queries.quoted(connection, wamids) if row["conversation_id"] in own}


def _quote_json(quote: Row) -> Json:
    name = quote["user_name"]
    if quote["direction"] != "out":
        name = called(quote["writer_name"], quote["contact_id"]) if quote["contact_id"] else None
    return {
        "message_id": quote["id"],
        "wamid": quote["wamid"],
        "direction": quote["direction"],
        "type": quote["type"],
        "text": one_line(summaries.shown(quote["type"], quote["text"], quote["payload"]), _PREVIEW),
        "name": name,
        "media_type": quote["media_type"],
    }


def _reactions(connection: Connection, wamids: list[str]) -> dict[str, list[Json]]:
    """The last reaction of each sender, without those taken back."""
    if not wamids:
        return {}
    last: dict[tuple[str, str], Row] = {}
    for row in page_queries.reactions(connection, wamids):
        last[row["target_wamid"], row["sender"]] = row
    shown: dict[str, list[Json]] = defaultdict(list)
    for (target, sender), row in last.items():
        if row["emoji"]:
            is_ours = sender == "business"
            name = t("You") if is_ours else called(row["name"], row["contact_id"])
            who = "us" if is_ours else (phone.e164(row["phone"]) if row["phone"] else name)
            shown[target].append({"emoji": row["emoji"], "from": who, "name": name})
    return shown


def _versions(connection: Connection, kinds: dict[str, str]) -> dict[str, list[Json]]:
    """Older texts of edited messages, by wamid; the newest is the message's own."""
    if not kinds:
        return {}
    found: dict[str, list[Json]] = defaultdict(list)
    for row in page_queries.revisions(connection, list(kinds)):
        text = summaries.shown(kinds[row["original_wamid"]], row["text"], row["payload"])
        found[row["original_wamid"]].append({"text": text, "timestamp": clock.iso(row["timestamp"])})
    return {wamid: versions[:-1] for wamid, versions in found.items()}
