// A list that the server pages: loading, failed, empty, rows, and "Show more".

import { t } from "../lib/strings.js";
import * as api from "../net/api.js";
import { el, refill } from "../ui/dom.js";

export class PagedList {
  /**
   * @param {HTMLElement} root
   * @param {object} options
   * @param {string} options.path "/api/staff"
   * @param {string} options.key where the rows stand in the answer
   * @param {string} options.empty what to say when there is none
   * @param {string} options.label accessible name
   * @param {(row: any) => HTMLElement} options.row
   */
  constructor(root, options) {
    this.root = root;
    this.options = options;
    this.rows = el("ul", { class: "grid", "aria-label": options.label });
    this.cursor = /** @type {string | null} */ (null);
  }

  /** From the beginning. */
  async load() {
    if (!this.rows.childElementCount) refill(this.root, el("p.muted", { role: "status" }, t("Loading…")));
    try {
      this.show(await this.fetch(null), true);
    } catch (error) {
      const again = el("button.text-button", { type: "button", onclick: () => this.load() }, t("Try again"));
      refill(this.root, el("p.field-error", { role: "alert" }, /** @type {Error} */ (error).message, " ", again));
    }
  }

  /** @param {string | null} cursor */
  fetch(cursor) {
    return api.get(this.options.path + (cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""));
  }

  /**
   * @param {any} page
   * @param {boolean} anew
   */
  show(page, anew) {
    const rows = page[this.options.key].map((/** @type {any} */ row) => this.options.row(row));
    if (anew) this.rows.replaceChildren();
    this.rows.append(...rows);
    this.cursor = page.next_cursor;
    const more =
      this.cursor && el("button.button.button-small", { type: "button", onclick: () => this.more() }, t("Show more"));
    const empty = !this.rows.childElementCount && el("p.muted", {}, this.options.empty);
    refill(this.root, this.rows, empty, more);
  }

  async more() {
    try {
      const before = this.rows.childElementCount;
      this.show(await this.fetch(this.cursor), false);
      const next = /** @type {HTMLElement | undefined} */ (this.rows.children[before]);
      next?.setAttribute("tabindex", "-1"); // the button may be gone: the focus goes on where the new rows begin
      next?.focus();
    } catch (error) {
      this.root.append(el("p.field-error", { role: "alert" }, /** @type {Error} */ (error).message));
    }
  }
}
