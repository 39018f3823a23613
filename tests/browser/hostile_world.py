"""An inbox in which every field that a customer or a colleague can fill holds each of the hostile strings."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import requests

from core.text import clean_name
from db_manager import Database
from features.accounts import actions, staff
from features.accounts.audit import note
from features.accounts.queries import user_by_email
from features.accounts.sessions import Sessions
from sandbox import payloads
from sandbox.world import Profile
from tests.browser.conftest import Inbox
from tests.builders import sign
from tests.hostile_strings import STRINGS
from web.guards import User

Json = dict[str, Any]

CARRIERS = 5  # chats that carry the kinds of messages, a fifth of the strings each: what one page of a chat can hold
AT_ONCE = 40  # messages a delivery
AT_ONCE_IN_A_TEMPLATE = 8


class World:
    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.credentials = inbox.graph.credentials
        self._seconds = count(int(time.time()) - 3600)
        self.people = [Profile(f"8526500{number:04}", text, f"HK.{number}", f"8526500{number:04}", None) for number, text in enumerate(STRINGS)]
        step = len(STRINGS) // CARRIERS
        self.shares = [STRINGS[start : start + step] for start in range(0, len(STRINGS), step)]
        self.carriers = [
            Profile(f"8525100{number:04}", share[0], f"HK.carrier{number}", f"8525100{number:04}", None)
            for number, share in enumerate(self.shares)
        ]

    def deliver(self, changes: Iterable[tuple[str, Json]]) -> None:
        waiting = list(changes)
        for start in range(0, len(waiting), AT_ONCE):
            raw = payloads.envelope(self.credentials, waiting[start : start + AT_ONCE])
            headers = sign(raw, self.credentials.app_secret)
            assert requests.post(f"{self.inbox.url}/webhook/whatsapp", raw, headers=headers, timeout=20).status_code == 200

    def message(self, who: Profile, type: str, content: Any, *, wamid: str | None = None, **extra: Any) -> tuple[str, Json]:
        entry = payloads.message(who, wamid or payloads.make_wamid(), type, content, at=next(self._seconds), **extra)
        return "messages", payloads.messages_value(self.credentials, who, entry)

    def written_now(self, who: Profile, text: str) -> tuple[str, Json]:
        """Just written: browsers ring."""
        entry = payloads.message(who, payloads.make_wamid(), "text", {"body": text}, at=int(time.time()))
        return "messages", payloads.messages_value(self.credentials, who, entry)

    # ------------------------------------------------------------ customers

    def names_and_subjects(self) -> Iterator[tuple[str, Json]]:
        """A chat and a group for each string: name of the person, subject of the group, the text itself."""
        for number, (who, text) in enumerate(zip(self.people, STRINGS, strict=True)):
            yield "group_lifecycle_update", payloads.group_value(self.credentials, f"group{number}", text)
            yield self.message(who, "text", {"body": text}, group_id=f"group{number}")
            yield self.message(who, "text", {"body": text})

    def messages(self) -> Iterator[tuple[str, Json]]:
        """Of every kind that has words in it, in the carriers' chats."""
        file = self.inbox.graph.shelf.add(b"%PDF-1.4 nothing", "application/pdf")
        document = {"id": file.id, "mime_type": file.mime_type, "sha256": file.sha256_base64}
        for who, share in zip(self.carriers, self.shares, strict=True):
            before = None
            for text in share:
                wamid = payloads.make_wamid()
                ad = {"headline": text, "body": text, "source_url": text, "source_type": text}
                yield self.message(who, "text", {"body": text}, wamid=wamid, quoted=before, quoted_from=who.phone, referral=ad)
                yield self.message(who, "reaction", {"message_id": wamid, "emoji": text})
                yield self.message(who, "document", document | {"caption": text, "filename": text + ".pdf"})
                yield self.message(who, "location", {"latitude": 1.5, "longitude": 2.5, "name": text, "address": text, "url": text})
                yield self.message(who, "interactive", _chosen(text))
                yield self.message(who, "interactive", _form(text))
                yield self.message(who, "system", {"body": text, "type": text})
                before = wamid
            yield self.message(who, "contacts", [_card(text) for text in share])
            yield self.message(who, "order", {"catalog_id": "1", "text": share[0], "product_items": [_item(text) for text in share]})

    def customer_list(self) -> str:
        """One customer, the first carrier, with a column for each string: as heading and as cell."""
        table = io.StringIO()
        texts = [text.replace("\x00", "") for text in STRINGS]
        writer = csv.writer(table)
        writer.writerow(["Phone", "Name", *texts])
        writer.writerow([f"+{self.carriers[0].phone}", texts[0], *texts])
        return table.getvalue()

    def templates(self) -> list[Json]:
        """Several strings in each: the list is drawn anew after every look at one."""
        joined = [" ¦ ".join(STRINGS[start : start + AT_ONCE_IN_A_TEMPLATE]) for start in range(0, len(STRINGS), AT_ONCE_IN_A_TEMPLATE)]
        return [_template(number, text) for number, text in enumerate(joined, start=1)]

    # ------------------------------------------------------------ colleagues

    def hire(self) -> None:
        """While the server is stopped: a colleague, an API token of Ona's and an entry of the audit log for each string."""
        db = Database(Path(self.inbox.environment["DATA_DIR"]) / "chat_history.db").open()
        try:
            sessions = Sessions(db)
            with db.read() as connection:
                row = user_by_email(connection, "ona@example.com")
            assert row
            ona = User(row["id"], row["email"], row["name"], row["role"])
            for number, text in enumerate(STRINGS):
                name = clean_name(text, staff.LONGEST_NAME)
                person = staff.NewUser(f"{{{{7*7}}}}'&{number}@example.com", name, "agent", "")
                db.write(lambda tx, person=person: staff.insert(tx, person, "no hash"))  # type: ignore[misc]
                db.write(lambda tx, text=text: note(tx, ona.id, text[:100], name=text, address=text))  # type: ignore[misc]
                actions.create_token(sessions, ona, text)
        finally:
            db.close()


def _chosen(text: str) -> Json:
    return {"type": "list_reply", "list_reply": {"id": text, "title": text, "description": text}}


def _form(text: str) -> Json:
    return {"type": "nfm_reply", "nfm_reply": {"name": text, "body": text, "response_json": json.dumps({text: text})}}


def _card(text: str) -> Json:
    return {
        "name": {"formatted_name": text, "first_name": text},
        "phones": [{"phone": text, "type": text}],
        "emails": [{"email": text}],
        "urls": [{"url": text}],
        "org": {"company": f"{text} Ltd"},
        "addresses": [{"street": text}],
    }


def _item(text: str) -> Json:
    return {"product_retailer_id": text, "quantity": 1, "item_price": 10.0, "currency": text}


def _template(number: int, text: str) -> Json:
    components = [
        {"type": "HEADER", "format": "TEXT", "text": text},
        {"type": "BODY", "text": f"{number} {text}"},
        {"type": "FOOTER", "text": text},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": text}]},
    ]
    named = {"id": str(number), "name": f"{number} {text}", "language": "en", "category": "UTILITY", "status": "APPROVED"}
    return named | {"components": components}
