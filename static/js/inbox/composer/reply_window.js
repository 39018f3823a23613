// Meta's customer service window: free text for 24 hours after the customer's last message. Read from the chat, never stored.

import { t } from "../../lib/strings.js";
import { remaining } from "../../lib/time.js";

const SOON = 3 * 3600_000; // ms: the last hours are shown in another colour

/**
 * @param {Chat} chat
 * @param {number} now ms
 * @returns {{ isOpen: boolean, isSoon: boolean, left: string, nextChange: number }} `nextChange`: ms until the words change
 */
export function replyWindow(chat, now) {
  if (!chat.window_expires_at) return { isOpen: chat.window_open, isSoon: false, left: "", nextChange: 60_000 };
  const ms = new Date(chat.window_expires_at).getTime() - now;
  if (ms <= 0) return { isOpen: false, isSoon: false, left: "", nextChange: 60_000 };
  return { isOpen: true, isSoon: ms < SOON, left: remaining(ms), nextChange: Math.min((ms % 60_000) + 50, 60_000) };
}

/** @param {Chat} chat */
export function closedWords(chat) {
  return chat.window_expires_at
    ? t("The customer has not written in the last 24 hours. Only a template can be sent now.")
    : t("The customer has not written yet. Only a template can be sent.");
}
