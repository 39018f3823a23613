"""The checklist, step by step. A step is a function that looks at how things are; the table below is their order."""

from __future__ import annotations

from collections.abc import Callable

from features.checklist import google_steps, meta_steps, queries
from features.checklist.step import Hint, Step
from features.google_account import settings as google_settings
from features.settings.values import value
from web.services import Services
from web.words import t


def staff(parts: Services) -> Step:
    with parts.db.read() as connection:
        count = queries.count_staff(connection)
    title = t("Bring your staff in")
    if count == 0:
        words = t("You look around as the demo owner, who ends with the sandbox.")
        return Step("staff", title, "todo", words, [Hint(t("Create your own account."), "/setup")])
    hint = Hint(t("Add somebody under “Staff”."), "/settings/staff")
    if count == 1:
        return Step("staff", title, "optional", t("You are the only one so far."), [hint])
    return Step("staff", title, "done", t("{count} people can sign in.", count=count), [hint])


def backups(parts: Services) -> Step:
    title = t("Keep a copy elsewhere")
    with parts.db.read() as connection:
        to_drive = value(connection, google_settings.BACKUPS)
    copies = sorted((parts.config.data_dir / "backups").glob("chat_history-*.db"))
    where = parts.config.data_dir.resolve()
    hint = Hint(
        t("Copy the folders backups and media from here to another machine every day, and the file encryption_keys apart from"
          " them: a copy on the same disk does not survive the disk."),
        None, str(where),
    )  # fmt: skip
    if not copies:
        return Step("backups", title, "todo", t("The first copy of the database is made tonight at 3."), [hint])
    day = copies[-1].stem.removeprefix("chat_history-")
    words = t("The newest copy of the database is of {day}.", day=f"{day[:4]}-{day[4:6]}-{day[6:]}")
    if to_drive:
        return Step("backups", title, "done", words + " " + t("Each is copied to Google Drive."), [hint])
    return Step("backups", title, "todo", words, [hint, Hint(t("Or switch the copy to Google Drive on."), "/settings/google")])


STEPS: tuple[Callable[[Services], Step], ...] = (
    meta_steps.number,
    meta_steps.webhook,
    google_steps.drive,
    google_steps.customer_list,
    staff,
    backups,
)
