"""Answers to our interactive messages: buttons, lists, forms, permission to call."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from core.text import one_line
from integrations.whatsapp.values import Json, integer, line, mapping, present, scrubbed, string

Reply = tuple[str, Json]  # what the customer chose or wrote, payload
_LONGEST = 300


def interactive_reply(found: Json) -> Reply:
    """`found` is the `interactive` object; of a kind that we do not know, its title."""
    kind = line(found.get("type"), 60) or next((key for key in _KINDS if key in found), "")
    reply = mapping(found.get(kind))
    if kind in _KINDS:
        return _KINDS[kind](reply)
    return line(reply.get("title")), present({"kind": kind, "response": reply})


def _chosen(kind: str) -> Callable[[Json], Reply]:
    def read(reply: Json) -> Reply:
        title = line(reply.get("title"))
        description = line(reply.get("description"))
        payload = {"kind": kind, "id": string(reply.get("id")), "title": title, "description": description}
        return title, present(payload)

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
    return _written(response), present(described)


def _cleaned(value: Any) -> Json:
    clean = scrubbed(value)
    if isinstance(clean, dict):
        return clean
    return {} if clean is None else {"answer": clean}


def _written(response: Json) -> str:
    """What was written into the form; what was ticked there is in the payload alone."""
    values = mapping(response.get("values")) or response
    answers = [value if isinstance(value, list) else [value] for key, value in values.items() if key != "flow_token"]
    return one_line(", ".join(said for parts in answers for part in parts if (said := line(part, 100))), _LONGEST)


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
    return "", payload


_KINDS: dict[str, Callable[[Json], Reply]] = {
    "button_reply": _chosen("button_reply"),
    "list_reply": _chosen("list_reply"),
    "nfm_reply": _form,
    "call_permission_reply": _call_permission,
}
