"""Answers to our interactive messages: buttons, lists, forms, permission to call."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from core.text import one_line
from integrations.whatsapp.summaries import SUMMARIES, say
from integrations.whatsapp.values import Json, integer, line, mapping, present, scrubbed, string

Reply = tuple[str, Json]  # what to show, payload
_ANSWER_LENGTH = 300


def interactive_reply(found: Json) -> Reply:
    """`found` is the `interactive` object; a kind that we do not know is shown by its title."""
    kind = line(found.get("type"), 60) or next((key for key in _KINDS if key in found), "")
    reply = mapping(found.get(kind))
    if kind in _KINDS:
        return _KINDS[kind](reply)
    shown = line(reply.get("title")) or say("interactive.other", kind=kind or "interactive")
    return shown, present({"kind": kind, "response": reply})


def _chosen(kind: str, empty: str) -> Callable[[Json], Reply]:
    def read(reply: Json) -> Reply:
        title = line(reply.get("title"))
        description = line(reply.get("description"))
        payload = {"kind": kind, "id": string(reply.get("id")), "title": title, "description": description}
        return title or say(empty), present(payload)

    return read


def _form(reply: Json) -> Reply:
    raw = reply.get("response_json")
    try:
        answered = json.loads(raw) if isinstance(raw, str) else raw
    except (ValueError, RecursionError):
        answered = raw
    # Read a second time from inside a string: the cleaning of the whole body could not see into it.
    response = _cleaned(answered)
    name = line(reply.get("name"))
    described = {"kind": "nfm_reply", "title": name, "description": line(reply.get("body")), "response": response}
    payload = present(described)
    is_address = name == "address_message"
    answers = _answers_line(mapping(response.get("values")) if is_address and response.get("values") else response)
    if not answers:
        return say("flow.bare"), payload
    return say("address" if is_address else "flow", answers=answers), payload


def _cleaned(value: Any) -> Json:
    clean = scrubbed(value)
    if isinstance(clean, dict):
        return clean
    return {} if clean is None else {"answer": clean}


def _answers_line(response: Json) -> str:
    parts = []
    for key, value in response.items():
        if key == "flow_token" or isinstance(value, dict):
            continue
        shown = ", ".join(line(item, 100) for item in value) if isinstance(value, list) else _plain(value)
        if shown:
            parts.append(f"{line(key, 60)}: {shown}")
    return one_line(", ".join(parts), _ANSWER_LENGTH)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, float) else line(value)


def _call_permission(reply: Json) -> Reply:
    answer = line(reply.get("response"))
    payload = {
        "kind": "call_permission_reply",
        "id": answer,
        "response": present(
            {
                "response": answer,
                "expiration_timestamp": integer(reply.get("expiration_timestamp")),
                "response_source": line(reply.get("response_source")),
                "is_permanent": reply.get("is_permanent") is True,
            }
        ),
    }
    key = f"call_permission.{answer}"
    return say(key if key in SUMMARIES else "call_permission"), payload


_KINDS: dict[str, Callable[[Json], Reply]] = {
    "button_reply": _chosen("button_reply", "button.empty"),
    "list_reply": _chosen("list_reply", "list.empty"),
    "nfm_reply": _form,
    "call_permission_reply": _call_permission,
}
