"""What the outbox writes: the claim before a call, and one function for each way in which a call can end."""

from __future__ import annotations

from dataclasses import dataclass

from core import ids
from core.errors import RemoteError
from core.reason import Reason, define
from db_manager import Row, Transaction
from features.changes.actions import record
from features.chats import window
from features.contacts import actions as contacts
from features.messages import queries as messages_queries
from features.outbox import line, queries, statuses
from system import clock
from whatsapp_handler import Accepted, Action, Refused

GIVE_UP_S = 24 * 3600
NOT_SENT_DELAYS_S = (1, 5, 30, 120, 300, 900)
RETRY_DELAYS_S = (5, 30, 120, 300, 600)

define(
    {
        "outbox.window_closed": "The 24-hour window closed before this could be sent. Send a template instead.",
        "outbox.day_unreachable": "WhatsApp could not be reached for a day. {why}",
        "outbox.day_without_file": "The file could not be fetched for a day. {why}",
    }
)


@dataclass(frozen=True)
class Claim:
    """One message in the air."""

    message: Row
    recipient: str
    attempt_id: str
    attempts: int
    queued_at: int


def recover(tx: Transaction) -> None:
    """At start: what was in the air may have arrived. Never back into the queue."""
    for row in queries.interrupted(tx.connection):
        message_id = row["message_id"]
        queries.end_interrupted_attempts(tx.connection, message_id, clock.now())
        queries.set_unconfirmed(tx.connection, message_id)
        message = messages_queries.get_message(tx.connection, message_id)
        if message is None:
            continue
        if statuses.is_settled(message):
            queries.remove(tx.connection, message_id)  # a status was quicker than the answer
        else:
            messages_queries.set_plain_status(tx.connection, message_id, "unconfirmed")
            _announce(tx, message)
    queries.hurry(tx.connection, clock.now())  # the clock may have been set meanwhile
    line.put(tx, "ok")  # perhaps with a new token: let the queue find out


def claim(tx: Transaction) -> Claim | None:
    """Take the next message; this commit stands before the call. A window that has closed meanwhile fails it here."""
    now = clock.now()
    while (row := queries.claim_next(tx.connection, now)) is not None:
        message = messages_queries.get_message(tx.connection, row["message_id"])
        assert message is not None  # a foreign key holds them together
        attempt_id = ids.attempt_id()
        claimed = Claim(message, row["recipient"], attempt_id, row["attempts"], row["created_at"])
        to = queries.recipient_of(tx.connection, message["conversation_id"])
        if message["type"] != "template" and to and not window.is_open(
            to["last_inbound_at"], is_group=to["group_id"] is not None
        ):
            fail(tx, claimed, None, Reason("outbox.window_closed"))
            continue
        queries.start_attempt(tx.connection, attempt_id, message["id"], now)
        messages_queries.set_plain_status(tx.connection, message["id"], "sending")
        return claimed
    return None


def accept(tx: Transaction, claimed: Claim, accepted: Accepted) -> None:
    connection, message_id = tx.connection, claimed.message["id"]
    _end(tx, claimed, "accepted")
    queries.adopt_wamid(connection, claimed.attempt_id, accepted.wamid)
    messages_queries.replace_wamid(connection, message_id, accepted.wamid)
    queries.remove(connection, message_id)
    message = messages_queries.get_message(connection, message_id)
    if message and message["status"] in ("queued", "sending", "unconfirmed"):
        messages_queries.set_plain_status(connection, message_id, "accepted")
    statuses.apply_pending(tx, message_id, accepted.wamid)
    _learn_aliases(tx, claimed.message["conversation_id"], accepted)
    line.put(tx, "ok")
    _announce(tx, claimed.message)


def not_sent(tx: Transaction, claimed: Claim, error: RemoteError) -> None:
    """No byte left: try again, for a day at the most."""
    line.note_trouble(tx)
    _try_for_a_day(tx, claimed, error.reason, "outbox.day_unreachable")


def away(tx: Transaction, claimed: Claim, why: Reason) -> None:
    """Google Drive, which alone has the file, does not answer: no trouble of the line to WhatsApp."""
    _try_for_a_day(tx, claimed, why, "outbox.day_without_file")


def _try_for_a_day(tx: Transaction, claimed: Claim, why: Reason, in_the_end: str) -> None:
    if clock.now() - claimed.queued_at > GIVE_UP_S:
        fail(tx, claimed, None, Reason(in_the_end, why=why))
        return
    delay = NOT_SENT_DELAYS_S[min(claimed.attempts, len(NOT_SENT_DELAYS_S)) - 1]
    postpone(tx, claimed, delay, why)


def refused(tx: Transaction, claimed: Claim, error: Refused) -> None:
    """By the error table."""
    match error.action:
        case Action.RETRY if claimed.attempts <= error.rule.tries:
            delay = RETRY_DELAYS_S[min(claimed.attempts, len(RETRY_DELAYS_S)) - 1]
            postpone(tx, claimed, int(error.retry_after or delay), error.reason)
        case Action.HOLD_1:
            postpone(tx, claimed, min(4 ** min(claimed.attempts, 6), 3600), error.reason)
        case Action.PAUSE:
            is_probe = line.read(tx.connection).is_paused  # probing a locked account must not burn the queue row by row
            line.put(tx, "token_dead" if error.code in (0, 190) else "paused", error.reason, renew=True)
            if error.rule.fails_row and not is_probe:
                fail(tx, claimed, error.code, error.reason)
            else:
                postpone(tx, claimed, 1, error.reason, refund=True)
        case _:
            fail(tx, claimed, error.code, error.reason)


def unconfirmed(tx: Transaction, claimed: Claim, why: Reason) -> None:
    """It may have arrived. A status with our id settles it, else a person decides; later messages go on."""
    line.note_trouble(tx)
    _end(tx, claimed, "unconfirmed", why)
    if _settled_meanwhile(tx, claimed):
        return
    queries.set_unconfirmed(tx.connection, claimed.message["id"])
    messages_queries.set_plain_status(tx.connection, claimed.message["id"], "unconfirmed")
    _announce(tx, claimed.message)


def postpone(tx: Transaction, claimed: Claim, delay_s: int, why: Reason, *, refund: bool = False) -> None:
    """`refund`: the whole queue was held, so this try does not count against the message."""
    _end(tx, claimed, "not_sent", why)
    if _settled_meanwhile(tx, claimed):
        return
    queries.postpone(tx.connection, claimed.message["id"], clock.now() + delay_s, int(refund))
    messages_queries.set_plain_status(tx.connection, claimed.message["id"], "queued")
    _announce(tx, claimed.message)


def fail(tx: Transaction, claimed: Claim, code: int | None, why: Reason) -> None:
    _end(tx, claimed, "refused", why)
    if _settled_meanwhile(tx, claimed):
        return
    queries.remove(tx.connection, claimed.message["id"])
    message = messages_queries.get_message(tx.connection, claimed.message["id"])
    if message:
        statuses.learn(tx, message, [statuses.Fact("failed", clock.now(), code, why.stored())])


def _settled_meanwhile(tx: Transaction, claimed: Claim) -> bool:
    """While this call was in the air a status told what became of it, or of an earlier attempt: nothing is due any more."""
    message = messages_queries.get_message(tx.connection, claimed.message["id"])
    if message is None or not statuses.is_settled(message):
        return False
    queries.remove(tx.connection, message["id"])
    return True


def _end(tx: Transaction, claimed: Claim, outcome: str, why: Reason | None = None) -> None:
    queries.end_attempt(
        tx.connection,
        claimed.attempt_id,
        {"outcome": outcome, "error": why.stored() if why else None, "ended_at": clock.now()},
    )


def _learn_aliases(tx: Transaction, conversation_id: int, accepted: Accepted) -> None:
    to = queries.recipient_of(tx.connection, conversation_id)
    if to is None or to["group_id"] or to["contact_id"] is None:
        return
    if accepted.wa_id and accepted.wa_id.isdigit() and accepted.wa_id != to["phone"]:
        contacts.learn_alias(tx, to["contact_id"], "phone", accepted.wa_id)
    if accepted.user_id:
        contacts.learn_alias(tx, to["contact_id"], "bsuid", accepted.user_id)


def _announce(tx: Transaction, message: Row) -> None:
    record(
        tx, "message.updated", "live", conversation_id=message["conversation_id"], message_id=message["id"]
    )
