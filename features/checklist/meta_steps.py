"""The steps at Meta: the number, and the webhook that brings its messages."""

from __future__ import annotations

from typing import Any

from features.checklist.step import Hint, Step
from features.numbers import queries
from features.numbers.routes import state_json
from web.services import Services
from web.words import t

APPS = "https://developers.facebook.com/apps/"
SYSTEM_USERS = "https://business.facebook.com/settings/system-users"
FIELDS = (
    "messages, message_template_status_update, message_template_quality_update, template_category_update,"
    " phone_number_quality_update, account_update, account_alerts"
)


def number(parts: Services) -> Step:
    state = state_json()
    step, words = _number_state(state)
    return Step("number", t("Connect your WhatsApp number"), step, words, _number_hints(_app_page(parts)))


def webhook(parts: Services) -> Step:
    state = state_json()
    step, words = _webhook_state(state)
    return Step("webhook", t("Let Meta deliver messages here"), step, words, _webhook_hints(state, _app_page(parts)))


def _number_state(state: dict[str, Any]) -> tuple[str, str]:
    if state["mode"] == "locked":
        return "bad", t("The key that opens the stored token is lost. Connect the number again: enter all five values below.")
    if state["mode"] == "sandbox":
        return "todo", t("No number is connected: this is the sandbox, and nothing reaches WhatsApp.")
    [found] = state["numbers"]
    failed = next((check for check in found.get("checks", []) if check["state"] == "bad"), None)
    if failed:
        return "bad", f"{failed['words']} {failed['advice']}"
    shown = " · ".join(part for part in (found.get("phone"), found.get("name")) if part) or found["phone_number_id"]
    warned = next((check for check in found.get("checks", []) if check["name"] == "token" and check["state"] == "warn"), None)
    if warned:
        return "warn", f"{warned['words']} {warned['advice']}"
    return "done", t("Connected: {number}.", number=shown)


def _webhook_state(state: dict[str, Any]) -> tuple[str, str]:
    last = state["numbers"][0]["last_webhook_at"] if state["numbers"] else None
    if state["refused_webhooks"]:
        return "bad", t(
            "{count} deliveries with a wrong signature have been refused. If they are Meta's, the app secret is wrong: copy it"
            " anew from App settings → Basic.",
            count=state["refused_webhooks"],
        )
    if last:
        return "done", t("Meta delivers. The last webhook came at {time}.", time=last.replace("T", " ").replace("Z", " UTC"))
    if not state["has_public_url"]:
        return "todo", t("PUBLIC_URL is not set. Meta needs a public https address: see deploy/README.md.")
    if state["asked_at"]:
        return "todo", t("Meta has checked the address. Waiting for its first delivery: write to the number from your phone.")
    return "todo", t("Meta has not asked this address for the verify token yet.")


def _app_page(parts: Services) -> str:
    """The app's own pages, once the test has told which app it is."""
    with parts.db.read() as connection:
        row = queries.by_phone_number_id(connection, parts.config.whatsapp_phone_number_id)
    return f"{APPS}{row['app_id']}/" if row and row["app_id"] else APPS


def _number_hints(app: str) -> list[Hint]:
    is_known = app != APPS
    return [
        Hint(t("Create an app of the type “Business” and add the product WhatsApp to it."), f"{APPS}creation/"),
        Hint(
            t("WhatsApp → API Setup: add your number (it must not be in use in an app on a phone). Copy the phone number ID and"
              " the WhatsApp Business Account ID."),
            f"{app}whatsapp-business/wa-dev-console/" if is_known else app,
        ),
        Hint(t("App settings → Basic: copy the app secret."), f"{app}settings/basic/" if is_known else app),
        Hint(
            t("Make a system user with the role Admin, assign the app and the WhatsApp account to it with full control, and"
              " generate a token that never expires, with whatsapp_business_messaging and whatsapp_business_management."),
            SYSTEM_USERS,
        ),
        Hint(t("Enter all of it under “WhatsApp number”. It is tested at Meta before it is kept."), "/settings/number"),
    ]  # fmt: skip


def _webhook_hints(state: dict[str, Any], app: str) -> list[Hint]:
    page = f"{app}whatsapp-business/wa-settings/" if app != APPS else app
    return [
        Hint(t("Make a verify token under “WhatsApp number”, and keep it at hand."), "/settings/number"),
        Hint(t("WhatsApp → Configuration: paste this as callback URL, and the verify token."), page, state["webhook_url"]),
        Hint(t("Subscribe there to these fields (“messages” is the one that must not miss): {fields}.", fields=FIELDS), page),
        Hint(t("Switch the app to Live; Meta does not send everything for an app in development."), app),
        Hint(t("Write to the number from your own phone. It must show in the inbox within a second or two."), "/inbox"),
    ]

