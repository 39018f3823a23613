// Under the chats that a search finds: customers of the list with whom there is no chat yet. Choosing one opens an empty chat,
// which a template can begin.

import { prettyPhone } from "../../lib/phone.js";
import { t } from "../../lib/strings.js";
import * as api from "../../net/api.js";
import { avatar } from "../../ui/avatar.js";
import { el, refill } from "../../ui/dom.js";
import { toast } from "../../ui/toast.js";

/** @typedef {Api.CustomerPage} Page */

const PAGE = 20;
/** @type {Page} */
const NOBODY = { customers: [], next_cursor: null };

export class CustomerResults {
  /** @param {HTMLElement} place @param {(phone: string) => Promise<void>} open a chat with them */
  constructor(place, open) {
    this.place = place;
    this.openChat = open;
    this.query = "";
    this.rows = el("ul", { role: "list", "aria-labelledby": "customer-results" });
  }

  get isEmpty() {
    return !this.place.childElementCount;
  }

  /** Without a search nobody; a search among customers that fails must not hide the chats. @param {string} query */
  async find(query) {
    this.query = query;
    return query ? this.page(null).catch(() => NOBODY) : NOBODY;
  }

  /** @param {string | null} cursor @returns {Promise<Page>} */
  page(cursor) {
    const parts = new URLSearchParams({ q: this.query, limit: String(PAGE) });
    if (cursor) parts.set("cursor", cursor);
    return api.get(`/api/customers?${parts}`);
  }

  /** @param {Page} page */
  show(page) {
    this.rows.replaceChildren();
    this.add(page);
  }

  clear() {
    this.place.replaceChildren();
  }

  /** @param {Page} page */
  add({ customers, next_cursor: cursor }) {
    this.rows.append(...customers.map((one) => el("li", {}, this.row(one))));
    if (!this.rows.childElementCount) {
      this.clear();
      return;
    }
    const more =
      cursor &&
      el("button.button.button-small.customer-more", { type: "button", onclick: () => void this.more(cursor) }, t("Show more"));
    refill(
      this.place,
      el("h2.section-title.customer-title", { id: "customer-results" }, t("Customers without a chat")),
      this.rows,
      more,
    );
  }

  /** @param {{ phone: string, name: string }} customer */
  row({ phone, name }) {
    const number = prettyPhone(phone);
    const label = name || number;
    return el(
      "button.chat-row.customer-row",
      { type: "button", onclick: () => void this.open(phone) },
      avatar({ name: label, key: phone }),
      el(
        "span.chat-main",
        {},
        el("span.chat-line", {}, el("span.chat-name", {}, el("bdi", {}, label))),
        el("span.chat-line", {}, el("span.chat-preview", {}, name ? number : t("No name"))),
      ),
    );
  }

  /** @param {string} cursor */
  async more(cursor) {
    const { query } = this;
    const before = this.rows.childElementCount;
    try {
      const page = await this.page(cursor);
      if (query !== this.query) return;
      this.add(page);
      this.rows.children[before]?.querySelector("button")?.focus();
    } catch (error) {
      toast(/** @type {Error} */ (error).message);
    }
  }

  /** @param {string} phone */
  async open(phone) {
    try {
      await this.openChat(phone);
    } catch (error) {
      toast(/** @type {Error} */ (error).message);
    }
  }

  focus() {
    this.rows.querySelector("button")?.focus();
  }
}
