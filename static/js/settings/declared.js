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
  const inputs = /** @type {HTMLInputElement[]} */ (
    [...form.elements].filter((one) => one instanceof HTMLInputElement && one.name)
  );

  return attachForm(form, async () => {
    const values = Object.fromEntries(inputs.map((one) => [one.name, one.type === "checkbox" ? one.checked : one.value]));
    const kept = await api.patch("/api/settings", values);
    for (const one of inputs) {
      if (one.type === "checkbox") one.checked = kept[one.name];
      else one.value = kept[one.name];
    }
    toast(t("Saved."));
  });
}
