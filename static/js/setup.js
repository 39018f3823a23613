// The first visit: the owner's account.

import { post } from "./lib/api.js";
import { attachForm } from "./settings/form.js";

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-setup]")); // not there on plain http
if (form) {
  attachForm(form, async (values) => {
    await post("/api/setup", values);
    location.assign("/inbox");
  });
}
