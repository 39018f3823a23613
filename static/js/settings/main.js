// A page of the settings: each card has a file of its own, and is there only when one's role has it.

import { account } from "../ui/account.js";
import { need } from "../ui/dom.js";
import { toast } from "../ui/toast.js";
import { showAbout } from "./about.js";
import { showActivity } from "./activity.js";
import { Checklist } from "./checklist.js";
import { Customers } from "./customers.js";
import { attachDeclared } from "./declared.js";
import { GoogleCard } from "./google.js";
import { Numbers } from "./numbers.js";
import { followOldLink } from "./old_links.js";
import { attachPreferences } from "./preferences.js";
import { attachPassword, attachProfile } from "./profile.js";
import { Staff } from "./staff.js";
import { Tokens } from "./tokens.js";

/**
 * @template {HTMLElement} T
 * @param {string} selector
 * @param {(card: T) => void} begin
 */
function onCard(selector, begin) {
  const card = /** @type {T | null} */ (document.querySelector(selector));
  if (card) begin(card);
}

onCard("[data-checklist]", (card) => new Checklist(card));
onCard("[data-profile]", attachProfile);
onCard("[data-password]", attachPassword);
onCard("[data-preferences]", attachPreferences);
onCard("[data-numbers]", (card) => new Numbers(card));
onCard("[data-declared]", attachDeclared);
onCard("[data-settings]", followOldLink);
onCard("[data-customers]", (card) => new Customers(card));
onCard("[data-tokens]", (card) => new Tokens(card));
onCard("[data-google]", (card) => new GoogleCard(card));
onCard("[data-about]", (card) => showAbout(need(card, "[data-list]")));
onCard("[data-activity]", (card) => showActivity(need(card, "[data-list]")));
onCard("[data-staff]", (card) => {
  account().then(
    ({ user }) => new Staff(card, user),
    (error) => toast(error.message),
  );
});
