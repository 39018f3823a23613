// The chips above the chat list: which chats it shows, and how many there are of each kind.

import { t } from "../../lib/strings.js";
import { el, refill } from "../../ui/dom.js";

/** @typedef {import("./chat_list.js").Filter} Filter */

/** @type {[Filter, () => string][]} */
const CHIPS = [
  ["all", () => t("All")],
  ["unread", () => t("Unread")],
  ["waiting", () => t("Waiting")],
];

export class FilterChips {
  /** @param {HTMLElement} place @param {(filter: Filter) => void} choose */
  constructor(place, choose) {
    this.chips = CHIPS.map(([filter, label]) => {
      const count = el("span.chip-count");
      const chip = el("button.chip", { type: "button", onclick: () => choose(filter) }, label(), count);
      return { filter, chip, count };
    });
    const nodes = this.chips.map(({ chip }) => chip);
    refill(place, nodes);
    this.press("all");
  }

  /** @param {Filter} chosen */
  press(chosen) {
    for (const { filter, chip } of this.chips) chip.setAttribute("aria-pressed", String(filter === chosen));
  }

  /** @param {Counts} counts */
  show(counts) {
    for (const { filter, count } of this.chips)
      count.textContent = filter !== "all" && counts[filter] ? ` ${counts[filter]}` : "";
  }
}
