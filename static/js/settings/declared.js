// A form that the server has drawn from declared settings: it is sent by the API, which has the last word on every value.

import { t } from "../lib/strings.js";
import * as api from "../net/api.js";
import { toast } from "../ui/toast.js";
import { attachForm } from "../ui/form.js";

/**
 * @param {HTMLFormElement} form its controls are named by the settings' keys
 * @returns {() => void} detach
 */
export function attachDeclared(form) {
  const controls = [...form.elements].filter(isControl).filter((one) => one.name && !one.disabled);

  return attachForm(form, async () => {
    const kept = await api.patch("/api/settings", Object.fromEntries(controls.map((one) => [one.name, currentValue(one)])));
    for (const one of controls) {
      if (isSwitch(one)) one.checked = kept[one.name];
      else one.value = kept[one.name];
    }
    toast(t("Saved."));
  });
}

/** @typedef {HTMLInputElement | HTMLSelectElement} Control */

/**
 * @param {Element} one
 * @returns {one is Control}
 */
function isControl(one) {
  return one instanceof HTMLInputElement || one instanceof HTMLSelectElement;
}

/**
 * @param {Control} one
 * @returns {one is HTMLInputElement}
 */
function isSwitch(one) {
  return one.type === "checkbox";
}

/** @param {Control} one */
function currentValue(one) {
  if (isSwitch(one)) return one.checked;
  return "number" in one.dataset ? Number(one.value) : one.value;
}
