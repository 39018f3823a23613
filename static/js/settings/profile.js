// One's own name and password.

import { t } from "../lib/strings.js";
import * as api from "../net/api.js";
import { attachForm } from "../ui/form.js";
import { toast } from "../ui/toast.js";

/** @param {HTMLFormElement} form */
export function attachProfile(form) {
  return attachForm(form, async ({ name }) => {
    const { user } = await api.patch("/api/me", { name });
    /** @type {HTMLInputElement} */ (form.elements.namedItem("name")).value = user.name;
    toast(t("Saved."));
  });
}

/** @param {HTMLFormElement} form */
export function attachPassword(form) {
  return attachForm(form, async (values) => {
    await api.post("/api/me/password", { current: values.current, new: values.new });
    form.reset();
    toast(t("The password is changed. Your other browsers are signed out."));
  });
}
