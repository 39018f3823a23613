// The browser's permission for desktop notifications.

import { t } from "../lib/strings.js";

export function mayNotify() {
  return "Notification" in globalThis && Notification.permission === "granted";
}

/** @returns {Promise<string | null>} why it cannot be, in words; null when it may */
export async function askToNotify() {
  if (!("Notification" in globalThis)) return t("This browser shows no notifications.");
  const answer = await Notification.requestPermission();
  return answer === "granted" ? null : t("This browser blocks notifications for this site. Allow them in its settings.");
}
