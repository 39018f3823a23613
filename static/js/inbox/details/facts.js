// What is known of a customer and of the chat: names and where each comes from, other addresses, the Customer List's row, numbers.

import { prettyPhone } from "../../lib/phone.js";
import { t } from "../../lib/strings.js";
import { date } from "../../lib/time.js";
import { el } from "../../ui/dom.js";

/** @param {any} found the answer of /api/chats/<id>/details */
export const facts = (found) => [names(found), customer(found), conversation(found)];

export function factsSkeleton() {
  return el(
    "div.details-section",
    { role: "status", "aria-label": t("Loading") },
    ["w-1/2", "w-4/5", "w-2/3"].map((width) => el("div.skeleton.skeleton-line", { class: width })),
  );
}

/** @param {any} found */
function names({ contact }) {
  if (!contact) return null;
  /** @type {[string, string | null | undefined][]} */
  const rows = [
    [t("Customer List"), contact.names?.sheet],
    [t("Given here"), contact.names?.typed],
    [t("Google Contacts"), contact.names?.google],
    [t("Own profile"), contact.names?.profile],
  ];
  const aliases = (contact.aliases ?? []).map(
    (/** @type {any} */ alias) => /** @type {[string, string]} */ ([aliasLabel(alias), aliasValue(alias)]),
  );
  return section(t("Names"), pairs([...rows, ...aliases]));
}

/** @param {any} found */
function customer({ customer }) {
  const fields = Object.entries(customer?.fields ?? {}).filter(([, value]) => value !== "" && value !== null);
  return fields.length ? section(t("From the Customer List"), pairs(fields.map(([key, value]) => [key, String(value)]))) : null;
}

/** @param {any} found */
function conversation({ counts, first_message_at: first, last_message_at: last }) {
  return section(
    t("Conversation"),
    pairs([
      [t("Messages"), t("{received} in · {sent} out", { received: counts?.in ?? 0, sent: counts?.out ?? 0 })],
      [t("First contact"), first ? date(first) : null],
      [t("Last contact"), last ? date(last) : null],
    ]),
  );
}

/** @param {string} title @param {Node} inside */
const section = (title, inside) => el("section.details-section", {}, el("h3.section-title", {}, title), inside);

/** @param {[string, string | null | undefined][]} rows */
function pairs(rows) {
  return el(
    "dl.pairs",
    {},
    rows
      .filter(([, value]) => value)
      .flatMap(([key, value]) => [el("dt", { dir: "auto" }, key), el("dd", { dir: "auto" }, value)]),
  );
}

/** @param {any} alias */
function aliasLabel(alias) {
  const labels = /** @type {Record<string, string>} */ ({
    phone: t("Phone"),
    bsuid: t("WhatsApp id"),
    parent_bsuid: t("WhatsApp id (group)"),
    username: t("Username"),
  });
  return alias.retired_at
    ? t("{label} (before)", { label: labels[alias.kind] ?? alias.kind })
    : (labels[alias.kind] ?? alias.kind);
}

/** @param {any} alias */
function aliasValue(alias) {
  const value = alias.kind === "phone" ? prettyPhone(alias.value) : alias.kind === "username" ? `@${alias.value}` : alias.value;
  return alias.retired_at ? `${value} · ${t("until {date}", { date: date(alias.retired_at) })}` : value;
}
