// The tree of format.js as DOM nodes: a, strong, em, s, code, pre, blockquote, lists, and nothing else.

import { parse } from "../lib/format.js";
import { el } from "./dom.js";

/** @typedef {import("../lib/format.js").Block} Block @typedef {import("../lib/format.js").Inline} Inline */

/**
 * @param {string} text
 * @returns {Node[]}
 */
export function richText(text) {
  /** @type {Node[]} */
  const nodes = [];
  let afterLine = false;
  for (const block of parse(text)) {
    if (block.kind === "line") {
      if (afterLine) nodes.push(document.createTextNode("\n"));
      nodes.push(...inlineNodes(block.children));
    } else {
      nodes.push(blockNode(block));
    }
    afterLine = block.kind === "line";
  }
  return nodes;
}

/** @param {Exclude<Block, { kind: "line" }>} block */
function blockNode(block) {
  if (block.kind === "pre") return el("pre", {}, block.text);
  if (block.kind === "quote") {
    return el(
      "blockquote",
      {},
      block.items.flatMap((item, at) => [at ? document.createTextNode("\n") : null, ...inlineNodes(item)]),
    );
  }
  const items = block.items.map((item) => el("li", {}, inlineNodes(item)));
  return block.kind === "ul" ? el("ul", {}, items) : el("ol", { start: block.start }, items);
}

/**
 * @param {Inline[]} inlines
 * @returns {Node[]}
 */
function inlineNodes(inlines) {
  return inlines.map((one) => {
    if (one.kind === "text") return document.createTextNode(one.text);
    if (one.kind === "code") return el("code", {}, one.text);
    if (one.kind === "link") {
      return el("a", { href: one.href, target: "_blank", rel: "noopener noreferrer nofollow", dir: "ltr" }, one.text);
    }
    return el(one.kind, {}, inlineNodes(one.children));
  });
}
