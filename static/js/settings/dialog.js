// A native modal dialog around a form: focus stays inside and goes back to the opener, Escape closes.

import { t } from "../lib/strings.js";
import { el } from "../ui/dom.js";
import { attachForm } from "../ui/form.js";

let count = 0;

/**
 * @param {object} options
 * @param {string} options.title
 * @param {Node[]} options.body
 * @param {string} options.action label of the submit button
 * @param {boolean} [options.danger]
 * @param {(values: Record<string, string>) => Promise<void>} options.send the dialog closes when it resolves
 * @param {Node[]} [options.extra] further buttons, on the left
 * @returns {HTMLDialogElement}
 */
export function openDialog({ title, body, action, danger, send, extra = [] }) {
  const titleId = `dialog-title-${++count}`;
  const submit = el("button.button", { type: "submit", class: danger ? "button-danger" : "button-primary" }, action);
  const cancel = el("button.button.button-quiet", { type: "button", onclick: () => dialog.close() }, t("Cancel"));
  const error = el("p.field-error", { role: "alert", "data-error": true });
  const form = el(
    "form",
    { class: "contents", method: "post" },
    el("div.dialog-body", {}, el("div.form", {}, ...body, error)),
    el("div.dialog-foot", {}, ...extra, cancel, submit),
  );
  const dialog = el(
    "dialog.dialog",
    { "aria-labelledby": titleId },
    el("div.dialog-head", {}, el("h2.dialog-title", { id: titleId }, title)),
    form,
  );
  const detach = attachForm(form, async (values) => {
    await send(values);
    dialog.close();
  });
  dialog.addEventListener("close", () => {
    detach();
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * A labelled field for a dialog.
 * @param {string} label
 * @param {HTMLElement} input gets an id
 * @param {string} [hint]
 */
export function field(label, input, hint) {
  input.id = `dialog-field-${++count}`;
  if (!hint) return el("div.field", {}, el("label", { for: input.id }, label), input);
  const hintId = `${input.id}-hint`;
  input.setAttribute("aria-describedby", hintId);
  return el("div.field", {}, el("label", { for: input.id }, label), input, el("p.field-hint", { id: hintId }, hint));
}
