// Which ticks stand for which status, and what they are called.

import { t } from "../lib/strings.js";
import { el } from "./dom.js";
import { tickIcon } from "./icons.js";

/** @type {Record<string, { tick: "clock" | "one" | "two" | "alert" | "question", label: () => string, class?: string }>} */
const TICKS = {
  local: { tick: "clock", label: () => t("Waiting to be sent") },
  uploading: { tick: "clock", label: () => t("Uploading") },
  queued: { tick: "clock", label: () => t("Waiting to be sent") },
  sending: { tick: "clock", label: () => t("Sending") },
  unconfirmed: { tick: "question", label: () => t("Not confirmed"), class: "is-doubtful" },
  accepted: { tick: "one", label: () => t("Sent") },
  sent: { tick: "one", label: () => t("Sent") },
  delivered: { tick: "two", label: () => t("Delivered") },
  read: { tick: "two", label: () => t("Read"), class: "is-read" },
  played: { tick: "two", label: () => t("Played"), class: "is-read" },
  failed: { tick: "alert", label: () => t("Not delivered"), class: "is-bad" },
  refused: { tick: "alert", label: () => t("Not sent"), class: "is-bad" },
};

/** @param {string | null} status */
export const statusLabel = (status) => (status === "cancelled" ? t("Discarded") : (TICKS[status ?? ""]?.label() ?? ""));

/**
 * @param {string | null} status
 * @returns {HTMLElement | null} null for what has no ticks: the customer's messages, discarded ones
 */
export function ticks(status) {
  const known = TICKS[status ?? ""];
  if (!known) return null;
  return el(
    "span.ticks",
    { class: known.class ?? "", role: "img", "aria-label": known.label(), title: known.label() },
    tickIcon(known.tick),
  );
}
