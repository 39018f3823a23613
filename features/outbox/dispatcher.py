"""A reply's second half: rows leave in order per recipient, never lost, never sent twice by themselves.

`sending` is committed before the call. A certain "no" is retried by the error table; whatever is not certain becomes
`unconfirmed` and waits for a status that carries our id, or for a person. What is written then: outcomes.py.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from core.errors import RemoteError, StorageError
from core.reason import Reason, define, verbatim
from db_manager import Transaction
from features.chats import queries as chats_queries
from features.outbox import line, outcomes, queries
from features.outbox.content import ContentAway, ContentGone, content_of
from features.outbox.outcomes import Claim
from runtime.modes import NOT_LOCKED
from runtime.worker import Worker
from system import clock
from web.services import Services
from whatsapp_handler import Action, NotSent, Recipient, Refused, build_message

log = logging.getLogger("inbox.outbox")

POOL = 4
LONGEST_FAREWELL_S = 3  # gunicorn allows 5 s
PROBE_S = 15  # a paused queue lets one message try this often: a mended token needs no button
STORAGE_DELAY_S = 5
FIRST_HOLD_S = 6  # doubles up to the rule's seconds; a first retry comes within 10 s

define(
    {
        "outbox.answer_lost": "The answer of WhatsApp could not be kept.",
        "outbox.storage": "The message store cannot be written right now.",
        "outbox.not_prepared": "This message could not be prepared ({name}).",
        "outbox.number_gone": "The number that this chat belongs to is not connected any more.",
        "outbox.no_address": "There is no address to send this to.",
    }
)


class Outbox(Worker):
    """One dispatcher, a pool of four callers: one hanging call stalls one recipient only."""

    name = "outbox"
    modes = NOT_LOCKED
    shortest_wait_s = 1.0
    farewell_s = 5.0

    def __init__(self, parts: Services) -> None:
        super().__init__(parts)
        self._slots = threading.Semaphore(POOL)
        self._pool = ThreadPoolExecutor(POOL, thread_name_prefix="outbox")
        self._held_until = 0.0  # monotonic: Meta asked for a pause of the whole queue
        self._holds = 0
        self._in_the_air = 0
        self._landed = threading.Condition()
        self._recovered = False

    def stop(self) -> None:
        """Nothing new leaves; calls in the air get a while to end (what a kill interrupts becomes `unconfirmed`)."""
        super().stop()
        with self._landed:
            self._landed.wait_for(lambda: not self._in_the_air, LONGEST_FAREWELL_S)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def turn(self) -> float:
        """Start every message that may leave now."""
        if not self._recovered:  # here, and again: a start while the disk is full or locked must not fail
            self._parts.db.write(outcomes.recover)
            self._recovered = True
        while not self._stopping.is_set():
            if (held := self._held_until - time.monotonic()) > 0:
                return min(held, self.longest_wait_s)
            if not self._slots.acquire(blocking=False):
                return self.longest_wait_s  # a caller that ends sets the signal
            claim = None
            try:
                claim = self._claim()
            finally:
                if claim is None:
                    self._slots.release()
            if claim is None:
                break
            self._submit(lambda taken=claim: self._carry(taken))  # type: ignore[misc]
        self._tell_reads()
        with self._parts.db.read() as connection:
            return self.until(queries.next_due(connection))

    def _claim(self) -> Claim | None:
        with self._parts.db.read() as connection:
            due = queries.next_due(connection)
            state = line.read(connection)
        if due is None or due > clock.now():
            return None
        # Not `now < since + PROBE_S`: a clock that was set back would stop the probes.
        if state.is_paused and (self._in_the_air or 0 <= clock.now() - state.since < PROBE_S):
            return None
        return self._parts.db.write(outcomes.claim)

    def _submit(self, work: Callable[[], None]) -> None:
        """Needs a slot; gives it back, and wakes the dispatcher, when `work` has ended."""

        def run() -> None:
            try:
                work()
            except Exception:
                log.exception("a call in the outbox stumbled")
            finally:
                with self._landed:
                    self._in_the_air -= 1
                    self._landed.notify_all()
                self._slots.release()
                self._signal.set()

        with self._landed:
            self._in_the_air += 1
        self._pool.submit(run)

    # ------------------------------------------------------------ the call

    def _carry(self, claimed: Claim) -> None:
        conclude = self._call(claimed)
        try:
            self.persist(conclude)
        except StorageError:
            raise  # stopping: the next start calls it unconfirmed
        except Exception:  # an answer that cannot be kept must not block this recipient until the next start
            log.exception("an answer could not be kept")
            self.persist(_then(outcomes.unconfirmed, claimed, Reason("outbox.answer_lost")))

    def _call(self, claimed: Claim) -> Callable[[Transaction], None]:
        """Make the call and say what it means. Once the request may have left, every surprise is `unconfirmed`."""
        try:
            body = self._body(claimed)
        except ContentAway as error:
            return _then(outcomes.away, claimed, error.reason)
        except ContentGone as error:
            return _then(outcomes.fail, claimed, None, error.reason)
        except Refused as error:  # the upload was refused; the message itself has not been tried
            return self._refused(claimed, error)
        except RemoteError as error:
            return _then(outcomes.not_sent, claimed, error)
        except StorageError:
            return _then(outcomes.postpone, claimed, STORAGE_DELAY_S, Reason("outbox.storage"), refund=True)
        except Exception as error:
            log.exception("a message could not be built")
            return _then(outcomes.fail, claimed, None, Reason("outbox.not_prepared", name=type(error).__name__))
        try:
            accepted = self._parts.clients.whatsapp.send(body)
        except NotSent as error:
            return _then(outcomes.not_sent, claimed, error)
        except Refused as error:
            return self._refused(claimed, error)
        except Exception as error:  # Ambiguous, and whatever else: it may have arrived
            why = error.reason if isinstance(error, RemoteError) else verbatim(str(error))
            return _then(outcomes.unconfirmed, claimed, why)
        self._holds = 0
        return _then(outcomes.accept, claimed, accepted)

    def _body(self, claimed: Claim) -> dict[str, Any]:
        message = claimed.message
        with self._parts.db.read() as connection:
            to = queries.recipient_of(connection, message["conversation_id"])
        if to is not None and to["phone_number_id"] != self._parts.clients.whatsapp.phone_number_id:
            raise ContentGone(Reason("outbox.number_gone"))
        if to is None or not (to["group_id"] or to["phone"] or to["user_id"]):
            raise ContentGone(Reason("outbox.no_address"))
        recipient = Recipient(phone=to["phone"], user_id=to["user_id"], group_id=to["group_id"])
        return build_message(
            recipient,
            content_of(self._parts, message),
            context_wamid=message["context_wamid"],
            callback_data=claimed.attempt_id,
        )

    def _refused(self, claimed: Claim, error: Refused) -> Callable[[Transaction], None]:
        if error.action is Action.HOLD:
            self._holds += 1
            wait = error.retry_after or min(error.rule.seconds or 60, FIRST_HOLD_S * 2 ** (self._holds - 1))
            self._held_until = time.monotonic() + wait * random.uniform(1.0, 1.2)
            return _then(outcomes.postpone, claimed, int(wait), error.reason, refund=True)
        return _then(outcomes.refused, claimed, error)

    def _tell_reads(self) -> None:
        """Blue ticks, when the owner wants the customer to have them. Losing one costs nothing: the next covers it."""
        with self._parts.db.read() as connection:
            rows = chats_queries.reads_to_tell(connection, POOL)
        for row in rows:
            if not self._slots.acquire(blocking=False):
                return
            self._parts.db.write(chats_queries.told_read, row["id"], row["read_to_tell"])
            self._submit(lambda wamid=row["read_to_tell"]: self._tell_read(wamid))  # type: ignore[misc]

    def _tell_read(self, wamid: str) -> None:
        try:
            self._parts.clients.whatsapp.mark_read(wamid)
        except RemoteError as error:
            log.info("a read mark was not taken", extra={"reason": str(error)})


def _then(outcome: Callable[..., None], *args: Any, **kwargs: Any) -> Callable[[Transaction], None]:
    return lambda tx: outcome(tx, *args, **kwargs)
