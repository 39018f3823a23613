// The first visit: the owner's account.

import { post } from "./net/api.js";
import { attachForm } from "./ui/form.js";

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-setup]")); // not there on plain http
if (form) {
  attachForm(form, async (values) => {
    await post("/api/setup", values);
    location.assign("/inbox");
  });
}
