// Who is signed in and what they prefer: fetched once a page, preferences kept on the account.

import * as api from "../net/api.js";
import { applyTheme, chosenTheme } from "./theme.js";
import { toast } from "./toast.js";

const CHANNEL = "inbox:session";

/** @type {Promise<Me> | null} */
let asked = null;

/** @returns {Promise<Me>} */
export function account() {
  asked ??= api.get("/api/me").catch((error) => {
    asked = null;
    throw error;
  });
  return /** @type {Promise<Me>} */ (asked);
}

/**
 * @param {Preferences} change
 * @returns {Promise<void>}
 */
export async function prefer(change) {
  const me = await account();
  Object.assign(me.preferences, change);
  document.dispatchEvent(new CustomEvent("preferences-change", { detail: me.preferences }));
  try {
    await api.patch("/api/me", { preferences: change }); // merged into the stored ones
  } catch (error) {
    toast(/** @type {Error} */ (error).message);
  }
}

/** A theme chosen in another browser holds here too. */
export async function adoptTheme() {
  const { theme } = (await account()).preferences;
  if (theme && theme !== chosenTheme()) applyTheme(theme);
}

export async function signOut() {
  try {
    await api.post("/api/logout");
    new BroadcastChannel(CHANNEL).postMessage("signed-out");
    location.assign("/login");
  } catch (error) {
    toast(/** @type {Error} */ (error).message);
  }
}

/** Signed out in another tab: what this one shows is nobody's business any more. */
export function leaveTogether() {
  new BroadcastChannel(CHANNEL).addEventListener("message", () => location.replace("/login"));
}
