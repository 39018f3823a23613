// The audit log in words.

import { t } from "../lib/strings.js";
import { el } from "../ui/dom.js";
import { when } from "./dates.js";
import { PagedList } from "./list.js";

const WORDS = () =>
  /** @type {Record<string, string>} */ ({
    login: t("signed in"),
    login_failed: t("failed to sign in"),
    logout: t("signed out"),
    customer_list_chosen: t("chose a Customer List"),
    customer_list_changed: t("chose columns of the Customer List"),
    customer_list_left: t("stopped using the Customer List"),
    default_country_changed: t("changed the country of phone numbers"),
    customer_write_back: t("changed what is written into the sheet"),
    customer_removals_confirmed: t("accepted that customers go"),
    customer_removals_refused: t("kept the customers of a held list"),
    setup: t("set up this installation"),
    user_created: t("added a member of staff"),
    role_changed: t("changed a role"),
    user_disabled: t("disabled a member of staff"),
    user_enabled: t("enabled a member of staff"),
    password_reset: t("reset a password"),
    password_changed: t("changed their password"),
    token_created: t("made an API token"),
    token_revoked: t("revoked an API token"),
    settings_changed: t("changed the settings"),
    number_connected: t("connected a WhatsApp number"),
    number_disconnected: t("disconnected a WhatsApp number"),
    demo_removed: t("removed the sandbox’s chats"),
    google_client_set: t("entered the client of Google"),
    google_connected: t("connected Google"),
    google_disconnected: t("disconnected Google"),
    google_refused: t("was refused by Google: connect again"),
    google_switched: t("changed what Google is used for"),
    drive_folder_made: t("made a new folder in Google Drive"),
    drive_nearly_full: t("found Google Drive nearly full"),
  });

const BY_ITSELF = ["demo_removed", "google_refused", "drive_nearly_full"];

/** @param {any} entry */
function actor(entry) {
  if (BY_ITSELF.includes(entry.action)) return t("The program");
  return entry.user?.name ?? (entry.action === "user_created" ? t("The command line") : t("Somebody"));
}

/** @param {HTMLElement} root */
export function showActivity(root) {
  const row = (/** @type {any} */ entry) =>
    el(
      "li",
      { class: "py-1" },
      el("span", { dir: "auto" }, actor(entry)),
      " ",
      WORDS()[entry.action] ?? entry.action,
      entry.detail.name && [": ", el("span", { dir: "auto" }, entry.detail.name)],
      el("div.field-hint", {}, [when(entry.at), entry.detail.address].filter(Boolean).join(" · ")),
    );
  new PagedList(root, { path: "/api/audit", key: "entries", label: t("Who did what"), empty: t("Nothing yet."), row }).load();
}
