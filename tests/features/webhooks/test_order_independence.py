"""Any order, any repeats, any grouping of the same events end in one same state."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db_manager import Database
from features.chats.list_queries import FILTERS, chats
from features.chats.presenting import chat_json
from features.messages.page_queries import newest_messages
from features.messages.presenting import messages_json
from features.webhooks.actions import deliver
from system import clock
from tests.builders import MEI, NOON, OUR_DISPLAY, RAJ, contact, envelope, message, status, value
from tests.features.chats.figures import assert_kept_is_counted
from web.viewing import View, Viewer

Part = dict[str, Any]


def _world() -> list[Part]:
    """Values of one change each: two customers, an echo with its statuses, edits, a revoke, reactions, an unknown status."""
    texts = [message(f"m{n}", sender=MEI, at=NOON + n // 2 * 2, wamid=f"wamid.m{n}") for n in range(5)]
    texts += [message("raj", sender=RAJ, at=NOON + 5, wamid="wamid.raj")]
    echo = {"id": "wamid.echo", "from": OUR_DISPLAY, "to": MEI, "timestamp": str(NOON + 3), "type": "text", "text": {"body": "hi"}}
    new_text = {"type": "text", "text": {"body": "second thought"}}
    third = {"type": "text", "text": {"body": "third thought"}}
    changes = [
        message(at=NOON + 20, wamid="wamid.e1", type="edit", edit={"original_message_id": "wamid.m1", "message": new_text}),
        message(at=NOON + 30, wamid="wamid.e2", type="edit", edit={"original_message_id": "wamid.m1", "message": third}),
        message(at=NOON + 25, wamid="wamid.r1", type="revoke", revoke={"original_message_id": "wamid.m2"}),
        message(at=NOON + 21, wamid="wamid.x1", type="reaction", reaction={"message_id": "wamid.echo", "emoji": "👍"}),
        message(at=NOON + 22, wamid="wamid.x2", type="reaction", reaction={"message_id": "wamid.echo", "emoji": "❤️"}),
        message(at=NOON + 23, wamid="wamid.x3", type="reaction", reaction={"message_id": "wamid.m0"}),
    ]
    errors = [{"code": 131026, "title": "Undeliverable"}]
    ticks = [status("wamid.echo", name, at=NOON + 5 + n) for n, name in enumerate(("sent", "delivered", "read"))]
    ticks += [status("wamid.echo", "failed", at=NOON + 6, errors=errors), status("wamid.nobody", "sent")]
    people = [contact(MEI, "Mei"), contact(RAJ, "Raj")]
    parts = [value(contacts=people, messages=[one]) for one in texts + changes]
    return parts + [value(statuses=[one]) for one in ticks] + [value(message_echoes=[echo])]


WORLD = _world()


def _field(part: Part) -> str:
    return "smb_message_echoes" if "message_echoes" in part else "messages"


def _state(bodies: list[bytes]) -> tuple[Any, int]:
    """What the inbox would show, without the row ids (they are the order of arrival)."""
    with tempfile.TemporaryDirectory() as folder, clock.freeze(NOON + 100):
        db = Database(Path(folder) / "chat_history.db").open()
        try:
            for body in bodies:
                deliver(db, body)
            with db.read() as connection:
                aside = connection.execute("SELECT count(*) FROM webhook_quarantine").fetchone()[0]
                assert_kept_is_counted(connection)
                rows = chats(View(connection, Viewer(1)), chosen="all", user_id=1, q="", digits="", before=None, limit=10)
                assert "all" in FILTERS
                shown = []
                for row in rows:
                    chat = chat_json(row)
                    page = messages_json(connection, newest_messages(connection, row["id"], 50))
                    shown.append((chat, page))
        finally:
            db.close()
    return _without_ids(shown), aside


def _without_ids(shown: list[tuple[Part, list[Part]]]) -> Any:
    state = {}
    for chat, page in shown:
        kept = {key: chat[key] for key in ("phone", "name", "unread_count", "waiting_since", "window_expires_at")}
        bubbles = sorted(
            (
                bubble["wamid"], bubble["text"], bubble["status"], bubble["edited_at"], bubble["deleted_at"], bubble["timestamp"],
                orjson.dumps([bubble["reactions"], bubble["error"], bubble["times"], bubble["revisions"]]).decode(),
            )
            for bubble in page
        )  # fmt: skip
        state[chat["phone"]] = (kept, bubbles)
    return state


def _body(group: list[Part]) -> bytes:
    """One POST; a field a change."""
    changes = [envelope(part, field=_field(part))["entry"][0]["changes"][0] for part in group]
    return orjson.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]})


EXPECTED = _state([_body([part]) for part in WORLD])


def test_the_sorted_order_shows_what_it_should() -> None:
    state, aside = EXPECTED
    assert aside == 0
    kept, bubbles = state[f"+{MEI}"]
    assert kept["unread_count"] == 1  # what came after somebody had answered on the phone
    by_wamid = {bubble[0]: bubble for bubble in bubbles}
    assert by_wamid["wamid.m1"][1] == "third thought"
    assert by_wamid["wamid.m2"][4] is not None
    assert by_wamid["wamid.echo"][2] == "read"
    assert "❤️" in by_wamid["wamid.echo"][6] and "👍" not in by_wamid["wamid.echo"][6]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.permutations(range(len(WORLD))), st.lists(st.integers(0, len(WORLD) - 1), max_size=12), st.lists(st.integers(1, 6)))
def test_any_order_with_repeats_and_regrouping_ends_the_same(order: list[int], repeats: list[int], sizes: list[int]) -> None:
    parts = [WORLD[index] for index in [*order, *repeats]]
    bodies, size = [], itertools.cycle(sizes or [1])
    while parts:
        taken = next(size)
        bodies.append(_body(parts[:taken]))
        parts = parts[taken:]
    assert _state(bodies) == EXPECTED
