// How messages stand together: days, runs of one writer, the band above the unread ones. Pure: what one message looks like
// depends on the one before it and nothing else, so a section can be drawn by itself.

import { dayKey } from "../../lib/time.js";

/** Minutes between two messages that still belong to one run. */
const RUN_MS = 10 * 60_000;
const CENTRED = new Set(["system"]);

/**
 * @typedef {object} Layout
 * @property {boolean} startsDay a pill with the day stands above
 * @property {boolean} isFirstUnread the band stands above
 * @property {boolean} startsRun with tail and name
 * @property {boolean} isCentred a line of the system, not a bubble
 */

/** @param {Message} message */
function writerOf(message) {
  if (isCentred(message)) return "system";
  return message.direction === "out" ? `us:${message.sender?.id ?? ""}` : `them:${message.contact?.id ?? ""}`;
}

/** @param {Message} message */
export const isCentred = (message) => CENTRED.has(message.type);

/**
 * @param {Message} message
 * @param {Message | null} previous
 * @param {number | null} firstUnreadId
 * @returns {Layout}
 */
export function layoutOf(message, previous, firstUnreadId) {
  const startsDay = !previous || dayKey(previous.timestamp) !== dayKey(message.timestamp);
  const isFirstUnread = message.id !== null && message.id === firstUnreadId;
  const startsRun =
    startsDay ||
    isFirstUnread ||
    !previous ||
    writerOf(previous) !== writerOf(message) ||
    isTroubled(previous) ||
    new Date(message.timestamp).getTime() - new Date(previous.timestamp).getTime() > RUN_MS;
  return { startsDay, isFirstUnread, startsRun, isCentred: isCentred(message) };
}

/** A line of text below it breaks the run. @param {Message} message */
function isTroubled(message) {
  return message.status === "failed" || message.status === "unconfirmed" || message.status === "refused";
}
