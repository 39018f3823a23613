// The bar above a chat: back (phones), who it is, and the way to the details.

import { prettyPhone } from "../../lib/phone.js";
import { t } from "../../lib/strings.js";
import { waitedInWords } from "../../lib/time.js";
import { chatAvatar } from "../../ui/avatar.js";
import { el, refill } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";
import { Part } from "../../ui/part.js";

/** @typedef {import("../store.js").Store} Store @typedef {{ leave: () => void, toggleDetails: () => void }} Wires */

/** @extends {Part<Store>} */
export class ThreadHead extends Part {
  /** @param {HTMLElement} root @param {Store} store @param {Wires} wires */
  constructor(root, store, { leave, toggleDetails }) {
    super(root, store);
    this.drawn = "";
    this.back = el(
      "button.icon-button.back-button",
      { type: "button", "aria-label": t("Back to the chats"), onclick: leave },
      icon("back"),
    );
    this.face = el("span");
    this.name = el("h2.thread-name", { dir: "auto" });
    this.about = el("span.thread-about");
    this.person = el(
      "button.thread-person",
      { type: "button", onclick: toggleDetails, title: t("Contact details") },
      this.face,
      el("span.thread-words", {}, this.name, this.about),
    );
    this.more = el(
      "button.icon-button",
      {
        type: "button",
        "aria-label": t("Show contact details"),
        title: t("Contact details"),
        onclick: toggleDetails,
      },
      icon("info"),
    );
    refill(root, this.back, this.person, this.more);
    this.watch("open", () => this.draw());
    this.watch("chats", (ids) => ids.has(store.openId) && this.draw());
    this.every(30_000, () => this.draw()); // how long somebody waits
  }

  draw() {
    const { chat } = this.store;
    this.root.hidden = !chat;
    if (!chat) return;
    const waiting = chat.waiting_since ? waitedInWords(chat.waiting_since, Date.now()) : "";
    const about = [
      chat.kind === "group" ? t("Group") : prettyPhone(chat.phone) || (chat.username ? `@${chat.username}` : ""),
      waiting,
    ]
      .filter(Boolean)
      .join(" · ");
    const drawn = JSON.stringify([chat.id, chat.name, about]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    refill(this.face, chatAvatar(chat, "avatar-small"));
    this.name.textContent = chat.name;
    this.about.textContent = about === chat.name ? "" : about;
  }
}
