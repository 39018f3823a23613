// Times of the server in the reader's own zone, written as in the inbox.

import { t } from "../lib/strings.js";
import { clock, date } from "../lib/time.js";

/**
 * @param {string | null} iso
 * @param {string} [never] what to say when there is none
 */
export function when(iso, never = t("never")) {
  return iso ? t("{date}, {time}", { date: date(iso), time: clock(iso) }) : never;
}
