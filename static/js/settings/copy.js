// A value to be pasted elsewhere, with a button that copies it.

import { t } from "../lib/strings.js";
import { el } from "../ui/dom.js";
import { toast } from "../ui/toast.js";

/**
 * @param {string} label accessible name
 * @param {string} text
 */
export function copyable(label, text) {
  const button = el(
    "button.button.button-small",
    { type: "button", "aria-label": t("Copy: {label}", { label }), onclick: () => copyText(text) },
    t("Copy"),
  );
  return el(
    "div",
    { class: "flex items-center gap-2" },
    el("div.code", { class: "min-w-0 flex-1", role: "group", tabindex: 0, "aria-label": label }, text),
    button,
  );
}

/** @param {string} text */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(t("Copied."));
  } catch {
    toast(t("The browser did not allow it. Mark the text and copy it by hand."));
  }
}
