// Message templates of the account: fetched once (all pages), forgotten when the server says that they have changed.

import * as api from "./api.js";

/** @type {Promise<MessageTemplate[]> | null} */
let asked = null;

/** @returns {Promise<MessageTemplate[]>} */
export function loadTemplates() {
  asked ??= everyPage().catch((error) => {
    asked = null;
    throw error;
  });
  return /** @type {Promise<MessageTemplate[]>} */ (asked);
}

export function forgetTemplates() {
  asked = null;
}

async function everyPage() {
  /** @type {MessageTemplate[]} */
  const all = [];
  for (let cursor = ""; ;) {
    const page = await api.get(`/api/templates?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    all.push(...page.templates);
    if (!page.next_cursor) return all;
    cursor = page.next_cursor;
  }
}
