"""Whatever happens to a chat, what is kept equals what one would count."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db_manager import Database, Transaction
from system import clock
from tests.builders import MEI, NOON, RAJ, inbound, message, post_webhook
from tests.features.chats.figures import assert_chips_are_counted, assert_kept_is_counted
from web.services import Services

_CHATS, _NUMBERS, _USERS = (1, 2, 3, 4), (1, 2), (None, 1, 2)
_COLUMNS = {
    "archived_at": st.sampled_from([None, 5]),
    "unread_count": st.integers(0, 2),
    "waiting_since": st.sampled_from([None, 7]),
    "last_message_id": st.sampled_from([None, 1]),
    "assignee_id": st.sampled_from(_USERS),
    "number_id": st.sampled_from(_NUMBERS),
}
_update = st.tuples(st.sampled_from(_CHATS), st.fixed_dictionaries({}, optional=_COLUMNS))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(_update, max_size=25), st.sets(st.sampled_from(_CHATS)))
def test_the_sums_of_the_chips_follow_any_statement(
    empty_database: Database, updates: list[tuple[int, dict[str, Any]]], deleted: set[int]
) -> None:
    def run(tx: Transaction) -> None:
        for table in ("conversations", "chat_counts", "numbers", "users"):
            tx.execute(f"DELETE FROM {table}")
        for number in _NUMBERS:
            tx.execute("INSERT INTO numbers (id, phone_number_id, created_at) VALUES (?, ?, 0)", (number, str(number)))
        for user in filter(None, _USERS):
            tx.execute("INSERT INTO users (id, email, name, role, created_at) VALUES (?, ?, 'U', 'agent', 0)", (user, f"{user}@x"))
        for chat in _CHATS:
            tx.execute(
                "INSERT INTO conversations (id, number_id, group_id, last_message_at, created_at) VALUES (?, 1, ?, 0, 0)",
                (chat, f"g{chat}"),
            )
        for chat, columns in updates:
            for column, value in columns.items():
                tx.execute(f"UPDATE conversations SET {column} = ? WHERE id = ?", (value, chat))
            assert_chips_are_counted(tx.connection)
        for chat in deleted:
            tx.execute("DELETE FROM conversations WHERE id = ?", (chat,))
        assert_chips_are_counted(tx.connection)

    empty_database.write(run)


def test_after_a_lively_day(services: Services, anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    with clock.freeze(NOON + 100):
        _a_day(anonymous, agent_client)
    with services.db.read() as connection:
        assert_kept_is_counted(connection)
    counts = agent_client.get("/api/chats/counts").get_json()
    assert (counts["all"], counts["unread"], counts["waiting"]) == (2, 1, 1)
    chat = agent_client.get(f"/api/chats?q={MEI}").get_json()["chats"][0]
    details = agent_client.get(f"/api/chats/{chat['id']}/details").get_json()
    assert details["counts"] == {"in": 3, "out": 1}
    assert details["first_message_at"] <= details["last_message_at"]


def _a_day(anonymous: FlaskClient, agent_client: FlaskClient) -> None:
    for number, sender in enumerate([MEI, RAJ, MEI, MEI]):
        post_webhook(anonymous, inbound(message(f"line {number}", sender=sender)))
    chat = agent_client.get("/api/chats").get_json()["chats"][0]
    newest = agent_client.get(f"/api/messages?conversation_id={chat['id']}").get_json()["messages"][-1]
    agent_client.post(f"/api/chats/{chat['id']}/read", json={"message_id": newest["id"]})
    agent_client.post("/api/send", json={"conversation_id": chat["id"], "client_msg_id": "a", "type": "text", "text": "yes"})
