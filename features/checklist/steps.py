"""The checklist, step by step. A step is a function that looks at how things are; the table below is their order."""

from __future__ import annotations

from collections.abc import Callable

from features.checklist import meta_steps, queries
from features.checklist.step import Hint, Step
from features.customer_sync import queries as customers
from features.secrets import queries as secrets
from web.services import Services
from web.strings import t

GOOGLE_CREDENTIALS = "https://console.cloud.google.com/apis/credentials"


def drive(parts: Services) -> Step:
    with parts.db.read() as connection:
        is_connected = secrets.get(connection, "google") is not None or bool(parts.config.google_credentials_file)
        has_staff = queries.count_staff(connection) > 0
    title = t("Keep media on Google Drive")
    if is_connected:
        return Step("drive", title, "done", t("A Google account is connected."))
    # The demo owner has no Google card: a connection would end with the sandbox.
    enter = Hint(t("Enter both below, under “Google”, switch on what you want and connect."), "#google")
    account = Hint(t("Create your own account; then enter both in the settings, under “Google”."), "/setup")
    return Step(
        "drive", title, "optional", t("Media is kept on this machine only."),
        [
            Hint(t("Make an OAuth client of the type “Web application” and copy its ID and secret."), GOOGLE_CREDENTIALS),
            enter if has_staff else account,
        ],
    )  # fmt: skip


def customer_list(parts: Services) -> Step:
    with parts.db.read() as connection:
        run = customers.newest_run(connection)
    title = t("Read your list of customers")
    look = Hint(t("See “Customer List” below."), "#customer-list")
    if run is None:
        return Step(
            "customers", title, "optional", t("No list of customers is read, so chats show the names that customers chose."),
            [Hint(t("Choose a Google Sheet or upload a CSV file with columns such as Name and Phone."), "#customer-list")],
        )  # fmt: skip
    if run["state"] == "failed":
        return Step("customers", title, "bad", run["error"] or t("The list could not be read."), [look])
    if run["state"] == "held" and run["dismissed_at"]:
        return Step("customers", title, "done", t("The newest list was not taken over: the customers stay as they were."))
    if run["state"] == "held":
        return Step("customers", title, "warn", t("The last reading waits for your word: many customers would go."), [look])
    return Step("customers", title, "done", t("{count} rows were read.", count=run["rows_read"]))


def staff(parts: Services) -> Step:
    with parts.db.read() as connection:
        count = queries.count_staff(connection)
    title = t("Bring your staff in")
    if count == 0:
        words = t("You look around as the demo owner, who ends with the sandbox.")
        return Step("staff", title, "todo", words, [Hint(t("Create your own account."), "/setup")])
    hint = Hint(t("Add somebody under “Staff”."), "#staff-title")
    if count == 1:
        return Step("staff", title, "optional", t("You are the only one so far."), [hint])
    return Step("staff", title, "done", t("{count} people can sign in.", count=count), [hint])


def backups(parts: Services) -> Step:
    title = t("Keep a copy elsewhere")
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
    return Step("backups", title, "done", words, [hint])


STEPS: tuple[Callable[[Services], Step], ...] = (
    meta_steps.number,
    meta_steps.webhook,
    drive,
    customer_list,
    staff,
    backups,
)
