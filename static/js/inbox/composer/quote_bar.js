// The message that is answered, above the text, until it is sent or let go.

import { quotePreview } from "../../lib/preview.js";
import { t } from "../../lib/strings.js";
import { el, refill } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";

export class QuoteBar {
  /** @param {() => void} onDrop */
  constructor(onDrop) {
    this.onDrop = onDrop;
    this.node = el("div.quote-bar", { hidden: true });
  }

  /** @param {Quoted | null} quoted @param {string} customer the name of who is quoted, where the quote has none */
  draw(quoted, customer) {
    this.node.hidden = !quoted;
    if (!quoted) return;
    const { glyph, text } = quotePreview(quoted);
    const name = quoted.name ?? (quoted.direction === "out" ? t("You") : customer);
    refill(
      this.node,
      el(
        "div.quote",
        {},
        el("span.quote-name", { dir: "auto" }, name),
        el("span.quote-text", { dir: "auto" }, glyph ? icon(glyph, "icon-small") : null, text),
      ),
      el("button.icon-button", { type: "button", "aria-label": t("Do not quote"), onclick: this.onDrop }, icon("close")),
    );
  }
}
