// Times of the server in the reader's own zone and language.

import { t } from "../lib/strings.js";

/**
 * @param {string | null} iso
 * @param {string} [never] what to say when there is none
 */
export function when(iso, never = t("never")) {
  return iso ? new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso)) : never;
}
