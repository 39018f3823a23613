// What every page of a signed-in person has: the rail with the account's menu, and the chosen theme.

import { t } from "./lib/strings.js";
import { account, adoptTheme, leaveTogether, prefer, signOut } from "./ui/account.js";
import { faceClass, initials } from "./ui/avatar.js";
import { el } from "./ui/dom.js";
import { openMenu } from "./ui/menu.js";
import { mayNotify, askToNotify } from "./ui/notify.js";
import { applyTheme, chosenTheme } from "./ui/theme.js";
import { toast } from "./ui/toast.js";

/** @typedef {import("./ui/theme.js").Theme} Theme */

for (const face of document.querySelectorAll("[data-face]")) {
  const name = /** @type {HTMLElement} */ (face).dataset.face ?? "";
  face.textContent = initials(name);
  face.classList.add(faceClass(name));
}
for (const button of document.querySelectorAll("[data-account]")) {
  button.addEventListener("click", () => openAccountMenu(/** @type {HTMLElement} */ (button)));
}
leaveTogether();
adoptTheme().catch(() => {}); // no account now: the theme of this browser stays

/** @param {HTMLElement} button */
async function openAccountMenu(button) {
  let me;
  try {
    me = await account();
  } catch (error) {
    toast(/** @type {Error} */ (error).message);
    return;
  }
  const { user, preferences, sandbox } = me;
  const head = el(
    "div.menu-head",
    { role: "presentation" },
    el("strong", { dir: "auto" }, user.name),
    el("div.muted", {}, user.email),
  );
  openMenu(
    button,
    [
      { node: head },
      { label: t("Settings"), icon: "sliders", href: "/settings" },
      ...(sandbox ? [{ label: t("Customers’ phones"), icon: "phone", href: "/sandbox" }] : []),
      "line",
      {
        label: t("Sound for new messages"),
        icon: "sound",
        checked: Boolean(preferences.sound),
        run: () => void prefer({ sound: !preferences.sound }),
      },
      {
        label: t("Desktop notifications"),
        icon: "bell",
        checked: Boolean(preferences.notifications) && mayNotify(),
        run: () => void toggleNotifications(preferences),
      },
      "line",
      { group: t("Theme") },
      themeItem("system", t("Like the system"), "screen"),
      themeItem("light", t("Light"), "sun"),
      themeItem("dark", t("Dark"), "moon"),
      "line",
      { label: t("Sign out"), icon: "leave", run: () => void signOut() },
    ],
    t("Account"),
  );
}

/**
 * @param {Theme} theme
 * @param {string} label
 * @param {string} icon
 */
function themeItem(theme, label, icon) {
  const run = () => {
    applyTheme(theme);
    void prefer({ theme });
  };
  return { label, icon, checked: chosenTheme() === theme, run };
}

/** @param {Preferences} preferences */
async function toggleNotifications(preferences) {
  if (preferences.notifications && mayNotify()) return prefer({ notifications: false });
  const reason = await askToNotify();
  if (reason) toast(reason);
  else await prefer({ notifications: true });
}
