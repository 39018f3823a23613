// The login page.

import { post } from "./net/api.js";
import { attachForm } from "./ui/form.js";

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-login]")); // not there on plain http
if (form) {
  attachForm(form, async ({ email, password }) => {
    await post("/api/login", { email, password });
    location.assign("/inbox");
  });
}
