// The web addresses in a text, as the bubble shows them.

import { parse } from "./format.js";

/** @typedef {import("./format.js").Inline} Inline */

/**
 * @param {string} text
 * @returns {{ text: string, href: string }[]} each address once
 */
export function linksOf(text) {
  /** @type {Map<string, string>} */
  const found = new Map();
  /** @param {Inline[]} inlines */
  const look = (inlines) => {
    for (const one of inlines) {
      if (one.kind === "link" && /^https?:/.test(one.href) && !found.has(one.href)) found.set(one.href, one.text);
      else if ("children" in one) look(one.children);
    }
  };
  for (const block of parse(text)) {
    if (block.kind === "line") look(block.children);
    else if (block.kind !== "pre") block.items.forEach(look);
  }
  return [...found].map(([href, shown]) => ({ text: shown, href }));
}
