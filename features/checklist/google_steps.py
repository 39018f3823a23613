"""The checklist's steps at Google, told as the last live look found them: Drive for media, the list of customers."""

from __future__ import annotations

from features.checklist import queries
from features.checklist.step import Hint, Step
from features.customer_list import chosen as chosen_list
from features.customer_list import queries as customers
from features.google_account import status
from features.google_account.routes import redirect_uri
from web.services import Services
from web.words import t

CONSOLE = "https://console.cloud.google.com"
CARD, LIST_CARD = "/settings/google", "/settings/customers"


def drive(parts: Services) -> Step:
    title = t("Keep media on Google Drive")
    google = status.as_json(parts, redirect_uri())
    if google["state"] == "needs_reconnect":
        return Step("drive", title, "bad", google["message"], [Hint(t("Connect Google once more."), "/auth/google")])
    if google["state"] == "broken":
        return Step("drive", title, "bad", google["message"], [Hint(t("Mend it under “Google”."), CARD)])
    if google["state"] == "not_connected":
        with parts.db.read() as connection:
            has_staff = queries.count_staff(connection) > 0
        # The demo owner has no Google card: a connection would end with the sandbox.
        hints = _how_to_connect(google) if has_staff else [Hint(t("Create your own account first."), "/setup")]
        return Step("drive", title, "optional", t("Media is kept on this machine only."), hints)
    switches, found = google["switches"], google["drive"]
    connected = t("Connected as {email}.", email=google["email"] or t("somebody"))
    if found.get("trouble"):
        return Step("drive", title, "warn", found.get("reason") or connected, [Hint(t("Look at it under “Google”."), CARD)])
    if not switches["archive"]:
        return Step("drive", title, "todo", connected, [Hint(t("Switch the archive on under “Google”."), CARD)])
    return Step("drive", title, "done", connected, [Hint(t("“Check now” under “Google” asks Google."), CARD)])


def _how_to_connect(google: dict[str, object]) -> list[Hint]:
    """As docs/google.md has it, in the order in which it is done."""
    address = google["redirect_uri"]
    if address is None:
        return [Hint(t("Set PUBLIC_URL first: Google sends people back only to https addresses."))]
    return [
        Hint(t("Make a project and enable the Google Drive API there."), f"{CONSOLE}/apis/library/drive.googleapis.com"),
        Hint(
            t("Name the app, choose External, and publish it (“In production”): in “Testing” Google ends the connection after"
              " 7 days."),
            f"{CONSOLE}/auth/audience",
        ),
        Hint(t("Make a client of the type “Web application” with this redirect URI:"), f"{CONSOLE}/auth/clients", str(address)),
        Hint(t("Enter its ID and secret under “Google”, switch the archive on and press “Connect Google”."), CARD),
    ]  # fmt: skip


def customer_list(parts: Services) -> Step:
    title = t("Read your list of customers")
    with parts.db.read() as connection:
        chosen, run = chosen_list.read(connection, parts.config), customers.newest_run(connection)
    hint = Hint(t("Look at it under “Customer List”."), LIST_CARD)
    if not chosen.kind:
        return Step(
            "customers", title, "optional", t("No list is read, so chats show the names that customers chose."),
            [Hint(t("Choose a Google Sheet or a CSV file under “Customer List”; its columns are shown before it is used."),
                  LIST_CARD)],
        )  # fmt: skip
    if run is None or run["state"] == "running":
        return Step("customers", title, "todo", t("The list is being read for the first time."), [hint])
    if run["state"] == "failed":
        return Step("customers", title, "bad", run["error"] or t("The list could not be read."), [hint])
    if run["state"] == "held" and run["dismissed_at"]:
        words = t("The newest list was not taken over: the customers stay as they were.")
        return Step("customers", title, "done", words, [hint])
    if run["state"] == "held":
        return Step("customers", title, "warn", t("The last reading waits for your word: many customers would go."), [hint])
    return Step("customers", title, "done", t("{count} rows were read.", count=run["rows_read"]), [hint])
