// The name that staff give a customer, in place of the buttons below it.

import { t } from "../../lib/strings.js";
import { el } from "../../ui/dom.js";

/**
 * @param {Chat} chat
 * @param {{ sheet?: string, google?: string }} names of other sources
 * @param {{ cancel: () => void, save: (name: string) => void }} acts
 * @returns {{ node: HTMLFormElement, focus: () => void }}
 */
export function nameForm(chat, names, { cancel, save }) {
  const input = el("input.input", { id: "typed-name", maxlength: 200, dir: "auto", autocomplete: "off" });
  const shown = chat.name_source === "phone" ? "" : chat.name; // a number is no name
  input.value = shown;
  const node = el(
    "form.form",
    {},
    el("div.field", {}, el("label", { for: "typed-name" }, t("Name")), input, el("p.field-hint", {}, whatFollows(names))),
    el(
      "div.button-row",
      {},
      el("button.button.button-small", { type: "button", onclick: cancel }, t("Cancel")),
      el("button.button.button-primary.button-small", { type: "submit" }, t("Save")),
    ),
  );
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    cancel();
  });
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    const name = input.value.trim();
    if (name === shown) cancel();
    else save(name);
  });
  const focus = () => {
    input.focus();
    input.select();
  };
  return { node, focus };
}

/** What is shown in place of a name given here. @param {{ sheet?: string, google?: string }} names */
function whatFollows({ sheet, google }) {
  if (sheet) return t("The Customer List's name is shown as long as there is one.");
  if (google) return t("Leave it empty to show the name from Google Contacts.");
  return t("Leave it empty to show the name that the customer has chosen.");
}
