// A form that is sent by script: one call at a time, the reason of a refusal beside the button, nothing typed is lost.

import { t } from "../lib/strings.js";
import { need } from "./dom.js";

/**
 * @param {HTMLFormElement} form holds an element [data-error] and a submit button
 * @param {(values: Record<string, string>) => Promise<void>} send gets the values of the named fields
 * @returns {() => void} detach
 */
export function attachForm(form, send) {
  const error = need(form, "[data-error]");
  const button = /** @type {HTMLButtonElement} */ (need(form, "[type=submit]"));
  const life = new AbortController();
  error.hidden = true;

  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true"); // not `disabled`: that would throw the focus away
    error.hidden = true;
    try {
      await send(valuesOf(form));
    } catch (reason) {
      error.textContent = words(reason);
      error.hidden = false;
    } finally {
      button.removeAttribute("aria-disabled");
    }
  }

  form.addEventListener("submit", submit, { signal: life.signal });
  return () => life.abort();
}

/**
 * @param {HTMLFormElement} form
 * @returns {Record<string, string>}
 */
function valuesOf(form) {
  return Object.fromEntries(
    [...new FormData(form)].filter(([, value]) => typeof value === "string").map(([name, value]) => [name, String(value)]),
  );
}

/**
 * @param {unknown} reason
 * @returns {string} with the time to wait where the server named one
 */
export function words(reason) {
  const { message, retryAfter } = /** @type {{ message: string, retryAfter?: number }} */ (reason);
  if (!retryAfter) return message;
  const wait =
    retryAfter < 90 ? t("{count} seconds", { count: retryAfter }) : t("{count} minutes", { count: Math.ceil(retryAfter / 60) });
  return t("{message} ({wait})", { message, wait });
}
