// Settings of the business.

import { t } from "../lib/strings.js";
import * as api from "../net/api.js";
import { attachForm, words } from "../ui/form.js";
import { toast } from "../ui/toast.js";

/**
 * @param {HTMLFormElement} form
 * @returns {() => void} detach
 */
export function attachShop(form) {
  const name = /** @type {HTMLInputElement} */ (form.elements.namedItem("business_name"));
  const tell = /** @type {HTMLInputElement} */ (form.elements.namedItem("tell_customers_read"));

  /** @param {Api.ShopSettings} settings */
  function show(settings) {
    name.value = settings.business_name;
    tell.checked = settings.tell_customers_read;
  }

  api.get("/api/settings").then(show, (error) => toast(words(error)));
  return attachForm(form, async () => {
    show(await api.patch("/api/settings", { business_name: name.value, tell_customers_read: tell.checked }));
    toast(t("Saved."));
  });
}
