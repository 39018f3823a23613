// Sound, notifications, the Enter key and the theme: kept on the account, in force at once.

import { account, prefer } from "../ui/account.js";
import { askToNotify, mayNotify } from "../ui/notify.js";
import { applyTheme, chosenTheme } from "../ui/theme.js";
import { toast } from "../ui/toast.js";

/**
 * @param {HTMLElement} root
 * @returns {() => void} detach
 */
export function attachPreferences(root) {
  const life = new AbortController();
  const { signal } = life;
  const switches = /** @type {HTMLInputElement[]} */ ([...root.querySelectorAll("input[type=checkbox]")]);
  const theme = /** @type {HTMLSelectElement} */ (root.querySelector("[name=theme]"));

  async function show() {
    try {
      const { preferences } = await account();
      for (const box of switches) box.checked = isOn(box.name, preferences);
      theme.value = chosenTheme();
    } catch (error) {
      toast(/** @type {Error} */ (error).message);
    }
  }

  for (const box of switches) {
    box.addEventListener("change", () => change(box.name, box.checked).finally(show), { signal });
  }
  theme.addEventListener(
    "change",
    () => {
      const chosen = /** @type {import("../ui/theme.js").Theme} */ (theme.value);
      applyTheme(chosen);
      void prefer({ theme: chosen });
    },
    { signal },
  );
  document.addEventListener("preferences-change", show, { signal }); // the account's menu has the same switches
  document.addEventListener("theme-change", show, { signal });
  show();
  return () => life.abort();
}

/**
 * @param {string} name
 * @param {Preferences} preferences
 */
function isOn(name, preferences) {
  return Boolean(preferences[name]) && (name !== "notifications" || mayNotify());
}

/**
 * @param {string} name
 * @param {boolean} wanted
 */
async function change(name, wanted) {
  const refused = name === "notifications" && wanted ? await askToNotify() : null;
  if (refused) toast(refused);
  else await prefer({ [name]: wanted });
}
