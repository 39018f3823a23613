// Short notices at the bottom, read out by screen readers, gone after a while.

import { el } from "./dom.js";

const STAYS = 6000; // ms

/** @type {HTMLElement | null} */
let place = null;

/**
 * @param {string} text
 * @param {{ label: string, run: () => void }} [action]
 */
export function toast(text, action) {
  place ??= document.body.appendChild(el("div.toasts", { role: "status" }));
  const note = el("div.toast", {}, el("span", {}, text));
  const drop = () => note.remove();
  if (action)
    note.append(
      el(
        "button.text-button",
        {
          type: "button",
          onclick: () => {
            drop();
            action.run();
          },
        },
        action.label,
      ),
    );
  place.replaceChildren(note);
  setTimeout(drop, STAYS);
}
