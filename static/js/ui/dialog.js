// Native dialogs: the browser keeps the focus inside, closes on Escape and gives the focus back. Back closes them too.

import { t } from "../lib/strings.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { Layers } from "./layers.js";

/** The one of this page, so that Back closes what lies on top. */
export const layers = new Layers(history);
addEventListener("popstate", () => layers.onPop());

let made = 0;

/**
 * @param {{ title: string, body: (Node | string | null)[], foot?: (Node | null)[], wide?: boolean, onClose?: () => void }} parts
 * @returns {HTMLDialogElement} shown, removed when closed
 */
export function openDialog({ title, body, foot, wide = false, onClose }) {
  const id = `dialog-${(made += 1)}`;
  const dialog = el(
    "dialog.dialog",
    { class: wide ? "dialog-wide" : "", "aria-labelledby": id },
    el(
      "div.dialog-head",
      {},
      el("h2.dialog-title", { id }, title),
      el("button.icon-button", { type: "button", "aria-label": t("Close"), onclick: () => dialog.close() }, icon("close")),
    ),
    el("div.dialog-body", {}, body),
    foot ? el("div.dialog-foot", {}, foot) : null,
  );
  show(dialog, onClose);
  return dialog;
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {() => void} [onClose]
 */
export function show(dialog, onClose) {
  document.body.append(dialog);
  const release = layers.add(() => dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    release();
    onClose?.();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // the backdrop
  });
  dialog.showModal();
}

/**
 * A question before something that cannot be undone.
 * @param {{ title: string, text: string, yes: string, run: () => void }} question
 */
export function confirm({ title, text, yes, run }) {
  const dialog = openDialog({
    title,
    body: [el("p", {}, text)],
    foot: [
      el("button.button", { type: "button", autofocus: true, onclick: () => dialog.close() }, t("Cancel")),
      el(
        "button.button.button-danger",
        {
          type: "button",
          onclick: () => {
            dialog.close();
            run();
          },
        },
        yes,
      ),
    ],
  });
}
