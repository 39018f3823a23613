// API tokens: made (shown once), listed, revoked.

import { t } from "../lib/strings.js";
import * as api from "../net/api.js";
import { el, need, refill } from "../ui/dom.js";
import { attachForm } from "../ui/form.js";
import { copyText } from "./copy.js";
import { when } from "./dates.js";
import { openDialog } from "./dialog.js";
import { PagedList } from "./list.js";

/** @typedef {Api.ApiToken & Partial<Api.NewApiToken>} Token */

export class Tokens {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.made = need(root, "[data-made]");
    this.form = /** @type {HTMLFormElement} */ (need(root, "[data-new]"));
    this.list = new PagedList(need(root, "[data-list]"), {
      path: "/api/tokens",
      key: "tokens",
      label: t("Your API tokens"),
      empty: t("You have none."),
      row: (token) => this.row(token),
    });
    attachForm(this.form, async ({ name }) => {
      const { token } = await api.post("/api/tokens", { name });
      this.form.reset();
      this.showOnce(token);
      await this.list.load();
    });
    this.list.load();
  }

  /** @param {Token} token */
  row(token) {
    const used = t("Made {made}, last used: {used}", { made: when(token.created_at), used: when(token.last_used_at) });
    return el(
      "li",
      { class: "flex items-center gap-3 py-2" },
      el("div", { class: "min-w-0 flex-1" }, el("strong", { dir: "auto" }, token.name), el("div.field-hint", {}, used)),
      el(
        "button.button.button-small.button-danger",
        {
          type: "button",
          "aria-label": t("Revoke {name}", { name: token.name }),
          onclick: () => this.revoke(token),
        },
        t("Revoke"),
      ),
    );
  }

  /** @param {Token} token */
  showOnce(token) {
    const secret = el("div.code", { tabindex: 0, "aria-label": t("The new token") }, token.secret);
    const copy = el("button.button.button-small", { type: "button", onclick: () => copyText(token.secret ?? "") }, t("Copy"));
    refill(
      this.made,
      el(
        "div",
        { class: "grid gap-2 py-2", role: "group", "aria-label": t("New token {name}", { name: token.name }) },
        el("p.banner.banner-good", { role: "status" }, t("Copy it now: it is not shown again.")),
        secret,
        el("div.button-row", {}, copy),
      ),
    );
    copy.focus();
  }

  /** @param {Token} token */
  revoke(token) {
    openDialog({
      title: t("Revoke {name}?", { name: token.name }),
      body: [el("p", {}, t("Programs that use it stop working at once. This cannot be undone."))],
      action: t("Revoke"),
      danger: true,
      send: async () => {
        await api.remove(`/api/tokens/${token.id}`);
        this.made.replaceChildren();
        await this.list.load();
        setTimeout(() => this.form.querySelector("input")?.focus());
      },
    });
  }
}
